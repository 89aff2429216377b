package io.freshet.benchmarks.baseline;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * The least that an acknowledged publish can cost: the messages of each read are appended as one document and
 * acknowledged by one frame. No sequence, no subscriber, no repeat recognised. Owned by the event loop's thread.
 *
 * <p>With {@code isEachSynced} each message is a document, a sync and an acknowledgement of its own.
 */
@SuppressWarnings("FutureReturnValueIgnored") // failures of a channel come as events of its pipeline
final class AppendFloorHandler extends RawHandler {
    private static final int NONE = -1;

    private final AppendedQueue queue;
    private final boolean isEachSynced;
    private long acknowledgedCount;
    private long openCount;
    private int openStart = NONE;
    private int lastChannel;

    AppendFloorHandler(AppendedQueue queue, boolean isEachSynced) {
        this.queue = queue;
        this.isEachSynced = isEachSynced;
    }

    @Override
    void onFrame(ChannelHandlerContext ctx, ByteBuf in, int start, int length, int type, int channel) {
        if (type != RawFrame.MESSAGE) {
            end(ctx, in, start);
            return;
        }
        if (openStart == NONE) {
            openStart = start;
        }
        openCount++;
        lastChannel = channel;
        if (isEachSynced) {
            end(ctx, in, start + length);
        }
    }

    @Override
    void onFramesEnd(ChannelHandlerContext ctx, ByteBuf in, int end) {
        end(ctx, in, end);
    }

    private void end(ChannelHandlerContext ctx, ByteBuf in, int end) {
        if (openStart == NONE) {
            return;
        }
        queue.append(in, openStart, end - openStart);
        if (isEachSynced) {
            sync();
        }
        acknowledgedCount += openCount;
        openCount = 0;
        openStart = NONE;
        ctx.writeAndFlush(
                RawFrame.ofCount(ctx.alloc(), RawFrame.ACK, lastChannel, acknowledgedCount), ctx.voidPromise());
    }

    private void sync() {
        try {
            queue.sync();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
