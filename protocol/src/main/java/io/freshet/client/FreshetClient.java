package io.freshet.client;

import com.google.protobuf.Message;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.freshet.client.chat.ChatChannel;
import io.freshet.protocol.ChannelName;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FreshetException;
import io.freshet.protocol.InboxName;
import io.freshet.protocol.ServiceName;
import io.freshet.protocol.v1.RoomInvitation;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A connection to a Freshet server that survives lost connections: it reconnects by itself, resumes every subscription
 * where it stood and repeats what was not acknowledged. Any thread may call it.
 *
 * <pre>{@code
 * try (FreshetClient client = FreshetClient.connect(ClientConfig.builder().server("localhost", 7400).build())) {
 *     Channel lobby = client.channel("lobby");
 *     lobby.subscribe(Cursor.last(50), record -> show(record.text()));
 *     long sequence = lobby.publish("hi").toCompletableFuture().join().sequence();
 * }
 * }</pre>
 */
public final class FreshetClient implements AutoCloseable {
    private final ClientCore core;
    private final Map<String, Channel> channels = new ConcurrentHashMap<>();
    private final Inbox inbox;
    private final ChannelCalls channelCalls = new ChannelCalls(this);
    private volatile @Nullable Presence presence;

    private FreshetClient(ClientCore core) {
        this.core = core;
        inbox = new Inbox(core, () -> channel(InboxName.of(core.principal())));
    }

    /**
     * Connects over TCP and waits for the server's welcome.
     *
     * @throws FreshetException when the server cannot be reached in time or refuses
     */
    public static FreshetClient connect(ClientConfig config) {
        try {
            return connectAsync(config).toCompletableFuture().join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof FreshetException cause) {
                throw cause;
            }
            throw e;
        }
    }

    /** {@link #connect} without waiting. */
    public static CompletionStage<FreshetClient> connectAsync(ClientConfig config) {
        ClientRuntime runtime = config.runtime();
        if (runtime == null) {
            return connectAsync(config, NettyTransport.withOwnThread(config));
        }
        FreshetClient client = create(config, NettyTransport.on(runtime.nextLoop(), config));
        if (!runtime.add(client)) {
            return CompletableFuture.failedFuture(
                    new FreshetException(ErrorCode.CLIENT_CLOSED, "the runtime is closed"));
        }
        client.core.onClosed(() -> runtime.remove(client));
        return client.start();
    }

    /** Connects over any transport; <em>transfers</em> it, it is closed with the client. */
    public static CompletionStage<FreshetClient> connectAsync(ClientConfig config, ClientTransport transport) {
        return create(config, transport).start();
    }

    private static FreshetClient create(ClientConfig config, ClientTransport transport) {
        RandomGenerator random = config.random();
        if (random == null) {
            random = new SplittableRandom(new SecureRandom().nextLong());
        }
        return new FreshetClient(new ClientCore(config, transport, random));
    }

    private CompletionStage<FreshetClient> start() {
        return core.start().thenApply(welcomed -> this);
    }

    /**
     * The channel of this name: a handle that costs nothing until it is used, the same for the same name.
     *
     * @throws FreshetException with INVALID_NAME when no channel can have this name
     */
    public Channel channel(String name) {
        Channel known = channels.get(name);
        return known != null ? known : channels.computeIfAbsent(ChannelName.checked(name), core::channel);
    }

    /**
     * Calls a method of a service, {@code "freshet.v1.Presence/Set"}. A request waits for a session when there is none, and is sent once.
     *
     * @param request at most as long as a payload
     * @return the answer, on the client's thread. Fails with the server's code when it refuses; with {@code OUTCOME_UNKNOWN} as soon as the
     *     connection ends before the answer, or when there is none within the configuration's {@code requestTimeout}; with {@code
     *     DISCONNECTED} when it could not be sent within that time; with {@code OVERLOADED} when 1,024 requests have no answer; with {@code
     *     CLIENT_CLOSED}
     * @throws IllegalArgumentException when the method's name is empty or longer than 127 bytes
     */
    public <A extends MessageLite> CompletionStage<A> request(String method, MessageLite request, Parser<A> answer) {
        return core.call(ServiceName.checkedMethod(method), request.toByteString(), answer, core.requestTimeoutNs());
    }

    /** {@link #request(String, MessageLite, Parser)} with a time of its own, above zero. */
    public <A extends MessageLite> CompletionStage<A> request(
            String method, MessageLite request, Parser<A> answer, Duration timeout) {
        if (timeout.isZero() || timeout.isNegative()) {
            throw new IllegalArgumentException("timeout is " + timeout + ", it must be above zero");
        }
        return core.call(ServiceName.checkedMethod(method), request.toByteString(), answer, timeout.toNanos());
    }

    /**
     * Has a handler called on the client's thread with each message of this type that a service pushes.
     *
     * @param prototype any message of the type, such as its default instance
     */
    public <M extends Message> Registration onPush(M prototype, Consumer<? super M> handler) {
        return core.pushes().add(prototype, handler);
    }

    /**
     * Has a listener called on the client's thread once for the present session, if there is one, and for each that begins after it: a
     * service knows nothing of what the session before had asked it for.
     */
    public Registration onSession(Runnable listener) {
        return core.onSession(listener);
    }

    /**
     * The voice room of a channel, to be joined. It listens to the server until it is closed, or the client is.
     *
     * @throws FreshetException with INVALID_NAME when no channel can have this name
     */
    public Room room(String channel, RoomListener listener) {
        return new Room(this, core, channel, listener);
    }

    /** Has a handler called on the client's thread with each invitation to a voice room, also those that are open already. */
    public Registration onRoomInvitation(Consumer<RoomInvitation> handler) {
        return Room.onInvitation(core, handler);
    }

    /**
     * The same channel for people: what they say there, and what becomes of it.
     *
     * @throws FreshetException with INVALID_NAME when no channel can have this name
     */
    public ChatChannel chat(String name) {
        return new ChatChannel(this, channel(name), core::newDelays);
    }

    /** Makes channels, changes them, and finds those in which some talk alone. */
    public ChannelCalls channels() {
        return channelCalls;
    }

    /** What this client's user has read, wants to be told of, and is told. */
    public Inbox inbox() {
        return inbox;
    }

    /** Who is there: what this client says of its user, and what it is told of others; always the same. */
    public Presence presence() {
        Presence known = presence;
        if (known == null) {
            synchronized (core) {
                known = presence == null ? new Presence(core) : presence;
                presence = known;
            }
        }
        return known;
    }

    /** Id of the principal that the server took this client for. */
    public long principal() {
        return core.principal();
    }

    public String principalName() {
        return core.principalName();
    }

    public ClientStatistics statistics() {
        return core.statistics();
    }

    /**
     * Sends what is pending, also the marks of what was read, waits for receipts up to the configuration's {@code closeTimeout}, then closes. Every future
     * of this client has completed when the returned one does. Idempotent.
     */
    public CompletionStage<Void> closeAsync() {
        return core.close();
    }

    /** {@link #closeAsync}, and waits for it, except on the client's own thread. */
    @Override
    public void close() {
        CompletableFuture<Void> closed = core.close();
        core.await(closed);
    }
}
