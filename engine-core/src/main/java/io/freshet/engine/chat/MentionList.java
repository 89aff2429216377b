package io.freshet.engine.chat;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.util.NavigableSet;
import java.util.TreeSet;
import org.agrona.DirectBuffer;
import org.agrona.ExpandableArrayBuffer;

/**
 * The last posts of a channel that mention one user, one role or everyone, deleted ones included. May be told twice, and merged.
 *
 * <pre>
 *  count u8 × sequence u64, rising
 * </pre>
 */
final class MentionList {
    /** Posts that are remembered. */
    static final int LIMIT = 100;

    private final NavigableSet<Long> posts = new TreeSet<>();

    /** Sequences of the posts. */
    NavigableSet<Long> posts() {
        return posts;
    }

    void add(long post) {
        posts.add(post);
        if (posts.size() > LIMIT) {
            posts.pollFirst();
        }
    }

    void merge(MentionList other) {
        other.posts.forEach(this::add);
    }

    /** Forgets posts before this one. */
    void expireBefore(long sequence) {
        posts.headSet(sequence).clear();
    }

    /** Returns the bytes written at the beginning of the buffer, which grows when it must. */
    int write(ExpandableArrayBuffer out) {
        out.putByte(0, (byte) posts.size());
        int at = 1;
        for (long post : posts) {
            out.putLong(at, post, LITTLE_ENDIAN);
            at += Long.BYTES;
        }
        return at;
    }

    static MentionList read(DirectBuffer in, int offset) {
        MentionList list = new MentionList();
        for (int i = 0, n = in.getByte(offset); i < n; i++) {
            list.posts.add(in.getLong(offset + 1 + i * Long.BYTES, LITTLE_ENDIAN));
        }
        return list;
    }
}
