package io.freshet.engine.signal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.engine.routing.TestShard;
import io.freshet.log.Durability;
import io.freshet.log.MessageLog;
import io.netty.buffer.ByteBufAllocator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of counters when a server ends in order and its log refuses them. */
@Timeout(60)
final class SavedTotalsTest {
    private static final long NOT_DUE_NS = 2 * SavedTotals.INTERVAL_NS;

    private final TestShard shard = new TestShard(Durability.WRITTEN);
    private final SavedTotals saved =
            new SavedTotals(TestShard.CHANNEL, 0, shard.shard, ByteBufAllocator.DEFAULT, () -> new byte[3], NOT_DUE_NS);

    @BeforeEach
    void count() {
        saved.changed();
    }

    @AfterEach
    void close() {
        shard.close();
    }

    /** Asks it to keep what there is, and lets the shard do so; whether nothing is left to do then. */
    private boolean isSettled() {
        saved.settle();
        shard.shard.commit();
        return saved.settle();
    }

    @Test
    void shouldTryAgainWithTheNextTickWhenTheLogRefusesForAMoment() {
        shard.faults().refuse(MessageLog.FAILED);
        assertFalse(isSettled(), "what was counted would be lost by one append that failed");
        assertFalse(isSettled());
        shard.faults().accept();
        assertFalse(isSettled(), "once a tick is enough");
        saved.onTick(0);
        assertTrue(isSettled());
        assertTrue(saved.isSaved());
        assertEquals(1, saved.savedCount());
    }

    @Test
    void shouldNotKeepAServerFromItsEndWhenItsDiskIsFull() {
        shard.faults().refuse(MessageLog.NO_SPACE);
        assertTrue(isSettled());
        assertFalse(saved.isSaved());
        shard.faults().accept();
        saved.onTick(0);
        assertTrue(isSettled());
        assertTrue(saved.isSaved(), "there is room again, and nobody tried");
    }
}
