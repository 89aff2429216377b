package io.freshet.protocol;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Cuts the bytes of one connection into frames. Owned by the connection's thread.
 *
 * <p>Whole frames are handed on where they lie in the received buffer; only the beginning of a frame that is not complete
 * yet is copied, into a buffer that this decoder owns until {@link #close}. Lengths are checked from the header, before a
 * byte of the body is kept.
 */
public final class FrameDecoder implements AutoCloseable {
    /** The first four bytes of every HTTP request, that of HTTP/2 with prior knowledge included. */
    private static final int MIN_PARTIAL_CAPACITY = 256;

    private static final String[] HTTP_PREFIXES = {
        "GET ", "POST", "HEAD", "PUT ", "OPTI", "DELE", "PATC", "CONN", "TRAC", "PRI "
    };

    private final ByteBufAllocator allocator;
    private final FrameHandler handler;
    private int maxFrameLength;
    private boolean isFirstFrame = true;
    private boolean isClosed;
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
     * Delivers every frame that these bytes complete; nothing once this decoder is closed, be it by the handler.
     * <em>Borrows</em> the buffer.
     *
     * @throws ProtocolException from the decoder or the handler; the decoder is closed and the connection to be ended
     */
    public void onBytes(ByteBuf bytes) {
        try {
            decode(bytes);
        } catch (ProtocolException e) {
            close();
            throw e;
        }
    }

    private void decode(ByteBuf bytes) {
        int index = bytes.readerIndex();
        int end = bytes.writerIndex();
        while (partial != null && index < end) {
            index = completePartial(partial, bytes, index, end);
        }
        while (!isClosed && end - index >= FrameHeader.LENGTH) {
            int frameLength = checkedLength(bytes, index);
            if (end - index < frameLength) {
                break;
            }
            deliver(bytes, index, frameLength);
            index += frameLength;
        }
        if (!isClosed && index < end) {
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
        int received = end - index;
        int frameLength = received >= FrameHeader.LENGTH ? checkedLength(bytes, index) : FrameHeader.LENGTH;
        // Memory follows what was received: an announced length alone costs the peer nothing.
        int capacity = Math.min(frameLength, Math.max(MIN_PARTIAL_CAPACITY, 2 * received));
        partial = allocator.directBuffer(capacity).writeBytes(bytes, index, received);
    }

    private int checkedLength(ByteBuf bytes, int index) {
        long frameLength = FrameHeader.frameLength(bytes, index);
        if (frameLength < FrameHeader.LENGTH || frameLength > maxFrameLength) {
            if (isFirstFrame && isHttp(bytes, index)) {
                throw new ProtocolException(ErrorCode.NOT_FRESHET, "this port speaks Freshet, not HTTP");
            }
            throw new ProtocolException(
                    ErrorCode.FRAME_TOO_LONG,
                    "a frame of " + frameLength + " bytes; the limit is " + maxFrameLength + ", the least is "
                            + FrameHeader.LENGTH);
        }
        return (int) frameLength;
    }

    private static boolean isHttp(ByteBuf bytes, int index) {
        CharSequence start = bytes.getCharSequence(index, 4, StandardCharsets.ISO_8859_1);
        for (String prefix : HTTP_PREFIXES) {
            if (prefix.contentEquals(start)) {
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
            int kind = FrameHeader.kind(buffer, index);
            checkReserved(type, flags, kind);
            handler.onFrame(type, flags, kind, buffer, index, frameLength);
        } else if ((flags & FrameHeader.FLAG_IGNORABLE) == 0) {
            throw new ProtocolException(ErrorCode.UNKNOWN_TYPE, "a frame of unknown type " + typeCode);
        }
    }

    /** Only a RECORD has a kind and may be ERASED or CHECKED; nothing is COMPRESSED in this version; other bits are reserved. */
    private static void checkReserved(FrameType type, int flags, int kind) {
        boolean isRecord = type == FrameType.RECORD;
        int allowed = FrameHeader.FLAG_IGNORABLE | (isRecord ? FrameHeader.FLAG_ERASED | FrameHeader.FLAG_CHECKED : 0);
        if ((flags & ~allowed) != 0 || (kind != 0 && !isRecord)) {
            throw new ProtocolException(
                    ErrorCode.MALFORMED,
                    "a " + type + " frame with flags 0x" + Integer.toHexString(flags) + " and kind " + kind);
        }
    }

    /** Releases the beginning of an incomplete frame; nothing is delivered or kept afterwards. Idempotent. */
    @Override
    public void close() {
        isClosed = true;
        if (partial != null) {
            partial.release();
            partial = null;
        }
    }
}
