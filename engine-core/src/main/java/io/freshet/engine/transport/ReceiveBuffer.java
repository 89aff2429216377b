package io.freshet.engine.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.DefaultMaxMessagesRecvByteBufAllocator;
import org.jspecify.annotations.Nullable;

/**
 * The one buffer that all connections of a loop are read into, again and again: it stays in the processor's cache, and an
 * idle connection holds no memory to read into. Who keeps what it received copies or retains it; a buffer that was retained
 * is left to its holder and replaced. Owned by the loop's thread.
 */
final class ReceiveBuffer extends DefaultMaxMessagesRecvByteBufAllocator implements AutoCloseable {
    private final ByteBufAllocator allocator;
    private final int length;
    private @Nullable ByteBuf buffer;

    /** @param length bytes read from one connection in one cycle at most */
    ReceiveBuffer(ByteBufAllocator allocator, int length) {
        super(1);
        this.allocator = allocator;
        this.length = length;
    }

    @Override
    @SuppressWarnings("deprecation") // the type that the super class asks for
    public Handle newHandle() {
        return new MaxMessageHandle() {
            @Override
            public ByteBuf allocate(ByteBufAllocator ignored) {
                return lend();
            }

            @Override
            public int guess() {
                return length;
            }
        };
    }

    /**
     * How a decoder of Netty collects what it waits for: in memory of its own, which takes what was received and no more, and not
     * this buffer. <em>Transfers</em> all three.
     */
    static ByteBuf keep(ByteBufAllocator allocator, ByteBuf kept, ByteBuf in) {
        ByteBuf both = allocator.heapBuffer(kept.readableBytes() + in.readableBytes());
        both.writeBytes(kept).writeBytes(in);
        kept.release();
        in.release();
        return both;
    }

    private ByteBuf lend() {
        ByteBuf current = buffer;
        if (current != null && current.refCnt() > 1) {
            current.release();
            current = null;
            buffer = null; // before the next allocation, which may fail: it is the holder's alone
        }
        if (current == null) {
            current = allocator.directBuffer(length, length);
            buffer = current;
        }
        return current.clear().retain();
    }

    @Override
    public void close() {
        if (buffer != null) {
            buffer.release();
            buffer = null;
        }
    }
}
