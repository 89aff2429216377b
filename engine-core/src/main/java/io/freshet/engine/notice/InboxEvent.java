package io.freshet.engine.notice;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import com.google.protobuf.InvalidProtocolBufferException;
import io.freshet.engine.Principal;
import io.freshet.protocol.EventKind;
import io.freshet.protocol.FrameHeader;
import io.freshet.protocol.InboxEvents;
import io.freshet.protocol.RecordFrame;
import io.freshet.protocol.v1.Notice;
import io.freshet.protocol.v1.NotificationSetting;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;

/**
 * One event of an inbox, as far as its fold needs it: a setting, a notice, or a mark.
 *
 * @param channel of a mark
 * @param readUpTo of a mark
 */
record InboxEvent(
        @Nullable NotificationSetting setting, @Nullable Notice notice, long channel, long readUpTo) {
    private static final int READ_FRAME_LENGTH = RecordFrame.MIN_LENGTH + InboxEvents.READ_LENGTH;

    /** Whether a stored record is an event of inboxes and not erased, by its header alone. Borrows the buffer. */
    static boolean isStored(DirectBuffer buffer, int offset) {
        return InboxEvents.isOfInboxes(buffer.getShort(offset + FrameHeader.KIND_OFFSET, LITTLE_ENDIAN) & 0xFFFF)
                && (buffer.getByte(offset + FrameHeader.FLAGS_OFFSET) & FrameHeader.FLAG_ERASED) == 0;
    }

    /** The event in a stored record; null when it is not what its kind says, or not its sender's to say. Borrows the buffer. */
    static @Nullable InboxEvent ofStored(DirectBuffer buffer, int offset, int length, long owner) {
        int kind = buffer.getShort(offset + FrameHeader.KIND_OFFSET, LITTLE_ENDIAN) & 0xFFFF;
        long sender = buffer.getLong(offset + RecordFrame.SENDER_OFFSET, LITTLE_ENDIAN);
        boolean isOfServer = sender == Principal.SYSTEM.id();
        if (!isOfServer && (sender != owner || kind == EventKind.NOTICE.code())) {
            return null;
        }
        if (kind == EventKind.READ.code()) {
            int payload = offset + RecordFrame.MIN_LENGTH;
            return length == READ_FRAME_LENGTH && InboxEvents.isReadMark(buffer, payload, InboxEvents.READ_LENGTH)
                    ? read(InboxEvents.readChannel(buffer, payload), InboxEvents.readSequence(buffer, payload))
                    : null;
        }
        byte[] frame = new byte[length];
        buffer.getBytes(offset, frame);
        ByteBuf in = Unpooled.wrappedBuffer(frame);
        int payload = RecordFrame.payloadOffset(in, 0, length);
        try {
            return kind == EventKind.SETTING.code()
                    ? setting(NotificationSetting.parser().parseFrom(frame, payload, length - payload))
                    : notice(Notice.parser().parseFrom(frame, payload, length - payload));
        } catch (InvalidProtocolBufferException e) {
            return null;
        }
    }

    static InboxEvent read(long channel, long readUpTo) {
        return new InboxEvent(null, null, channel, readUpTo);
    }

    static InboxEvent setting(NotificationSetting setting) {
        return new InboxEvent(setting, null, 0, 0);
    }

    static InboxEvent notice(Notice notice) {
        return new InboxEvent(null, notice, 0, 0);
    }
}
