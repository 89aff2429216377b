package io.freshet.engine.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import org.jspecify.annotations.Nullable;

/**
 * Hands whole TLS records on as they lie in the loop's one read buffer, and copies only the record that has begun. Without it
 * the decoder behind would keep the whole read buffer for a connection that stops within a record; so it is one record (16
 * KiB and a little) at most. Owned by the loop's thread.
 *
 * <p>What is no record ends the connection here, and nothing of it goes on: the decoder behind would take it for the begin
 * of something older than TLS, and wait for the rest of it with the read buffer in its hands.
 */
@SuppressWarnings("FutureReturnValueIgnored") // failures of a channel come as events of its pipeline
final class TlsRecordCutter extends ChannelInboundHandlerAdapter {
    private static final int HEADER_LENGTH = 5;
    private static final int VERSION_OFFSET = 1;
    private static final int LENGTH_OFFSET = 3;
    private static final int FIRST_TYPE = 20;
    private static final int LAST_TYPE = 24;
    private static final int MAJOR_VERSION = 3;

    /** RFC 8446, 5.2 and RFC 5246, 6.2.3: what a record may have behind its header. */
    private static final int MAX_BODY_LENGTH = (1 << 14) + 2048;

    /** What a length is where there is no record. */
    private static final int NO_RECORD = -1;

    private @Nullable ByteBuf begun;
    private boolean isRefused;

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf in = (ByteBuf) message;
        try {
            if (isRefused || (begun != null && !complete(ctx, begun, in))) {
                return;
            }
            int whole = wholeLength(in);
            if (whole > 0) {
                ctx.fireChannelRead(in.readRetainedSlice(whole));
            }
            if (in.isReadable()) {
                begin(ctx, in);
            }
        } finally {
            in.release();
        }
    }

    private void begin(ChannelHandlerContext ctx, ByteBuf in) {
        int length = recordLength(in);
        if (length == NO_RECORD) {
            refuse(ctx);
            return;
        }
        begun = ctx.alloc().directBuffer(Math.max(HEADER_LENGTH, length));
        begun.writeBytes(in);
    }

    /** Ends the connection past what encrypts it, which has nothing to say to such a peer; a handshake under way fails by that and is counted. */
    private void refuse(ChannelHandlerContext ctx) {
        isRefused = true;
        dropBegun();
        ctx.close();
    }

    /** Adds to the record that has begun; whether it went on whole. */
    private boolean complete(ChannelHandlerContext ctx, ByteBuf record, ByteBuf in) {
        append(record, in, HEADER_LENGTH);
        if (record.readableBytes() < HEADER_LENGTH) {
            return false;
        }
        int length = recordLength(record);
        if (length == NO_RECORD) {
            refuse(ctx);
            return false;
        }
        if (record.capacity() < length) {
            record.capacity(length); // and not the next power of two
        }
        append(record, in, length);
        if (record.readableBytes() < length) {
            return false;
        }
        begun = null;
        ctx.fireChannelRead(record);
        return true;
    }

    private static void append(ByteBuf record, ByteBuf in, int untilLength) {
        int missing = untilLength - record.readableBytes();
        if (missing > 0) {
            record.writeBytes(in, Math.min(missing, in.readableBytes()));
        }
    }

    /** Bytes of the records that are there as a whole, up to what is none. */
    private static int wholeLength(ByteBuf in) {
        int whole = 0;
        int readable = in.readableBytes();
        while (readable - whole >= HEADER_LENGTH) {
            int length = lengthAt(in, in.readerIndex() + whole);
            if (length == NO_RECORD || length > readable - whole) {
                break;
            }
            whole += length;
        }
        return whole;
    }

    private static int recordLength(ByteBuf bytes) {
        return bytes.readableBytes() < HEADER_LENGTH ? 0 : lengthAt(bytes, bytes.readerIndex());
    }

    /** Bytes of the record whose header is there; {@link #NO_RECORD} when it is none. Encrypted or not, none is empty. */
    private static int lengthAt(ByteBuf bytes, int index) {
        int type = bytes.getByte(index);
        int body = bytes.getUnsignedShort(index + LENGTH_OFFSET);
        boolean isRecord = type >= FIRST_TYPE
                && type <= LAST_TYPE
                && bytes.getByte(index + VERSION_OFFSET) == MAJOR_VERSION
                && body > 0
                && body <= MAX_BODY_LENGTH;
        return isRecord ? HEADER_LENGTH + body : NO_RECORD;
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        dropBegun();
    }

    private void dropBegun() {
        if (begun != null) {
            begun.release();
            begun = null;
        }
    }
}
