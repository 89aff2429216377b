package io.freshet.engine.chat;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Parser;
import io.freshet.protocol.ContentLimits;
import io.freshet.protocol.EventKind;
import io.freshet.protocol.FrameHeader;
import io.freshet.protocol.RecordFrame;
import io.freshet.protocol.v1.Content;
import io.freshet.protocol.v1.Deletion;
import io.freshet.protocol.v1.Edit;
import io.freshet.protocol.v1.Mention;
import io.freshet.protocol.v1.Pin;
import io.freshet.protocol.v1.Reaction;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Set;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;

/** Reads events out of canonical record frames; allocates. */
public final class ChatEvents {
    private static final int POST_LAST = EventKind.UNPIN.code();

    /** Field 1, wire type I64. */
    private static final int TARGET_TAG = 1 << 3 | 1;

    /** Bytes of a target with its tag. */
    private static final int TARGET_LENGTH = 1 + Long.BYTES;

    private static final byte[] NO_TARGET = {};

    private ChatEvents() {}

    /** Whether records of this kind are checked before they are kept. */
    public static boolean isChecked(int kind) {
        return kind >= EventKind.POST.code() && kind <= POST_LAST;
    }

    /** Whether records of this kind name a post. */
    static boolean namesPost(int kind) {
        return kind > EventKind.POST.code() && kind <= POST_LAST;
    }

    /** What is wrong with the payload of a checked kind, or null when nothing is. Borrows the buffer. */
    static @Nullable String violation(ByteBuf frame, int index, int frameLength) {
        EventKind kind = EventKind.of(FrameHeader.kind(frame, index));
        if (kind == null || !isChecked(kind.code())) {
            return "no event of a chat";
        }
        try {
            return violation(kind, payload(frame, index, frameLength));
        } catch (InvalidProtocolBufferException e) {
            return "the payload is no " + kind;
        }
    }

    private static @Nullable String violation(EventKind kind, ByteString payload)
            throws InvalidProtocolBufferException {
        return switch (kind) {
            case POST -> ContentLimits.violation(Content.parseFrom(payload));
            case EDIT -> {
                Edit edit = Edit.parseFrom(payload);
                yield edit.hasContent() ? ContentLimits.violation(edit.getContent()) : "an edit has a content";
            }
            case REACT, UNREACT ->
                ContentLimits.reactionViolation(Reaction.parseFrom(payload).getReaction());
            case DELETE -> parsed(Deletion.parser(), payload);
            case PIN, UNPIN -> parsed(Pin.parser(), payload);
            default -> throw new IllegalArgumentException("not checked: " + kind);
        };
    }

    private static @Nullable String parsed(Parser<?> parser, ByteString payload) throws InvalidProtocolBufferException {
        parser.parseFrom(payload);
        return null;
    }

    /**
     * What a record of a checked kind wishes, when its payload is legal; null when it is not. Borrows the buffer.
     *
     * @param sender who publishes it
     */
    public static @Nullable EventDraft draft(ByteBuf frame, int index, int frameLength, long sender) {
        EventKind kind = EventKind.of(FrameHeader.kind(frame, index));
        if (kind == null || violation(frame, index, frameLength) != null) {
            return null;
        }
        try {
            ByteString payload = payload(frame, index, frameLength);
            return switch (kind) {
                case POST -> {
                    Content content = Content.parseFrom(payload);
                    yield draft(new ChatEvent(kind, 0, 0, sender, content.getReplyTo(), ""), content);
                }
                case EDIT ->
                    draft(
                            of(frame, index, frameLength, sender),
                            Edit.parseFrom(payload).getContent());
                default -> draft(of(frame, index, frameLength, sender), Content.getDefaultInstance());
            };
        } catch (InvalidProtocolBufferException e) {
            return null;
        }
    }

    private static EventDraft draft(ChatEvent event, Content content) {
        Set<Long> users = new LinkedHashSet<>();
        boolean isForEveryone = false;
        for (Mention mention : content.getMentionsList()) {
            isForEveryone |= mention.hasEveryone();
            if (mention.hasUser() && mention.getUser() != event.sender()) {
                users.add(mention.getUser());
            }
        }
        return new EventDraft(event, users, isForEveryone);
    }

    /** The event in a frame whose payload is legal, or an edit that was erased, of a kind that names a post. Borrows the buffer. */
    static ChatEvent of(ByteBuf frame, int index, int frameLength, long sender) throws InvalidProtocolBufferException {
        EventKind kind = EventKind.of(FrameHeader.kind(frame, index));
        assert kind != null && namesPost(kind.code());
        ByteString payload = payload(frame, index, frameLength);
        if ((FrameHeader.flags(frame, index) & FrameHeader.FLAG_ERASED) != 0) {
            payload = keptOf(payload);
        }
        boolean isReaction = kind == EventKind.REACT || kind == EventKind.UNREACT;
        return new ChatEvent(
                kind,
                RecordFrame.sequence(frame, index),
                RecordFrame.timestampUs(frame, index),
                sender,
                target(payload),
                isReaction ? Reaction.parseFrom(payload).getReaction() : "");
    }

    /** The same of a stored record; null when it is not what its kind says. */
    static @Nullable ChatEvent ofStored(DirectBuffer buffer, int offset, int length) {
        byte[] copy = new byte[length];
        buffer.getBytes(offset, copy);
        ByteBuf frame = Unpooled.wrappedBuffer(copy);
        try {
            return of(frame, 0, length, RecordFrame.sender(frame, 0));
        } catch (InvalidProtocolBufferException e) {
            return null;
        }
    }

    /**
     * What stays of an edit that is erased: its target, as field 1 alone; nothing when that is not known. Borrows the buffer.
     *
     * @param offset of its payload
     * @param length of its payload
     */
    public static byte[] target(DirectBuffer record, int offset, int length) {
        byte[] payload = new byte[length];
        record.getBytes(offset, payload);
        try {
            return Edit.newBuilder()
                    .setTarget(Edit.parseFrom(payload).getTarget())
                    .build()
                    .toByteArray();
        } catch (InvalidProtocolBufferException e) {
            return isKept(ByteString.copyFrom(payload)) ? Arrays.copyOf(payload, TARGET_LENGTH) : NO_TARGET;
        }
    }

    private static boolean isKept(ByteString erased) {
        return erased.size() >= TARGET_LENGTH && erased.byteAt(0) == TARGET_TAG;
    }

    private static ByteString keptOf(ByteString erased) {
        return isKept(erased) ? erased.substring(0, TARGET_LENGTH) : erased;
    }

    private static ByteString payload(ByteBuf frame, int index, int frameLength) {
        int start = RecordFrame.payloadOffset(frame, index, frameLength);
        return ByteString.copyFrom(frame.nioBuffer(index + start, frameLength - start));
    }

    /** Every one of these payloads has its target as field 1, fixed64; absent is 0. */
    private static long target(ByteString payload) throws InvalidProtocolBufferException {
        CodedInputStream in = payload.newCodedInput();
        long target = 0;
        try {
            for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                if (tag == TARGET_TAG) {
                    target = in.readFixed64();
                } else {
                    in.skipField(tag);
                }
            }
        } catch (InvalidProtocolBufferException e) {
            throw e;
        } catch (IOException e) {
            throw new InvalidProtocolBufferException(e);
        }
        return target;
    }
}
