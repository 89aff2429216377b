package io.freshet.protocol;

import io.freshet.protocol.v1.GapReason;
import io.netty.buffer.ByteBuf;

/**
 * Writes GAP frames without a Protobuf object: a subscription that may skip can have one for each record that it gets. The body
 * is an ordinary {@code Gap} message: tags 09, 11 and 19 with fixed64, 20 with the reason.
 */
public final class GapFrame {
    /** Bytes of every frame that {@link #write} appends. */
    public static final int FRAME_LENGTH = FrameHeader.LENGTH + 3 * 9 + 2;

    private GapFrame() {}

    /**
     * Appends the frame at the writer index. <em>Borrows</em> the buffer, which grows when it must.
     *
     * @param count of sequences, at least 1
     * @param reason a known one, not unspecified
     */
    public static void write(ByteBuf out, long channel, long firstSequence, long count, GapReason reason) {
        out.ensureWritable(FRAME_LENGTH);
        int index = out.writerIndex();
        FrameHeader.put(out, index, FrameType.GAP, 0, 0, FRAME_LENGTH - FrameHeader.LENGTH);
        out.writerIndex(index + FrameHeader.LENGTH);
        out.writeByte(0x09).writeLongLE(channel);
        out.writeByte(0x11).writeLongLE(firstSequence);
        out.writeByte(0x19).writeLongLE(count);
        out.writeByte(0x20).writeByte(reason.getNumber());
    }
}
