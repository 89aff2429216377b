package io.freshet.engine.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.socket.SocketChannel;
import org.jspecify.annotations.Nullable;

/** Takes what a connection has queued out of buffers that others share. On the loop's thread. */
@SuppressWarnings("FutureReturnValueIgnored") // failures of a channel come as events of its pipeline
final class OutboundCopy {
    private OutboundCopy() {}

    /**
     * Puts one private copy of what is left in the place of what is queued.
     *
     * @param marks who waits for what is queued; null when nobody does
     * @return bytes copied; 0 when there were none
     */
    static long replace(SocketChannel channel, ChannelOutboundBuffer outbound, @Nullable WriteMarks marks) {
        outbound.addFlush(); // only what is flushed can be taken out, and what is not must not be overtaken
        int length = leftLength(outbound);
        if (length == 0) {
            return 0;
        }
        ByteBuf copy = channel.alloc().directBuffer(length);
        if (marks != null) {
            marks.outdate();
        }
        while (outbound.current() instanceof ByteBuf left) {
            copy.writeBytes(left, left.readerIndex(), left.readableBytes());
            outbound.remove();
        }
        channel.write(copy, channel.voidPromise());
        if (marks != null) {
            marks.restore();
        }
        channel.flush();
        return length;
    }

    /** Bytes that are really left: Netty's own count is reduced only with each entry that has gone whole. */
    private static int leftLength(ChannelOutboundBuffer outbound) {
        int[] length = new int[1];
        try {
            outbound.forEachFlushedMessage(message -> {
                if (message instanceof ByteBuf bytes) {
                    length[0] += bytes.readableBytes();
                }
                return true;
            });
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
        return length[0];
    }
}
