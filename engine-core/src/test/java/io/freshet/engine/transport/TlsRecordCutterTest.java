package io.freshet.engine.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

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
        ByteBuf records = Unpooled.wrappedBuffer(record(HANDSHAKE, 70), record(DATA, 1), record(DATA, 33));
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

    static Stream<byte[]> noRecords() {
        return Stream.of(
                "GET / HTTP/1.1\r\n".getBytes(StandardCharsets.US_ASCII),
                new byte[] {(byte) 0xBF, 0, 1, 3, 0}, // a header of SSLv2, of 16,130 bytes
                new byte[] {0, 0, 0, 0, 0},
                new byte[] {HANDSHAKE, 3, 1, -1, -1},
                new byte[] {HANDSHAKE, 3, 1, 0x48, 1},
                new byte[] {HANDSHAKE, 3, 1, 0, 0},
                new byte[] {HANDSHAKE, 2, 1, 0, 1},
                new byte[] {19, 3, 1, 0, 1},
                new byte[] {25, 3, 1, 0, 1});
    }

    @ParameterizedTest
    @MethodSource("noRecords")
    void shouldEndAConnectionThatSendsNoRecordAndKeepNothing(byte[] bytes) {
        for (int step = 1; step <= bytes.length; step++) {
            EmbeddedChannel channel = new EmbeddedChannel(new TlsRecordCutter());
            for (int at = 0; at < bytes.length && channel.isOpen(); at += step) {
                ByteBuf read = Unpooled.buffer(64 * 1024).writeBytes(bytes, at, Math.min(step, bytes.length - at));
                read.retain();
                channel.pipeline().fireChannelRead(read);
                assertEquals(1, read.refCnt(), "only the test still holds it");
                read.release();
            }
            assertFalse(channel.isOpen(), "in pieces of " + step);
            assertTrue(channel.inboundMessages().isEmpty(), "something of it went on");
            channel.finish();
        }
    }

    @Test
    void shouldHandOnTheRecordsBeforeWhatIsNone() {
        EmbeddedChannel channel = new EmbeddedChannel(new TlsRecordCutter());
        channel.writeInbound(Unpooled.wrappedBuffer(record(DATA, 7), record(DATA, 8), Unpooled.copyInt(7, 7)));
        assertEquals(Unpooled.wrappedBuffer(record(DATA, 7), record(DATA, 8)), joined(channel));
        assertFalse(channel.isOpen());
        channel.finish();
    }

    @Test
    void shouldKeepARecordThatHasBegunInNoMoreThanItsLength() {
        UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true);
        EmbeddedChannel channel = new EmbeddedChannel(new TlsRecordCutter());
        channel.config().setAllocator(allocator);
        ByteBuf record = record(DATA, (1 << 14) + 2048);
        record.writerIndex(record.writerIndex() - 1);
        while (record.isReadable()) {
            channel.writeInbound(record.readRetainedSlice(1));
        }
        record.release();
        assertTrue(channel.inboundMessages().isEmpty());
        assertEquals(5 + (1 << 14) + 2048, allocator.metric().usedDirectMemory());
        channel.finish();
        assertEquals(0, allocator.metric().usedDirectMemory());
    }
}
