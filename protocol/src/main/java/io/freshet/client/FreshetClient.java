package io.freshet.client;

import java.util.concurrent.CompletionStage;

/**
 * A connection to a Freshet server that survives lost connections: it reconnects by itself, resumes every subscription
 * where it stood and repeats what was not acknowledged. Any thread may call it.
 */
@SuppressWarnings("DoNotCallSuggester")
public final class FreshetClient implements AutoCloseable {
    private FreshetClient() {}

    /**
     * Connects over TCP and waits for the server's welcome.
     *
     * @throws io.freshet.protocol.FreshetException when the server cannot be reached in time or refuses
     */
    public static FreshetClient connect(ClientConfig config) {
        throw new UnsupportedOperationException("not built yet");
    }

    /** {@link #connect} without waiting. */
    public static CompletionStage<FreshetClient> connectAsync(ClientConfig config) {
        throw new UnsupportedOperationException("not built yet");
    }

    /** Connects over any transport; <em>transfers</em> it, it is closed with the client. */
    public static CompletionStage<FreshetClient> connectAsync(ClientConfig config, ClientTransport transport) {
        throw new UnsupportedOperationException("not built yet");
    }

    /** The channel of this name: a handle that costs nothing until it is used, the same for the same name. */
    public Channel channel(String name) {
        throw new UnsupportedOperationException("not built yet");
    }

    /** Id of the principal that the server took this client for. */
    public long principal() {
        throw new UnsupportedOperationException("not built yet");
    }

    public String principalName() {
        throw new UnsupportedOperationException("not built yet");
    }

    public ClientStatistics statistics() {
        throw new UnsupportedOperationException("not built yet");
    }

    /**
     * Sends what is pending, waits for receipts up to the configuration's {@code closeTimeout}, then closes. Every future
     * of this client has completed when the returned one does. Idempotent.
     */
    public CompletionStage<Void> closeAsync() {
        throw new UnsupportedOperationException("not built yet");
    }

    /** {@link #closeAsync}, and waits for it, except on the client's own thread. */
    @Override
    public void close() {
        throw new UnsupportedOperationException("not built yet");
    }
}
