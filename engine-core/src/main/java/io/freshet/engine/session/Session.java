package io.freshet.engine.session;

import com.google.protobuf.MessageLite;
import io.freshet.engine.Principal;
import io.freshet.engine.delivery.Outlet;
import io.freshet.engine.delivery.ReadyList;
import io.freshet.engine.delivery.Subscription;
import io.freshet.engine.limit.Admission;
import io.freshet.engine.metrics.ReactorCounter;
import io.freshet.engine.routing.Publisher;
import io.freshet.protocol.Connection;
import io.freshet.protocol.ConnectionHandler;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FrameDecoder;
import io.freshet.protocol.FrameHandler;
import io.freshet.protocol.FrameType;
import io.freshet.protocol.Frames;
import io.freshet.protocol.ProtocolException;
import io.freshet.protocol.v1.Connect;
import io.freshet.protocol.v1.GapReason;
import io.freshet.protocol.v1.Pong;
import io.freshet.protocol.v1.Renew;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * The protocol's life on one connection. Owned by the connection's reactor.
 *
 * <p>HELLO, then one CONNECT and nothing else until WELCOME, then requests in any order. A violation is answered with one
 * ERROR and ends the connection; it harms nobody else. What concerns channels is {@link SessionChannels}'s.
 */
public final class Session implements ConnectionHandler, FrameHandler, Outlet, Publisher {
    private enum State {
        HANDSHAKE,
        AUTHENTICATING,
        READY,
        CLOSING,
        CLOSED
    }

    private final long id;
    private final Connection connection;
    private final Sessions sessions;
    private final SessionEnvironment environment;
    private final FrameDecoder decoder;
    private final Outbound outbound;
    private final ReadyList readyList = new ReadyList();
    private final SessionIdentity identity;
    private final SessionAccounts accounts;
    private final SessionChannels channels;
    private final SessionRequests requests;
    private final SessionDeadlines deadlines;
    private final SessionIntake intake;
    private final @Nullable Principal trusted;
    private State state = State.HANDSHAKE;
    private int place;
    /** The sessions of the same principal, for {@link Revocations}. */
    @Nullable
    Session nextOfPrincipal;

    @Nullable
    Session previousOfPrincipal;

    private @Nullable ErrorCode failure;
    private boolean isTouched;
    /** Whether a chunk came from the log in this cycle: once that is sent, another may be read. */
    private boolean hasRead;

    private boolean isPumping;

    Session(
            long id,
            Connection connection,
            Sessions sessions,
            SessionEnvironment environment,
            Admission.@Nullable Entry entry,
            @Nullable Principal trusted) {
        this.id = id;
        this.connection = connection;
        this.sessions = sessions;
        this.environment = environment;
        this.trusted = trusted;
        decoder = new FrameDecoder(environment.allocator(), environment.limits().handshakeFrameLength(), this);
        outbound = new Outbound(connection, sessions, environment.allocator(), environment.counters());
        deadlines = new SessionDeadlines(environment);
        identity = new SessionIdentity(this, environment);
        accounts = new SessionAccounts(environment, entry);
        channels = new SessionChannels(this, environment, accounts);
        intake = new SessionIntake(this, connection, sessions, channels, deadlines);
        requests = new SessionRequests(this, environment, channels, accounts);
    }

    long id() {
        return id;
    }

    /** Where it stands in the table of its reactor's sessions. */
    int place() {
        return place;
    }

    void place(int inTable) {
        place = inTable;
    }

    void start() {
        deadlines.begin();
        send(
                FrameType.HELLO,
                Greetings.hello(environment.limits(), environment.clock().nowUs()));
    }

    @Override
    public void onReceived(ByteBuf bytes) {
        assert environment.owner().isHeld();
        if (state == State.CLOSING || state == State.CLOSED) {
            return;
        }
        environment.counters().add(ReactorCounter.READS, 1);
        environment.counters().add(ReactorCounter.RECEIVED_BYTES, bytes.readableBytes());
        try {
            decoder.onBytes(bytes);
        } catch (ProtocolException e) {
            onBreach(e.code(), String.valueOf(e.getMessage()));
        } catch (OutOfMemoryError e) {
            outbound.cut();
        }
    }

    @Override
    public void onBreach(ErrorCode code, String message) {
        if (!isClosed()) {
            fail(code, message);
        }
    }

    @Override
    public void onFrame(FrameType type, int flags, int kind, ByteBuf buffer, int frameIndex, int frameLength) {
        if (state == State.CLOSING) {
            return;
        }
        deadlines.onFrame(type);
        if (state == State.HANDSHAKE && type == FrameType.CONNECT) {
            onConnect(Frames.parse(Connect.parser(), buffer, frameIndex, frameLength));
            return;
        }
        if (state != State.READY) {
            throw new ProtocolException(ErrorCode.UNEXPECTED_FRAME, type + " is not allowed before WELCOME");
        }
        switch (type) {
            case RECORD -> channels.onRecord(kind, buffer, frameIndex, frameLength);
            case OPEN -> channels.onOpen(buffer, frameIndex, frameLength);
            case CLOSE -> channels.onClose(buffer, frameIndex, frameLength);
            case RENEW -> identity.onRenew(Frames.parse(Renew.parser(), buffer, frameIndex, frameLength));
            case PING -> send(FrameType.PONG, Greetings.pong(buffer, frameIndex, frameLength));
            case PONG -> Frames.parse(Pong.parser(), buffer, frameIndex, frameLength);
            default -> requests.onFrame(type, buffer, frameIndex, frameLength);
        }
    }

    private void onConnect(Connect connect) {
        Greetings.check(connect);
        state = State.AUTHENTICATING;
        deadlines.onConnect();
        channels.instance(connect.getInstance());
        if (trusted != null) {
            identity.trust(trusted);
        } else {
            identity.authenticate(connect.getToken());
        }
    }

    /** It is known who this is, for so long; 0: for ever. */
    void welcome(Principal principal, long expiresInMs) {
        SessionLimits limits = environment.limits();
        state = State.READY;
        environment.counters().add(ReactorCounter.SESSIONS, 1);
        decoder.maxFrameLength(limits.frameLength());
        channels.principal(principal);
        environment.revocations().identified(this, principal.id());
        accounts.identified(principal);
        send(FrameType.WELCOME, Greetings.welcome(limits, id, principal, expiresInMs));
        requests.begin(principal);
    }

    boolean isAuthenticating() {
        return state == State.AUTHENTICATING;
    }

    boolean isReady() {
        return state == State.READY;
    }

    /** One look at the clock for this session: handshake, gate, heartbeat, token, idleness. */
    void onTimer(long nowNs) {
        if (state == State.CLOSED || state == State.CLOSING) {
            return;
        }
        if (state == State.HANDSHAKE && deadlines.isLate(nowNs)) {
            fail(ErrorCode.HANDSHAKE_TIMEOUT, "no CONNECT in time");
        } else if (state == State.AUTHENTICATING && deadlines.isLate(nowNs)) {
            fail(ErrorCode.POLICY_UNAVAILABLE, "authentication took too long");
        } else if (!intake.isAwaitingGateway() && deadlines.isSilent(nowNs)) {
            fail(ErrorCode.HEARTBEAT_TIMEOUT, "nothing was received for two heartbeats");
        } else if (identity.isExpired()) {
            fail(ErrorCode.TOKEN_EXPIRED, "the token has expired");
        } else if (isReady() && deadlines.isIdle(nowNs) && !isEngaged()) {
            fail(ErrorCode.IDLE_TIMEOUT, "no subscription, and nothing but heartbeats for too long");
        } else {
            channels.onTimer(nowNs);
            requests.onTimer(nowNs);
            identity.onTimer(nowNs);
        }
    }

    /** Whether it is there for something though it says nothing. */
    private boolean isEngaged() {
        return trusted != null || channels.isSubscribed() || requests.isEngaged();
    }

    /** Sends a frame at the end of the cycle. */
    void send(FrameType type, MessageLite body) {
        outbound.frame(type, body);
        touch();
    }

    private void touch() {
        if (!isTouched) {
            isTouched = true;
            sessions.touch(this);
        }
    }

    /** End of the cycle: everything collected goes out, and a peer that does not read its answers is not read either. */
    void flush() {
        isTouched = false;
        if (state == State.CLOSED) {
            return;
        }
        outbound.flush(state == State.CLOSING);
        if (hasRead) {
            hasRead = false;
            schedulePump();
        }
        if (state != State.CLOSING) {
            intake.onFlushed();
        }
    }

    /** A gateway had no room for this session's publish: nothing is read until it has. */
    void stopReading() {
        intake.stop();
    }

    /** The gateways may have room again. */
    void awaited() {
        intake.awaited();
    }

    @Override
    public void onWritable() {
        intake.resume();
        requests.onWritable();
        schedulePump();
    }

    @Override
    public boolean hasRoom() {
        return isWritable() && (!readyList.readsTwice() || outbound.isDrained());
    }

    /** Whether the connection takes more; when it does not, {@link #onWritable} follows. */
    boolean isWritable() {
        return outbound.hasRoom();
    }

    @Override
    public boolean isDrained() {
        return outbound.isDrained();
    }

    @Override
    public void offer(ByteBuf frames) {
        touch();
        outbound.offer(frames);
    }

    @Override
    public void offerShared(ByteBuf frames) {
        touch();
        outbound.offerShared(frames);
    }

    @Override
    public void offerGap(long channel, long firstSequence, long count, GapReason reason) {
        outbound.gap(channel, firstSequence, count, reason);
        touch();
        environment.counters().skipped(reason, count);
    }

    @Override
    public void becameReady(Subscription subscription) {
        readyList.add(subscription);
        schedulePump();
    }

    @Override
    public void readDone(Subscription subscription) {
        readyList.readDone(subscription);
        hasRead = true;
        schedulePump();
    }

    @Override
    public void failed(Subscription subscription) {
        channels.onReadFailed(subscription.feed().channel());
    }

    private void schedulePump() {
        if (!isPumping && !readyList.isEmpty(this) && state == State.READY && connection.isWritable()) {
            isPumping = true;
            sessions.pump(this);
        }
    }

    void pump(int turns) {
        isPumping = false;
        if (state == State.READY) {
            if (readyList.pump(this, environment.coldReads(), turns)) {
                schedulePump();
            }
        }
    }

    @Override
    public void onCommitted(long channel, long firstNonce, int count, long firstSequence) {
        if (state != State.CLOSED) {
            environment.counters().add(ReactorCounter.RECEIPTS, count);
            outbound.published(channel, firstNonce, count, firstSequence);
            touch();
        }
    }

    @Override
    public void onRefused(long channel, long firstNonce, int count, ErrorCode code, int retryAfterMs) {
        environment.counters().refused(code, count);
        if (state != State.CLOSED) {
            outbound.refused(channel, firstNonce, count, code, retryAfterMs);
            touch();
        }
    }

    /** Whether it is one of the application's own. */
    boolean isTrusted() {
        return trusted != null;
    }

    /** Tells the client to go. It is served until then, or else nothing more is read and only what was read is answered. */
    void goAway(long drainNs, int retryAfterMs, boolean isServed) {
        if (state != State.READY) {
            close();
            return;
        }
        send(FrameType.GOAWAY, Greetings.goAway(drainNs, retryAfterMs));
        if (!isServed) {
            intake.end();
        }
    }

    /** Ends the session with this error. */
    void fail(ErrorCode code, String message) {
        failure = code;
        send(FrameType.ERROR, Errors.of(code, message));
        close();
    }

    /**
     * Gives up a connection that holds memory which others need: it may come back and resume. It is told why, should it read
     * again before the connection's close times out.
     */
    public void closeSlow() {
        if (!isClosed()) {
            fail(ErrorCode.SLOW_CONSUMER, "too many bytes wait for this connection");
        }
    }

    /** Ends the session after what was collected is sent. */
    void close() {
        if (state != State.CLOSED && state != State.CLOSING) {
            sessions.closing(state == State.READY, failure);
            state = State.CLOSING;
            leave();
            touch();
        }
    }

    private void leave() {
        channels.closeAll();
        requests.close();
    }

    /**
     * Takes back the use of one channel, or of {@link Revocations#EVERY_CHANNEL}; {@code done} runs once nothing of it is on its
     * way to the peer any more.
     */
    void revoke(long channel, Runnable done) {
        channels.revoke(channel);
        outbound.afterWritten(done);
        touch();
    }

    /** Lets go of the batches that its queue shares with others; whether there were any. */
    public boolean compact() {
        return outbound.compact();
    }

    boolean isClosed() {
        return state == State.CLOSING || state == State.CLOSED;
    }

    void abort() {
        connection.abort();
    }

    @Override
    public void onClosed() {
        if (state == State.CLOSED) {
            return;
        }
        if (state != State.CLOSING) {
            sessions.lost(state == State.READY);
            leave();
        }
        state = State.CLOSED;
        decoder.close();
        outbound.close();
        environment.revocations().ended(this, channels.principalId());
        accounts.close(failure);
        sessions.closed(this);
    }

    /** The connection below, for what concerns its bytes. */
    public Connection connection() {
        return connection;
    }

    ShardGateway gateway(long channel) {
        return environment.gateways().apply(channel);
    }
}
