package io.freshet.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What retention must do to every log. */
@Timeout(120)
public abstract class RetentionContract {
    /** Ends before the others go on, so that all its records go. */
    private static final long ENDED = 7;

    private static final long BUSY = 8;
    protected static final Duration AGE = Duration.ofHours(5);
    private static final int DOCUMENT_COUNT = 700;

    /** Minutes that pass until all is settled. */
    private static final int SETTLE_COUNT = 8;

    protected final TestClock clock = new TestClock();
    private final TestBatch batch = new TestBatch();
    private final Map<Long, Long> lastSequences = new HashMap<>();
    private @Nullable Storage storage;

    /** Opens the storage of this test, a second time after it was closed or cut off. */
    protected abstract Storage open(StorageConfig config);

    /** Loses the index of the closed storage. */
    protected abstract void dropIndex();

    /** Ends the open storage as if its process had died. */
    protected abstract void crash();

    @AfterEach
    protected void closeStorage() {
        if (storage != null) {
            storage.close();
            storage = null;
        }
    }

    protected final Storage openStorage(Retention retention) {
        Storage opened = open(clock.config().retention(retention).build());
        storage = opened;
        opened.index(0).addFollower(new Adding());
        opened.index(0).catchUp();
        return opened;
    }

    /** One look of each agent and of the log's owner; returns the work done. */
    private int turn(Storage opened) {
        return turn(opened, "nobody");
    }

    /** The same while one agent stands still. */
    private static int turn(Storage opened, String stillName) {
        int workCount = opened.log(0).appendRequested();
        for (Agent agent : opened.agents()) {
            try {
                workCount += agent.roleName().equals(stillName) ? 0 : agent.doWork();
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        }
        return workCount;
    }

    protected final void settle(Storage opened) {
        for (int i = 0; i < SETTLE_COUNT; i++) {
            while (turn(opened) > 0) {
                // Until nothing is left.
            }
            clock.advanceMs(60_000);
        }
    }

    private void append(Storage opened, long channel) {
        Long last = lastSequences.get(channel);
        if (last == null) {
            opened.log(0).attach(channel, MessageLog.NULL_POSITION);
            last = 0L;
        }
        batch.reset(clock.epochMs() * 1000, Durability.SYNCED).run(channel, last + 1, 2, 20);
        assertTrue(opened.log(0).append(batch.batch()) > 0);
        lastSequences.put(channel, last + 2);
    }

    /** Fills many hours: the channel that ends in the first, and the busy one in all. */
    protected final Storage filled(Retention retention) {
        Storage opened = openStorage(retention);
        for (int i = 0; i < DOCUMENT_COUNT; i++) {
            append(opened, BUSY);
            if (i < 10) {
                append(opened, ENDED);
            }
            clock.advanceMs(60_000);
        }
        return opened;
    }

    private long last(long channel) {
        return lastSequences.getOrDefault(channel, 0L);
    }

    private static ChannelTail tail(Storage opened, long channel) {
        ChannelTail tail = new ChannelTail();
        try (IndexReader reader = opened.index(0).openReader()) {
            assertTrue(reader.tail(channel, tail), "the index does not know channel " + channel);
        }
        return tail;
    }

    private static long state(Storage opened, long channel) {
        long[] found = {0};
        try (IndexReader reader = opened.index(0).openReader()) {
            reader.states(Adding.ID, channel, (key1, key2, value, offset, length) -> found[0] = value.getLong(offset));
        }
        return found[0];
    }

    private static List<Long> sequences(Storage opened, long channel) {
        List<Long> sequences = new ArrayList<>();
        try (LogReader reader = opened.log(0).openReader()) {
            reader.toStart();
            while (reader.next()) {
                LogDocument document = reader.document();
                for (int run = 0; document.kind() == LogDocument.Kind.RUNS && run < document.runCount(); run++) {
                    for (int i = 0; document.channel(run) == channel && i < document.recordCount(run); i++) {
                        sequences.add(document.firstSequence(run) + i);
                    }
                }
            }
        }
        return sequences;
    }

    /** Whatever has gone: the log has no hole, the index agrees with it, and every channel goes on where it ended. */
    protected final void checkRight(Storage opened) {
        for (long channel : List.of(ENDED, BUSY)) {
            List<Long> kept = sequences(opened, channel);
            ChannelTail tail = tail(opened, channel);
            long last = last(channel);
            assertEquals(last, tail.lastSequence);
            assertTrue(kept.isEmpty() || kept.get(kept.size() - 1) == last, "the end of " + channel + " is gone");
            for (int i = 1; i < kept.size(); i++) {
                assertEquals(kept.get(i - 1) + 1, kept.get(i));
            }
            long first = kept.isEmpty() ? last + 1 : kept.get(0);
            assertTrue(tail.firstSequence >= first, "the index tells of what is gone");
            assertEquals(last, state(opened, channel));
            assertTrue(tail.lastTimeUs > 0);
        }
    }

    @Test
    void shouldKeepEverythingUnlessTold() {
        Storage opened = filled(Retention.NONE);
        settle(opened);
        assertEquals(2 * DOCUMENT_COUNT, sequences(opened, BUSY).size());
        assertEquals(0, opened.log(0).statistics().freedLength());
    }

    @Test
    void shouldFreeWhatIsOlderAndNothingYounger() {
        Storage opened = filled(Retention.of(AGE, Long.MAX_VALUE));
        long oldestKept = DOCUMENT_COUNT - AGE.toMinutes() + 1;
        settle(opened);
        List<Long> kept = sequences(opened, BUSY);
        assertTrue(kept.get(0) > 2, "nothing went");
        assertTrue(kept.get(0) <= 2 * (oldestKept + SETTLE_COUNT), "younger than the age went, from " + kept.get(0));
        assertEquals(List.of(), sequences(opened, ENDED));
        assertTrue(opened.log(0).statistics().freedLength() > 0);
        assertEquals(kept.get(0) - 1 + last(ENDED), opened.index(0).statistics().expiredCount());
        assertEquals(kept.get(0), tail(opened, BUSY).firstSequence);
        assertEquals(last(ENDED) + 1, tail(opened, ENDED).firstSequence);
        checkRight(opened);
    }

    @Test
    void shouldKeepWhereChannelsEndAndFollowersStatesWhenTheIndexIsBuiltAgain() {
        Storage opened = filled(Retention.of(AGE, Long.MAX_VALUE));
        settle(opened);
        checkRight(opened);
        closeStorage();
        dropIndex();
        opened = openStorage(Retention.of(AGE, Long.MAX_VALUE));
        checkRight(opened);
        assertFalse(sequences(opened, BUSY).contains(1L));
    }

    @Test
    void shouldWriteDownAgainWhatAnEarlierSnapshotTold() {
        Storage opened = filled(Retention.of(AGE, Long.MAX_VALUE));
        settle(opened);
        for (int i = 0; i < DOCUMENT_COUNT; i++) {
            append(opened, BUSY);
            clock.advanceMs(60_000);
        }
        settle(opened);
        assertTrue(sequences(opened, BUSY).get(0) > 2 * DOCUMENT_COUNT - 200, "the first snapshots are still there");
        closeStorage();
        dropIndex();
        opened = openStorage(Retention.NONE);
        checkRight(opened);
    }

    @Test
    void shouldWriteDownNothingBeforeTheIndexHasReadWhatIsToGo() {
        Storage opened = filled(Retention.of(AGE, Long.MAX_VALUE));
        for (int i = 0; i < 50; i++) {
            turn(opened, "freshet-indexer");
            clock.advanceMs(1000);
        }
        settle(opened);
        assertEquals(List.of(), sequences(opened, ENDED));
        closeStorage();
        dropIndex();
        checkRight(openStorage(Retention.NONE));
    }

    @Test
    void shouldOpenAndAnswerRightWhereverItWasCutOff() {
        filled(Retention.NONE);
        closeStorage();
        boolean isFreed = false;
        for (int stepCount = 0; stepCount < 24; stepCount++) {
            Storage opened = openStorage(Retention.of(AGE, Long.MAX_VALUE));
            checkRight(opened);
            for (int i = 0; i < stepCount; i++) {
                turn(opened);
                clock.advanceMs(300);
            }
            isFreed |= opened.log(0).statistics().freedLength() > 0;
            crash();
            storage = null;
            if (stepCount % 2 == 1) {
                dropIndex();
            }
        }
        assertTrue(isFreed, "it never came to the end");
        checkRight(openStorage(Retention.NONE));
    }

    /** Folds the last sequence of each channel. */
    private static final class Adding implements LogFollower {
        static final int ID = 9;

        private final Map<Long, Long> lasts = new HashMap<>();

        @Override
        public int id() {
            return ID;
        }

        @Override
        public void onDocument(LogDocument document) {
            for (int run = 0; document.kind() == LogDocument.Kind.RUNS && run < document.runCount(); run++) {
                lasts.merge(
                        document.channel(run), document.firstSequence(run) + document.recordCount(run) - 1, Math::max);
            }
        }

        @Override
        public void onSnapshot(long channel, long key1, long key2, DirectBuffer value, int offset, int length) {
            lasts.merge(channel, value.getLong(offset), Math::max);
        }

        @Override
        public void onRollback() {
            lasts.clear();
        }

        @Override
        public void onCheckpoint(StateWriter writer) {
            UnsafeBuffer value = new UnsafeBuffer(new byte[8]);
            lasts.forEach((channel, last) -> {
                value.putLong(0, last);
                writer.put(channel, 1, 2, value, 0, Long.BYTES);
            });
            lasts.clear();
        }
    }

    /** The storage that is open. */
    protected final Storage storage() {
        return Objects.requireNonNull(storage);
    }
}
