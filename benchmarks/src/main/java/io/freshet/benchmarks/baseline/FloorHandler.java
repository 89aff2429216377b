package io.freshet.benchmarks.baseline;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import org.jspecify.annotations.Nullable;

/**
 * The least that fan-out in a JVM can cost: adjacent frames of one channel travel to every subscriber as one retained
 * slice of what was read, and nothing is done for a single message. Stored messages go from a file to the socket within
 * the kernel. Owned by the event loop's thread.
 */
@SuppressWarnings("FutureReturnValueIgnored") // failures of a channel come as events of its pipeline
final class FloorHandler extends FanOutHandler {
    private static final int NONE = -1;

    private final @Nullable StreamFile stream;
    private int runStart = NONE;
    private int runChannel = NONE;

    FloorHandler(Subscriptions subscriptions, @Nullable StreamFile stream) {
        super(subscriptions);
        this.stream = stream;
    }

    @Override
    void onFrame(ChannelHandlerContext ctx, ByteBuf in, int start, int length, int type, int channel) {
        if (type == RawFrame.MESSAGE && channel == runChannel) {
            return;
        }
        endRun(in, start);
        if (type == RawFrame.MESSAGE) {
            runStart = start;
            runChannel = channel;
        } else if (type == RawFrame.SUBSCRIBE) {
            subscribe(ctx, channel);
        } else if (type == RawFrame.STREAM && length == RawFrame.HEADER_LENGTH + Long.BYTES) {
            stream(ctx, in.getLongLE(start + RawFrame.HEADER_LENGTH));
        }
    }

    @Override
    void onFramesEnd(ChannelHandlerContext ctx, ByteBuf in, int end) {
        endRun(in, end);
    }

    private void endRun(ByteBuf in, int end) {
        if (runStart != NONE) {
            fanOut(runChannel, in.retainedSlice(runStart, end - runStart));
            runStart = NONE;
            runChannel = NONE;
        }
    }

    /** Closes the connection when there is no file: the client would wait for ever. */
    private void stream(ChannelHandlerContext ctx, long messageCount) {
        if (stream == null || messageCount < 0) {
            ctx.close();
            return;
        }
        stream.write(ctx, messageCount);
        ctx.flush();
    }
}
