package io.freshet.protocol;

import io.netty.buffer.ByteBuf;

/**
 * Writes PUBLISHED frames, one per run of receipts, without a Protobuf object. The body is an ordinary {@code Published}
 * message: tags 09 and 11 with fixed64, 18 with the count as a varint of five bytes at most, 21 with fixed64.
 */
public final class PublishedFrame {
    private static final int MAX_BODY_LENGTH = 3 * 9 + 1 + 5;

    private PublishedFrame() {}

    /** Appends the frame at the writer index. Borrows the buffer, which grows when it must. */
    public static void write(ByteBuf out, long channel, long firstNonce, int count, long firstSequence) {
        out.ensureWritable(FrameHeader.LENGTH + MAX_BODY_LENGTH);
        int index = out.writerIndex();
        out.writerIndex(index + FrameHeader.LENGTH);
        out.writeByte(0x09).writeLongLE(channel);
        out.writeByte(0x11).writeLongLE(firstNonce);
        out.writeByte(0x18);
        int rest = count;
        while (rest > 0x7F) {
            out.writeByte(rest | 0x80);
            rest >>>= 7;
        }
        out.writeByte(rest);
        out.writeByte(0x21).writeLongLE(firstSequence);
        FrameHeader.put(out, index, FrameType.PUBLISHED, 0, 0, out.writerIndex() - index - FrameHeader.LENGTH);
    }
}
