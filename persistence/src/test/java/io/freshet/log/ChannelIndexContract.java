package io.freshet.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.log.MessageLog.EpochStart;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What every {@link ChannelIndex} must do. */
@Timeout(60)
public abstract class ChannelIndexContract {
    protected final TestClock clock = new TestClock();
    private final List<Run> runs = new ArrayList<>();
    private final Map<Long, Long> lastSequences = new HashMap<>();
    private final TestBatch batch = new TestBatch();
    private @Nullable Storage storage;

    /** A run as it was appended. */
    private record Run(long channel, long first, int count, long position) {}

    /** Opens the storage of this test, a second time after it was closed. */
    protected abstract Storage open(StorageConfig config);

    /** Loses the index of the closed storage. */
    protected abstract void dropIndex();

    private Storage openStorage(LogFollower... following) {
        Storage opened = open(clock.config().checkpointRunCount(50).build());
        storage = opened;
        for (LogFollower follower : following) {
            opened.index(0).addFollower(follower);
        }
        opened.index(0).catchUp();
        return opened;
    }

    private Storage reopen(LogFollower... following) {
        closeStorage();
        return openStorage(following);
    }

    @AfterEach
    protected void closeStorage() {
        if (storage != null) {
            storage.close();
            storage = null;
        }
    }

    private static void runAgents(Storage storage) {
        try {
            for (int i = 0; i < 100; i++) {
                for (Agent agent : storage.agents()) {
                    agent.doWork();
                }
            }
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /** Lets everything be synced and indexed. */
    private void settle(Storage opened) {
        runAgents(opened);
        clock.advanceMs(1000);
        runAgents(opened);
    }

    /** Appends a document with a run of one to three records for each of the channels. */
    private void append(MessageLog log, long... channels) {
        batch.reset(clock.epochMs() * 1000, Durability.SYNCED);
        List<Run> added = new ArrayList<>();
        for (long channel : channels) {
            Long last = lastSequences.get(channel);
            if (last == null) {
                log.attach(channel, MessageLog.NULL_POSITION);
                last = 0L;
            }
            int count = 1 + (int) ((last + channel) % 3);
            batch.run(channel, last + 1, count, 10);
            lastSequences.put(channel, last + count);
            added.add(new Run(channel, last + 1, count, 0));
        }
        assertTrue(log.append(batch.batch()) > 0);
        added.forEach(run -> runs.add(new Run(run.channel, run.first, run.count, log.lastPosition())));
    }

    private void appendMany(MessageLog log, int documentCount, long seed) {
        Random random = new Random(seed);
        for (int i = 0; i < documentCount; i++) {
            long hot = random.nextInt(2) + 1L;
            append(log, hot, 3 + random.nextInt(40));
            clock.advanceMs(1);
        }
    }

    private void checkAll(ChannelIndex index, long oldestPosition) {
        ChannelTail tail = new ChannelTail();
        try (IndexReader reader = index.openReader()) {
            for (Run run : runs) {
                if (run.position >= oldestPosition) {
                    assertEquals(run.position, reader.find(run.channel, run.first));
                    assertEquals(run.position, reader.find(run.channel, run.first + run.count - 1));
                    assertEquals(run.first + run.count - 1, reader.lastSequenceBefore(run.channel, run.position + 1));
                }
            }
            lastSequences.forEach((channel, last) -> {
                assertTrue(reader.tail(channel, tail));
                assertEquals(last, tail.lastSequence);
                assertEquals(firstKept(channel, oldestPosition), tail.firstSequence);
                assertEquals(last, reader.lastSequenceBefore(channel, Long.MAX_VALUE));
                assertEquals(tail.firstSequence - 1, reader.lastSequenceBefore(channel, oldestPosition));
            });
        }
    }

    private long firstKept(long channel, long oldestPosition) {
        return runs.stream()
                .filter(run -> run.channel == channel && run.position >= oldestPosition)
                .mapToLong(Run::first)
                .min()
                .orElse(lastSequences.getOrDefault(channel, 0L) + 1);
    }

    /** An epoch may begin before what has expired ends: what was valid until then is less than the expired. */
    @Test
    void shouldKnowWhereExpiredRecordsLay() {
        Storage opened = openStorage(new Expiring(1, 6));
        for (int i = 0; i < 5; i++) {
            append(opened.log(0), 1);
        }
        settle(opened);
        try (IndexReader reader = opened.index(0).openReader()) {
            ChannelTail tail = new ChannelTail();
            assertTrue(reader.tail(1, tail));
            assertEquals(6, tail.firstSequence);
            for (Run run : runs) {
                assertEquals(run.first - 1, reader.lastSequenceBefore(1, run.position), () -> "before " + run);
                assertEquals(run.first + run.count - 1, reader.lastSequenceBefore(1, run.position + 1));
            }
        }
    }

    /** Lets a channel's records before a sequence expire, at each checkpoint. */
    private record Expiring(long channel, long before) implements LogFollower {
        @Override
        public int id() {
            return 77;
        }

        @Override
        public void onDocument(LogDocument document) {}

        @Override
        public void onCheckpoint(StateWriter writer) {
            writer.expireBefore(channel, before);
        }

        @Override
        public void onRollback() {}
    }

    @Test
    void shouldSayHowFarItIsBehindItsLog() {
        Storage opened = openStorage();
        MessageLog log = opened.log(0);
        log.attach(1, MessageLog.NULL_POSITION);
        IndexStatistics before = opened.index(0).statistics();
        assertEquals(0, before.lagCount());
        append(log, 1);
        append(log, 1);
        assertEquals(2, opened.index(0).statistics().lagCount());
        settle(opened);
        IndexStatistics after = opened.index(0).statistics();
        assertEquals(0, after.lagCount());
        assertEquals(before.checkpointCount() + 1, after.checkpointCount());
        assertFalse(after.isStopped());
    }

    @Test
    void shouldFindEveryRecordOnceItIsIndexed() {
        Storage opened = openStorage();
        appendMany(opened.log(0), 1000, 1);
        settle(opened);
        assertEquals(opened.log(0).lastPosition(), opened.index(0).indexedPosition());
        checkAll(opened.index(0), 0);
    }

    @Test
    void shouldPointToTheLastIndexedDocumentForWhatIsNotIndexedYet() {
        Storage opened = openStorage();
        try (IndexReader reader = opened.index(0).openReader()) {
            long start = opened.index(0).indexedPosition();
            assertEquals(start, reader.find(1, 1));
            append(opened.log(0), 1);
            assertEquals(start, reader.find(1, 1));
            assertFalse(reader.tail(1, new ChannelTail()));
            assertEquals(0, reader.lastSequenceBefore(1, Long.MAX_VALUE));
            settle(opened);
            assertEquals(opened.log(0).lastPosition(), reader.find(1, 1));
            assertEquals(opened.index(0).indexedPosition(), reader.find(1, 1000));
        }
    }

    @Test
    void shouldGoOnFromItsCheckpointAndKeepWhatItKnew() {
        Storage opened = openStorage();
        appendMany(opened.log(0), 300, 2);
        opened = reopen();
        checkAll(opened.index(0), 0);
        lastSequences.keySet().forEach(opened.log(0)::detach);
        Storage again = opened;
        ChannelTail tail = new ChannelTail();
        try (IndexReader reader = again.index(0).openReader()) {
            lastSequences.keySet().forEach(channel -> {
                reader.tail(channel, tail);
                again.log(0).attach(channel, tail.lastPosition);
            });
        }
        appendMany(opened.log(0), 300, 3);
        opened = reopen();
        checkAll(opened.index(0), 0);
    }

    @Test
    void shouldBeBuiltAgainFromTheLogWhenItIsLost() {
        Storage opened = openStorage();
        appendMany(opened.log(0), 500, 4);
        List<EpochStart> epochs = opened.log(0).epochs();
        closeStorage();
        dropIndex();
        opened = openStorage();
        checkAll(opened.index(0), 0);
        assertEquals(epochs, opened.log(0).epochs());
    }

    @Test
    void shouldForgetWhatTheLogNoLongerHas() throws Exception {
        Storage opened = openStorage();
        for (int i = 0; i < 400; i++) {
            append(opened.log(0), 1 + i % 7, i < 100 ? 8 : 9);
            clock.advanceMs(60_000);
        }
        runAgents(opened);
        long oldest = opened.log(0).truncateBefore(runs.get(500).position);
        assertTrue(oldest > runs.get(0).position);
        settle(opened);
        checkAll(opened.index(0), oldest);
        opened = reopen();
        checkAll(opened.index(0), oldest);
        try (IndexReader reader = opened.index(0).openReader()) {
            assertTrue(reader.find(1, 1) >= oldest);
        }
    }

    @Test
    void shouldKeepFollowersStateWithItsCheckpoints() {
        Counting counting = new Counting(5);
        Storage opened = openStorage(counting);
        appendMany(opened.log(0), 120, 5);
        settle(opened);
        checkCounts(opened, 5);
        opened = reopen(new Counting(5));
        checkCounts(opened, 5);
        opened = reopen(new Counting(5), new Counting(6));
        checkCounts(opened, 5);
        checkCounts(opened, 6);
    }

    private void checkCounts(Storage opened, int follower) {
        try (IndexReader reader = opened.index(0).openReader()) {
            lastSequences.forEach((channel, last) -> {
                AtomicLong counted = new AtomicLong();
                reader.states(
                        follower,
                        channel,
                        (key1, key2, value, offset, length) -> counted.set(key1 + key2 + value.getLong(offset)));
                assertEquals(last, counted.get() - 3);
            });
        }
    }

    @Test
    void shouldRefuseTwoFollowersWithOneId() {
        Storage opened = openStorage(new Counting(5));
        ChannelIndex index = opened.index(0);
        assertThrows(IllegalArgumentException.class, () -> index.addFollower(new Counting(5)));
    }

    @Test
    void shouldAnswerRightlyWhileItIsWritten() throws Exception {
        Storage opened = openStorage();
        for (int i = 0; i < 50; i++) {
            append(opened.log(0), 1);
        }
        settle(opened);
        List<Run> early = List.copyOf(runs);
        AtomicBoolean isDone = new AtomicBoolean();
        AtomicReference<Throwable> failure = new AtomicReference<>();
        Thread looking = new Thread(() -> {
            ChannelTail tail = new ChannelTail();
            try (IndexReader reader = opened.index(0).openReader()) {
                while (!isDone.get()) {
                    for (Run run : early) {
                        assertEquals(run.position, reader.find(1, run.first));
                    }
                    assertTrue(reader.tail(1, tail));
                    long indexed = opened.index(0).indexedPosition();
                    assertTrue(reader.find(1, Long.MAX_VALUE) >= indexed);
                    assertEquals(tail.lastPosition, reader.find(1, tail.lastSequence));
                }
            } catch (Throwable e) {
                failure.set(e);
            }
        });
        looking.start();
        for (int i = 0; i < 3000; i++) {
            append(opened.log(0), 1, 2 + i % 100);
            if (i % 100 == 0) {
                clock.advanceMs(500);
                runAgents(opened);
            }
        }
        isDone.set(true);
        looking.join();
        if (failure.get() != null) {
            throw new AssertionError(failure.get());
        }
    }

    /** Counts records of each channel. */
    private static final class Counting implements LogFollower {
        private final int id;
        private final Map<Long, Long> counts = new HashMap<>();

        Counting(int id) {
            this.id = id;
        }

        @Override
        public int id() {
            return id;
        }

        @Override
        public void onDocument(LogDocument document) {
            for (int run = 0; run < document.runCount(); run++) {
                counts.merge(document.channel(run), (long) document.recordCount(run), Long::sum);
            }
        }

        @Override
        public void onCheckpoint(StateWriter writer) {
            UnsafeBuffer value = new UnsafeBuffer(new byte[16]);
            counts.forEach((channel, count) -> {
                long[] known = {0};
                writer.states(channel, (key1, key2, state, offset, length) -> known[0] = state.getLong(offset));
                value.putLong(4, known[0] + count);
                writer.put(channel, 1, 2, value, 4, Long.BYTES);
                writer.put(channel, 9, 9, value, 4, Long.BYTES);
                writer.remove(channel, 9, 9);
            });
            counts.clear();
        }

        @Override
        public void onRollback() {
            counts.clear();
        }
    }

    /** The storage that is open. */
    protected final Storage storage() {
        return Objects.requireNonNull(storage);
    }
}
