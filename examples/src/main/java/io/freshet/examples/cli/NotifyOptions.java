package io.freshet.examples.cli;

import io.freshet.engine.Notifications;
import io.freshet.engine.notice.LogSink;
import io.freshet.engine.notice.NotificationSink;
import io.freshet.engine.notice.WebhookConfig;
import io.freshet.engine.notice.WebhookSink;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of {@code serve} for those who are to hear of what they have not read. */
final class NotifyOptions {
    @Option(
            names = "--webhook",
            paramLabel = "URL",
            description = "Post what users should hear of and have not read to this address, as JSON; needs "
                    + "--webhook-secret-file.")
    private @Nullable URI webhook;

    @Option(
            names = "--webhook-secret-file",
            paramLabel = "FILE",
            description = "A file with the key of the signature of such posts, 16 bytes or more: HMAC-SHA256 over time "
                    + "and body.")
    private @Nullable Path secretFile;

    @Option(
            names = "--notify-log",
            description = "Write what users should hear of and have not read into the server's log, a line each.")
    private boolean isLogging;

    @Option(
            names = "--notify-after",
            paramLabel = "S",
            defaultValue = "10",
            description = "How many seconds something stays unread before it goes there (default: ${DEFAULT-VALUE}).")
    private int afterS;

    /**
     * What they say; starts the webhook's threads.
     *
     * @throws IllegalArgumentException when they contradict each other or are out of range
     */
    Notifications notifications() {
        if ((webhook == null) != (secretFile == null)) {
            throw new IllegalArgumentException("--webhook and --webhook-secret-file go together");
        }
        Notifications checked = new Notifications(List.of(), Duration.ofSeconds(afterS));
        List<NotificationSink> sinks = new ArrayList<>();
        if (isLogging) {
            sinks.add(new LogSink());
        }
        if (webhook != null && secretFile != null) {
            sinks.add(new WebhookSink(WebhookConfig.of(webhook, TokenFile.secret(secretFile))));
        }
        return new Notifications(sinks, checked.unreadFor());
    }
}
