package io.freshet.protocol;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;

/**
 * Cuts the bytes of one connection into frames. Owned by the connection's thread.
 *
 * <p>Whole frames are handed on where they lie in the received buffer; only the beginning of a frame that is not complete
 * yet is copied, into a buffer that this decoder owns until {@link #close}. Lengths are checked from the header, before a
 * byte of the body is kept.
 */
public final class FrameDecoder implements AutoCloseable {
    private static final int HTTP_PREFIX_COUNT = 5;
    private static final int[] HTTP_PREFIXES = new int[HTTP_PREFIX_COUNT];

    static {
        String[] methods = {"GET ", "POST", "HEAD", "PUT ", "OPTI"};
        for (int i = 0; i < HTTP_PREFIX_COUNT; i++) {
            for (int j = 0; j < 4; j++) {
                HTTP_PREFIXES[i] |= methods[i].charAt(j) << (8 * j);
            }
        }
    }

    private final ByteBufAllocator allocator;
    private final FrameHandler handler;
    private int maxFrameLength;
    private boolean isFirstFrame = true;
    private @Nullable ByteBuf partial;

    public FrameDecoder(ByteBufAllocator allocator, int maxFrameLength, FrameHandler handler) {
        this.allocator = allocator;
        this.maxFrameLength = maxFrameLength;
        this.handler = handler;
    }

    /** Sets the longest frame (bytes, header included) accepted from the next header on. */
    public void maxFrameLength(int limit) {
        maxFrameLength = limit;
    }

    /**
     * Delivers every frame that these bytes complete. <em>Borrows</em> the buffer.
     *
     * @throws ProtocolException from the decoder or the handler; the connection is to be ended
     */
    public void onBytes(ByteBuf bytes) {
        int index = bytes.readerIndex();
        int end = bytes.writerIndex();
        while (partial != null && index < end) {
            index = completePartial(partial, bytes, index, end);
        }
        while (end - index >= FrameHeader.LENGTH) {
            int frameLength = checkedLength(bytes, index);
            if (end - index < frameLength) {
                break;
            }
            deliver(bytes, index, frameLength);
            index += frameLength;
        }
        if (index < end) {
            keep(bytes, index, end);
        }
    }

    /** Appends to the partial frame only what it needs, and delivers it when it is whole. Returns the next index. */
    private int completePartial(ByteBuf frame, ByteBuf bytes, int index, int end) {
        int missing = FrameHeader.LENGTH - frame.readableBytes();
        if (missing <= 0) {
            missing = checkedLength(frame, 0) - frame.readableBytes();
        }
        int taken = Math.min(missing, end - index);
        frame.writeBytes(bytes, index, taken);
        if (frame.readableBytes() >= FrameHeader.LENGTH && frame.readableBytes() == checkedLength(frame, 0)) {
            partial = null;
            try {
                deliver(frame, 0, frame.readableBytes());
            } finally {
                frame.release();
            }
        }
        return index + taken;
    }

    private void keep(ByteBuf bytes, int index, int end) {
        int capacity = end - index >= FrameHeader.LENGTH ? checkedLength(bytes, index) : FrameHeader.LENGTH;
        partial = allocator.directBuffer(capacity).writeBytes(bytes, index, end - index);
    }

    private int checkedLength(ByteBuf bytes, int index) {
        long frameLength = FrameHeader.frameLength(bytes, index);
        if (frameLength < FrameHeader.LENGTH || frameLength > maxFrameLength) {
            if (isFirstFrame && isHttp(bytes.getIntLE(index))) {
                throw new ProtocolException(ErrorCode.NOT_FRESHET, "this port speaks Freshet, not HTTP");
            }
            throw new ProtocolException(
                    ErrorCode.FRAME_TOO_LONG,
                    "a frame of " + frameLength + " bytes; the limit is " + maxFrameLength + ", the least is "
                            + FrameHeader.LENGTH);
        }
        return (int) frameLength;
    }

    private static boolean isHttp(int firstFourBytes) {
        for (int prefix : HTTP_PREFIXES) {
            if (prefix == firstFourBytes) {
                return true;
            }
        }
        return false;
    }

    private void deliver(ByteBuf buffer, int index, int frameLength) {
        isFirstFrame = false;
        int typeCode = FrameHeader.typeCode(buffer, index);
        int flags = FrameHeader.flags(buffer, index);
        FrameType type = FrameType.of(typeCode);
        if (type != null) {
            handler.onFrame(type, flags, FrameHeader.kind(buffer, index), buffer, index, frameLength);
        } else if ((flags & FrameHeader.FLAG_IGNORABLE) == 0) {
            throw new ProtocolException(ErrorCode.UNKNOWN_TYPE, "a frame of unknown type " + typeCode);
        }
    }

    /** Releases the beginning of an incomplete frame. Idempotent. */
    @Override
    public void close() {
        if (partial != null) {
            partial.release();
            partial = null;
        }
    }
}
