package io.freshet.examples.cli;

import io.freshet.client.Channel;
import io.freshet.client.FreshetClient;
import io.freshet.examples.input.LineReader;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code freshet publish}: each line of standard input is one message. */
@Command(
        name = "publish",
        sortOptions = false,
        description = {
            "Publish each line of standard input as one message.",
            "Ends with 0 only if the server has acknowledged every one."
        })
final class PublishCommand implements Callable<Integer> {
    private static final int MAX_LINE_LENGTH = 1 << 20;

    /** Attempts in a row, with 2 s between them at most, before a lost server is given up. */
    private static final int MAX_RECONNECTS = 60;

    @Spec
    private CommandSpec spec;

    @Mixin
    private ServerOptions server;

    @Option(names = "--channel", paramLabel = "NAME", required = true, description = "The channel to publish to.")
    private String channelName;

    @Override
    public Integer call() throws IOException, InterruptedException, ExecutionException {
        PrintWriter err = spec.commandLine().getErr();
        Receipts receipts = new Receipts();
        try (FreshetClient client = FreshetClient.connect(server.config()
                        .maxReconnects(MAX_RECONNECTS)
                        .maxPendingPublishes(Receipts.WINDOW_COUNT)
                        .listener(ServerOptions.announcing(err))
                        .build());
                InputStream in = new FileInputStream(FileDescriptor.in)) {
            Channel channel = client.channel(channelName);
            channel.open().toCompletableFuture().get();
            publish(new LineReader(in, MAX_LINE_LENGTH), channel, receipts);
        }
        String failure = receipts.failure();
        err.println("freshet: " + receipts.acknowledgedCount() + " messages acknowledged in " + channelName
                + (receipts.acknowledgedCount() == 0 ? "" : ", last sequence " + receipts.lastSequence()));
        if (failure != null) {
            err.println("freshet: " + failure);
            return ExitCode.SOFTWARE;
        }
        return ExitCode.OK;
    }

    private static void publish(LineReader lines, Channel channel, Receipts receipts)
            throws IOException, InterruptedException {
        byte @Nullable [] line = lines.next();
        while (line != null && receipts.failure() == null) {
            receipts.awaitRoom();
            receipts.expect(lines.lineCount(), channel.publish(line));
            line = lines.next();
        }
        receipts.awaitAll();
    }
}
