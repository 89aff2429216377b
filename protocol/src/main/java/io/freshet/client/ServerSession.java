package io.freshet.client;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import io.freshet.protocol.Connection;
import io.freshet.protocol.ConnectionHandler;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FrameDecoder;
import io.freshet.protocol.FrameHandler;
import io.freshet.protocol.FrameHeader;
import io.freshet.protocol.FrameType;
import io.freshet.protocol.Frames;
import io.freshet.protocol.FreshetException;
import io.freshet.protocol.ProtocolException;
import io.freshet.protocol.Versions;
import io.freshet.protocol.v1.Closed;
import io.freshet.protocol.v1.Connect;
import io.freshet.protocol.v1.Epoch;
import io.freshet.protocol.v1.Error;
import io.freshet.protocol.v1.Gap;
import io.freshet.protocol.v1.GoAway;
import io.freshet.protocol.v1.Hello;
import io.freshet.protocol.v1.Opened;
import io.freshet.protocol.v1.Page;
import io.freshet.protocol.v1.Ping;
import io.freshet.protocol.v1.Pong;
import io.freshet.protocol.v1.Published;
import io.freshet.protocol.v1.Push;
import io.freshet.protocol.v1.Renew;
import io.freshet.protocol.v1.Renewed;
import io.freshet.protocol.v1.Response;
import io.freshet.protocol.v1.Signal;
import io.freshet.protocol.v1.Welcome;
import io.netty.buffer.ByteBuf;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection's life in the protocol: handshake, heartbeat, frames in, frames out. Client's thread. A class of its own
 * because a client has many in turn, and nothing of one may leak into the next.
 */
final class ServerSession implements ConnectionHandler, FrameHandler {
    /** The longest frame that a client accepts, bytes with header. */
    static final int MAX_FRAME_LENGTH = 1 << 20;

    /** The longest frame before WELCOME, unless HELLO says more. */
    private static final int HANDSHAKE_FRAME_LENGTH = 4_096;

    private static final Logger LOG = LoggerFactory.getLogger(ServerSession.class);

    private enum Phase {
        AWAITING_HELLO,
        AWAITING_TOKEN,
        AWAITING_WELCOME,
        READY,
        ENDED
    }

    private final Connection connection;
    private final ClientConfig config;
    private final int instance;
    private final ClientTransport transport;
    private final Counters counters;
    private final SessionListener listener;
    private final FrameDecoder decoder;
    private final Outbox outbox;
    private Phase phase = Phase.AWAITING_HELLO;
    private Welcome welcome = Welcome.getDefaultInstance();
    private boolean isDraining;
    private @Nullable Heartbeat heartbeat;
    private @Nullable TokenRenewal renewal;
    private boolean hasReceived;
    /** The last error that concerned the whole connection: why it ends, if it ends. */
    private @Nullable FreshetException lastError;

    ServerSession(
            Connection connection,
            ClientConfig config,
            int instance,
            ClientTransport transport,
            Counters counters,
            SessionListener listener) {
        this.connection = connection;
        this.config = config;
        this.instance = instance;
        this.transport = transport;
        this.counters = counters;
        this.listener = listener;
        this.outbox = new Outbox(connection, transport.allocator());
        this.decoder = new FrameDecoder(transport.allocator(), HANDSHAKE_FRAME_LENGTH, this);
    }

    /** Acknowledged publishes that may be in flight per channel. */
    int maxInFlight() {
        return welcome.getMaxInFlight();
    }

    /** Bytes of the longest payload. On the wire it is unsigned. */
    int maxPayloadLength() {
        int limit = welcome.getMaxPayloadLength();
        return limit < 0 ? Integer.MAX_VALUE : limit;
    }

    /** Channels that may be open at a time. On the wire it is unsigned. */
    int maxOpenChannels() {
        int limit = welcome.getMaxOpenChannels();
        return limit < 0 ? Integer.MAX_VALUE : limit;
    }

    /** Calls of services that may be without an answer, one at least. On the wire it is unsigned. */
    int maxRequests() {
        int limit = welcome.getMaxRequests();
        return limit < 0 ? Integer.MAX_VALUE : Math.max(1, limit);
    }

    /** Whether requests and publishes may be sent: welcomed, and the server has not said that it goes away. */
    boolean takesRequests() {
        return phase == Phase.READY && !isDraining;
    }

    boolean isWritable() {
        return connection.isWritable();
    }

    // ---- what is received

    @Override
    public void onReceived(ByteBuf bytes) {
        try {
            decoder.onBytes(bytes);
        } catch (ProtocolException e) {
            breach(e);
        } catch (RuntimeException e) {
            LOG.error("A frame from {} could not be dealt with", connection.remoteAddress(), e);
            breach(new ProtocolException(ErrorCode.INTERNAL, "a frame could not be dealt with: " + e));
        }
        hasReceived = true;
        listener.onBatchEnd();
    }

    private void breach(ProtocolException e) {
        if (phase != Phase.ENDED) {
            Counters.increment(counters.protocolFailures);
            LOG.warn("{} broke the protocol: {} {}", connection.remoteAddress(), e.code(), e.getMessage());
            end(e, false);
        }
    }

    @Override
    public void onFrame(FrameType type, int flags, int kind, ByteBuf buffer, int index, int length) {
        switch (phase) {
            case AWAITING_HELLO -> {
                if (type == FrameType.HELLO) {
                    onHello(Frames.parse(Hello.parser(), buffer, index, length));
                } else {
                    onHandshakeFrame(type, buffer, index, length);
                }
            }
            case AWAITING_TOKEN -> onHandshakeFrame(type, buffer, index, length);
            case AWAITING_WELCOME -> {
                if (type == FrameType.WELCOME) {
                    onWelcome(Frames.parse(Welcome.parser(), buffer, index, length));
                } else {
                    onHandshakeFrame(type, buffer, index, length);
                }
            }
            case READY -> onReadyFrame(type, buffer, index, length);
            case ENDED -> {}
        }
    }

    private void onHandshakeFrame(FrameType type, ByteBuf buffer, int index, int length) {
        switch (type) {
            case ERROR -> end(refusal(Frames.parse(Error.parser(), buffer, index, length)), true);
            default -> throw unexpected(type);
        }
    }

    private void onHello(Hello hello) {
        if (hello.getVersionMin() > Versions.MAX || hello.getVersionMax() < Versions.MIN) {
            end(
                    new FreshetException(
                            ErrorCode.UNSUPPORTED_VERSION,
                            "the server speaks versions " + hello.getVersionMin() + " to " + hello.getVersionMax()
                                    + ", this client " + Versions.MIN + " to " + Versions.MAX),
                    true);
            return;
        }
        phase = Phase.AWAITING_TOKEN;
        TokenSource source = config.tokenSource();
        if (source == null) {
            sendConnect(hello, config.token());
            return;
        }
        TokenRenewal.ask(source, transport, (token, failure) -> {
            if (phase == Phase.AWAITING_TOKEN && token != null) {
                sendConnect(hello, token);
            } else if (failure != null) {
                end(failure, false);
                listener.onBatchEnd();
            }
        });
    }

    private void sendConnect(Hello hello, byte[] token) {
        Connect connect = Connect.newBuilder()
                .setVersion(Math.min(hello.getVersionMax(), Versions.MAX))
                .setToken(ByteString.copyFrom(token))
                .setInstance(instance)
                .setClient(config.clientName())
                .build();
        int frameLength = FrameHeader.LENGTH + connect.getSerializedSize();
        if (frameLength > hello.getMaxFrameLength()) {
            end(
                    new FreshetException(
                            ErrorCode.INVALID_ARGUMENT,
                            "a CONNECT of " + frameLength + " bytes with its token; the server's limit is "
                                    + hello.getMaxFrameLength()),
                    true);
            return;
        }
        phase = Phase.AWAITING_WELCOME;
        decoder.maxFrameLength(Math.max(HANDSHAKE_FRAME_LENGTH, Math.min(hello.getMaxFrameLength(), MAX_FRAME_LENGTH)));
        send(FrameType.CONNECT, connect);
        outbox.flush();
    }

    private void onWelcome(Welcome received) {
        if (received.getVersion() < Versions.MIN
                || received.getVersion() > Versions.MAX
                || received.getMaxInFlight() < 1
                || received.getHeartbeatMs() < 0) {
            throw new ProtocolException(
                    ErrorCode.MALFORMED,
                    "a WELCOME with version " + received.getVersion() + ", max_in_flight "
                            + Integer.toUnsignedString(received.getMaxInFlight()) + ", heartbeat_ms "
                            + Integer.toUnsignedString(received.getHeartbeatMs()));
        }
        welcome = received;
        phase = Phase.READY;
        decoder.maxFrameLength(MAX_FRAME_LENGTH);
        if (received.getHeartbeatMs() > 0) {
            long intervalNs = TimeUnit.MILLISECONDS.toNanos(received.getHeartbeatMs());
            heartbeat = new Heartbeat(transport, intervalNs, this::ping, this::onSilence);
            heartbeat.start(transport.nanoTime());
        }
        TokenSource source = config.tokenSource();
        if (source != null) {
            renewal = new TokenRenewal(source, transport, this::sendRenew);
            renewal.start(received.getTokenExpiresInMs());
        }
        listener.onWelcome(received);
    }

    private void sendRenew(Renew renew) {
        send(FrameType.RENEW, renew);
        outbox.flush();
    }

    private void onReadyFrame(FrameType type, ByteBuf buffer, int index, int length) {
        switch (type) {
            case RECORD -> listener.onRecord(buffer, index, length);
            case PUBLISHED -> listener.onPublished(Frames.parse(Published.parser(), buffer, index, length));
            case OPENED -> listener.onOpened(Frames.parse(Opened.parser(), buffer, index, length));
            case CLOSED -> listener.onClosed(Frames.parse(Closed.parser(), buffer, index, length));
            case GAP -> listener.onGap(Frames.parse(Gap.parser(), buffer, index, length));
            case PAGE -> listener.onPage(Frames.parse(Page.parser(), buffer, index, length));
            case SIGNAL -> listener.onSignal(Frames.parse(Signal.parser(), buffer, index, length));
            case EPOCH -> listener.onEpoch(Frames.parse(Epoch.parser(), buffer, index, length));
            case PING -> onPing(Frames.parse(Ping.parser(), buffer, index, length));
            case PONG -> {}
            case GOAWAY -> {
                isDraining = true;
                listener.onGoAway(Frames.parse(GoAway.parser(), buffer, index, length));
            }
            case RENEWED -> onRenewed(Frames.parse(Renewed.parser(), buffer, index, length));
            case ERROR -> onError(Frames.parse(Error.parser(), buffer, index, length));
            case RESPONSE -> listener.onResponse(Frames.parse(Response.parser(), buffer, index, length));
            case PUSH -> listener.onPush(Frames.parse(Push.parser(), buffer, index, length));
            default -> throw unexpected(type); // HELLO and WELCOME, which have been, and what clients say
        }
    }

    private void onError(Error error) {
        FreshetException cause = refusal(error);
        boolean isOfConnection = error.getRequest() == 0 && error.getChannel() == 0;
        boolean isOfIdentity = cause.code() == ErrorCode.UNAUTHENTICATED || cause.code() == ErrorCode.TOKEN_EXPIRED;
        if (cause.code().endsConnection() || (isOfConnection && isOfIdentity)) {
            end(cause, true);
        } else if (renewal != null && renewal.isOwn(error.getRequest())) {
            renewal.onRefused(cause.toString());
        } else if (isOfConnection) {
            lastError = cause;
        } else {
            listener.onError(error, cause);
        }
    }

    private void onRenewed(Renewed renewed) {
        if (renewal == null || !renewal.isOwn(renewed.getRequest())) {
            throw new ProtocolException(ErrorCode.UNEXPECTED_FRAME, "a RENEWED that answers no RENEW");
        }
        renewal.start(renewed.getTokenExpiresInMs());
    }

    private void onPing(Ping ping) {
        send(FrameType.PONG, Pong.newBuilder().setToken(ping.getToken()).build());
    }

    private static FreshetException refusal(Error error) {
        ErrorCode code = ErrorCode.nearest(error.getCode());
        String known = code.number() == error.getCode() ? "" : " (code " + error.getCode() + ")";
        return FreshetException.refused(
                code, error.getMessage() + known, Integer.toUnsignedLong(error.getRetryAfterMs()));
    }

    private static ProtocolException unexpected(FrameType type) {
        return new ProtocolException(ErrorCode.UNEXPECTED_FRAME, "a " + type + " frame, which is not allowed here");
    }

    // ---- what is sent

    /** Appends a frame; {@link #flush} sends it. Dropped once the session is over. */
    void send(FrameType type, MessageLite body) {
        if (phase != Phase.ENDED) {
            outbox.append(type, body);
        }
    }

    /** Appends a publish under the nonce of its counter; {@link #flush} sends it. */
    void publish(long channelId, Publish publish) {
        if (phase != Phase.ENDED) {
            outbox.appendPublish(publish.kind, channelId, ((long) instance << 32) | publish.counter, publish.payload);
        }
    }

    /** Hands what was appended to the network, and takes note of what was received until now. */
    void flush(long nowNs) {
        boolean hasSent = outbox.flush();
        if (heartbeat != null) {
            if (hasSent) {
                heartbeat.onSent(nowNs);
            }
            if (hasReceived) {
                // Only now, since the time that handlers take is not the server's silence.
                heartbeat.onReceived(nowNs);
            }
        }
        hasReceived = false;
    }

    private void ping() {
        send(FrameType.PING, Ping.getDefaultInstance());
        outbox.flush();
    }

    // ---- how it ends

    private void onSilence() {
        end(
                FreshetException.refused(
                        ErrorCode.DISCONNECTED,
                        "nothing received for twice the heartbeat of " + welcome.getHeartbeatMs() + " ms",
                        0),
                false);
        listener.onBatchEnd();
    }

    @Override
    public void onWritable() {
        if (phase == Phase.READY) {
            listener.onWritable();
            listener.onBatchEnd();
        }
    }

    @Override
    public void onClosed() {
        if (phase != Phase.ENDED) {
            FreshetException cause = Objects.requireNonNullElseGet(
                    lastError,
                    () -> FreshetException.refused(
                            ErrorCode.DISCONNECTED, "the connection to " + connection.remoteAddress() + " ended", 0));
            end(cause, lastError != null);
        }
        listener.onConnectionClosed(this);
        listener.onBatchEnd();
    }

    /** Ends the session at once, and tells the listener why. Idempotent. */
    void end(FreshetException cause, boolean isRefusal) {
        if (leave()) {
            outbox.clear();
            connection.abort();
            listener.onEnded(cause, isRefusal);
        }
    }

    /** Ends the session after what was sent is on its way; the listener is told of the connection's end only. */
    void close() {
        if (phase != Phase.ENDED) {
            outbox.flush();
            leave();
            connection.close();
        }
    }

    /** Closes at once what {@link #close} has left to the network. */
    void abort() {
        connection.abort();
    }

    private boolean leave() {
        if (phase == Phase.ENDED) {
            return false;
        }
        phase = Phase.ENDED;
        decoder.close();
        if (heartbeat != null) {
            heartbeat.stop();
            heartbeat = null;
        }
        if (renewal != null) {
            renewal.stop();
            renewal = null;
        }
        return true;
    }
}
