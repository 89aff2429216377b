package io.freshet.examples.cli;

import io.freshet.client.Cursor;
import io.freshet.client.Delivery;
import io.freshet.client.FreshetClient;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code freshet tail}: one line for each message of a channel, from any point of its history on. */
@Command(
        name = "tail",
        sortOptions = false,
        description = {
            "Print each message of a channel as one line and follow the channel.",
            "Without --json a message is printed as it is, byte for byte, but for line feeds, which become \\n."
        })
final class TailCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private ServerOptions server;

    @Option(names = "--channel", paramLabel = "NAME", required = true, description = "The channel to follow.")
    private String channelName;

    @Option(
            names = "--from",
            paramLabel = "live|first|last:N|SEQ",
            defaultValue = "live",
            converter = StartPosition.class,
            description = "Where to begin: with what comes, the oldest message kept, the last N, or the message "
                    + "of this sequence (default: ${DEFAULT-VALUE}).")
    private Cursor from;

    @Option(
            names = "--mode",
            paramLabel = "every|latest|sampled:N",
            defaultValue = "every",
            converter = DeliveryOption.class,
            description =
                    "What to print when it comes too fast: every message, the latest when this reader could not keep up, or "
                            + "the latest at most N times a second. What is left out is told on standard error (default: ${DEFAULT-VALUE}).")
    private Delivery delivery;

    @Option(names = "--count", paramLabel = "N", description = "End after N messages.")
    private long count = Long.MAX_VALUE;

    @Option(
            names = "--json",
            description = "Print an object with channel, sequence, timestamp_us, sender and text in each line.")
    private boolean isJson;

    @Override
    public Integer call() throws InterruptedException, ExecutionException {
        if (count < 1) {
            throw new ParameterException(spec.commandLine(), "--count is " + count + ", it must be at least 1");
        }
        PrintWriter err = spec.commandLine().getErr();
        OutputStream out = new FileOutputStream(FileDescriptor.out);
        TailOutput output = new TailOutput(out, err, isJson, count);
        try (FreshetClient client = FreshetClient.connect(
                server.config().listener(ServerOptions.announcing(err)).build())) {
            client.channel(channelName)
                    .subscribe(from, delivery, output)
                    .toCompletableFuture()
                    .get();
            return output.run();
        }
    }
}
