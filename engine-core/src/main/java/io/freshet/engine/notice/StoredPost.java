package io.freshet.engine.notice;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import com.google.protobuf.InvalidProtocolBufferException;
import io.freshet.log.LogDocument;
import io.freshet.protocol.EventKind;
import io.freshet.protocol.FrameHeader;
import io.freshet.protocol.RecordFrame;
import io.freshet.protocol.v1.Content;
import io.freshet.protocol.v1.Mention;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A checked post as the log has it.
 *
 * @param index of the record within its document
 */
record StoredPost(long channel, long sequence, long author, long postedUs, long position, int index, Content content) {
    private static final int FLAGS = FrameHeader.FLAG_CHECKED | FrameHeader.FLAG_ERASED;

    /** Whether everyone of its channel is to hear of it. */
    boolean isForEveryone() {
        return !content.getSilent() && content.getMentionsList().stream().anyMatch(Mention::hasEveryone);
    }

    /** Whether a stored record is a checked post that is not erased, by its header alone. Borrows the buffer. */
    static boolean isStored(DirectBuffer buffer, int offset) {
        return (buffer.getShort(offset + FrameHeader.KIND_OFFSET, LITTLE_ENDIAN) & 0xFFFF) == EventKind.POST.code()
                && (buffer.getByte(offset + FrameHeader.FLAGS_OFFSET) & FLAGS) == FrameHeader.FLAG_CHECKED;
    }

    /** Who posted a record, erased or not; 0 when it is no checked post. Borrows the document. */
    static long author(LogDocument document, int run, int record) {
        DirectBuffer buffer = document.buffer();
        int offset = document.recordOffset(run, record);
        return isPost(buffer, offset) ? buffer.getLong(offset + RecordFrame.SENDER_OFFSET, LITTLE_ENDIAN) : 0;
    }

    /** Whether a stored record is a checked post, erased or not. Borrows the buffer. */
    static boolean isPost(DirectBuffer buffer, int offset) {
        return (buffer.getShort(offset + FrameHeader.KIND_OFFSET, LITTLE_ENDIAN) & 0xFFFF) == EventKind.POST.code()
                && (buffer.getByte(offset + FrameHeader.FLAGS_OFFSET) & FrameHeader.FLAG_CHECKED) != 0;
    }

    /** The post of a record for which {@link #isStored} holds; null when it cannot be read. Borrows the document. */
    static @Nullable StoredPost of(LogDocument document, int run, int record, int index) {
        int length = document.recordLength(run, record);
        byte[] frame = new byte[length];
        document.buffer().getBytes(document.recordOffset(run, record), frame);
        ByteBuf in = Unpooled.wrappedBuffer(frame);
        int payload = RecordFrame.payloadOffset(in, 0, length);
        try {
            return new StoredPost(
                    document.channel(run),
                    document.firstSequence(run) + record,
                    RecordFrame.sender(in, 0),
                    RecordFrame.timestampUs(in, 0),
                    document.position(),
                    index,
                    Content.parser().parseFrom(frame, payload, length - payload));
        } catch (InvalidProtocolBufferException e) {
            return null;
        }
    }
}
