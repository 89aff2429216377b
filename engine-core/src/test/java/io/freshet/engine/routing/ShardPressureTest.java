package io.freshet.engine.routing;

import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.engine.metrics.ShardCounter;
import io.freshet.log.Durability;
import io.freshet.log.LogDocument;
import io.freshet.log.LogReader;
import io.freshet.log.MessageLog;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.RecordFrame;
import java.lang.ref.PhantomReference;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A shard without memory, with a log that refuses, and with many who come and go. */
class ShardPressureTest {
    private static final int INSTANCE = 7;

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 8, 10})
    void shouldRefuseAPublishAndGoOnAsIfItHadNotComeWhenThereIsNoMemoryForIt(int failing) {
        try (TestShard test = new TestShard(Durability.WRITTEN)) {
            Producer producer = test.attach(INSTANCE);
            test.allocator.failAfter(failing);
            int counter = 0;
            for (int i = 0; i < 40; i++) {
                ErrorCode refusal = test.publish(producer, counter + 1, 200 * (i % 16) * (i % 16));
                if (refusal == null) {
                    counter++;
                } else {
                    assertEquals(ErrorCode.OVERLOADED, refusal);
                }
                if (i % 16 == 15) {
                    test.shard.commit();
                }
            }
            test.shard.commit();

            assertTrue(test.allocator.hasFailed(), "memory was asked for less often");
            assertEquals(39, counter);
            assertEquals(1, test.counters.value(ShardCounter.NO_MEMORY));
            assertEquals(39, test.shard.committedHead(producer));
            assertEquals(LongStream.rangeClosed(1, 39).boxed().toList(), storedSequences(test));
        }
    }

    /** The numbers that the stored frames say they have, each compared with that by which the log knows it. */
    private static List<Long> storedSequences(TestShard test) {
        List<Long> sequences = new ArrayList<>();
        try (LogReader reader = test.storage.log(0).openReader()) {
            reader.toStart();
            while (reader.next()) {
                LogDocument document = reader.document();
                for (int run = 0; run < document.runCount(); run++) {
                    for (int i = 0; i < document.recordCount(run); i++) {
                        int offset = document.recordOffset(run, i) + RecordFrame.SEQUENCE_OFFSET;
                        long stamped = document.buffer().getLong(offset, LITTLE_ENDIAN);
                        assertEquals(document.firstSequence(run) + i, stamped);
                        sequences.add(stamped);
                    }
                }
            }
        }
        return sequences;
    }

    @Test
    void shouldStillAnswerTheRepeatOfWhatTheLogHasWhenALaterAppendFails() throws Exception {
        try (TestShard test = new TestShard(Durability.SYNCED)) {
            Producer producer = test.attach(INSTANCE);
            test.faults().holdSync();
            test.publish(producer, 1, 3);
            test.publish(producer, 2, 3);
            test.shard.commit();
            test.publish(producer, 1, 3);
            test.faults().refuse(MessageLog.NO_SPACE);
            test.publish(producer, 3, 3);
            test.publish(producer, 3, 3);
            test.shard.commit();
            assertEquals(List.of("refused 3x1 STORAGE_FULL", "refused 3x1 STORAGE_FULL"), test.told());

            test.faults().accept();
            test.faults().releaseSync();
            test.runAgents();
            test.shard.commit();

            assertEquals(List.of("published 1x1 at 1", "published 1x2 at 1", "visible 1..2"), test.told());
        }
    }

    @Test
    void shouldForgetWhoHasLeftAndNeverPublished() throws Exception {
        try (TestShard test = new TestShard(Durability.WRITTEN)) {
            Producer staying = test.attach(INSTANCE);
            Sequencer sequencer = staying.sequencer();
            for (int instance = 100; instance < 1_100; instance++) {
                test.shard.detach(test.attach(instance));
            }
            assertEquals(1, sequencer.instanceCount());

            Producer published = test.attach(99);
            test.publish(published, 1, 0);
            test.shard.detach(published);
            assertEquals(2, sequencer.instanceCount(), "who has published may come again and repeat");

            test.commitAndIndex();
            test.shard.onTick();
            test.pass(2 * TestShard.MEMORY_US);
            test.shard.onTick();
            assertEquals(2, sequencer.instanceCount(), "the index knows it still");

            test.publish(staying, 1, 0);
            test.commitAndIndex();
            test.shard.onTick();
            assertEquals(1, sequencer.instanceCount());
        }
    }

    @Test
    void shouldForgetEverybodySoonHoweverManyHavePublished() throws Exception {
        try (TestShard test = new TestShard(Durability.WRITTEN)) {
            Producer staying = test.attach(INSTANCE);
            Sequencer sequencer = staying.sequencer();
            for (int instance = 100; instance < 40_100; instance++) {
                Producer producer = test.attach(instance);
                test.publish(producer, 1, 0);
                test.shard.detach(producer);
            }
            test.commitAndIndex();
            for (int tick = 0; tick < 100; tick++) {
                test.shard.onTick();
            }
            test.pass(2 * TestShard.MEMORY_US);
            test.publish(staying, 1, 0);
            test.commitAndIndex();
            for (int tick = 0; tick < 100; tick++) {
                test.shard.onTick();
            }
            assertEquals(1, sequencer.instanceCount());
        }
    }

    @Test
    void shouldNotHoldASessionThatHasLeft() throws Exception {
        try (TestShard test = new TestShard(Durability.WRITTEN)) {
            ReferenceQueue<Publisher> unheld = new ReferenceQueue<>();
            PhantomReference<Publisher> left = publishAndLeave(test, unheld);
            Reference<? extends Publisher> found = null;
            for (int i = 0; i < 100 && found == null; i++) {
                System.gc();
                found = unheld.remove(50);
            }
            assertSame(left, found, "it is held");
        }
    }

    private static PhantomReference<Publisher> publishAndLeave(TestShard test, ReferenceQueue<Publisher> unheld) {
        Publisher session = new Publisher() {
            @Override
            public void onCommitted(long channel, long firstNonce, int count, long firstSequence) {}

            @Override
            public void onRefused(long channel, long firstNonce, int count, ErrorCode code, int retryAfterMs) {}
        };
        Producer producer = test.attach(99, session);
        test.publish(producer, 1, 0);
        test.shard.commit();
        test.shard.detach(producer);
        return new PhantomReference<>(session, unheld);
    }
}
