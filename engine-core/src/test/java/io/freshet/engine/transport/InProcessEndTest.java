package io.freshet.engine.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.client.ClientTransport;
import io.freshet.protocol.Connection;
import io.freshet.protocol.ConnectionHandler;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A client within the process whose engine has ended. */
final class InProcessEndTest {
    private static final Executor ENDED = task -> {
        throw new RejectedExecutionException("the reactor has ended");
    };

    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private final ByteBuf hello = ByteBufAllocator.DEFAULT.directBuffer().writeInt(1);
    private final List<String> told = new ArrayList<>();

    @AfterEach
    void stop() {
        timer.shutdownNow();
    }

    @Test
    void shouldTellAClientThatComesLateAndReleaseWhatItSends() {
        InProcessTransport transport = new InProcessTransport(
                Runnable::run,
                timer,
                ENDED,
                connection -> {
                    throw new AssertionError("nobody is there to accept");
                },
                ByteBufAllocator.DEFAULT);
        transport.connect(new ClientTransport.Attempt() {
            @Override
            public ConnectionHandler onConnected(Connection connection) {
                connection.offer(hello);
                connection.flush();
                return new Telling();
            }

            @Override
            public void onFailed(Throwable cause) {
                told.add(cause.toString());
            }
        });
        assertEquals(List.of("closed"), told);
        assertEquals(0, hello.refCnt());
    }

    @Test
    void shouldReleaseWhatIsSentToAnEndThatIsNoMore() {
        InProcessConnection client = new InProcessConnection(Runnable::run, "client");
        InProcessConnection server = new InProcessConnection(ENDED, "server");
        InProcessConnection.join(client, server);
        client.offer(hello);
        assertEquals(1, hello.refCnt());
        client.flush();
        assertEquals(0, hello.refCnt());
        client.close();
        assertTrue(told.isEmpty());
    }

    private final class Telling implements ConnectionHandler {
        @Override
        public void onReceived(ByteBuf bytes) {
            told.add("received");
        }

        @Override
        public void onWritable() {
            told.add("writable");
        }

        @Override
        public void onClosed() {
            told.add("closed");
        }
    }
}
