package io.freshet.engine.simulation;

import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;

/**
 * One direction of a connection: what is offered waits here as in Netty's outbound buffer; what is flushed goes, cut at any
 * byte, into the sockets' buffers and the network, which hold a bounded number of bytes; and arrives later, in order.
 */
final class SimPipe {
    private final SimNetwork network;
    private final SimConnection sender;
    private final int capacity;
    private final ArrayDeque<ByteBuf> offered = new ArrayDeque<>();
    private final ArrayDeque<Segment> wire = new ArrayDeque<>();
    private final ArrayDeque<Mark> marks = new ArrayDeque<>();
    private long outboundLength;
    private long sentLength;
    private long flushedLength;
    private int wireLength;
    private long lastArrivalNs;
    private boolean isFinWanted;
    private boolean isFinSent;
    private boolean isFinArrived;
    private boolean isLost;

    /** @param capacity bytes that sockets and network hold */
    SimPipe(SimNetwork network, SimConnection sender, int capacity) {
        this.network = network;
        this.sender = sender;
        this.capacity = capacity;
    }

    /** <em>Transfers</em> the buffer. */
    void offer(ByteBuf bytes) {
        outboundLength += bytes.readableBytes();
        offered.addLast(bytes);
    }

    void flush() {
        flushedLength = outboundLength;
        transfer();
    }

    long outboundLength() {
        return outboundLength;
    }

    /** Bytes that the network has taken, or that were dropped. */
    long sentLength() {
        return sentLength;
    }

    /** Sends the end of the stream once everything is sent. */
    void finish() {
        isFinWanted = true;
        transfer();
    }

    /** The network swallows everything from now on, and nobody is told. */
    void lose() {
        isLost = true;
    }

    boolean isLost() {
        return isLost;
    }

    /** Moves flushed bytes into the network as far as there is room; returns whether bytes are left. */
    boolean transfer() {
        while (flushedLength > 0 && wireLength < capacity) {
            ByteBuf first = offered.getFirst();
            if (!first.isReadable()) {
                offered.removeFirst().release();
                continue;
            }
            int length = (int) Math.min(Math.min(first.readableBytes(), flushedLength), capacity - wireLength);
            send(first, network.cut(length));
        }
        while (!offered.isEmpty() && !offered.getFirst().isReadable()) {
            offered.removeFirst().release();
        }
        reachMarks();
        if (isFinWanted && !isFinSent && outboundLength == 0) {
            isFinSent = true;
            arrange(() -> isFinArrived = true);
        }
        return flushedLength > 0;
    }

    private void send(ByteBuf from, int length) {
        byte[] bytes = new byte[length];
        from.readBytes(bytes);
        outboundLength -= length;
        sentLength += length;
        flushedLength -= length;
        wireLength += length;
        Segment segment = new Segment(bytes);
        wire.addLast(segment);
        arrange(() -> segment.hasArrived = true);
    }

    /** Arranges an arrival, never before an earlier one's. */
    private void arrange(Runnable arrival) {
        long nowNs = network.nowNs();
        lastArrivalNs = Math.max(lastArrivalNs, nowNs + network.delayNs());
        network.agenda().after(lastArrivalNs - nowNs, () -> {
            if (!isLost) {
                arrival.run();
                sender.peer().becameReady();
            }
        });
    }

    boolean hasArrived() {
        Segment first = wire.peekFirst();
        return first != null && first.hasArrived;
    }

    /** Whether everything has been taken and the end of the stream was seen. */
    boolean isAtEnd() {
        return isFinArrived && wire.isEmpty();
    }

    /** The receiver takes at most so many bytes of what has arrived; the sender will learn that there is room. */
    byte[] take(int limit) {
        Segment first = wire.getFirst();
        int length = Math.min(limit, first.bytes.length - first.takenLength);
        byte[] taken = new byte[length];
        System.arraycopy(first.bytes, first.takenLength, taken, 0, length);
        first.takenLength += length;
        if (first.takenLength == first.bytes.length) {
            wire.removeFirst();
        }
        wireLength -= length;
        network.agenda().after(network.delayNs(), () -> {
            if (!isLost) {
                sender.roomInNetwork();
            }
        });
        return taken;
    }

    /** Drops what was not given to the network. */
    void drop() {
        offered.forEach(ByteBuf::release);
        offered.clear();
        sentLength += outboundLength;
        outboundLength = 0;
        flushedLength = 0;
        reachMarks();
    }

    /** Runs {@code done} once what was offered before is in the network, or dropped. */
    void mark(Runnable done) {
        marks.addLast(new Mark(sentLength + outboundLength, done));
    }

    private void reachMarks() {
        while (!marks.isEmpty() && marks.getFirst().position() <= sentLength) {
            marks.removeFirst().done().run();
        }
    }

    private record Mark(long position, Runnable done) {}

    /** Replaces what is queued by one private copy, which is flushed; returns its length. */
    long compact(ByteBuf copy) {
        for (ByteBuf bytes : offered) {
            copy.writeBytes(bytes);
            bytes.release();
        }
        offered.clear();
        offered.addLast(copy);
        flushedLength = outboundLength;
        return copy.readableBytes();
    }

    private static final class Segment {
        final byte[] bytes;
        int takenLength;
        boolean hasArrived;

        Segment(byte[] bytes) {
            this.bytes = bytes;
        }
    }
}
