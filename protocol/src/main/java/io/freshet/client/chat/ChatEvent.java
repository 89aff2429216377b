package io.freshet.client.chat;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;
import io.freshet.client.StoredRecord;
import io.freshet.protocol.EventKind;
import io.freshet.protocol.v1.Content;
import io.freshet.protocol.v1.Deletion;
import io.freshet.protocol.v1.Edit;
import io.freshet.protocol.v1.ErasedSequences;
import io.freshet.protocol.v1.Pin;
import io.freshet.protocol.v1.Reaction;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An event that changes a message of its channel.
 *
 * @param kind EDIT to UNPIN, or ERASURE
 * @param target the record that it names: the message, with ERASURE also one of its edits
 * @param content what an EDIT says; empty with other kinds
 * @param reaction what a REACT or UNREACT says; empty with other kinds
 */
record ChatEvent(
        EventKind kind, long sequence, long timestampUs, long sender, long target, Content content, String reaction) {
    /** Bytes of memory that an event takes beside its content, about. */
    private static final int OVERHEAD_LENGTH = 128;

    /** The events in a record, one or, with ERASURE, several; none when it has no meaning, or none that counts. */
    static List<ChatEvent> of(StoredRecord record) {
        EventKind kind = EventKind.of(record.kind());
        if (kind == null || record.isErased()) {
            return List.of();
        }
        ByteString payload = UnsafeByteOperations.unsafeWrap(record.payload());
        try {
            if (kind == EventKind.ERASURE) {
                return record.sender() == 0 ? erasures(record, payload) : List.of();
            }
            return record.isChecked() ? named(record, kind, payload) : List.of();
        } catch (InvalidProtocolBufferException e) {
            return List.of();
        }
    }

    private static List<ChatEvent> erasures(StoredRecord record, ByteString payload)
            throws InvalidProtocolBufferException {
        return ErasedSequences.parseFrom(payload).getSequenceList().stream()
                .map(erased -> of(record, EventKind.ERASURE, erased, Content.getDefaultInstance(), ""))
                .toList();
    }

    private static List<ChatEvent> named(StoredRecord record, EventKind kind, ByteString payload)
            throws InvalidProtocolBufferException {
        Content none = Content.getDefaultInstance();
        return switch (kind) {
            case EDIT -> {
                Edit edit = Edit.parseFrom(payload);
                yield List.of(of(record, kind, edit.getTarget(), edit.getContent(), ""));
            }
            case DELETE -> List.of(of(record, kind, Deletion.parseFrom(payload).getTarget(), none, ""));
            case REACT, UNREACT -> {
                Reaction reaction = Reaction.parseFrom(payload);
                yield List.of(of(record, kind, reaction.getTarget(), none, reaction.getReaction()));
            }
            case PIN, UNPIN -> List.of(of(record, kind, Pin.parseFrom(payload).getTarget(), none, ""));
            default -> List.of();
        };
    }

    private static ChatEvent of(StoredRecord record, EventKind kind, long target, Content content, String reaction) {
        return new ChatEvent(kind, record.sequence(), record.timestampUs(), record.sender(), target, content, reaction);
    }

    /** What a POST says; null when it is erased, or is none that counts. */
    static @Nullable Content contentOf(StoredRecord record) {
        try {
            return record.isErased() ? null : Content.parseFrom(record.payload());
        } catch (InvalidProtocolBufferException e) {
            return null;
        }
    }

    /** Whether this record is a message. */
    static boolean isPost(StoredRecord record) {
        return record.kind() == EventKind.POST.code() && record.isChecked();
    }

    /** Bytes of memory, about. */
    int length() {
        return OVERHEAD_LENGTH + content.getSerializedSize();
    }
}
