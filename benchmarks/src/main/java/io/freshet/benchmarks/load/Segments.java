package io.freshet.benchmarks.load;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import org.agrona.BufferUtil;

/**
 * Buffers that frames are written into and sent from, used again once the network has taken them. Owned by the load
 * thread.
 */
final class Segments {
    /** Bytes of a segment: some hundred small frames, or one that is as long as the protocol allows. */
    static final int LENGTH = 128 * 1024;

    /** Segments looked at before another one is made. */
    private static final int LOOK_COUNT = 8;

    private final ArrayDeque<Segment> all = new ArrayDeque<>();

    /** A segment that nobody uses. */
    Segment take() {
        for (int i = Math.min(LOOK_COUNT, all.size()); i > 0; i--) {
            Segment segment = all.removeFirst();
            all.addLast(segment);
            if (segment.isFree()) {
                return segment;
            }
        }
        Segment segment = new Segment();
        all.addLast(segment);
        return segment;
    }

    void close() {
        all.forEach(segment -> segment.buffer.release());
        all.clear();
    }

    /** Memory with an address. */
    static final class Segment {
        private final ByteBuf buffer;
        private final long address;

        private Segment() {
            ByteBuffer memory = ByteBuffer.allocateDirect(LENGTH);
            address = BufferUtil.address(memory);
            buffer = Unpooled.wrappedBuffer(memory);
        }

        private boolean isFree() {
            return buffer.refCnt() == 1;
        }

        long address() {
            return address;
        }

        /** The first {@code length} bytes, to be sent. Transfers a reference. */
        ByteBuf filled(int length) {
            return buffer.retain().setIndex(0, length);
        }
    }
}
