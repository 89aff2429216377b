package io.freshet.benchmarks.load;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.util.SplittableRandom;
import org.agrona.UnsafeApi;

/**
 * The frames of another wire in binary messages of WebSocket (RFC 6455, 5). What arrives is cut where it lies, as the frames within are, so that a
 * message costs its header; what is sent is masked in place. Servers of Freshet send whole frames in messages of one piece, and nothing else is taken.
 */
@SuppressWarnings("FutureReturnValueIgnored") // failures of a channel come as events of its pipeline
final class WebSocketWire implements Wire {
    private static final int FINAL_BIT = 0x80;
    private static final int RESERVED_BITS = 0x70;
    private static final int OPCODE_BITS = 0x0F;
    private static final int MASKED_BIT = 0x80;
    private static final int LENGTH_BITS = 0x7F;
    private static final int LENGTH_16 = 126;
    private static final int LENGTH_64 = 127;
    private static final int GREATEST_16 = 0xFFFF;
    private static final int MAX_CONTROL_LENGTH = 125;
    private static final int MASK_LENGTH = 4;
    private static final int FIRST_BYTE_SHIFT = Integer.SIZE - Byte.SIZE;
    private static final int MAX_HEADER_LENGTH = 2 + Long.BYTES + MASK_LENGTH;

    private static final int BINARY = 2;
    private static final int CLOSE = 8;
    private static final int PING = 9;
    private static final int PONG = 10;

    private final Wire frames;
    private final SplittableRandom random;

    /** @param random where masks come from */
    WebSocketWire(Wire frames, SplittableRandom random) {
        this.frames = frames;
        this.random = random;
    }

    @Override
    public void onConnected(Connection connection) {
        frames.onConnected(connection);
    }

    @Override
    public FrameTemplate template(long channelId, int payloadLength) {
        return frames.template(channelId, payloadLength);
    }

    @Override
    public void count(Connection connection, long more) {
        frames.count(connection, more);
    }

    @Override
    public void ping(Connection connection) {
        frames.ping(connection);
    }

    @Override
    public long onBytes(Connection connection, long from, long end, long nowNs) {
        long at = from;
        while (end - at >= 2) {
            int first = UnsafeApi.getByte(at) & 0xFF;
            int second = UnsafeApi.getByte(at + 1) & 0xFF;
            int headerLength = headerLength(second);
            if (end - at < headerLength) {
                break;
            }
            long length = payloadLength(at, second);
            check(first, second, length);
            long payload = at + headerLength;
            if (end - payload < length) {
                break;
            }
            onMessage(connection, first & OPCODE_BITS, payload, payload + length, nowNs);
            at = payload + length;
        }
        return at;
    }

    private static int headerLength(int second) {
        int length = second & LENGTH_BITS;
        return 2 + (length == LENGTH_64 ? Long.BYTES : length == LENGTH_16 ? Short.BYTES : 0);
    }

    private static long payloadLength(long at, int second) {
        int length = second & LENGTH_BITS;
        if (length == LENGTH_64) {
            return Long.reverseBytes(UnsafeApi.getLong(at + 2));
        }
        return length == LENGTH_16 ? Short.reverseBytes(UnsafeApi.getShort(at + 2)) & GREATEST_16 : length;
    }

    private static void check(int first, int second, long length) {
        if ((first & RESERVED_BITS) != 0 || (second & MASKED_BIT) != 0) {
            throw new WireException("a WebSocket frame with reserved bits or a mask");
        }
        if ((first & FINAL_BIT) == 0) {
            throw new WireException("a WebSocket message in pieces");
        }
        if (length < 0 || length > ReceiveBuffer.MAX_FRAME_LENGTH - MAX_HEADER_LENGTH) {
            throw new WireException("a WebSocket message of " + Long.toUnsignedString(length) + " bytes");
        }
    }

    private void onMessage(Connection connection, int opcode, long from, long end, long nowNs) {
        switch (opcode) {
            case BINARY -> {
                if (frames.onBytes(connection, from, end, nowNs) != end) {
                    throw new WireException("a WebSocket message that ends within a frame");
                }
            }
            case PING -> pong(connection, from, (int) (end - from));
            case PONG -> {
                // Any frame says that the server lives.
            }
            case CLOSE -> throw new WireException("the server has closed the WebSocket" + closeCode(from, end));
            default -> throw new WireException("a WebSocket frame of opcode " + opcode);
        }
    }

    private static String closeCode(long from, long end) {
        return end - from < Short.BYTES
                ? ""
                : " with code " + (Short.reverseBytes(UnsafeApi.getShort(from)) & GREATEST_16);
    }

    private void pong(Connection connection, long at, int length) {
        Channel socket = connection.socket();
        if (length > MAX_CONTROL_LENGTH) {
            throw new WireException("a WebSocket ping of " + length + " bytes");
        }
        if (socket != null) {
            ReceiveBuffer received = connection.loop().received();
            ByteBuf payload = socket.alloc().directBuffer(Math.max(1, length));
            payload.writeBytes(received.whole(), received.indexOf(at), length);
            write(socket, PONG, payload);
        }
    }

    @Override
    public void write(Channel socket, ByteBuf bytes) {
        write(socket, BINARY, bytes);
    }

    private void write(Channel socket, int opcode, ByteBuf payload) {
        int length = payload.readableBytes();
        int mask = random.nextInt();
        ByteBuf header = socket.alloc().directBuffer(MAX_HEADER_LENGTH);
        header.writeByte(FINAL_BIT | opcode);
        if (length < LENGTH_16) {
            header.writeByte(MASKED_BIT | length);
        } else if (length <= GREATEST_16) {
            header.writeByte(MASKED_BIT | LENGTH_16).writeShort(length);
        } else {
            header.writeByte(MASKED_BIT | LENGTH_64).writeLong(length);
        }
        header.writeInt(mask);
        mask(payload, mask);
        socket.write(header, socket.voidPromise());
        socket.writeAndFlush(payload, socket.voidPromise());
    }

    /** Puts a mask onto bytes, in place. */
    static void mask(ByteBuf bytes, int mask) {
        long mask64 = ((mask & 0xFFFF_FFFFL) << Integer.SIZE) | (mask & 0xFFFF_FFFFL);
        int at = bytes.readerIndex();
        int end = bytes.writerIndex();
        while (at + Long.BYTES <= end) {
            bytes.setLong(at, bytes.getLong(at) ^ mask64);
            at += Long.BYTES;
        }
        int rest = mask;
        while (at < end) {
            bytes.setByte(at, bytes.getByte(at) ^ (rest >>> FIRST_BYTE_SHIFT));
            rest = Integer.rotateLeft(rest, Byte.SIZE);
            at++;
        }
    }
}
