package io.freshet.client;

import io.freshet.protocol.FrameHeader;
import io.freshet.protocol.RecordFrame;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** The view of the record that is being handed out, over the bytes as they were received; reused. Client's thread. */
final class RecordView implements ReceivedRecord {
    private @Nullable ByteBuf buffer;
    private boolean isOwned;
    private int frameIndex;
    private int payloadIndex;
    private int payloadLength;
    private String channelName = "";

    /**
     * Shows the record in the frame at {@code index}. <em>Borrows</em> the buffer until {@link #clear}. A server sends
     * canonical records only; another legal form is brought into that one, in a copy that this view owns.
     *
     * @throws ProtocolException with MALFORMED when it is not a record
     */
    RecordView wrap(ByteBuf frames, int index, int frameLength) {
        if (RecordFrame.isCanonical(frames, index, frameLength)) {
            show(frames, index, frameLength);
        } else {
            ByteBuf copy = Unpooled.buffer(frameLength);
            RecordFrame.reencode(frames, index, frameLength, copy);
            copy.setByte(FrameHeader.FLAGS_OFFSET, FrameHeader.flags(frames, index));
            show(copy, 0, copy.readableBytes());
            isOwned = true;
        }
        return this;
    }

    private void show(ByteBuf frames, int index, int frameLength) {
        int payloadOffset = RecordFrame.payloadOffset(frames, index, frameLength);
        buffer = frames;
        frameIndex = index;
        payloadIndex = index + payloadOffset;
        payloadLength = frameLength - payloadOffset;
    }

    /** Sets what the bytes do not say. */
    RecordView channelName(String name) {
        channelName = name;
        return this;
    }

    /** Ends the borrowing; using the view fails afterwards. */
    void clear() {
        if (isOwned && buffer != null) {
            buffer.release();
            isOwned = false;
        }
        buffer = null;
    }

    private ByteBuf bytes() {
        if (buffer == null) {
            throw new IllegalStateException(
                    "a received record is valid during onRecord only; copy() makes one to keep");
        }
        return buffer;
    }

    @Override
    public long channel() {
        return RecordFrame.channel(bytes(), frameIndex);
    }

    @Override
    public String channelName() {
        return channelName;
    }

    @Override
    public long sequence() {
        return RecordFrame.sequence(bytes(), frameIndex);
    }

    @Override
    public long timestampUs() {
        return RecordFrame.timestampUs(bytes(), frameIndex);
    }

    @Override
    public long sender() {
        return RecordFrame.sender(bytes(), frameIndex);
    }

    @Override
    public int kind() {
        return FrameHeader.kind(bytes(), frameIndex);
    }

    @Override
    public boolean isErased() {
        return (FrameHeader.flags(bytes(), frameIndex) & FrameHeader.FLAG_ERASED) != 0;
    }

    @Override
    public boolean isChecked() {
        return (FrameHeader.flags(bytes(), frameIndex) & FrameHeader.FLAG_CHECKED) != 0;
    }

    @Override
    public int payloadLength() {
        return payloadLength;
    }

    @Override
    public ByteBuffer payload() {
        return bytes().nioBuffer(payloadIndex, payloadLength).asReadOnlyBuffer();
    }

    @Override
    public byte[] payloadBytes() {
        byte[] copy = new byte[payloadLength];
        bytes().getBytes(payloadIndex, copy);
        return copy;
    }

    @Override
    public String text() {
        return bytes().toString(payloadIndex, payloadLength, StandardCharsets.UTF_8);
    }

    @Override
    public StoredRecord copy() {
        return new StoredRecord(
                channel(), sequence(), timestampUs(), sender(), kind(), isErased(), isChecked(), payloadBytes());
    }
}
