package io.freshet.engine.routing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.engine.mailbox.Mailbox;
import io.freshet.engine.mailbox.ReactorProxy;
import io.freshet.engine.session.RemoteGateway;
import io.freshet.log.Durability;
import io.freshet.protocol.ErrorCode;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RemoteGatewayTest {
    private static final int LIMIT_BYTES = 128 * 1024;
    private static final int PAYLOAD_LENGTH = 16 * 1024;

    private final Mailbox mailbox = new Mailbox(1024, 64);
    private final ReactorProxy owner = new ReactorProxy(mailbox, () -> {});

    @Test
    void shouldHoldNoMoreThanIsStatedWhileTheOwnerDoesNotComeHoweverManyMessagesFit() {
        try (TestShard test = new TestShard(Durability.WRITTEN)) {
            RemoteGateway gateway = gateway(test.shard);
            Producer producer = test.attach(7);
            int acceptedCount = 0;
            ErrorCode refusal = null;
            while (refusal == null) {
                assertEquals(gateway.heldBytes() >= LIMIT_BYTES, gateway.isFull());
                refusal = publish(gateway, producer, acceptedCount + 1);
                acceptedCount += refusal == null ? 1 : 0;
                gateway.flush();
            }
            assertEquals(ErrorCode.OVERLOADED, refusal);
            assertTrue(gateway.isBusy(), "who waits for room is to look again");
            assertTrue(acceptedCount >= LIMIT_BYTES / PAYLOAD_LENGTH);
            assertTrue(gateway.heldBytes() <= 2 * LIMIT_BYTES + PAYLOAD_LENGTH, "holds " + gateway.heldBytes());

            mailbox.drain(1024);
            assertEquals(0, gateway.heldBytes());
            assertFalse(gateway.isFull());
            assertFalse(gateway.isBusy());
            assertNull(publish(gateway, producer, acceptedCount + 1));
            gateway.flush();
            mailbox.drain(1024);
            test.shard.commit();
            assertEquals(acceptedCount + 1, test.shard.committedHead(producer), "what was refused came again");
        }
    }

    private RemoteGateway gateway(Shard shard) {
        Mailbox.Deferred back = new Mailbox.Deferred(new ReactorProxy(new Mailbox(8, 8), () -> {}));
        return new RemoteGateway(
                shard, 1, owner, new Mailbox.Deferred(owner), back, ByteBufAllocator.DEFAULT, LIMIT_BYTES);
    }

    private static @Nullable ErrorCode publish(RemoteGateway gateway, Producer producer, int counter) {
        ByteBuf frame = TestShard.frame(producer, counter, PAYLOAD_LENGTH);
        try {
            return gateway.publish(producer, frame, 0, frame.readableBytes());
        } finally {
            frame.release();
        }
    }
}
