package io.freshet.log.chronicle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.log.ChannelTail;
import io.freshet.log.Durability;
import io.freshet.log.IndexReader;
import io.freshet.log.LogDocument;
import io.freshet.log.LogReader;
import io.freshet.log.MessageLog;
import io.freshet.log.StorageConfig;
import io.freshet.log.TestBatch;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A real process is killed while it appends; everything whose append had returned is there, in order, once. */
@Timeout(300)
class KilledProcessTest {
    private static final int ROUND_COUNT = 20;
    private static final int CHANNEL_COUNT = 3;

    @TempDir
    private Path temporary;

    private static StorageConfig config() {
        return StorageConfig.builder().shardCount(1).minFreeLength(0).build();
    }

    @Test
    void shouldKeepEverythingThatWasReturnedAsWritten() throws Exception {
        long seed = 77;
        Random random = new Random(seed);
        Path root = temporary.resolve("data");
        Path progress = temporary.resolve("progress");
        long[] before = new long[CHANNEL_COUNT + 1];
        for (int round = 0; round < ROUND_COUNT; round++) {
            killWhileAppending(root, progress, 5 + random.nextInt(100));
            long[] returned = read(progress);
            long[] found = check(root, "seed " + seed + ", round " + round);
            for (int channel = 1; channel <= CHANNEL_COUNT; channel++) {
                assertTrue(found[channel] >= returned[channel], "channel " + channel + " of round " + round);
                assertTrue(found[channel] <= returned[channel] + 1);
                assertTrue(found[channel] > before[channel]);
            }
            before = found;
        }
    }

    private void killWhileAppending(Path root, Path progress, int afterMs) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(argument -> argument.startsWith("--"))
                .forEach(command::add);
        command.addAll(List.of("-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path")));
        command.addAll(List.of(Appending.class.getName(), root.toString(), progress.toString()));
        Process process = new ProcessBuilder(command)
                .redirectError(temporary.resolve("errors").toFile())
                .start();
        try (DataInputStream out = new DataInputStream(process.getInputStream())) {
            out.readByte();
            assertFalse(process.waitFor(afterMs, TimeUnit.MILLISECONDS));
        } catch (EOFException e) {
            throw new AssertionError(Files.readString(temporary.resolve("errors")), e);
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    private static long[] read(Path progress) throws IOException {
        ByteBuffer numbers = ByteBuffer.wrap(Files.readAllBytes(progress));
        long[] returned = new long[CHANNEL_COUNT + 1];
        for (int channel = 1; channel <= CHANNEL_COUNT; channel++) {
            returned[channel] = numbers.getLong(channel * Long.BYTES);
        }
        return returned;
    }

    /** Reads the whole log; returns the last sequence of each channel. */
    private static long[] check(Path root, String round) {
        long[] last = new long[CHANNEL_COUNT + 1];
        try (ChronicleStorage storage = ChronicleStorage.open(root, config());
                LogReader reader = storage.log(0).openReader()) {
            assertEquals(1, storage.log(0).epoch(), round);
            reader.toStart();
            while (reader.next()) {
                LogDocument document = reader.document();
                for (int run = 0; run < document.runCount(); run++) {
                    int channel = (int) document.channel(run);
                    assertEquals(last[channel] + 1, document.firstSequence(run), round);
                    last[channel] += document.recordCount(run);
                }
                TestBatch.assertWhole(document);
            }
        }
        return last;
    }

    /** The process that is killed: appends as fast as it can and notes in a mapped file what was returned. */
    static final class Appending {
        private Appending() {}

        public static void main(String[] arguments) throws Exception {
            ChronicleStorage storage = ChronicleStorage.open(Path.of(arguments[0]), config());
            storage.index(0).catchUp();
            MessageLog log = storage.log(0);
            long[] last = new long[CHANNEL_COUNT + 1];
            try (FileChannel file = FileChannel.open(
                            Path.of(arguments[1]),
                            StandardOpenOption.CREATE,
                            StandardOpenOption.READ,
                            StandardOpenOption.WRITE);
                    IndexReader index = storage.index(0).openReader()) {
                ByteBuffer progress = file.map(MapMode.READ_WRITE, 0, 64);
                ChannelTail tail = new ChannelTail();
                for (int channel = 1; channel <= CHANNEL_COUNT; channel++) {
                    boolean isKnown = index.tail(channel, tail);
                    last[channel] = isKnown ? tail.lastSequence : 0;
                    log.attach(channel, isKnown ? tail.lastPosition : MessageLog.NULL_POSITION);
                }
                PrintStream out = System.out;
                TestBatch batch = new TestBatch();
                for (int i = 0; ; i++) {
                    int channel = 1 + i % CHANNEL_COUNT;
                    long result = log.append(batch.reset(i, Durability.WRITTEN)
                            .run(channel, last[channel] + 1, 1, i % 4000)
                            .batch());
                    if (result > 0) {
                        last[channel]++;
                        progress.putLong(channel * Long.BYTES, last[channel]);
                    }
                    if (i == 3 * CHANNEL_COUNT) {
                        out.write(1);
                        out.flush();
                    }
                }
            }
        }
    }
}
