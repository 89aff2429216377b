package io.freshet.client;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FreshetException;
import io.freshet.protocol.v1.Closed;
import io.freshet.protocol.v1.Direction;
import io.freshet.protocol.v1.Epoch;
import io.freshet.protocol.v1.Error;
import io.freshet.protocol.v1.Gap;
import io.freshet.protocol.v1.GoAway;
import io.freshet.protocol.v1.Opened;
import io.freshet.protocol.v1.Page;
import io.freshet.protocol.v1.Published;
import io.freshet.protocol.v1.Push;
import io.freshet.protocol.v1.Response;
import io.freshet.protocol.v1.Signal;
import io.freshet.protocol.v1.Welcome;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The middle of a client: everything that happens to it comes in here and ends with {@link #onBatchEnd}, which does what
 * became possible and sends it in one flush. Client's thread, except where a method says otherwise.
 */
final class ClientCore implements SessionListener {
    /** Commands run before the connection gets its turn again. */
    private static final int DRAIN_LIMIT = 1_024;

    /** How long the end waits for a connection that does not tell that it is closed. */
    private static final long CLOSE_GUARD_NS = TimeUnit.SECONDS.toNanos(5);

    private final ClientConfig config;
    private final ClientTransport transport;
    private final RandomGenerator random;
    private final Counters counters = new Counters();
    private final Callbacks callbacks = new Callbacks(counters);
    private final CommandQueue commands;
    private final Connector connector;
    private final Channels channels;
    private final ServiceRequests requests;
    private final Pushes pushes = new Pushes(callbacks, counters);
    private final List<Runnable> lastWords = new ArrayList<>();
    private final CompletableFuture<Void> connected = new CompletableFuture<>();
    private final CompletableFuture<Void> closed = new CompletableFuture<>();
    private volatile long principal;
    private volatile String principalName = "";
    private boolean isClosing;
    private boolean isEnded;
    private @Nullable ServerSession lastSession;
    private ClientTransport.@Nullable Cancellation closeTimer;

    ClientCore(ClientConfig config, ClientTransport transport, RandomGenerator random) {
        this.config = config;
        this.transport = transport;
        this.random = random;
        commands = new CommandQueue(config.maxPendingPublishes(), transport, this::drain);
        connector = new Connector(this, config, transport, random);
        channels = new Channels(this, connector.instance());
        requests = new ServiceRequests(this, channels);
    }

    // ---- any thread

    /** Begins to connect. The stage completes with the first welcome. Any thread, once. */
    CompletionStage<Void> start() {
        try {
            transport.execute(connector::start);
        } catch (RejectedExecutionException e) {
            FreshetException cause = new FreshetException(ErrorCode.CLIENT_CLOSED, "the runtime is closed", e);
            commands.end(cause);
            connected.completeExceptionally(cause);
            closed.complete(null);
        }
        return connected;
    }

    /** Begins to close. The stage completes when nothing of this client is left. Any thread. */
    CompletableFuture<Void> close() {
        commands.refuse(new FreshetException(ErrorCode.CLIENT_CLOSED, "the client was closed"));
        try {
            transport.execute(this::beginClose);
        } catch (RejectedExecutionException e) {
            // The transport is closed already, and so is this client.
        }
        return closed.copy();
    }

    /** Runs a task once nothing of this client is left. Any thread. */
    void onClosed(Runnable task) {
        CompletableFuture<?> unused = closed.whenComplete((done, failure) -> task.run());
    }

    /** Has a task run on the client's thread when it begins to close: what it publishes is still sent. Before the client starts. */
    void onClosing(Runnable task) {
        lastWords.add(task);
    }

    /** Waits, except on the client's own thread, which has to do what is waited for. Any thread. */
    void await(CompletionStage<Void> stage) {
        if (transport.isClientThread()) {
            return;
        }
        try {
            stage.toCompletableFuture().join();
        } catch (CompletionException e) {
            if (!commands.isEnded() && e.getCause() instanceof FreshetException cause) {
                throw cause;
            }
        }
    }

    /** Asks the client's thread for something. Any thread. */
    <T extends @Nullable Object> Request<T> request(Consumer<Request<T>> action) {
        Request<T> request = new Request<>(commands, action);
        commands.offer(request);
        return request;
    }

    /** Reads the record with this sequence, if it is kept. Any thread. */
    CompletionStage<io.freshet.client.Page> fetchOne(ClientChannel channel, long sequence) {
        FetchRequest request = new FetchRequest(commands, channel, Direction.DIRECTION_FORWARD, sequence, 1, false);
        commands.offer(request);
        return request;
    }

    /** Calls a method of a service. Any thread. */
    <A extends MessageLite> CompletionStage<A> call(String method, ByteString body, Parser<A> answer, long timeoutNs) {
        ServiceRequest<A> request = new ServiceRequest<>(commands, requests, method, body, answer, timeoutNs);
        commands.offer(request);
        return request;
    }

    /** What services push goes there. Any thread. */
    Pushes pushes() {
        return pushes;
    }

    /** Tells a listener of the present session, if there is one, and of each that begins. Any thread. */
    Registration onSession(Runnable listener) {
        Pushes.SessionWatch watch = new Pushes.SessionWatch(listener);
        execute(() -> pushes.add(watch, hasSession())); // without a thread no session will begin
        return () -> pushes.remove(watch);
    }

    /** Whether there is a session now. Client's thread. */
    boolean hasSession() {
        return connector.session() != null;
    }

    /** A back-off that runs tasks after its waits. Client's thread. */
    Consumer<Runnable> newDelays() {
        BackOff backOff = newBackOff();
        return task -> schedule(task, backOff.nextNs());
    }

    /** Runs a task on the client's thread; false when it takes none any more. Any thread. */
    boolean execute(Runnable task) {
        try {
            transport.execute(() -> {
                task.run();
                onBatchEnd();
            });
            return true;
        } catch (RejectedExecutionException e) {
            return false;
        }
    }

    /** How long a call may take unless it says otherwise. */
    long requestTimeoutNs() {
        return config.requestTimeoutNs();
    }

    /** A handle of a channel; nothing is asked of the server yet. Any thread. */
    Channel channel(String name) {
        return new ChannelHandle(this, new ClientChannel(name, this, channels), commands);
    }

    long principal() {
        return principal;
    }

    String principalName() {
        return principalName;
    }

    ClientStatistics statistics() {
        return counters.snapshot(commands.rejectedCount());
    }

    // ---- what the parts use

    Counters counters() {
        return counters;
    }

    Callbacks callbacks() {
        return callbacks;
    }

    BackOff newBackOff() {
        return new BackOff(config.minBackOffNs(), config.maxBackOffNs(), random);
    }

    /** For how long a channel's publishes may be refused for now. */
    long retryTimeoutNs() {
        return config.retryTimeoutNs();
    }

    long nanoTime() {
        return transport.nanoTime();
    }

    /** A timer after whose task the core does what became possible. */
    ClientTransport.Cancellation schedule(Runnable task, long delayNs) {
        return transport.schedule(
                () -> {
                    if (!isEnded) {
                        task.run();
                        onBatchEnd();
                    }
                },
                delayNs);
    }

    // ---- the cycle

    private void drain() {
        if (isEnded) {
            commands.end(new FreshetException(ErrorCode.CLIENT_CLOSED, "the client has ended"));
        } else if (commands.drain(DRAIN_LIMIT) == DRAIN_LIMIT) {
            commands.wake();
        }
        onBatchEnd();
    }

    @Override
    public void onBatchEnd() {
        assert transport.isClientThread();
        if (isEnded) {
            return;
        }
        ServerSession session = connector.session();
        long nowNs = transport.nanoTime();
        channels.advance(session, nowNs);
        if (session != null) {
            requests.advance(session);
            session.flush(nowNs);
            if (connector.isLeaving() && !channels.awaitsAnswers() && !requests.awaitsAnswers()) {
                connector.leave();
            }
        } else if (connector.isResting() && isSessionWanted()) {
            connector.wake();
        }
        if (isClosing && commands.publishCount() == 0 && !channels.haveSignals()) {
            end(new FreshetException(ErrorCode.CLIENT_CLOSED, "the client was closed"), true);
        }
    }

    private boolean isSessionWanted() {
        return channels.isAnyWanted() || requests.isWanted() || pushes.isAnyWanted();
    }

    // ---- the session

    @Override
    public void onWelcome(Welcome welcome) {
        connector.onWelcome();
        Counters.increment(counters.connections);
        principal = welcome.getPrincipal();
        principalName = welcome.getPrincipalName();
        channels.onConnected(welcome.getNonceMemoryMs());
        connected.complete(null);
        callbacks.run("ConnectionListener.onConnected", config.listener()::onConnected);
        pushes.onSession();
    }

    @Override
    public void onGoAway(GoAway goAway) {
        connector.onGoAway(goAway);
    }

    @Override
    public void onWritable() {
        channels.touchAll();
    }

    @Override
    public void onEnded(FreshetException cause, boolean isRefusal) {
        connector.onLost(cause, isRefusal);
    }

    /** There is no session any more; {@code hadWelcome} tells whether there was one. Ends the client if it is the last. */
    void onDisconnected(FreshetException cause, boolean willReconnect, boolean hadWelcome) {
        if (hadWelcome) {
            channels.onDisconnected();
            requests.onDisconnected(cause);
        }
        if (connected.isDone()) {
            callbacks.run(
                    "ConnectionListener.onDisconnected", () -> config.listener().onDisconnected(cause, willReconnect));
        }
        if (!willReconnect) {
            end(cause, false);
        }
    }

    @Override
    public void onRecord(ByteBuf buffer, int frameIndex, int frameLength) {
        channels.onRecord(buffer, frameIndex, frameLength);
    }

    @Override
    public void onPublished(Published published) {
        channels.onPublished(published);
    }

    @Override
    public void onOpened(Opened opened) {
        channels.onOpened(opened);
    }

    @Override
    public void onClosed(Closed message) {
        channels.onClosed(message);
    }

    @Override
    public void onGap(Gap gap) {
        channels.onGap(gap);
    }

    @Override
    public void onPage(Page page) {
        channels.onPage(page);
    }

    @Override
    public void onEpoch(Epoch epoch) {
        channels.onEpoch(epoch);
    }

    @Override
    public void onResponse(Response response) {
        requests.onResponse(response);
    }

    @Override
    public void onPush(Push push) {
        pushes.onPush(push);
    }

    @Override
    public void onSignal(Signal signal) {
        channels.onSignal(signal);
    }

    @Override
    public void onError(Error error, FreshetException cause) {
        if (error.getRequest() == 0 || !requests.onError(error.getRequest(), cause)) {
            channels.onError(error, cause);
        }
    }

    // ---- the end

    private void beginClose() {
        if (isClosing || isEnded) {
            return;
        }
        isClosing = true;
        while (commands.drain(DRAIN_LIMIT) > 0) {
            // What was published before close is sent, too.
        }
        commands.last(() -> lastWords.forEach(Runnable::run));
        while (commands.drain(DRAIN_LIMIT) > 0) {
            // And what is published last.
        }
        channels.flushSignals();
        closeTimer = schedule(this::onCloseTimeout, config.closeTimeoutNs());
        onBatchEnd();
    }

    private void onCloseTimeout() {
        end(
                new FreshetException(
                        ErrorCode.CLIENT_CLOSED,
                        "the client was closed, and waited " + TimeUnit.NANOSECONDS.toMillis(config.closeTimeoutNs())
                                + " ms for receipts"),
                true);
    }

    private void end(FreshetException cause, boolean isByUser) {
        if (isEnded) {
            return;
        }
        isEnded = true;
        if (closeTimer != null) {
            closeTimer.cancel();
        }
        ServerSession session = connector.stop();
        channels.end(cause, isByUser);
        requests.end(cause);
        commands.end(cause);
        connected.completeExceptionally(cause);
        if (session == null) {
            finish();
        } else {
            lastSession = session;
            closeTimer = transport.schedule(this::finish, CLOSE_GUARD_NS);
            session.close();
        }
    }

    @Override
    public void onConnectionClosed(ServerSession session) {
        if (session == lastSession) {
            finish();
        }
    }

    private void finish() {
        if (!closed.isDone()) {
            if (closeTimer != null) {
                closeTimer.cancel();
            }
            if (lastSession != null) {
                lastSession.abort();
                lastSession = null;
            }
            transport.close();
            closed.complete(null);
        }
    }
}
