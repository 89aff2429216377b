package io.freshet.engine.transport;

import io.freshet.engine.transport.UpgradeRequest.Refusal;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Looks at the bytes of an upgrade's request before Netty's decoder gets them, up to the empty line, and refuses what would cost more than
 * it weighs there: each header is some objects, however short it is, and each folded line copies all that were folded before
 * (RFC 9112, 5.2, lets a server refuse those). Owned by the loop's thread.
 */
final class RequestHead extends ChannelInboundHandlerAdapter {
    /** Headers at most: a browser sends about twenty. */
    static final int MAX_HEADER_COUNT = 64;

    private static final int DELETE = 0x7F;
    private static final int NO_BREAK_SPACE = 0xA0;

    private final Consumer<Refusal> refuse;
    private int length;
    private int lineCount;
    private int lineLength;
    private int firstOfLine;
    private int passedLength;
    private boolean isOver;
    private boolean isRefused;

    /** @param refuse is told once, of what may not go on */
    RequestHead(Consumer<Refusal> refuse) {
        this.refuse = refuse;
    }

    /** What comes before a breach goes on first: the decoder may have found one in it, and says so in the order of the bytes. */
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf in = (ByteBuf) message;
        if (isRefused) {
            in.release();
            return;
        }
        int start = in.readerIndex();
        Refusal refusal = look(in);
        if (refusal == null) {
            ctx.fireChannelRead(in);
            return;
        }
        isRefused = true;
        in.writerIndex(start + passedLength);
        ctx.fireChannelRead(in);
        refuse.accept(refusal);
    }

    /** Why a byte may not go on, if one may not; how many before it may is {@code passedLength} then. */
    private @Nullable Refusal look(ByteBuf in) {
        passedLength = 0;
        int start = in.readerIndex();
        int end = in.writerIndex();
        for (int i = start; i < end && !isOver; i++) {
            Refusal refusal = next(in.getUnsignedByte(i));
            if (refusal != null) {
                return refusal;
            }
            passedLength++;
        }
        return null;
    }

    private @Nullable Refusal next(int value) {
        length++;
        if (length > WebSocketUpgrade.MAX_LENGTH) {
            return Refusal.TOO_LONG;
        }
        if (lineLength == 0 && lineCount == 0 && isSkipped(value)) {
            return null;
        }
        if (value == '\n') {
            return endLine();
        }
        if (lineLength == 0) {
            firstOfLine = value;
        }
        lineLength++;
        boolean isFolded = lineLength == 1 && lineCount > 0 && (value == ' ' || value == '\t');
        return isFolded ? Refusal.BAD_REQUEST : null;
    }

    private @Nullable Refusal endLine() {
        isOver = lineLength == 0 || (lineLength == 1 && firstOfLine == '\r');
        lineLength = 0;
        lineCount++;
        return !isOver && lineCount > 1 + MAX_HEADER_COUNT ? Refusal.TOO_LONG : null;
    }

    /** Whether a decoder may pass over this before the first line, as some do over more than empty lines. */
    private static boolean isSkipped(int value) {
        return value <= ' ' || (value >= DELETE && value <= NO_BREAK_SPACE);
    }
}
