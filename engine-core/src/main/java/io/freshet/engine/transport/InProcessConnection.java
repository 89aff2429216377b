package io.freshet.engine.transport;

import io.freshet.protocol.Connection;
import io.freshet.protocol.ConnectionHandler;
import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
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
    /** Who waits for what was offered to be taken, in the order of {@link Mark#position}. */
    private final ArrayDeque<Mark> marks = new ArrayDeque<>();

    private long offeredLength;
    /** Bytes that the other end has taken; written on its thread. */
    private volatile long takenLength;
    /** The first of {@link #marks}, so that the other end knows when to tell. */
    private volatile long markPosition = Long.MAX_VALUE;

    private boolean isReading = true;
    private boolean isDelivering;
    private boolean isClosed;
    private boolean isPeerClosed;
    private boolean isEnded;
    private volatile boolean isFull;
    /** What the other end has not taken yet it drops. */
    private volatile boolean isAborted;

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
        offeredLength += bytes.readableBytes();
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
            if (!other.execute(() -> other.onReceived(sent))) {
                sent.forEach(ByteBuf::release);
            }
        }
    }

    /** Runs something at this end, on its thread; false when that has ended, and with it this end. */
    private boolean execute(Runnable task) {
        try {
            owner.execute(task);
            return true;
        } catch (RejectedExecutionException e) {
            return false;
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
            if (handler != null && !isClosed && !peer().isAborted) {
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

    /**
     * {@inheritDoc}
     *
     * <p>There is no network: the bytes count as written once the other end has taken them.
     */
    @Override
    public void afterWritten(Runnable done) {
        marks.addLast(new Mark(offeredLength, done));
        reachMarks();
    }

    /** Runs what waited for bytes that are taken by now. */
    private void reachMarks() {
        Mark first = marks.peekFirst();
        while (first != null && (isAborted || isEnded || first.position() <= takenLength)) {
            marks.removeFirst();
            first.done().run();
            first = marks.peekFirst();
        }
        markPosition = first == null ? Long.MAX_VALUE : first.position();
        if (first != null && first.position() <= takenLength) { // taken before the other end saw the mark
            execute(this::reachMarks);
        }
    }

    /** The other end has taken these bytes; on its thread, the only one that counts them. */
    @SuppressWarnings("NonAtomicVolatileUpdate")
    private void taken(int length) {
        takenLength += length;
        if (takenLength >= markPosition) {
            execute(this::reachMarks);
        }
        if (outbound.addAndGet(-length) < Listener.OUTBOUND_MARK_LENGTH / 2 && isFull) {
            isFull = false;
            execute(this::tellWritable);
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
            execute(this::deliver);
        }
    }

    @Override
    public void close() {
        if (!isClosed) {
            flush();
            isClosed = true;
            InProcessConnection other = peer();
            other.execute(other::onPeerClosed);
            execute(this::deliver);
        }
    }

    @Override
    public void abort() {
        offered.forEach(ByteBuf::release);
        offered.clear();
        isAborted = true;
        reachMarks();
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
        isEnded = true;
        reachMarks();
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

    /** Somebody waits until the other end has taken all bytes up to this position. */
    private record Mark(long position, Runnable done) {}
}
