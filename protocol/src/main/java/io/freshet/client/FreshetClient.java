package io.freshet.client;

import io.freshet.protocol.ChannelName;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FreshetException;
import io.freshet.protocol.InboxName;
import java.security.SecureRandom;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;

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

    /** What this client's user has read, wants to be told of, and is told. */
    public Inbox inbox() {
        return inbox;
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
     * Sends what is pending, waits for receipts up to the configuration's {@code closeTimeout}, then closes. Every future
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
