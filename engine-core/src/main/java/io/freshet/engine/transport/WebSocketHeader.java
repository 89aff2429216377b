package io.freshet.engine.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;

/**
 * The header of what a server sends over WebSocket (RFC 6455, 5.2): a message in one frame, without a mask. The header says nothing but the length, so that
 * the same few bytes stand before a batch for each of its subscribers. Owned by the loop's thread.
 *
 * <pre>
 *   0 1 2 3 4 5 6 7 8             16                            (big-endian)
 *   +-+-+-+-+-------+-+-------------+-------------------------------+
 *   |1|0 0 0|opcode |0| length, 126 |  length of 16 or, behind 127, |
 *   | |     |       | | or 127      |  of 64 bits                   |
 *   +-+-+-+-+-------+-+-------------+-------------------------------+
 * </pre>
 */
final class WebSocketHeader implements AutoCloseable {
    /** Bytes of the longest header before a payload of up to 65,535 bytes. */
    static final int SHORT_LENGTH = 4;

    static final int CONTINUATION = 0;
    static final int TEXT = 1;
    static final int BINARY = 2;
    static final int CLOSE = 8;
    static final int PING = 9;
    static final int PONG = 10;

    static final int FINAL_BIT = 0x80;
    static final int MASKED_BIT = 0x80;
    static final int LENGTH_16 = 126;
    static final int LENGTH_64 = 127;

    private static final int GREATEST_16 = 0xFFFF;
    private static final int LONG_LENGTH = 10;

    private final ByteBufAllocator allocator;
    private @Nullable ByteBuf last;
    private int lastPayloadLength = -1;

    WebSocketHeader(ByteBufAllocator allocator) {
        this.allocator = allocator;
    }

    /** The header of a binary message of this length; the same buffer as long as the length is the same. Transfers it. */
    ByteBuf binary(int payloadLength) {
        ByteBuf header = last;
        if (header == null || lastPayloadLength != payloadLength) {
            close();
            header = allocator.directBuffer(LONG_LENGTH, LONG_LENGTH);
            write(header, BINARY, payloadLength);
            last = header;
            lastPayloadLength = payloadLength;
        }
        return header.retainedSlice();
    }

    /** Writes the header of a binary message into the room of {@link #SHORT_LENGTH} bytes that lies before its payload. */
    static void prepend(ByteBuf message) {
        int payloadLength = message.readableBytes();
        int end = message.writerIndex();
        int start = message.readerIndex() - (payloadLength < LENGTH_16 ? 2 : SHORT_LENGTH);
        message.setIndex(start, start);
        write(message, BINARY, payloadLength);
        message.writerIndex(end);
    }

    static void write(ByteBuf to, int opcode, int payloadLength) {
        to.writeByte(FINAL_BIT | opcode);
        if (payloadLength < LENGTH_16) {
            to.writeByte(payloadLength);
        } else if (payloadLength <= GREATEST_16) {
            to.writeByte(LENGTH_16);
            to.writeShort(payloadLength);
        } else {
            to.writeByte(LENGTH_64);
            to.writeLong(payloadLength);
        }
    }

    /** A control frame with this payload. Transfers it; borrows the payload. */
    static ByteBuf control(ByteBufAllocator allocator, int opcode, ByteBuf payload) {
        int length = payload.readableBytes();
        ByteBuf frame = allocator.directBuffer(2 + length);
        write(frame, opcode, length);
        frame.writeBytes(payload, payload.readerIndex(), length);
        return frame;
    }

    /** A close frame with this code. Transfers it. */
    static ByteBuf close(ByteBufAllocator allocator, int code) {
        ByteBuf frame = allocator.directBuffer(SHORT_LENGTH);
        write(frame, CLOSE, Short.BYTES);
        frame.writeShort(code);
        return frame;
    }

    @Override
    public void close() {
        if (last != null) {
            last.release();
            last = null;
        }
    }
}
