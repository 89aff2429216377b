package io.freshet.engine.routing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.engine.Principal;
import io.freshet.engine.Rate;
import io.freshet.engine.limit.TokenBucket;
import io.freshet.protocol.ErrorCode;
import org.junit.jupiter.api.Test;

class ChannelPaceTest {
    private static final long INTERVAL_NS = 1_000;

    @Test
    void shouldLetEachSenderPublishOncePerInterval() {
        ChannelPace pace = new ChannelPace(null, INTERVAL_NS);
        assertNull(pace.take(1, true, 0));
        assertNull(pace.take(2, true, 10));
        assertEquals(ErrorCode.SLOW_MODE, pace.take(1, true, INTERVAL_NS - 1));
        assertEquals(1, pace.waitNs());
        assertNull(pace.take(1, true, INTERVAL_NS));
        assertEquals(ErrorCode.SLOW_MODE, pace.take(2, true, INTERVAL_NS));
        assertEquals(10, pace.waitNs());
    }

    @Test
    void shouldNotCountWhatTheChannelsRateRefuses() {
        ChannelPace pace = new ChannelPace(TokenBucket.of(new Rate(1, 1), 0), INTERVAL_NS);
        assertNull(pace.take(1, true, 0));
        assertEquals(ErrorCode.CHANNEL_RATE, pace.take(2, true, 0));
        assertNull(pace.take(2, true, pace.waitNs()));
    }

    @Test
    void shouldNotSlowTheApplicationItself() {
        ChannelPace pace = new ChannelPace(TokenBucket.of(new Rate(1, 1), 0), INTERVAL_NS);
        for (int i = 0; i < 10; i++) {
            assertNull(pace.take(Principal.SYSTEM.id(), true, 0));
        }
        assertTrue(pace.isIdle());
    }

    @Test
    void shouldForgetWhoMayPublishAgain() {
        ChannelPace pace = new ChannelPace(null, INTERVAL_NS);
        pace.take(1, true, 0);
        pace.take(2, true, 5);
        pace.expire(INTERVAL_NS);
        assertFalse(pace.isIdle());
        assertNull(pace.take(1, true, INTERVAL_NS));
        pace.expire(3 * INTERVAL_NS);
        assertTrue(pace.isIdle());
    }

    @Test
    void shouldRememberABoundedNumberOfSenders() {
        ChannelPace pace = new ChannelPace(null, INTERVAL_NS);
        int acceptedCount = 0;
        for (int sender = 1; sender <= 1 << 17; sender++) {
            acceptedCount += pace.take(sender, true, 0) == null ? 1 : 0;
        }
        assertEquals(1 << 16, acceptedCount);
        assertEquals(INTERVAL_NS, pace.waitNs());
        pace.expire(INTERVAL_NS);
        assertNull(pace.take(1 << 17, true, INTERVAL_NS));
    }
}
