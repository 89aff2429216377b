package io.freshet.protocol;

import io.netty.buffer.ByteBuf;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * A socket's life as sessions and the client see it, and the seam between them and the network: the same session runs
 * on Netty, inside the process and on a simulated network. Every method is called by the owner thread only; none blocks
 * and none calls back into the {@link ConnectionHandler} before it returns.
 */
public interface Connection {
    /**
     * Queues bytes to be sent; {@link #flush} sends them. <em>Transfers</em> one reference of {@code bytes}, also when the
     * connection is closed, in which case they are dropped. The bytes (not the indices) may be shared with other
     * connections and are never written to.
     */
    void offer(ByteBuf bytes);

    /**
     * As {@link #offer} of bytes that others share: <em>borrows</em> them, and retains or copies what it must.
     */
    default void offerShared(ByteBuf bytes) {
        offer(bytes.retainedDuplicate());
    }

    /** Hands what was offered to the network. */
    void flush();

    /** Bytes offered and not yet taken by the network. */
    long outboundLength();

    /** Whether {@link #outboundLength} is below this connection's mark; after false, {@code onWritable} will be called. */
    boolean isWritable();

    /**
     * Replaces what is queued by a private copy of exactly the bytes that are left, so that shared buffers are let go.
     * Returns the bytes copied; 0 where nothing shared is held.
     */
    default long compact() {
        return 0;
    }

    /**
     * Runs {@code done} once everything that was offered before is given to the network, or never will be since the connection
     * has ended; by the next {@link #flush} at the earliest.
     */
    void afterWritten(Runnable done);

    /** Whether bytes are read from the network; false lets the peer's sends back up. */
    void readable(boolean enabled);

    /** Closes once what was offered is sent, or after the transport's own time limit; then {@code onClosed} is called. */
    void close();

    /** Closes at once and drops what is still queued; then {@code onClosed} is called. */
    void abort();

    /** Whether both sides have to work for it before the peer can be told anything, as in a handshake of TLS. */
    default boolean isEncrypted() {
        return false;
    }

    /** Where the peer is on the network; null when that is not known, as within the process. */
    default @Nullable InetAddress address() {
        return null;
    }

    /** The peer's address as text, for people. */
    String remoteAddress();
}
