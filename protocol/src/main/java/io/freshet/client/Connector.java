package io.freshet.client;

import io.freshet.protocol.Connection;
import io.freshet.protocol.ConnectionHandler;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FreshetException;
import io.freshet.protocol.v1.GoAway;
import io.netty.buffer.ByteBuf;
import java.net.ConnectException;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Makes a session and, when it is lost, another one: attempts, their time limit, back-off, and when to give up. Client's
 * thread.
 */
final class Connector {
    /** What becomes of a connection that nobody waits for any more. */
    private static final ConnectionHandler IGNORED = new ConnectionHandler() {
        @Override
        public void onReceived(ByteBuf bytes) {}

        @Override
        public void onWritable() {}

        @Override
        public void onClosed() {}
    };

    private final ClientCore core;
    private final ClientConfig config;
    private final ClientTransport transport;
    private final BackOff backOff;
    private final int instance;
    private @Nullable Attempt attempt;
    private @Nullable ServerSession session;
    private ClientTransport.@Nullable Cancellation timer;
    private boolean wasWelcomed;
    private boolean isWelcomed;
    private boolean isLeaving;
    private boolean isStopped;
    private long firstDeadlineNs;
    private long welcomedNs;
    private int failedCount;
    private long goAwayRetryNs;
    /** The server ended a session that did nothing: another is made only once there is something to do, and not before this time. */
    private boolean isResting;

    private long restNs;

    Connector(ClientCore core, ClientConfig config, ClientTransport transport, RandomGenerator random) {
        this.core = core;
        this.config = config;
        this.transport = transport;
        this.backOff = new BackOff(config.minBackOffNs(), config.maxBackOffNs(), random);
        this.instance = nonZero(random);
    }

    private static int nonZero(RandomGenerator random) {
        int value;
        do {
            value = random.nextInt();
        } while (value == 0);
        return value;
    }

    /** The number of this client's instance, in every nonce. */
    int instance() {
        return instance;
    }

    /** The session that the server has welcomed; null while there is none. */
    @Nullable
    ServerSession session() {
        return isWelcomed ? session : null;
    }

    void start() {
        firstDeadlineNs = transport.nanoTime() + config.connectTimeoutNs();
        connect();
    }

    private void connect() {
        long timeoutNs = wasWelcomed ? config.connectTimeoutNs() : Math.max(0, firstDeadlineNs - transport.nanoTime());
        timer = core.schedule(this::onTimeout, timeoutNs);
        attempt = new Attempt();
        transport.connect(attempt);
    }

    private void onTimeout() {
        timer = null;
        FreshetException cause = new FreshetException(
                ErrorCode.DISCONNECTED,
                config.host() + ":" + config.port() + " did not welcome this client within "
                        + TimeUnit.NANOSECONDS.toMillis(config.connectTimeoutNs()) + " ms");
        if (session != null) {
            session.end(cause, false);
        } else {
            attempt = null;
            onLost(cause, false);
        }
    }

    void onWelcome() {
        stopTimer();
        isWelcomed = true;
        wasWelcomed = true;
        welcomedNs = transport.nanoTime();
        goAwayRetryNs = 0;
    }

    /** The server is about to end the session: what is in flight may still be answered, for a while. */
    void onGoAway(GoAway goAway) {
        isLeaving = true;
        goAwayRetryNs = TimeUnit.MILLISECONDS.toNanos(Integer.toUnsignedLong(goAway.getRetryAfterMs()));
        stopTimer();
        timer = core.schedule(
                this::onDrained, TimeUnit.MILLISECONDS.toNanos(Integer.toUnsignedLong(goAway.getDrainMs())));
    }

    /** Whether the server has asked to leave: that is best done as soon as nothing is in flight any more. */
    boolean isLeaving() {
        return isLeaving;
    }

    /** Leaves the session that the server has asked to leave. */
    void leave() {
        stopTimer();
        onDrained();
    }

    private void onDrained() {
        timer = null;
        if (session != null) {
            session.end(FreshetException.refused(ErrorCode.SHUTTING_DOWN, "the server asked to leave", 0), true);
        }
    }

    /**
     * The session is over, or the attempt at one failed: tries again later, or ends the client.
     *
     * @param isRefusal whether the server said so itself
     */
    void onLost(FreshetException cause, boolean isRefusal) {
        stopTimer();
        boolean hadWelcome = isWelcomed;
        isWelcomed = false;
        isLeaving = false;
        session = null;
        attempt = null;
        if (isStopped) {
            return;
        }
        long nowNs = transport.nanoTime();
        if (hadWelcome && nowNs - welcomedNs >= backOff.boundNs()) {
            backOff.reset();
            failedCount = 0;
        }
        long askedNs = Math.max(goAwayRetryNs, TimeUnit.MILLISECONDS.toNanos(cause.retryAfterMs()));
        long delayNs = Math.max(askedNs, backOff.nextNs());
        boolean willReconnect = wasWelcomed
                ? !isFinal(cause, isRefusal) && failedCount < config.maxReconnects()
                : isRefusal && cause.isRetryable() && nowNs + delayNs - firstDeadlineNs < 0;
        if (hadWelcome || !willReconnect) {
            core.onDisconnected(cause, willReconnect, hadWelcome);
        }
        if (willReconnect) {
            failedCount++;
            goAwayRetryNs = 0;
            isResting = hadWelcome && cause.code() == ErrorCode.IDLE_TIMEOUT;
            restNs = nowNs + delayNs;
            if (!isResting) {
                timer = core.schedule(this::onRetry, delayNs);
            }
        }
    }

    /** Whether it makes no attempt until it is told to. */
    boolean isResting() {
        return isResting;
    }

    /** There is something to do: makes an attempt, as soon as it may. */
    void wake() {
        isResting = false;
        timer = core.schedule(this::onRetry, Math.max(0, restNs - transport.nanoTime()));
    }

    private void onRetry() {
        timer = null;
        connect();
    }

    /** Whether another attempt would be answered in the same way. */
    private boolean isFinal(FreshetException cause, boolean isRefusal) {
        if (cause.code() == ErrorCode.TOKEN_EXPIRED && config.tokenSource() != null) {
            return false;
        }
        int hundreds = cause.code().number() / 100;
        return isRefusal && (hundreds == 3 || hundreds == 4 || cause.code() == ErrorCode.UNSUPPORTED_VERSION);
    }

    /** Makes no further attempt, and lets go of the session, which it returns; null when there is none. */
    @Nullable
    ServerSession stop() {
        isStopped = true;
        isResting = false;
        stopTimer();
        attempt = null;
        ServerSession last = session;
        session = null;
        isWelcomed = false;
        return last;
    }

    private void stopTimer() {
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
    }

    /** One try; it counts only as long as it is the current one. */
    private final class Attempt implements ClientTransport.Attempt {
        @Override
        public ConnectionHandler onConnected(Connection connection) {
            if (attempt != this) {
                connection.abort();
                return IGNORED;
            }
            ServerSession made = new ServerSession(connection, config, instance, transport, core.counters(), core);
            session = made;
            return made;
        }

        /** Netty adds the address to what the system says; it is named already. */
        private static @Nullable String reason(Throwable cause) {
            return (cause.getCause() instanceof ConnectException plain ? plain : cause).getMessage();
        }

        @Override
        public void onFailed(Throwable cause) {
            if (attempt == this) {
                onLost(
                        new FreshetException(
                                ErrorCode.DISCONNECTED,
                                "cannot reach " + config.host() + ":" + config.port() + ": " + reason(cause),
                                cause),
                        false);
                core.onBatchEnd();
            }
        }
    }
}
