package io.freshet.engine.session;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.freshet.engine.mailbox.CycleClock;
import io.freshet.engine.metrics.ReactorCounters;
import io.freshet.protocol.Connection;
import io.freshet.protocol.ErrorCode;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class RefusedConnectionsTest {
    private static final int WORTH_COUNT = (int) RefusedConnections.HANDSHAKES.burst();

    private long nowNs;
    private int toldCount;
    private int cutCount;
    private final CycleClock clock = new CycleClock(() -> nowNs, () -> 0);
    private final RefusedConnections refused =
            new RefusedConnections(UnpooledByteBufAllocator.DEFAULT, new ReactorCounters(() -> nowNs), clock);

    /** Counts how it ends. */
    private final class Refused implements Connection {
        private final boolean isEncrypted;

        Refused(boolean isEncrypted) {
            this.isEncrypted = isEncrypted;
        }

        @Override
        public boolean isEncrypted() {
            return isEncrypted;
        }

        @Override
        public void offer(ByteBuf bytes) {
            bytes.release();
        }

        @Override
        public void flush() {}

        @Override
        public long outboundLength() {
            return 0;
        }

        @Override
        public boolean isWritable() {
            return true;
        }

        @Override
        public void afterWritten(Runnable done) {
            done.run();
        }

        @Override
        public void readable(boolean enabled) {}

        @Override
        public void close() {
            toldCount++;
            refused.onClosed();
        }

        @Override
        public void abort() {
            cutCount++;
            refused.onClosed();
        }

        @Override
        public String remoteAddress() {
            return "a test";
        }
    }

    private void refuse(int count, boolean isEncrypted, ErrorCode code) {
        toldCount = 0;
        cutCount = 0;
        for (int i = 0; i < count; i++) {
            refused.refuse(new Refused(isEncrypted), code, 1);
        }
    }

    @Test
    void shouldMakeFewHandshakesOnlyToTellAnAddressThatItIsHeldOff() {
        refuse(1000, true, ErrorCode.FLAPPING);
        assertEquals(WORTH_COUNT, toldCount);
        assertEquals(1000 - WORTH_COUNT, cutCount);
        refuse(10, true, ErrorCode.ADDRESS_LIMIT);
        assertEquals(10, cutCount);

        nowNs += TimeUnit.SECONDS.toNanos(1);
        clock.forget();
        refuse(1000, true, ErrorCode.ADDRESS_LIMIT);
        assertEquals(WORTH_COUNT, toldCount);
    }

    @Test
    void shouldTellEverybodyElse() {
        refuse(1000, true, ErrorCode.FLAPPING);
        refuse(1000, true, ErrorCode.CONNECT_SLOT);
        assertEquals(1000, toldCount);
        refuse(1000, false, ErrorCode.FLAPPING);
        assertEquals(1000, toldCount);
    }
}
