package io.freshet.engine.simulation;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.UnknownFieldSet;
import io.freshet.engine.chat.ChatEvent;
import io.freshet.protocol.EventKind;
import io.freshet.protocol.FrameHeader;
import io.freshet.protocol.v1.Content;
import io.freshet.protocol.v1.Deletion;
import io.freshet.protocol.v1.Edit;
import io.freshet.protocol.v1.Mention;
import io.freshet.protocol.v1.Pin;
import io.freshet.protocol.v1.Reaction;
import java.io.IOException;
import java.util.SplittableRandom;

/** What people say to each other: events that carry the number of their publish in a field that the server does not know. */
final class SimEvents {
    /** Field 1, a fixed64. */
    private static final byte TARGET_TAG = 1 << 3 | 1;

    private static final int TARGET_LENGTH = 1 + Long.BYTES;

    private static final int NUMBER_FIELD = 15;
    private static final int MENTIONED = 10;
    private static final EventKind[] KINDS = {
        EventKind.POST,
        EventKind.POST,
        EventKind.POST,
        EventKind.EDIT,
        EventKind.DELETE,
        EventKind.REACT,
        EventKind.REACT,
        EventKind.REACT,
        EventKind.UNREACT,
        EventKind.PIN,
        EventKind.UNPIN
    };

    private SimEvents() {}

    /**
     * What is left of an event's content once it is erased: an edit's target.
     *
     * @param flags of its frame
     * @param payload as it is, or was before
     */
    static byte[] erased(int kind, int flags, byte[] payload) {
        byte[] left = new byte[payload.length];
        boolean isEdit = kind == EventKind.EDIT.code() && (flags & FrameHeader.FLAG_CHECKED) != 0;
        if (isEdit && payload.length >= TARGET_LENGTH && payload[0] == TARGET_TAG) {
            System.arraycopy(payload, 0, left, 0, TARGET_LENGTH);
        }
        return left;
    }

    /** Whether nothing of an event can be erased but by its expiry: it only says what becomes of a post. */
    static boolean isWithoutContent(int kind) {
        return kind >= EventKind.DELETE.code() && kind <= EventKind.UNPIN.code();
    }

    /** Whether records of this kind are such events. */
    static boolean isEvent(int kind) {
        return kind >= EventKind.POST.code() && kind <= EventKind.UNPIN.code();
    }

    static EventKind kind(SplittableRandom random) {
        return KINDS[random.nextInt(KINDS.length)];
    }

    /** What such an event says of a record. */
    static byte[] payload(EventKind kind, long target, int number, SplittableRandom random) {
        UnknownFieldSet numbered = UnknownFieldSet.newBuilder()
                .addField(
                        NUMBER_FIELD,
                        UnknownFieldSet.Field.newBuilder().addFixed32(number).build())
                .build();
        Content.Builder content = Content.newBuilder().setText("said");
        MessageLite payload = switch (kind) {
            case POST -> {
                if (random.nextInt(4) == 0) {
                    content.setReplyTo(target);
                }
                if (random.nextInt(6) == 0) {
                    content.addMentions(
                            Mention.newBuilder().setUser(Workload.FIRST_SENDER + random.nextInt(MENTIONED)));
                }
                yield content.setUnknownFields(numbered).build();
            }
            case EDIT ->
                Edit.newBuilder()
                        .setTarget(target)
                        .setContent(content)
                        .setUnknownFields(numbered)
                        .build();
            case DELETE ->
                Deletion.newBuilder()
                        .setTarget(target)
                        .setUnknownFields(numbered)
                        .build();
            case PIN, UNPIN ->
                Pin.newBuilder().setTarget(target).setUnknownFields(numbered).build();
            default ->
                Reaction.newBuilder()
                        .setTarget(target)
                        .setReaction("r" + random.nextInt(3))
                        .setUnknownFields(numbered)
                        .build();
        };
        return payload.toByteArray();
    }

    /** The number that was put into the payload. */
    static int number(byte[] payload) {
        CodedInputStream in = CodedInputStream.newInstance(payload);
        try {
            for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                if (tag >>> 3 == NUMBER_FIELD) {
                    return in.readFixed32();
                }
                in.skipField(tag);
            }
        } catch (IOException e) {
            return 0;
        }
        return 0;
    }

    /** The event in a payload that was kept. */
    static ChatEvent event(EventKind kind, long sender, byte[] payload) throws InvalidProtocolBufferException {
        long target = switch (kind) {
            case POST -> Content.parseFrom(payload).getReplyTo();
            case EDIT -> Edit.parseFrom(payload).getTarget();
            case DELETE -> Deletion.parseFrom(payload).getTarget();
            case PIN, UNPIN -> Pin.parseFrom(payload).getTarget();
            default -> Reaction.parseFrom(payload).getTarget();
        };
        boolean isReaction = kind == EventKind.REACT || kind == EventKind.UNREACT;
        return new ChatEvent(
                kind,
                0,
                0,
                sender,
                target,
                isReaction ? Reaction.parseFrom(payload).getReaction() : "");
    }
}
