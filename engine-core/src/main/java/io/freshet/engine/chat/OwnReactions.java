package io.freshet.engine.chat;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.freshet.protocol.EventKind;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import org.agrona.DirectBuffer;
import org.agrona.ExpandableArrayBuffer;

/**
 * The reactions that one user has to one post: of each the last event that gave it or took it back. Events may come twice and in
 * any order, and two states may be merged: the later event counts.
 *
 * <pre>
 *  count u8 × (event u64, is there u8, length u8, UTF-8)
 * </pre>
 */
public final class OwnReactions {
    /** Reactions that a state remembers: those that are there, and as many again that are not. */
    private static final int LIMIT = 2 * Post.REACTION_LIMIT;

    private static final int NAME_OFFSET = 10;

    private record Last(long sequence, boolean isThere) {}

    private final Map<String, Last> reactions = new TreeMap<>();

    boolean contains(String reaction) {
        Last last = reactions.get(reaction);
        return last != null && last.isThere;
    }

    /** Adds one to, or takes one from, the counts of a post for each reaction that is there. */
    void count(Post post) {
        reactions.forEach((name, last) -> {
            if (last.isThere) {
                post.reacted(name, 1);
            }
        });
    }

    /** Folds a REACT or UNREACT of this user; returns by how many the count of the reaction changes. */
    int apply(ChatEvent event) {
        return apply(event.reaction(), new Last(event.sequence(), event.kind() == EventKind.REACT));
    }

    private int apply(String name, Last last) {
        Last known = reactions.get(name);
        if (known != null && known.sequence >= last.sequence) {
            return 0;
        }
        boolean wasThere = known != null && known.isThere;
        reactions.put(name, last);
        if (reactions.size() > LIMIT) {
            forgetOldest();
        }
        return last.isThere == wasThere ? 0 : last.isThere ? 1 : -1;
    }

    /** Of those that are not there: whoever tells of one again tells of what came after it as well. */
    private void forgetOldest() {
        String oldest = null;
        long sequence = Long.MAX_VALUE;
        for (Map.Entry<String, Last> each : reactions.entrySet()) {
            if (!each.getValue().isThere && each.getValue().sequence < sequence) {
                sequence = each.getValue().sequence;
                oldest = each.getKey();
            }
        }
        reactions.remove(oldest);
    }

    void merge(OwnReactions other) {
        other.reactions.forEach(this::apply);
    }

    /** Returns the bytes written at the beginning of the buffer, which grows when it must. */
    int write(ExpandableArrayBuffer out) {
        out.putByte(0, (byte) reactions.size());
        int at = 1;
        for (Map.Entry<String, Last> each : reactions.entrySet()) {
            byte[] name = each.getKey().getBytes(StandardCharsets.UTF_8);
            out.putLong(at, each.getValue().sequence, LITTLE_ENDIAN);
            out.putByte(at + 8, (byte) (each.getValue().isThere ? 1 : 0));
            out.putByte(at + 9, (byte) name.length);
            out.putBytes(at + NAME_OFFSET, name);
            at += NAME_OFFSET + name.length;
        }
        return at;
    }

    static OwnReactions read(DirectBuffer in, int offset) {
        OwnReactions read = new OwnReactions();
        int at = offset + 1;
        for (int i = in.getByte(offset); i > 0; i--) {
            byte[] name = new byte[in.getByte(at + 9)];
            in.getBytes(at + NAME_OFFSET, name);
            Last last = new Last(in.getLong(at, LITTLE_ENDIAN), in.getByte(at + 8) != 0);
            read.reactions.put(new String(name, StandardCharsets.UTF_8), last);
            at += NAME_OFFSET + name.length;
        }
        return read;
    }
}
