package io.freshet.log.chronicle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.freshet.log.Durability;
import io.freshet.log.IndexReader;
import io.freshet.log.LogDocument;
import io.freshet.log.LogFollower;
import io.freshet.log.MessageLog;
import io.freshet.log.StorageException;
import io.freshet.log.TestBatch;
import io.freshet.log.TestClock;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The index, or the channel directory, on a file system in memory that is full; only root may mount one. */
@Timeout(60)
class FullIndexTest {
    private static final int CHANNELS_PER_DOCUMENT = 100;
    private static final int MAX_DOCUMENT_COUNT = 1_000;

    @TempDir
    private Path temporary;

    private final TestClock clock = new TestClock();
    private final List<Path> mounted = new ArrayList<>();

    /** Keeps, as a state of channel 1, how many documents it was told of; in between it knows only those that are new. */
    private static final class DocumentCount implements LogFollower {
        private long freshCount;

        @Override
        public int id() {
            return 7;
        }

        @Override
        public void onDocument(LogDocument document) {
            freshCount += document.runCount() > 0 ? 1 : 0;
        }

        @Override
        public void onCheckpoint(StateWriter writer) {
            long[] known = {0};
            writer.states(1, (key1, key2, state, offset, length) -> known[0] = state.getLong(offset));
            UnsafeBuffer value = new UnsafeBuffer(new byte[Long.BYTES]);
            value.putLong(0, known[0] + freshCount);
            writer.put(1, 0, 0, value, 0, Long.BYTES);
            freshCount = 0;
        }

        @Override
        public void onRollback() {
            freshCount = 0;
        }
    }

    private ChronicleStorage open() {
        return ChronicleStorage.open(
                temporary.resolve("data"),
                clock.config().checkpointRunCount(1_000).build());
    }

    @BeforeEach
    void make() {
        assumeTrue("root".equals(System.getProperty("user.name")), "only root may mount");
        open().close();
    }

    /** Puts a small file system over a directory; what was there is not seen any more. */
    private Path mount(String directory, String size) throws IOException, InterruptedException {
        Path place = temporary.resolve("data").resolve(directory);
        assumeTrue(run("mount", "-t", "tmpfs", "-o", "size=" + size, "none", place.toString()), "no mounts here");
        mounted.add(place);
        return place;
    }

    private static boolean run(String... command) throws IOException, InterruptedException {
        return new ProcessBuilder(command).inheritIO().start().waitFor() == 0;
    }

    @AfterEach
    void unmount() throws IOException, InterruptedException {
        for (Path place : mounted) {
            assertTrue(run("umount", place.toString()));
        }
    }

    private void work(ChronicleStorage storage) throws Exception {
        clock.advanceMs(1_500);
        for (int i = 0; i < 20; i++) {
            for (Agent agent : storage.agents()) {
                agent.doWork();
            }
        }
    }

    @Test
    void shouldGoOnFromItsLastCheckpointWhenThereIsRoomAgain() throws Exception {
        Path place = mount("shard-0/index", "512k");
        try (ChronicleStorage storage = open()) {
            storage.index(0).addFollower(new DocumentCount());
            storage.index(0).catchUp();
            int count = 0;
            while (!storage.index(0).statistics().isStopped()) {
                append(storage.log(0), count++);
                assertTrue(count < MAX_DOCUMENT_COUNT, "the device is never full");
                work(storage);
            }
            append(storage.log(0), count++);
            work(storage);
            assertTrue(storage.index(0).statistics().isStopped());
            assertTrue(storage.index(0).indexedPosition() < storage.log(0).lastPosition());
            assertTrue(run("mount", "-o", "remount,size=64M", place.toString()));
            append(storage.log(0), count++);
            work(storage);
            assertFalse(storage.index(0).statistics().isStopped());
            assertEquals(0, storage.index(0).statistics().lagCount());
            check(storage, count);
        }
    }

    private static void append(MessageLog log, int number) {
        TestBatch batch = new TestBatch().reset(number, Durability.WRITTEN);
        for (int i = 0; i < CHANNELS_PER_DOCUMENT; i++) {
            long channel = 1 + (long) number * CHANNELS_PER_DOCUMENT + i;
            log.attach(channel, MessageLog.NULL_POSITION);
            batch.run(channel, 1, 1, 0);
        }
        assertTrue(log.append(batch.batch()) > 0);
    }

    private static void check(ChronicleStorage storage, int documentCount) {
        try (IndexReader reader = storage.index(0).openReader()) {
            for (long channel = 1; channel <= (long) documentCount * CHANNELS_PER_DOCUMENT; channel++) {
                assertEquals(1, reader.lastSequenceBefore(channel, Long.MAX_VALUE), "channel " + channel);
            }
            long[] counted = {0};
            reader.states(7, 1, (key1, key2, state, offset, length) -> counted[0] = state.getLong(offset));
            assertEquals(documentCount, counted[0], "each document once, also those of checkpoints that failed");
        }
    }

    @Test
    void shouldRefuseNewChannelsByNameWhileTheirDirectoryIsFull() throws Exception {
        Path place = mount("channels", "256k");
        try (ChronicleStorage storage = open()) {
            long[] created = {0};
            StorageException refusal = assertThrows(StorageException.class, () -> {
                while (created[0] < 100_000) {
                    created[0] = storage.channels().findOrCreate("channel " + created[0]);
                }
            });
            assertEquals(StorageException.Reason.NO_SPACE, refusal.reason());
            assertEquals(created[0], storage.channels().find("channel " + (created[0] - 1)));
            assertTrue(run("mount", "-o", "remount,size=64M", place.toString()));
            assertEquals(created[0] + 1, storage.channels().findOrCreate("channel " + created[0]));
        }
    }
}
