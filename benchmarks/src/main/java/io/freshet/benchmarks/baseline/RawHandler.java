package io.freshet.benchmarks.baseline;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import org.jspecify.annotations.Nullable;

/**
 * Cuts what one connection sends into frames. Owned by the event loop's thread. What is left of a frame at the end of a
 * read is copied, and joined with the next read.
 */
@SuppressWarnings("FutureReturnValueIgnored") // failures of a channel come as events of its pipeline
abstract class RawHandler extends ChannelInboundHandlerAdapter {
    private @Nullable ByteBuf rest;

    /**
     * A whole frame.
     *
     * @param in where it lies, lent
     * @param start of its header
     * @param length of all of it
     */
    abstract void onFrame(ChannelHandlerContext ctx, ByteBuf in, int start, int length, int type, int channel);

    /**
     * The end of the whole frames of one read.
     *
     * @param in where they lie, lent
     * @param end of the last of them
     */
    abstract void onFramesEnd(ChannelHandlerContext ctx, ByteBuf in, int end);

    @Override
    public final void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf in = joined(ctx, (ByteBuf) message);
        try {
            if (cut(ctx, in)) {
                onFramesEnd(ctx, in, in.readerIndex());
                if (in.isReadable()) {
                    rest = ctx.alloc().directBuffer(in.readableBytes()).writeBytes(in);
                }
            } else {
                ctx.close();
            }
        } finally {
            in.release();
        }
    }

    /** Hands on the whole frames; false when one has an impossible length. */
    private boolean cut(ChannelHandlerContext ctx, ByteBuf in) {
        while (in.readableBytes() >= RawFrame.HEADER_LENGTH) {
            int start = in.readerIndex();
            int lengthValue = in.getIntLE(start);
            if (lengthValue < RawFrame.MIN_LENGTH_VALUE || lengthValue > RawFrame.MAX_LENGTH_VALUE) {
                return false;
            }
            int length = RawFrame.LENGTH_LENGTH + lengthValue;
            if (in.readableBytes() < length) {
                break;
            }
            int type = in.getByte(start + RawFrame.TYPE_OFFSET);
            int channel = in.getUnsignedShortLE(start + RawFrame.CHANNEL_OFFSET);
            onFrame(ctx, in, start, length, type, channel);
            in.skipBytes(length);
        }
        return true;
    }

    private ByteBuf joined(ChannelHandlerContext ctx, ByteBuf read) {
        ByteBuf before = rest;
        if (before == null) {
            return read;
        }
        rest = null;
        ByteBuf joined = ctx.alloc().directBuffer(before.readableBytes() + read.readableBytes());
        joined.writeBytes(before).writeBytes(read);
        before.release();
        read.release();
        return joined;
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        ByteBuf before = rest;
        if (before != null) {
            rest = null;
            before.release();
        }
    }

    @Override
    public final void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }
}
