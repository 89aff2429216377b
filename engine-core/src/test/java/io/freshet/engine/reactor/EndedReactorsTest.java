package io.freshet.engine.reactor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.engine.AccessPolicy;
import io.freshet.engine.Authenticator;
import io.freshet.engine.ConnectionLimits;
import io.freshet.engine.Rate;
import io.freshet.engine.RateLimits;
import io.freshet.engine.delivery.ColdReader;
import io.freshet.engine.delivery.ReaderProxy;
import io.freshet.engine.routing.ShardConfig;
import io.freshet.engine.session.Calls;
import io.freshet.engine.session.Gate;
import io.freshet.engine.session.SessionLimits;
import io.freshet.log.Durability;
import io.freshet.log.StorageConfig;
import io.freshet.log.memory.MemoryDisk;
import io.freshet.log.memory.MemoryStorage;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FreshetException;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What was accepted by reactors that end, and what is offered to them afterwards; all on one thread. */
final class EndedReactorsTest {
    private static final int DATA_CAPACITY = 8;
    private static final int CONTROL_CAPACITY = 2;
    private static final long LONG_NS = 1_000_000_000_000L;

    private final MemoryStorage storage = MemoryStorage.open(
            new MemoryDisk(), StorageConfig.builder().shardCount(2).build());
    private final ColdReader reader = new ColdReader(storage, ByteBufAllocator.DEFAULT, 64, () -> {});
    private final ReactorGroup group = new ReactorGroup(
            new ReactorGroup.Parts(
                    2,
                    storage,
                    reader,
                    new Gate(Authenticator.anonymous(), AccessPolicy.allowAll(), storage.channels(), Runnable::run),
                    Calls.none(),
                    sessionLimits(),
                    new ShardConfig(Durability.WRITTEN, 16, 1, LONG_NS, Rate.UNLIMITED, 0),
                    1 << 20,
                    1 << 20,
                    1 << 20,
                    4,
                    0,
                    ByteBufAllocator.DEFAULT,
                    () -> 1,
                    () -> 1,
                    index -> mayWait -> new SilentIo()),
            new ReactorGroup.Tuning(DATA_CAPACITY, CONTROL_CAPACITY, LONG_NS, 0, 4 << 20));
    private final List<String> ran = new ArrayList<>();

    private static SessionLimits sessionLimits() {
        return new SessionLimits(
                4096,
                64 << 10,
                32 << 10,
                16,
                16,
                16,
                LONG_NS,
                LONG_NS,
                LONG_NS,
                0,
                LONG_NS,
                ConnectionLimits.DEFAULTS,
                RateLimits.DEFAULTS);
    }

    @BeforeEach
    void start() {
        reader.onStart();
        group.reactor(0).onStart();
        group.reactor(1).onStart();
    }

    @AfterEach
    void closeStorage() {
        storage.close();
    }

    private void endThreads() {
        group.reactor(0).onClose();
        group.reactor(1).onClose();
        reader.onClose();
    }

    @Test
    void shouldRunWhatAReactorAcceptsWhileOthersStillRun() {
        group.reactor(0).onClose();
        assertTrue(group.proxy(0).offerData(() -> ran.add("data")));
        assertTrue(group.proxy(0).offerControl(() -> ran.add("control")));
        assertTrue(group.proxy(0).offerUrgent(() -> ran.add("urgent")));
        group.reactor(1).onClose();
        reader.onClose();
        assertEquals(List.of(), ran);

        group.close();
        assertEquals(List.of("urgent", "control", "data"), ran);
    }

    @Test
    void shouldRunWhatOneReactorsLastMessagesSendToAnother() {
        endThreads();
        group.proxy(1).offerData(() -> group.proxy(0).offerData(() -> ran.add("from 1 to 0")));
        group.proxy(0).offerData(() -> group.proxy(1).offerData(() -> ran.add("from 0 to 1")));

        group.close();
        assertEquals(List.of("from 0 to 1", "from 1 to 0"), ran);
    }

    @Test
    void shouldRunAnswersOfTheReaderThatFoundNoRoom() {
        ReaderProxy reads = new ReaderProxy(reader, group.proxy(0), 2);
        int count = 3 * CONTROL_CAPACITY;
        for (int i = 0; i < count; i++) {
            String name = "answer " + i;
            reads.stateReads(0).submit(index -> name, ran::add, failure -> {
                throw failure;
            });
        }
        reader.doWork();
        assertTrue(reader.hasAnswers());
        endThreads();

        group.close();
        assertFalse(reader.hasAnswers());
        assertEquals(
                List.of("answer 0", "answer 1", "answer 2", "answer 3", "answer 4", "answer 5"), ran, "of " + count);
    }

    @Test
    void shouldRunTasksThatAReactorHasLeftForItself() {
        for (int i = 0; i < 2 * CONTROL_CAPACITY; i++) {
            String name = "task " + i;
            group.executor(0).execute(() -> ran.add(name));
        }
        endThreads();

        group.close();
        assertEquals(List.of("task 0", "task 1", "task 2", "task 3"), ran);
    }

    @Test
    void shouldRefuseWhatComesAfterwardsAtOnce() {
        endThreads();
        group.close();

        assertFalse(group.proxy(0).offerData(() -> ran.add("data")));
        assertFalse(group.proxy(0).sendControl(() -> ran.add("control")));
        assertThrows(RejectedExecutionException.class, () -> group.executor(1).execute(() -> ran.add("task")));
        assertThrows(RejectedExecutionException.class, () -> group.onShard(1, shard -> ran.add("shard")));
        assertEquals(ErrorCode.SHUTTING_DOWN, code(() -> group.ask(Reactor::nextTickNs)));
        assertEquals(
                ErrorCode.SHUTTING_DOWN, code(() -> join(group.revocations().begin(7, 1))));
        assertEquals(List.of(), ran);
    }

    @Test
    void shouldFailARevocationThatIsUnderWay() {
        CompletionStage<Long> underWay = group.revocations().begin(7, 1);
        endThreads();
        group.close();
        assertEquals(ErrorCode.SHUTTING_DOWN, code(() -> join(underWay)));
    }

    private static void join(CompletionStage<Long> stage) {
        stage.toCompletableFuture().join();
    }

    private static ErrorCode code(Runnable call) {
        CompletionException e = assertThrows(CompletionException.class, call::run);
        return assertInstanceOf(FreshetException.class, e.getCause()).code();
    }

    /** A network without anybody. */
    private static final class SilentIo implements IoLoop {
        @Override
        public int poll(long waitNs) {
            return 0;
        }

        @Override
        public void wakeup() {
            // It never waits.
        }

        @Override
        public long writeCount() {
            return 0;
        }

        @Override
        public void close() {
            // There is nothing to end.
        }
    }
}
