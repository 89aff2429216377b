package io.freshet.benchmarks.baseline;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;

/**
 * Fan-out the way most people would write it: each message is encoded once into a buffer of its own, and every subscriber
 * gets a retained duplicate of that. No log, no order but arrival, no acknowledgement. Owned by the event loop's thread.
 */
final class NaiveHandler extends FanOutHandler {
    NaiveHandler(Subscriptions subscriptions) {
        super(subscriptions);
    }

    @Override
    void onFrame(ChannelHandlerContext ctx, ByteBuf in, int start, int length, int type, int channel) {
        if (type == RawFrame.MESSAGE) {
            ByteBuf message = ctx.alloc().directBuffer(length);
            message.writeIntLE(length - RawFrame.LENGTH_LENGTH)
                    .writeByte(RawFrame.MESSAGE)
                    .writeShortLE(channel)
                    .writeBytes(in, start + RawFrame.HEADER_LENGTH, length - RawFrame.HEADER_LENGTH);
            fanOut(channel, message);
        } else if (type == RawFrame.SUBSCRIBE) {
            subscribe(ctx, channel);
        }
    }

    @Override
    void onFramesEnd(ChannelHandlerContext ctx, ByteBuf in, int end) {
        // Each message is on its way already.
    }
}
