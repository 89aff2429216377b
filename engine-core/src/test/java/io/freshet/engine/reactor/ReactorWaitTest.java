package io.freshet.engine.reactor;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.freshet.engine.AccessPolicy;
import io.freshet.engine.Authenticator;
import io.freshet.engine.ConnectionLimits;
import io.freshet.engine.Rate;
import io.freshet.engine.RateLimits;
import io.freshet.engine.delivery.ColdReader;
import io.freshet.engine.routing.ShardConfig;
import io.freshet.engine.session.Calls;
import io.freshet.engine.session.Gate;
import io.freshet.engine.session.SessionLimits;
import io.freshet.log.Durability;
import io.freshet.log.StorageConfig;
import io.freshet.log.memory.MemoryDisk;
import io.freshet.log.memory.MemoryStorage;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ReactorWaitTest {
    private static final long MS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long TICK_MS = 100;

    private final List<Long> waitsMs = new ArrayList<>();
    private long nowNs = 5 * MS;

    @Test
    void shouldWaitUntilTheNextTickAlsoWhenTheCycleBeforeTookLong() {
        MemoryStorage storage = MemoryStorage.open(
                new MemoryDisk(), StorageConfig.builder().shardCount(1).build());
        Reactor reactor = new ReactorGroup(parts(storage)).reactor(0);
        reactor.onStart();
        reactor.doWork();
        nowNs += 30 * MS; // what was left of that cycle
        reactor.doWork();
        assertEquals(List.of(TICK_MS, TICK_MS - 30), waitsMs);
        reactor.onClose();
        storage.close();
    }

    private ReactorGroup.Parts parts(MemoryStorage storage) {
        return new ReactorGroup.Parts(
                1,
                storage,
                new ColdReader(storage, ByteBufAllocator.DEFAULT, 8, () -> {}),
                new Gate(Authenticator.anonymous(), AccessPolicy.allowAll(), storage.channels(), Runnable::run),
                Calls.none(),
                limits(),
                new ShardConfig(Durability.WRITTEN, 16, 1_000_000, 1_000 * MS, Rate.UNLIMITED, 0),
                1 << 20,
                1 << 20,
                1 << 20,
                1,
                0,
                ByteBufAllocator.DEFAULT,
                () -> nowNs,
                () -> nowNs / 1_000,
                index -> mayWait -> new Waits());
    }

    private static SessionLimits limits() {
        return new SessionLimits(
                4_096,
                65_536,
                32_768,
                16,
                8,
                8,
                1_000 * MS,
                1_000 * MS,
                1_000 * MS,
                0,
                1_000 * MS,
                ConnectionLimits.DEFAULTS,
                RateLimits.DEFAULTS);
    }

    /** Notes for how long it may wait, and does not. */
    private final class Waits implements IoLoop {
        @Override
        public int poll(long waitNs) {
            waitsMs.add(waitNs / MS);
            return 0;
        }

        @Override
        public long writeCount() {
            return 0;
        }

        @Override
        public void wakeup() {}

        @Override
        public void close() {}
    }
}
