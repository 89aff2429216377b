package io.freshet.protocol;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import com.google.protobuf.InvalidProtocolBufferException;
import io.freshet.protocol.v1.Notice;
import io.freshet.protocol.v1.NotificationLevel;
import io.freshet.protocol.v1.NotificationSetting;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What the payloads of an inbox's events may be.
 *
 * <pre>
 *  READ   0  1         9  10        18
 *         +--+---------+--+---------+
 *         |09|channel  |11|sequence |
 *         +--+---------+--+---------+
 * </pre>
 */
public final class InboxEvents {
    /** Bytes of a READ's payload. */
    public static final int READ_LENGTH = 18;

    /** Bytes of a setting's space, in UTF-8. */
    public static final int SPACE_LENGTH = ChannelName.MAX_LENGTH;

    /** Bytes of the payload of a SETTING or a NOTICE, with room for what later versions add. */
    public static final int EVENT_LENGTH = 1_024;

    /** Scopes of one user; beyond, the one said longest ago is forgotten. */
    public static final int SETTING_COUNT = 256;

    /** Channels that one user has marks in; beyond, the one marked longest ago is forgotten. */
    public static final int MARK_COUNT = 1_024;

    /** A mute that lasts until it is switched off. */
    public static final long UNTIL_SWITCHED_ON = -1;

    private static final int CHANNEL_OFFSET = 1;
    private static final int SEQUENCE_TAG_OFFSET = 9;
    private static final int SEQUENCE_OFFSET = 10;
    private static final byte CHANNEL_TAG = 0x09;
    private static final byte SEQUENCE_TAG = 0x11;

    private InboxEvents() {}

    /** Whether this kind belongs into inboxes only. */
    public static boolean isOfInboxes(int kind) {
        return kind >= EventKind.READ.code() && kind <= EventKind.NOTICE.code();
    }

    /**
     * Why an inbox does not take this record, or null when it does. Allocates nothing for a READ. Borrows the buffer.
     *
     * @param isTrusted whether the application itself publishes
     */
    public static @Nullable ErrorCode refusal(ByteBuf frame, int index, int frameLength, boolean isTrusted) {
        int kind = FrameHeader.kind(frame, index);
        int payloadOffset = RecordFrame.payloadOffset(frame, index, frameLength);
        if (kind == EventKind.READ.code()) {
            return isReadMark(frame, index + payloadOffset, frameLength - payloadOffset)
                    ? null
                    : ErrorCode.INVALID_CONTENT;
        }
        if (kind != EventKind.SETTING.code() && !isTrusted) {
            return ErrorCode.INVALID_ARGUMENT;
        }
        if (!isOfInboxes(kind)) {
            return null;
        }
        int length = frameLength - payloadOffset;
        boolean isGood = length <= EVENT_LENGTH && isGood(kind, frame.nioBuffer(index + payloadOffset, length));
        return isGood ? null : ErrorCode.INVALID_CONTENT;
    }

    private static boolean isGood(int kind, ByteBuffer payload) {
        try {
            return kind == EventKind.SETTING.code()
                    ? violation(NotificationSetting.parseFrom(payload)) == null
                    : Notice.parseFrom(payload).getReason() != Notice.Reason.UNRECOGNIZED;
        } catch (InvalidProtocolBufferException e) {
            return false;
        }
    }

    private static boolean isReadMark(ByteBuf payload, int at, int length) {
        return length == READ_LENGTH
                && payload.getByte(at) == CHANNEL_TAG
                && payload.getByte(at + SEQUENCE_TAG_OFFSET) == SEQUENCE_TAG
                && payload.getLongLE(at + CHANNEL_OFFSET) != 0
                && payload.getLongLE(at + SEQUENCE_OFFSET) > 0;
    }

    /** Whether stored bytes are the payload of a READ; those that were erased are not. Borrows the buffer. */
    public static boolean isReadMark(DirectBuffer payload, int at, int length) {
        return length == READ_LENGTH
                && payload.getByte(at) == CHANNEL_TAG
                && payload.getByte(at + SEQUENCE_TAG_OFFSET) == SEQUENCE_TAG;
    }

    /** The channel of a READ's payload. */
    public static long readChannel(DirectBuffer payload, int at) {
        return payload.getLong(at + CHANNEL_OFFSET, LITTLE_ENDIAN);
    }

    /** The sequence of a READ's payload. */
    public static long readSequence(DirectBuffer payload, int at) {
        return payload.getLong(at + SEQUENCE_OFFSET, LITTLE_ENDIAN);
    }

    /** What is wrong with this setting, as a sentence for people, or null when nothing is. */
    public static @Nullable String violation(NotificationSetting setting) {
        switch (setting.getScopeCase()) {
            case CHANNEL -> {
                if (setting.getChannel() == 0) {
                    return "a setting's channel is 0, which none is";
                }
            }
            case SPACE -> {
                int length = setting.getSpaceBytes().size();
                if (length == 0 || length > SPACE_LENGTH) {
                    return "a setting's space has " + length + " bytes; it has 1 to " + SPACE_LENGTH;
                }
            }
            case EVERYWHERE -> {}
            case SCOPE_NOT_SET -> {
                return "a setting has no scope";
            }
        }
        return setting.getLevel() == NotificationLevel.UNRECOGNIZED ? "a setting's level is unknown" : null;
    }

    /** What a setting is about, and nothing else of it, what is unknown here neither. */
    public static NotificationSetting scope(NotificationSetting setting) {
        NotificationSetting.Builder scope = NotificationSetting.newBuilder();
        switch (setting.getScopeCase()) {
            case CHANNEL -> scope.setChannel(setting.getChannel());
            case SPACE -> scope.setSpace(setting.getSpace());
            case EVERYWHERE -> scope.setEverywhere(NotificationSetting.Everywhere.getDefaultInstance());
            case SCOPE_NOT_SET -> {}
        }
        return scope.build();
    }

    /** Whether a setting says nothing, and so takes back what was said of its scope. */
    public static boolean isEmpty(NotificationSetting setting) {
        return setting.getLevel() == NotificationLevel.NOTIFICATION_LEVEL_UNSPECIFIED
                && setting.getMutedUntilUs() == 0
                && !setting.getMutesMentions();
    }
}
