package io.freshet.benchmarks.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.benchmarks.load.LoadTarget.WireKind;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.agrona.BufferUtil;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class WebSocketWireTest {
    private final StringBuilder received = new StringBuilder();
    private final WebSocketWire wire = new WebSocketWire(new Collecting(), new SplittableRandom(1));
    private final LoadTarget target = new LoadTarget(
            InetSocketAddress.createUnresolved("127.0.0.1", 1),
            WireKind.FRESHET,
            "",
            0,
            "",
            false,
            new LoadTransport(false, null, "/"),
            null);
    private final LoadLoop loop = new LoadLoop(
            Scenario.named("hot", Map.of()),
            new TransportLayers(target, null, new SplittableRandom(2)),
            wire,
            0,
            0,
            () -> 0);
    private final Connection connection = Connection.publisher(loop, List.of());

    /** Takes frames of two bytes. */
    private final class Collecting implements Wire {
        @Override
        public void onConnected(Connection of) {}

        @Override
        public long onBytes(Connection of, long from, long end, long nowNs) {
            long whole = from + (end - from) / 2 * 2;
            byte[] bytes = new byte[(int) (whole - from)];
            ReceiveBuffer.save(from, bytes, bytes.length);
            received.append(ByteBufUtil.hexDump(bytes)).append(' ');
            return whole;
        }

        @Override
        public FrameTemplate template(long channelId, int payloadLength) {
            return new FrameTemplate(Unpooled.EMPTY_BUFFER, payloadLength, FrameTemplate.NO_NONCE);
        }

        @Override
        public void count(Connection of, long more) {}

        @Override
        public void ping(Connection of) {}
    }

    @AfterEach
    void closeLoop() {
        loop.end();
        loop.run();
    }

    /** Gives it bytes; returns how many it took. */
    private long give(byte[] bytes) {
        ByteBuffer memory = ByteBuffer.allocateDirect(bytes.length).put(bytes);
        long address = BufferUtil.address(memory);
        return wire.onBytes(connection, address, address + bytes.length, 0) - address;
    }

    @Test
    void shouldTakeWholeMessagesAndLeaveTheRestAtEverySplit() {
        byte[] stream = ByteBufUtil.decodeHexDump("820401020304" + "8a00" + "820205068204");
        for (int length = 0; length <= stream.length; length++) {
            received.setLength(0);
            byte[] part = new byte[length];
            System.arraycopy(stream, 0, part, 0, length);

            assertEquals(length < 6 ? 0 : length < 8 ? 6 : length < 12 ? 8 : 12, give(part), "split at " + length);
            assertEquals((length < 6 ? "" : "01020304 ") + (length < 12 ? "" : "0506 "), received.toString());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 2, 124, 126, 1000, 65_534, 65_536, 200_000})
    void shouldReadEveryLength(int length) {
        ByteBuf message = Unpooled.buffer().writeByte(0x82);
        if (length < 126) {
            message.writeByte(length);
        } else if (length < 65_536) {
            message.writeByte(126).writeShort(length);
        } else {
            message.writeByte(127).writeLong(length);
        }
        byte[] bytes = ByteBufUtil.getBytes(message.writeZero(length));

        assertEquals(bytes.length, give(bytes));
        assertEquals("00".repeat(length) + " ", received.toString());
    }

    @ParameterizedTest
    @CsvSource({
        "8203010203,ends within a frame",
        "020201 02,in pieces",
        "800201 02,of opcode 0",
        "8102 6161,of opcode 1",
        "c202 0102,reserved bits",
        "8282 00000000 0102,reserved bits or a mask",
        "827f 7fffffffffffffff,a WebSocket message of",
        "827f ffffffffffffffff,a WebSocket message of",
        "8802 03ea,closed the WebSocket with code 1002",
        "8800,closed the WebSocket"
    })
    void shouldEndAConnectionOnWhatNoServerOfOursSends(String hex, String reason) {
        WireException end =
                assertThrows(WireException.class, () -> give(ByteBufUtil.decodeHexDump(hex.replace(" ", ""))));
        assertTrue(String.valueOf(end.getMessage()).contains(reason), end::toString);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 7, 8, 9, 125, 126, 65_535, 65_536})
    void shouldSendOneMaskedMessage(int length) {
        EmbeddedChannel socket = new EmbeddedChannel();
        byte[] payload = new byte[length];
        new SplittableRandom(length).nextBytes(payload);

        wire.write(socket, Unpooled.copiedBuffer(payload));

        ByteBuf sent = Unpooled.buffer();
        for (ByteBuf part = socket.readOutbound(); part != null; part = socket.readOutbound()) {
            sent.writeBytes(part);
            part.release();
        }
        assertEquals(0x82, sent.readUnsignedByte());
        int shortLength = sent.readUnsignedByte() & 0x7F;
        assertEquals(
                length,
                shortLength < 126 ? shortLength : shortLength == 126 ? sent.readUnsignedShort() : sent.readLong());
        byte[] mask = new byte[4];
        sent.readBytes(mask);
        assertEquals(length, sent.readableBytes());
        for (int i = 0; i < length; i++) {
            assertEquals(payload[i], (byte) (sent.readByte() ^ mask[i % 4]));
        }
        socket.finishAndReleaseAll();
    }
}
