package io.freshet.benchmarks.load;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.DefaultMaxMessagesRecvByteBufAllocator;
import java.nio.ByteBuffer;
import org.agrona.BufferUtil;
import org.agrona.UnsafeApi;

/**
 * The one buffer that every connection of a load thread reads into, again and again. Before the place where bytes arrive
 * there is room for the beginning of a frame that the same connection's last read ended with, so that what is to be read
 * always lies in one piece.
 */
final class ReceiveBuffer extends DefaultMaxMessagesRecvByteBufAllocator {
    /** Bytes of the longest frame that can be received. */
    static final int MAX_FRAME_LENGTH = 256 * 1024;

    private static final long BYTES_OFFSET = UnsafeApi.arrayBaseOffset(byte[].class);

    private final ByteBuf buffer;
    private final long address;
    private final int readLength;

    /** @param readLength bytes read at once at most */
    ReceiveBuffer(int readLength) {
        super(1);
        this.readLength = readLength;
        ByteBuffer memory = ByteBuffer.allocateDirect(MAX_FRAME_LENGTH + readLength);
        address = BufferUtil.address(memory);
        buffer = Unpooled.wrappedBuffer(memory).clear();
    }

    /** The buffer itself, for what reads through Netty. Borrowed. */
    ByteBuf whole() {
        return buffer;
    }

    /** Whether a buffer is this one: its bytes lie where received bytes begin already. */
    @SuppressWarnings("ReferenceEquality") // it is about where bytes are, not which
    boolean isItself(ByteBuf other) {
        return other == buffer;
    }

    /** Copies as much of another buffer as one read may bring to where received bytes begin; returns how many bytes. Borrows it. */
    int take(ByteBuf other) {
        int length = Math.min(other.readableBytes(), readLength);
        buffer.setBytes(MAX_FRAME_LENGTH, other, other.readerIndex(), length);
        other.skipBytes(length);
        return length;
    }

    int indexOf(long at) {
        return (int) (at - address);
    }

    /** Where received bytes begin. */
    long start() {
        return address + MAX_FRAME_LENGTH;
    }

    /** Puts the beginning of a frame in front of what is received next; returns its address. Borrows the array. */
    long prepend(byte[] head, int length) {
        long at = start() - length;
        UnsafeApi.copyMemory(head, BYTES_OFFSET, null, at, length);
        return at;
    }

    /** Copies the beginning of a frame to where the next read leaves it alone. Borrows the array. */
    static void save(long at, byte[] head, int length) {
        UnsafeApi.copyMemory(null, at, head, BYTES_OFFSET, length);
    }

    void close() {
        buffer.release();
    }

    @Override
    @SuppressWarnings("deprecation") // Netty's own channels ask for this kind of handle
    public Handle newHandle() {
        return new MaxMessageHandle() {
            @Override
            public ByteBuf allocate(ByteBufAllocator allocator) {
                return buffer.retain().setIndex(MAX_FRAME_LENGTH, MAX_FRAME_LENGTH);
            }

            @Override
            public int guess() {
                return readLength;
            }
        };
    }
}
