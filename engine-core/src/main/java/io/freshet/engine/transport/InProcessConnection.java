package io.freshet.engine.transport;

import io.freshet.protocol.Connection;
import io.freshet.protocol.ConnectionHandler;
import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One end of a connection within the process: what is offered here is received at the other end, on the other end's
 * thread, without a copy. Each end is owned by the thread behind its executor; only the count of bytes under way is shared.
 */
final class InProcessConnection implements Connection {
    private static final Logger LOG = LoggerFactory.getLogger(InProcessConnection.class);

    private final Executor owner;
    private final String address;
    private final AtomicLong outbound = new AtomicLong();
    private final ArrayDeque<ByteBuf> received = new ArrayDeque<>();
    private List<ByteBuf> offered = new ArrayList<>();
    private @Nullable InProcessConnection peer;
    private @Nullable ConnectionHandler handler;
    private boolean isReading = true;
    private boolean isDelivering;
    private boolean isClosed;
    private boolean isPeerClosed;
    private volatile boolean isFull;

    InProcessConnection(Executor owner, String address) {
        this.owner = owner;
        this.address = address;
    }

    /** Ties two ends together; before either is used. */
    static void join(InProcessConnection one, InProcessConnection other) {
        one.peer = other;
        other.peer = one;
    }

    /** Gives this end its handler; owner's thread, before anything arrives. */
    void handler(ConnectionHandler connectionHandler) {
        handler = connectionHandler;
    }

    @Override
    public void offer(ByteBuf bytes) {
        if (isClosed) {
            bytes.release();
            return;
        }
        if (outbound.addAndGet(bytes.readableBytes()) >= Listener.OUTBOUND_MARK_LENGTH) {
            isFull = true;
        }
        offered.add(bytes);
    }

    @Override
    public void flush() {
        if (!offered.isEmpty()) {
            List<ByteBuf> sent = offered;
            offered = new ArrayList<>();
            InProcessConnection other = peer();
            other.owner.execute(() -> other.onReceived(sent));
        }
    }

    private void onReceived(List<ByteBuf> buffers) {
        received.addAll(buffers);
        deliver();
    }

    private void deliver() {
        if (isDelivering) {
            return;
        }
        isDelivering = true;
        while ((isReading || isClosed) && !received.isEmpty()) {
            take(received.removeFirst());
        }
        isDelivering = false;
        if (isPeerClosed && received.isEmpty()) {
            end();
        }
    }

    private void take(ByteBuf bytes) {
        int length = bytes.readableBytes();
        try {
            if (handler != null && !isClosed) {
                handler.onReceived(bytes);
            }
        } catch (RuntimeException e) {
            LOG.error("the handler of an in-process connection failed, the connection is closed", e);
            abort();
        } finally {
            bytes.release();
            peer().taken(length);
        }
    }

    /** The other end has taken these bytes; on its thread. */
    private void taken(int length) {
        if (outbound.addAndGet(-length) < Listener.OUTBOUND_MARK_LENGTH / 2 && isFull) {
            isFull = false;
            owner.execute(this::tellWritable);
        }
    }

    private void tellWritable() {
        if (!isWritable()) {
            // More was offered meanwhile: whoever takes it next is to tell again, or has done so already.
            isFull = true;
            if (outbound.get() >= Listener.OUTBOUND_MARK_LENGTH / 2) {
                return;
            }
            isFull = false;
        }
        if (handler != null) {
            handler.onWritable();
        }
    }

    @Override
    public long outboundLength() {
        return outbound.get();
    }

    @Override
    public boolean isWritable() {
        return outbound.get() < Listener.OUTBOUND_MARK_LENGTH;
    }

    @Override
    public void readable(boolean enabled) {
        isReading = enabled;
        if (enabled && !received.isEmpty()) {
            owner.execute(this::deliver);
        }
    }

    @Override
    public void close() {
        if (!isClosed) {
            flush();
            isClosed = true;
            InProcessConnection other = peer();
            other.owner.execute(other::onPeerClosed);
            owner.execute(this::deliver);
        }
    }

    @Override
    public void abort() {
        offered.forEach(ByteBuf::release);
        offered.clear();
        close();
    }

    private void onPeerClosed() {
        isPeerClosed = true;
        isReading = true;
        deliver();
    }

    /** The last thing that happens at this end, once both are closed or the other has sent its last. */
    private void end() {
        if (!isClosed) {
            close();
        }
        if (handler != null) {
            ConnectionHandler ended = handler;
            handler = null;
            ended.onClosed();
        }
    }

    private InProcessConnection peer() {
        InProcessConnection other = peer;
        assert other != null;
        return other;
    }

    @Override
    public String remoteAddress() {
        return address;
    }
}
