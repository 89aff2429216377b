package io.freshet.benchmarks.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.freshet.protocol.FrameHeader;
import io.freshet.protocol.RecordFrame;
import io.freshet.protocol.v1.DeliveryMode;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import org.agrona.BufferUtil;
import org.junit.jupiter.api.Test;

final class OutletTest {
    private static final int RUN = 3;
    private static final long INSTANCE = 0x8000_0001L;

    private final ByteBuffer memory = ByteBuffer.allocateDirect(4096);
    private final long address = BufferUtil.address(memory);
    private final Meter meter = new Meter();
    private final Outlet outlet = new Outlet(new LoadChannel(0, "test"), 0, RUN, true);

    private void open(int payloadLength, int maxInFlight) {
        FreshetWire wire =
                new FreshetWire(ByteString.EMPTY, new SplittableRandom(1), DeliveryMode.DELIVERY_MODE_EVERY, 0, false);
        outlet.open(wire.template(9, payloadLength), INSTANCE, maxInFlight, 0);
    }

    @Test
    void shouldWriteCanonicalRecordsOfEveryLength() {
        for (int payloadLength : new int[] {32, 127, 128, 1024}) {
            open(payloadLength, 8);
            long end = outlet.write(address, 5);
            ByteBuf frame = Unpooled.wrappedBuffer(memory);
            int length = (int) (end - address);

            assertEquals(RecordFrame.frameLength(payloadLength), length);
            assertEquals(length, FrameHeader.frameLength(frame, 0));
            assertTrue(RecordFrame.isCanonical(frame, 0, length));
            assertEquals(9, RecordFrame.channel(frame, 0));
            assertEquals(INSTANCE << 32 | outlet.publishedCount(), RecordFrame.nonce(frame, 0));
            assertTrue(Payload.isIntact(end - payloadLength, payloadLength));
        }
    }

    @Test
    void shouldWriteRawFramesAsLongAsRecords() {
        FrameTemplate template = new RawWire(128).template(7, 128);
        long payload = template.putHead(address, 0);

        assertEquals(184, template.frameLength());
        assertEquals(184 - 128, payload - address);
        ByteBuf frame = Unpooled.wrappedBuffer(memory);
        assertEquals(180, frame.getIntLE(0));
        assertEquals(2, frame.getByte(4));
        assertEquals(7, frame.getShortLE(5));
    }

    @Test
    void shouldHaveNoRoomUntilReceiptsCome() {
        open(32, 2);
        outlet.write(address, 5);
        outlet.write(address, 6);

        assertFalse(outlet.hasRoom(0));
        assertTrue(outlet.onReceipts(0, 1, 100, meter));
        assertTrue(outlet.hasRoom(0));
        assertEquals(1, outlet.inFlightCount());
        assertEquals(1, meter.acknowledged);
    }

    @Test
    void shouldRefuseReceiptsOutOfOrderOrForNothing() {
        open(32, 4);
        outlet.write(address, 5);

        assertFalse(outlet.onReceipts(1, 1, 100, meter));
        assertFalse(outlet.onReceipts(0, 2, 100, meter));
        assertFalse(outlet.onReceipts(0, 0, 100, meter));
        assertEquals(0, meter.acknowledged);
    }

    @Test
    void shouldSendRefusedMessagesAgainAsTheyWereOnceAllIsAnswered() {
        open(32, 8);
        for (int i = 0; i < 4; i++) {
            outlet.write(address, 10 + i);
        }
        outlet.onRefused(1, 1, 500, meter);
        outlet.onRefused(2, 2, 500, meter);
        assertEquals(0, outlet.takeBack());
        outlet.onReceipts(0, 1, 100, meter);

        assertEquals(3, outlet.takeBack());
        assertEquals(1, outlet.publishedCount());
        assertTrue(outlet.isRepeating());
        assertFalse(outlet.hasRoom(499));
        assertTrue(outlet.hasRoom(500));
        long payload = outlet.write(address, 99) - 32;
        assertEquals(1, Payload.counter(payload));
        assertEquals(11, Payload.intendedNs(payload));
        assertEquals(3, meter.refused);
    }
}
