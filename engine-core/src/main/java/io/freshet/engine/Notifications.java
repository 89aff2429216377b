package io.freshet.engine;

import io.freshet.engine.notice.NoticePublisher;
import io.freshet.engine.notice.NotificationSink;
import io.freshet.engine.notice.Notifier;
import io.freshet.log.Storage;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import org.agrona.concurrent.NanoClock;

/**
 * Who else is told of what comes into inboxes.
 *
 * @param sinks told of each notice whose post stays unread; the engine closes them
 * @param unreadFor how long that is
 */
public record Notifications(List<NotificationSink> sinks, Duration unreadFor) {
    private static final Duration GREATEST_UNREAD_FOR = Duration.ofHours(1);

    /** Nobody. */
    public static final Notifications NONE = new Notifications(List.of(), Duration.ofSeconds(10));

    public Notifications {
        Checks.inRange("unreadFor", unreadFor, Duration.ZERO, GREATEST_UNREAD_FOR);
        sinks = List.copyOf(sinks);
    }

    /** Who writes notices; before the storage's indexes are brought up to date. */
    static Notifier notifier(
            EngineConfig config, Storage storage, Executor policyExecutor, NoticePublisher publisher, NanoClock clock) {
        PolicyAudience audience = new PolicyAudience(
                config.accessPolicy(), policyExecutor, config.timeouts().policy());
        Notifications told = config.notifications();
        return new Notifier(storage, audience, publisher, told.sinks, told.unreadFor.toNanos(), clock);
    }
}
