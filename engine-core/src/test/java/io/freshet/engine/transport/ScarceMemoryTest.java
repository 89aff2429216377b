package io.freshet.engine.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.freshet.engine.EngineConfig.SocketApi;
import io.freshet.engine.metrics.ReactorCounters;
import io.freshet.engine.routing.ScarceAllocator;
import io.freshet.protocol.ConnectionHandler;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Offers to a WebSocket for whose headers there is no memory: every buffer has an owner also then. */
class ScarceMemoryTest {
    private static final int LARGE_LENGTH = 64 * 1024;
    private static final String UPGRADE = """
            GET /freshet HTTP/1.1
            Host: a
            Upgrade: websocket
            Connection: Upgrade
            Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==
            Sec-WebSocket-Version: 13

            """.replace("\n", "\r\n");

    private static final class Silent implements ConnectionHandler {
        @Override
        public void onReceived(ByteBuf bytes) {}

        @Override
        public void onWritable() {}

        @Override
        public void onClosed() {}
    }

    private final ScarceAllocator allocator = new ScarceAllocator();
    private final NettyLoop loop = new NettyLoop(SocketApi.NIO, () -> true, allocator);
    private final EmbeddedSocket socket = new EmbeddedSocket();
    private final ReactorCounters counters = new ReactorCounters(() -> 0);
    private final NettyConnection connection =
            new NettyConnection(socket, loop, accepted -> new Silent(), counters, null, true);

    @BeforeEach
    void upgrade() {
        loop.claim();
        WebSocketUpgrade.add(socket.pipeline(), connection, "/freshet", List.of(), counters);
        socket.pipeline().addLast(connection);
        socket.pipeline().fireChannelActive();
        socket.writeInbound(Unpooled.copiedBuffer(UPGRADE, StandardCharsets.US_ASCII));
        allocator.failAfter(0);
    }

    @AfterEach
    void close() {
        socket.finishAndReleaseAll();
        loop.close();
    }

    @Test
    void shouldLetGoOfALargeOfferAndOfWhatWaitsBeforeIt() {
        ByteBuf waiting = Unpooled.buffer().writeInt(1);
        ByteBuf large = Unpooled.buffer(LARGE_LENGTH).writeZero(LARGE_LENGTH);
        connection.offer(waiting);
        assertThrows(OutOfMemoryError.class, () -> connection.offer(large));
        assertEquals(0, waiting.refCnt(), "what waited");
        assertEquals(0, large.refCnt(), "the large offer");
    }

    @Test
    void shouldLetGoOfALargeOfferAlone() {
        ByteBuf large = Unpooled.buffer(LARGE_LENGTH).writeZero(LARGE_LENGTH);
        assertThrows(OutOfMemoryError.class, () -> connection.offer(large));
        assertEquals(0, large.refCnt());
    }
}
