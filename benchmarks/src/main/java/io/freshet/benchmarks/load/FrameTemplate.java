package io.freshet.benchmarks.load;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.agrona.UnsafeApi;

/**
 * What stands before the payload in each frame that is published to a channel, ready to be copied word by word.
 * Immutable.
 */
final class FrameTemplate {
    /** No nonce in this framing. */
    static final int NO_NONCE = -1;

    private final long[] words;
    private final int headLength;
    private final int payloadLength;
    private final int nonceOffset;

    /**
     * @param head the frame's bytes before the payload; borrowed
     * @param nonceOffset where a nonce of 8 bytes belongs, or {@link #NO_NONCE}
     */
    FrameTemplate(ByteBuf head, int payloadLength, int nonceOffset) {
        headLength = head.readableBytes();
        this.payloadLength = payloadLength;
        this.nonceOffset = nonceOffset;
        words = new long[(headLength + Long.BYTES - 1) / Long.BYTES];
        ByteBuf padded = Unpooled.buffer(words.length * Long.BYTES).writeBytes(head, head.readerIndex(), headLength);
        padded.writeZero(words.length * Long.BYTES - headLength);
        for (int i = 0; i < words.length; i++) {
            words[i] = padded.getLongLE(i * Long.BYTES);
        }
    }

    int frameLength() {
        return headLength + payloadLength;
    }

    /** Bytes that {@link #putHead} may write, though not more than the payload's are behind the head. */
    int writtenLength() {
        return Math.max(frameLength(), words.length * Long.BYTES);
    }

    int payloadLength() {
        return payloadLength;
    }

    /** Writes the head and returns the address of the payload. May overwrite the payload's first bytes. */
    long putHead(long address, long nonce) {
        for (int i = 0; i < words.length; i++) {
            UnsafeApi.putLong(address + (long) i * Long.BYTES, words[i]);
        }
        if (nonceOffset != NO_NONCE) {
            UnsafeApi.putLong(address + nonceOffset, nonce);
        }
        return address + headLength;
    }
}
