package io.freshet.examples.cli;

import static io.freshet.examples.cli.FindingLine.counted;

import io.freshet.client.ChannelState;
import io.freshet.engine.EngineConfig;
import io.freshet.engine.FreshetEngine;
import io.freshet.engine.erasure.Eraser;
import io.freshet.log.Durability;
import io.freshet.log.chronicle.DataInspection;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code freshet erase}: wipes the content of messages from a data directory that no server has open. */
@Command(
        name = "erase",
        sortOptions = false,
        description = {
            "Erase the content of messages from the data directory of a stopped server, for good.",
            "They keep their place, and are delivered as erased. Name the edits of a message as well.",
            "A running server is told by its own application: FreshetEngine.erase.",
            "Copies made before, such as backups, are not looked for."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:nothing of the content is in the directory any more",
            "1:that is not sure; one line on standard error says why",
            "2:wrong usage"
        })
final class EraseCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "DIR", description = "The data directory.")
    private Path directory;

    @Parameters(index = "1", paramLabel = "CHANNEL", description = "The name of the channel.")
    private String channel;

    @Parameters(
            index = "2..*",
            arity = "1..*",
            paramLabel = "SEQUENCE",
            description = "The sequences of the messages in this channel; 'freshet log dump' shows them.")
    private long[] sequences;

    @Override
    public Integer call() {
        checkThereIsSuchAChannel();
        try (FreshetEngine engine = FreshetEngine.start(EngineConfig.builder()
                .dataDirectory(directory)
                .durability(Durability.SYNCED)
                .build())) {
            check(engine.channel(channel).open().toCompletableFuture().join());
            for (int from = 0; from < sequences.length; from += Eraser.MAX_COUNT) {
                int to = Math.min(sequences.length, from + Eraser.MAX_COUNT);
                engine.erase(channel, Arrays.copyOfRange(sequences, from, to))
                        .toCompletableFuture()
                        .join();
            }
        }
        PrintWriter out = spec.commandLine().getOut();
        out.println("freshet: erased " + counted(sequences.length, "message") + " of " + channel + " in " + directory);
        out.flush();
        return ExitCode.OK;
    }

    /** To publish would make one. */
    private void checkThereIsSuchAChannel() {
        try (DataInspection inspection = DataInspection.open(directory)) {
            if (inspection.channelId(channel) == 0) {
                throw new ParameterException(spec.commandLine(), directory + " has no channel " + channel);
            }
        }
    }

    private void check(ChannelState state) {
        for (long sequence : sequences) {
            if (sequence < 1 || sequence > state.head()) {
                throw new ParameterException(
                        spec.commandLine(), channel + " has the sequences 1 to " + state.head() + ", not " + sequence);
            }
        }
    }
}
