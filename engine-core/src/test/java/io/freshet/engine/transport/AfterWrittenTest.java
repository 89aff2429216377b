package io.freshet.engine.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.engine.Endpoint;
import io.freshet.engine.EngineConfig.SocketApi;
import io.freshet.engine.mailbox.Mailbox;
import io.freshet.engine.mailbox.ReactorProxy;
import io.freshet.engine.metrics.ReactorCounters;
import io.freshet.protocol.Connection;
import io.freshet.protocol.ConnectionHandler;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@link Connection#afterWritten}: told once the network has what was offered before, in whatever way it got it. */
class AfterWrittenTest {
    private static final int PART_LENGTH = 64 * 1024;
    private static final int PART_COUNT = 256;

    private final Mailbox mailbox = new Mailbox(16, 16);
    private final NettyLoop loop = new NettyLoop(SocketApi.NIO, mailbox::isEmpty, UnpooledByteBufAllocator.DEFAULT);
    private final ReactorProxy proxy = new ReactorProxy(mailbox, loop::wakeup);
    private final AtomicBoolean isStopped = new AtomicBoolean();
    private final BlockingQueue<Connection> accepted = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> told = new LinkedBlockingQueue<>();
    private final Thread reactor = new Thread(() -> {
        loop.claim();
        while (!isStopped.get()) {
            loop.poll(mailbox.isEmpty() ? TimeUnit.SECONDS.toNanos(10) : 0);
            mailbox.drain(16);
        }
        loop.close();
    });

    /** Takes what it is given. */
    private static final class Taking implements ConnectionHandler {
        private int length;

        @Override
        public void onReceived(ByteBuf bytes) {
            length += bytes.readableBytes();
        }

        @Override
        public void onWritable() {}

        @Override
        public void onClosed() {}
    }

    @BeforeEach
    void start() {
        reactor.start();
    }

    @AfterEach
    void stop() throws InterruptedException {
        proxy.offerControl(() -> isStopped.set(true));
        reactor.join();
    }

    private Socket connect(Listener listener) throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(PART_LENGTH);
        socket.connect(listener.address());
        return socket;
    }

    private Listener listen() {
        Listener.Seat seat = new Listener.Seat(
                loop,
                connection -> {
                    accepted.add(connection);
                    return new Taking();
                },
                new ReactorCounters(() -> 1));
        ListenerConfig config = new ListenerConfig(Endpoint.tcp(0), null, TimeUnit.SECONDS.toNanos(10));
        return Listener.bind(config, List.of(seat), UnpooledByteBufAllocator.DEFAULT);
    }

    private void onReactor(Runnable task) throws InterruptedException {
        CountDownLatch done = new CountDownLatch(1);
        proxy.offerControl(() -> {
            task.run();
            done.countDown();
        });
        assertTrue(done.await(10, TimeUnit.SECONDS));
    }

    private static void fill(Connection connection) {
        ByteBuf part = Unpooled.directBuffer(PART_LENGTH).writeZero(PART_LENGTH);
        for (int i = 0; i < PART_COUNT; i++) {
            connection.offerShared(part);
        }
        part.release();
        connection.flush();
    }

    @Test
    void shouldTellInOrderOnceAPeerHasReadAlsoWhenTheQueueWasCopiedMeanwhile() throws Exception {
        Listener listener = listen();
        try (Socket peer = connect(listener)) {
            Connection connection = accepted.take();
            onReactor(() -> {
                fill(connection);
                connection.afterWritten(() -> told.add("one"));
                connection.flush();
                told.add(connection.compact() > 0 ? "copied" : "nothing to copy");
                connection.afterWritten(() -> told.add("two"));
                connection.flush();
            });
            assertEquals("copied", told.take());
            assertTrue(told.isEmpty(), "the peer has read nothing");

            readAll(peer);

            assertEquals("one", told.poll(10, TimeUnit.SECONDS));
            assertEquals("two", told.poll(10, TimeUnit.SECONDS));
        } finally {
            listener.close();
        }
    }

    private static void readAll(Socket peer) throws IOException {
        InputStream in = peer.getInputStream();
        byte[] buffer = new byte[PART_LENGTH];
        for (long left = (long) PART_COUNT * PART_LENGTH; left > 0; ) {
            int count = in.read(buffer, 0, (int) Math.min(left, buffer.length));
            assertTrue(count > 0, "the stream ended early");
            left -= count;
        }
    }

    @Test
    void shouldTellWhenTheConnectionEnds() throws Exception {
        Listener listener = listen();
        try (Socket peer = connect(listener)) {
            Connection connection = accepted.take();
            onReactor(() -> {
                fill(connection);
                connection.afterWritten(() -> told.add("one"));
                connection.flush();
            });
            assertTrue(told.isEmpty(), "the peer has read nothing");
            onReactor(connection::abort);
            assertEquals("one", told.poll(10, TimeUnit.SECONDS));
            onReactor(() -> connection.afterWritten(() -> told.add("late")));
            assertEquals("late", told.poll(10, TimeUnit.SECONDS));
            assertNotNull(peer.getInputStream());
        } finally {
            listener.close();
        }
    }

    @Test
    void shouldWaitWithinTheProcessUntilTheOtherEndHasTakenIt() {
        List<String> events = new ArrayList<>();
        InProcess ends = new InProcess();
        ends.other.readable(false);
        ends.one.offer(Unpooled.directBuffer(8).writeLong(1));
        ends.one.flush();
        ends.one.afterWritten(() -> events.add("taken"));
        ends.run();
        assertEquals(List.of(), events);

        ends.other.readable(true);
        ends.run();
        assertEquals(List.of("taken"), events);
        assertEquals(8, ends.handler.length);
    }

    @Test
    void shouldHandNothingMoreToTheOtherEndWithinTheProcessOnceAborted() {
        List<String> events = new ArrayList<>();
        InProcess ends = new InProcess();
        ends.other.readable(false);
        ends.one.offer(Unpooled.directBuffer(8).writeLong(1));
        ends.one.flush();
        ends.one.afterWritten(() -> events.add("ended"));
        ends.run();
        ends.one.abort();
        assertEquals(List.of("ended"), events);
        ends.run();
        assertEquals(0, ends.handler.length);
    }

    /** Both ends of a connection within the process, each on an executor that runs when it is told to. */
    private static final class InProcess {
        final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
        final InProcessConnection one = new InProcessConnection(tasks::add, "one");
        final InProcessConnection other = new InProcessConnection(tasks::add, "other");
        final Taking handler = new Taking();

        InProcess() {
            InProcessConnection.join(one, other);
            one.handler(new Taking());
            other.handler(handler);
        }

        void run() {
            while (!tasks.isEmpty()) {
                tasks.removeFirst().run();
            }
        }
    }
}
