package io.freshet.benchmarks.load;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelOption;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ManualIoEventLoop;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The event loop of a load thread and what its connections share. Owned by that thread: a {@link Flow} says what to do, the
 * leader does it, in turns of reading what has arrived and of publishing what may be published; the loops that follow it read
 * what has arrived, and tell the leader of connections that open and close.
 */
@SuppressWarnings("FutureReturnValueIgnored") // failures of a channel come as events of its pipeline
final class LoadLoop {
    private static final WriteBufferWaterMark OUTBOUND_MARK = new WriteBufferWaterMark(512 << 10, 1 << 20);
    private static final int CONNECT_TIMEOUT_MS = 20_000;
    private static final long FOLLOWER_WAIT_NS = TimeUnit.MILLISECONDS.toNanos(20);

    private final Clock clock;
    private final TransportLayers layers;
    private final Wire wire;
    private final Meter meter = new Meter();
    private final ReceiveBuffer received;
    private final Segments segments = new Segments();
    private final ManualIoEventLoop loop;
    private final Bootstrap bootstrap;
    private final int number;
    private final int run;
    private final int payloadLength;
    private final int maxWindow;
    private final boolean maySkip;
    private final List<Connection> connections = new ArrayList<>();
    private final List<Subscription> subscriptions = new ArrayList<>();
    private final Map<String, Integer> failures = new TreeMap<>();
    private LoadLoop leader = this;
    private @Nullable Flow flow;
    private volatile boolean isOver;
    private long nowNs;
    private long heartbeatNs = Long.MAX_VALUE;
    private long nextHeartbeatNs;

    /**
     * @param number that of the thread, from 0
     * @param run the number that the payloads of this run carry
     * @param clock monotonic, the same for all threads of the run
     */
    LoadLoop(Scenario scenario, TransportLayers layers, Wire wire, int number, int run, Clock clock) {
        this.number = number;
        this.layers = layers;
        this.wire = wire;
        this.run = run;
        this.clock = clock;
        payloadLength = scenario.payloadLength();
        maxWindow = scenario.window();
        maySkip = scenario.maySkip();
        received = new ReceiveBuffer(scenario.receiveLength());
        boolean isEpoll = Epoll.isAvailable();
        IoHandlerFactory handlers = isEpoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
        loop = new ManualIoEventLoop(null, handlers);
        bootstrap = new Bootstrap()
                .group(loop)
                .channel(isEpoll ? EpollSocketChannel.class : NioSocketChannel.class)
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_TIMEOUT_MS)
                .option(ChannelOption.WRITE_BUFFER_WATER_MARK, OUTBOUND_MARK)
                .option(ChannelOption.RECVBUF_ALLOCATOR, received);
        if (isEpoll) {
            // A port is then free when this server does not know it, though other connections have it, or had it
            // lately.
            bootstrap.option(EpollChannelOption.IP_BIND_ADDRESS_NO_PORT, true);
        }
    }

    /** Tells another loop of its connections instead of a flow of its own. Before it runs. */
    void follow(LoadLoop other) {
        leader = other;
    }

    /**
     * Does what the flow wants until it is done; then {@link #close} is due. On the thread that owns this loop.
     *
     * @param isHealthy false when there is no use in going on
     */
    void lead(Flow work, BooleanSupplier isHealthy) {
        flow = work;
        own();
        while (!work.isDone() && isHealthy.getAsBoolean()) {
            nowNs = clock.nanoTime();
            turn(work.doWork(nowNs));
        }
    }

    /** Serves its connections until {@link #end}, then closes them. On the thread that owns this loop. */
    void run() {
        own();
        try {
            while (!isOver) {
                nowNs = clock.nanoTime();
                turn(FOLLOWER_WAIT_NS);
            }
        } finally {
            close();
        }
    }

    private void own() {
        loop.setOwningThread(Thread.currentThread());
        nextHeartbeatNs = clock.nanoTime() + TimeUnit.SECONDS.toNanos(1);
    }

    private void turn(long waitNs) {
        beatHearts();
        loop.run(waitNs <= 0 ? -1 : waitNs, 0);
        meter.tell();
    }

    /** Makes this turn the last of a loop that follows. Any thread. */
    void end() {
        isOver = true;
        loop.wakeup();
    }

    /** Runs a task on the thread that owns this loop, at once when that is the one that calls. Any thread. */
    void execute(Runnable task) {
        if (loop.inEventLoop()) {
            task.run();
        } else {
            loop.execute(task);
        }
    }

    /** Closes every connection and the loop. On the thread that owns it. */
    void close() {
        connections.forEach(Connection::close);
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        while (!loop.isTerminated()) {
            loop.runNow();
        }
        segments.close();
        received.close();
    }

    /** Begins to connect. {@code source} is the local address, or null for any. Any thread. */
    void connect(Connection connection, @Nullable SocketAddress source) {
        execute(() -> begin(connection, source));
    }

    private void begin(Connection connection, @Nullable SocketAddress source) {
        connection.begin(nowNs);
        Bootstrap socket = bootstrap.clone().handler(layers.under(connection));
        socket.connect(layers.server(), source).addListener(done -> {
            if (!done.isSuccess()) {
                connection.fail(String.valueOf(done.cause().getMessage()));
            }
        });
    }

    void onOpen(Connection connection) {
        if (!connection.wasOpen()) {
            connections.add(connection);
        }
        meter.users++;
        leader.execute(() -> leader.flow().onOpen(connection));
    }

    /** An open connection was cut, to come back. */
    void onCut() {
        meter.users--;
    }

    /** A connection was told by the server to come again after this time. */
    void onLater(Connection connection, long delayNs) {
        leader.execute(() -> leader.flow().onLater(connection, delayNs));
    }

    /** @param reason null when this side ended it */
    void onClosed(Connection connection, boolean wasOpen, @Nullable String reason) {
        if (wasOpen) {
            meter.users--;
        }
        if (reason != null) {
            meter.failedConnections++;
            failures.merge(reason, 1, Integer::sum);
        }
        leader.execute(() -> leader.flow().onClosed(connection, wasOpen, reason != null));
    }

    private Flow flow() {
        Flow current = flow;
        if (current == null) {
            throw new IllegalStateException("this loop does not lead");
        }
        return current;
    }

    /** So many connections are of no use for this reason. */
    void fail(String reason, int count) {
        meter.failedConnections += count;
        failures.merge(reason, count, Integer::sum);
    }

    /** Once a second, every connection that was silent for long says that it is there. */
    private void beatHearts() {
        if (nowNs - nextHeartbeatNs < 0) {
            return;
        }
        nextHeartbeatNs = nowNs + TimeUnit.SECONDS.toNanos(1);
        if (heartbeatNs == Long.MAX_VALUE) {
            return;
        }
        long latestNs = heartbeatNs - TimeUnit.SECONDS.toNanos(2);
        for (Connection connection : connections) {
            boolean isSilent =
                    nowNs - connection.lastSentNs() > latestNs || nowNs - connection.lastReceivedNs() > latestNs;
            if (isSilent && connection.isOpen()) {
                wire.ping(connection);
            }
        }
    }

    /** A connection that is silent for this long is to send something. */
    void heartbeat(long periodNs) {
        heartbeatNs = Math.min(heartbeatNs, periodNs);
    }

    void schedule(Runnable task, long delayNs) {
        loop.schedule(task, delayNs, TimeUnit.NANOSECONDS);
    }

    /** @param head messages that the channel holds already */
    Subscription subscribe(LoadChannel channel, Subscription.Role role, long head) {
        Subscription subscription = new Subscription(channel, meter, run, payloadLength, role, number);
        if (maySkip) {
            subscription.mayBeSkipped(head + 1);
        }
        subscriptions.add(subscription);
        return subscription;
    }

    /** Everything that its connections have subscribed to. */
    List<Subscription> subscriptions() {
        return subscriptions;
    }

    /** Why connections failed, and how many each. Read when the loop has ended. */
    Map<String, Integer> failures() {
        return failures;
    }

    Wire wire() {
        return wire;
    }

    Meter meter() {
        return meter;
    }

    ReceiveBuffer received() {
        return received;
    }

    Segments segments() {
        return segments;
    }

    int payloadLength() {
        return payloadLength;
    }

    /** Publishes of one publisher without a receipt at most, whatever the server allows. */
    int maxWindow() {
        return maxWindow;
    }

    /** The time of this turn. */
    long nowNs() {
        return nowNs;
    }

    /** The time now, which is that of this turn from now on. */
    long readClock() {
        nowNs = clock.nanoTime();
        return nowNs;
    }

    /** All connections that were open at some time. */
    List<Connection> connections() {
        return connections;
    }
}
