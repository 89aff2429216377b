package io.freshet.engine.simulation;

import io.freshet.protocol.Connection;
import io.freshet.protocol.ConnectionHandler;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One end of a simulated socket. It keeps the promises of {@link Connection}, as the real one does, and no more: every event
 * is told in the owner's next poll, never from within a call.
 */
final class SimConnection implements Connection {
    private static final int HIGH_MARK_LENGTH = 64 * 1024;
    private static final int LOW_MARK_LENGTH = HIGH_MARK_LENGTH / 2;
    private static final long CLOSE_TIMEOUT_NS = TimeUnit.SECONDS.toNanos(2);

    private final SimNetwork network;
    private final Owner owner;
    private final ByteBufAllocator allocator;
    private final OfferListener listener;
    private final String name;
    private final SimPipe out;
    private @Nullable SimConnection peer;
    private @Nullable ConnectionHandler handler;
    private boolean isReady;
    private boolean isFull;
    private boolean isWritableDue;
    private boolean hasRoomInNetwork;
    private boolean isReading = true;
    private boolean isClosing;
    private boolean isEnding;
    private boolean isEnded;

    /** Whose thread this end belongs to. */
    interface Owner {
        /** This end wants {@link SimConnection#tell} to be called. */
        void ready(SimConnection connection);

        /** This end gives the network what was offered to it. */
        default void onWrite() {}
    }

    /** Sees what is offered before it is. */
    interface OfferListener {
        /** <em>Borrows</em> the buffer, which holds whole frames. */
        void onOffer(SimConnection connection, ByteBuf frames);
    }

    SimConnection(
            SimNetwork network,
            Owner owner,
            ByteBufAllocator allocator,
            OfferListener listener,
            String name,
            int capacity) {
        this.network = network;
        this.owner = owner;
        this.allocator = allocator;
        this.listener = listener;
        this.name = name;
        out = new SimPipe(network, this, capacity);
    }

    static void join(SimConnection one, SimConnection other) {
        one.peer = other;
        other.peer = one;
    }

    void handler(ConnectionHandler connectionHandler) {
        handler = connectionHandler;
        becameReady();
    }

    SimConnection peer() {
        SimConnection other = peer;
        assert other != null;
        return other;
    }

    void becameReady() {
        if (!isReady && !isEnded) {
            isReady = true;
            owner.ready(this);
        }
    }

    void roomInNetwork() {
        hasRoomInNetwork = true;
        becameReady();
    }

    /** Bytes that the network has taken. */
    long sentLength() {
        return out.sentLength();
    }

    boolean isEnded() {
        return isEnded;
    }

    /** The network ends this connection: a reset of the peer, or of its machine. */
    void reset() {
        isEnding = true;
        becameReady();
    }

    /** What is sent from here is lost from now on, and nobody is told. */
    void lose() {
        out.lose();
    }

    /** Tells the handler what has happened, a bounded part of it; returns how much that was. Owner's turn. */
    int tell() {
        isReady = false;
        if (isEnded || handler == null) {
            return 0;
        }
        if (isEnding) {
            end();
            return 1;
        }
        if (hasRoomInNetwork) {
            hasRoomInNetwork = false;
            transferred();
        }
        int count = 0;
        if (isWritableDue) {
            isWritableDue = false;
            count++;
            if (isWritable()) {
                handler.onWritable();
            }
        }
        return count + read();
    }

    private int read() {
        SimPipe in = peer().out;
        if (!isReading && !isClosing) {
            return 0;
        }
        int count = 0;
        if (in.hasArrived()) {
            receive(in.take(network.readLength()));
            count++;
        }
        if (in.isAtEnd()) {
            isEnding = true;
        }
        if (isEnding || in.hasArrived()) {
            becameReady();
        }
        return count;
    }

    private void receive(byte[] bytes) {
        ConnectionHandler receiver = handler;
        if (isClosing || receiver == null) {
            return;
        }
        ByteBuf buffer;
        try {
            buffer = allocator.directBuffer(bytes.length).writeBytes(bytes);
        } catch (OutOfMemoryError e) { // as a socket that cannot be read
            reset();
            return;
        }
        try {
            receiver.onReceived(buffer);
        } finally {
            buffer.release();
        }
    }

    private void end() {
        isEnded = true;
        isClosing = true;
        out.drop();
        network.ended(this);
        ConnectionHandler told = handler;
        handler = null;
        if (told != null) {
            told.onClosed();
        }
        if (!out.isLost()) {
            network.agenda().after(network.delayNs(), peer()::reset);
        }
    }

    /** Its process is gone: nothing is told any more, and nothing released. */
    void vanish() {
        isEnded = true;
        isClosing = true;
        handler = null;
    }

    @Override
    public void offer(ByteBuf bytes) {
        if (isClosing) {
            bytes.release();
            return;
        }
        listener.onOffer(this, bytes);
        out.offer(bytes);
        isFull |= out.outboundLength() > HIGH_MARK_LENGTH;
    }

    @Override
    public void flush() {
        if (!isEnded) {
            owner.onWrite();
            out.flush();
            transferred();
        }
    }

    private void transferred() {
        out.transfer();
        if (isFull && out.outboundLength() < LOW_MARK_LENGTH) {
            isFull = false;
            isWritableDue = true;
            becameReady();
        }
    }

    @Override
    public long outboundLength() {
        return out.outboundLength();
    }

    @Override
    public boolean isWritable() {
        return !isFull && !isClosing;
    }

    @Override
    public long compact() {
        return isClosing || out.outboundLength() == 0
                ? 0
                : out.compact(allocator.directBuffer((int) out.outboundLength()));
    }

    @Override
    public void afterWritten(Runnable done) {
        if (isEnded) {
            done.run();
        } else {
            out.mark(done);
        }
    }

    @Override
    public void readable(boolean enabled) {
        isReading = enabled;
        if (enabled) {
            becameReady();
        }
    }

    @Override
    public void close() {
        if (!isClosing) {
            isClosing = true;
            out.flush();
            out.finish();
            network.agenda().after(CLOSE_TIMEOUT_NS, this::reset);
            becameReady();
        }
    }

    @Override
    public void abort() {
        isClosing = true;
        if (!isEnded) {
            out.drop();
            reset();
        }
    }

    @Override
    public String remoteAddress() {
        return name;
    }

    @Override
    public String toString() {
        return name;
    }
}
