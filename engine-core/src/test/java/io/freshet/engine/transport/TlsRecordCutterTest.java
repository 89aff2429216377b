package io.freshet.engine.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TlsRecordCutterTest {
    private static final int HANDSHAKE = 22;
    private static final int DATA = 23;

    private static ByteBuf record(int type, int bodyLength) {
        ByteBuf record = Unpooled.buffer();
        record.writeByte(type).writeShort(0x0303).writeShort(bodyLength);
        for (int i = 0; i < bodyLength; i++) {
            record.writeByte(i);
        }
        return record;
    }

    @Test
    void shouldHandOnWholeRecordsWhereverTheBytesAreCut() {
        ByteBuf records = Unpooled.wrappedBuffer(record(HANDSHAKE, 70), record(DATA, 0), record(DATA, 33));
        byte[] expected = new byte[records.readableBytes()];
        records.readBytes(expected);
        records.release();
        for (int first = 1; first < expected.length; first++) {
            for (int second = first; second < expected.length; second += 7) {
                EmbeddedChannel channel = new EmbeddedChannel(new TlsRecordCutter());
                channel.writeInbound(Unpooled.copiedBuffer(expected, 0, first));
                channel.writeInbound(Unpooled.copiedBuffer(expected, first, second - first));
                channel.writeInbound(Unpooled.copiedBuffer(expected, second, expected.length - second));
                assertEquals(Unpooled.wrappedBuffer(expected), joined(channel), "cut at " + first + " and " + second);
                channel.finish();
            }
        }
    }

    private static ByteBuf joined(EmbeddedChannel channel) {
        List<ByteBuf> parts = new ArrayList<>();
        for (ByteBuf part = channel.readInbound(); part != null; part = channel.readInbound()) {
            int end = part.writerIndex();
            int at = part.readerIndex();
            while (at < end) {
                at += 5 + part.getUnsignedShort(at + 3);
            }
            assertEquals(end, at, "a part ends within a record");
            parts.add(Unpooled.copiedBuffer(part));
            part.release();
        }
        return Unpooled.wrappedBuffer(parts.toArray(ByteBuf[]::new));
    }

    @Test
    void shouldNotKeepTheBufferThatABegunRecordWasReadInto() {
        EmbeddedChannel channel = new EmbeddedChannel(new TlsRecordCutter());
        ByteBuf read = Unpooled.buffer(64 * 1024).writeBytes(record(DATA, 1000), 600);
        read.retain();

        channel.writeInbound(read);

        assertEquals(1, read.refCnt(), "only the test still holds it");
        assertTrue(channel.inboundMessages().isEmpty());
        read.release();
        assertFalse(channel.finish());
    }

    @Test
    void shouldHandOnWhatIsNoTlsAtOnce() {
        EmbeddedChannel channel = new EmbeddedChannel(new TlsRecordCutter());
        channel.writeInbound(Unpooled.copiedBuffer("GET / HTTP/1.1\r\n", java.nio.charset.StandardCharsets.US_ASCII));
        ByteBuf header = channel.readInbound();
        assertTrue(header.readableBytes() >= 5);
        header.release();
        channel.finishAndReleaseAll();
    }
}
