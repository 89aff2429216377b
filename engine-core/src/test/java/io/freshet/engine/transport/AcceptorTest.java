package io.freshet.engine.transport;

import static org.junit.jupiter.api.Assertions.assertFalse;

import io.freshet.engine.Endpoint;
import io.freshet.engine.EngineConfig.SocketApi;
import io.freshet.engine.metrics.ReactorCounters;
import io.freshet.engine.transport.Listener.Acceptor;
import io.freshet.engine.transport.Listener.Seat;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.SocketChannelConfig;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.util.List;
import org.junit.jupiter.api.Test;

class AcceptorTest {
    private static final ByteBufAllocator ALLOCATOR = UnpooledByteBufAllocator.DEFAULT;

    /** A socket for which there is no memory. */
    private static final class Unlucky extends NioSocketChannel {
        private boolean isMade;

        Unlucky() {
            isMade = true;
        }

        @Override
        public SocketChannelConfig config() {
            if (isMade) {
                throw new OutOfMemoryError("as the test wants it");
            }
            return super.config();
        }
    }

    @Test
    void shouldCloseASocketThatItCannotServe() {
        NettyLoop loop = new NettyLoop(SocketApi.NIO, () -> true, ALLOCATOR);
        loop.claim();
        List<Seat> seats = List.of(new Seat(
                loop,
                connection -> {
                    throw new AssertionError("a session has begun");
                },
                new ReactorCounters(() -> 0)));
        EmbeddedChannel listening =
                new EmbeddedChannel(new Acceptor(new ListenerConfig(Endpoint.tcp(0), null, 1), seats, ALLOCATOR));
        Unlucky accepted = new Unlucky();

        listening.writeInbound(accepted);

        assertFalse(accepted.isOpen(), "the descriptor is still taken");
        assertFalse(listening.config().isAutoRead(), "it accepts on at once");
        listening.finishAndReleaseAll();
        loop.close();
    }
}
