package io.freshet.examples.cli;

import io.freshet.log.LogDocument;
import io.freshet.log.chronicle.DataInspection;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code freshet log dump}: the messages of a data directory, without a server. */
@Command(
        name = "dump",
        sortOptions = false,
        description = {
            "Print the messages of a data directory, a line each: channel, sequence, time, sender and text, or with --json an",
            "object that also has shard and position. What is damaged is printed as damaged, and ends the command with 3."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done",
            "1:it could not be read; one line on standard error says why",
            "2:wrong usage",
            "3:something is damaged or missing; 'freshet log verify' says what"
        })
final class LogDumpCommand implements Callable<Integer> {
    private static final int BUFFER_LENGTH = 1 << 16;

    @Spec
    private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "DIR", description = "The data directory.")
    private Path directory;

    @Option(
            names = "--channel",
            paramLabel = "NAME|#ID",
            description = "Only this channel (default: all, as they lie in the logs).")
    private @Nullable String channelName;

    @Option(names = "--from", paramLabel = "SEQ", defaultValue = "1", description = "Only from this sequence on.")
    private long from;

    @Option(names = "--count", paramLabel = "N", description = "End after N messages.")
    private long count = Long.MAX_VALUE;

    @Option(names = "--json", description = "Print an object in each line.")
    private boolean isJson;

    @Override
    public Integer call() throws IOException {
        if (from < 1 || count < 1) {
            throw new ParameterException(spec.commandLine(), "--from and --count must be at least 1");
        }
        try (DataInspection inspection = DataInspection.open(directory);
                OutputStream out = new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), BUFFER_LENGTH)) {
            Dump dump = new Dump(inspection, out, channel(inspection));
            DataInspection.Totals totals = inspection.read(dump::onDocument, finding -> {});
            return end(totals, inspection, spec.commandLine().getErr());
        } catch (UncheckedIOException e) {
            return ExitCode.OK; // a broken pipe: the reader has seen what it wanted
        }
    }

    private int end(DataInspection.Totals totals, DataInspection inspection, PrintWriter err) {
        if (totals.damageCount() == 0) {
            return ExitCode.OK;
        }
        err.println("freshet: " + FindingLine.counted(totals.damageCount(), "finding")
                + " of damage; 'freshet log verify " + directory + "' says where");
        return inspection.namesFailure() != null && totals.damageCount() == 1 ? ExitCode.OK : LogVerifyCommand.DAMAGED;
    }

    /** The id of the channel wanted; 0 for all. */
    private long channel(DataInspection inspection) {
        String name = channelName;
        if (name == null) {
            return 0;
        }
        long id = inspection.channelId(name);
        if (id == 0 && name.matches("#[1-9]\\d{0,17}")) {
            id = Long.parseLong(name.substring(1));
        }
        if (id == 0) {
            throw new ParameterException(spec.commandLine(), directory + " has no channel " + name);
        }
        return id;
    }

    private final class Dump {
        private final DataInspection inspection;
        private final OutputStream out;
        private final long channel;
        private final StoredRecordLine line = new StoredRecordLine();
        private long rest = count;

        Dump(DataInspection inspection, OutputStream out, long channel) {
            this.inspection = inspection;
            this.out = out;
            this.channel = channel;
        }

        boolean onDocument(int shard, LogDocument document) {
            for (int run = 0; run < document.runCount() && document.kind() == LogDocument.Kind.RUNS; run++) {
                long runChannel = document.channel(run);
                if (channel == 0 || runChannel == channel) {
                    onRun(shard, document, run, FindingLine.channel(runChannel, inspection));
                }
            }
            return rest > 0;
        }

        private void onRun(int shard, LogDocument document, int run, String name) {
            for (int record = 0; record < document.recordCount(run) && rest > 0; record++) {
                if (document.firstSequence(run) + record >= from) {
                    write(
                            isJson
                                    ? line.json(shard, name, document, run, record)
                                    : line.text(name, document, run, record));
                    rest--;
                }
            }
        }

        private void write(byte[] bytes) {
            try {
                out.write(bytes);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
