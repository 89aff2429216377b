package io.freshet.engine.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.freshet.engine.EngineConfig.SocketApi;
import io.freshet.engine.metrics.ReactorCounters;
import io.freshet.protocol.ConnectionHandler;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What pings cost: a write to the socket for what was read at once, however many they are. */
class WebSocketPingTest {
    private static final String UPGRADE = """
            GET /freshet HTTP/1.1
            Host: a
            Upgrade: websocket
            Connection: Upgrade
            Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==
            Sec-WebSocket-Version: 13

            """.replace("\n", "\r\n");

    private final NettyLoop loop = new NettyLoop(SocketApi.NIO, () -> true, UnpooledByteBufAllocator.DEFAULT);
    private final EmbeddedSocket socket = new EmbeddedSocket();

    /** A session that neither says nor does anything. */
    private static final class Silent implements ConnectionHandler {
        @Override
        public void onReceived(ByteBuf bytes) {}

        @Override
        public void onWritable() {}

        @Override
        public void onClosed() {}
    }

    @BeforeEach
    void upgrade() {
        loop.claim();
        ReactorCounters counters = new ReactorCounters(() -> 0);
        NettyConnection connection = new NettyConnection(socket, loop, accepted -> new Silent(), counters, null, true);
        WebSocketUpgrade.add(socket.pipeline(), connection, "/freshet", List.of(), counters);
        socket.pipeline().addLast(connection);
        socket.pipeline().fireChannelActive();
        socket.writeInbound(Unpooled.copiedBuffer(UPGRADE, StandardCharsets.US_ASCII));
        ByteBuf answer = Objects.requireNonNull(socket.readOutbound());
        assertEquals("HTTP/1.1 101", answer.toString(0, 12, StandardCharsets.US_ASCII));
        answer.release();
    }

    @AfterEach
    void close() {
        socket.finishAndReleaseAll();
        loop.close();
    }

    private static ByteBuf pings(int count) {
        ByteBuf pings = Unpooled.buffer();
        for (int i = 1; i <= count; i++) {
            pings.writeBytes(RawFrame.PING_OF_4).writeInt(i);
        }
        return pings;
    }

    /** The mask is 0, which leaves a payload as it is. */
    private static final class RawFrame {
        static final byte[] PING_OF_4 = {(byte) 0x89, (byte) 0x84, 0, 0, 0, 0};
        static final byte[] EMPTY_PING = {(byte) 0x89, (byte) 0x80, 0, 0, 0, 0};
    }

    private void assertAnswered(String frame) {
        ByteBuf pong = Objects.requireNonNull(socket.readOutbound(), "no answer");
        assertEquals(frame, ByteBufUtil.hexDump(pong));
        pong.release();
        for (ByteBuf more = socket.readOutbound(); more != null; more = socket.readOutbound()) {
            assertFalse(more.isReadable(), "one answer is enough");
        }
    }

    @Test
    void shouldAnswerOnlyTheLastOfPingsThatWereReadAtOnce() {
        socket.writeInbound(pings(1000));
        assertAnswered("8a04" + "000003e8");
        socket.writeInbound(Unpooled.copiedBuffer(RawFrame.EMPTY_PING));
        assertAnswered("8a00");
        socket.writeInbound(pings(2));
        assertAnswered("8a04" + "00000002");
    }

    @Test
    void shouldNotTakeAPingThatHasOnlyBegunForTheOneToAnswer() {
        ByteBuf begun = pings(3);
        begun.writerIndex(begun.writerIndex() - 1);
        socket.writeInbound(begun);
        assertAnswered("8a04" + "00000002");
        socket.writeInbound(Unpooled.copiedBuffer(new byte[] {9}));
        assertAnswered("8a04" + "00000009");
    }

    @Test
    void shouldAnswerWhatCameBeforeACloseAndNothingBehindIt() {
        ByteBuf close = Unpooled.copiedBuffer(new byte[] {(byte) 0x88, (byte) 0x80, 0, 0, 0, 0});
        socket.writeInbound(Unpooled.wrappedBuffer(pings(3), close, pings(4)));
        ByteBuf pong = Objects.requireNonNull(socket.readOutbound(), "no answer");
        assertEquals("8a04" + "00000003", ByteBufUtil.hexDump(pong));
        pong.release();
        assertAnswered("880203e8");
    }
}
