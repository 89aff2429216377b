package io.freshet.engine.chat;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.agrona.DirectBuffer;
import org.agrona.ExpandableArrayBuffer;

/**
 * How a post's state lies in the index, little-endian.
 *
 * <pre>
 *  deleted by u64 | pinned by u64 | is pinned u8 | edited at u64 | edits u8 × u64 | reactions u8 × (count u32, length u8, UTF-8)
 * </pre>
 */
final class PostCodec {
    private static final int PINNED_BY_OFFSET = 8;
    private static final int PINNED_OFFSET = 16;
    private static final int EDITED_OFFSET = 17;
    private static final int EDIT_COUNT_OFFSET = 25;
    private static final int EDITS_OFFSET = 26;
    private static final int NAME_OFFSET = 5;

    private PostCodec() {}

    /** Returns the bytes written at the beginning of the buffer, which grows when it must. */
    static int write(Post post, ExpandableArrayBuffer out) {
        out.putLong(0, post.deletedBy(), LITTLE_ENDIAN);
        out.putLong(PINNED_BY_OFFSET, post.pinnedBy(), LITTLE_ENDIAN);
        out.putByte(PINNED_OFFSET, (byte) (post.isPinned() ? 1 : 0));
        out.putLong(EDITED_OFFSET, post.editedUs(), LITTLE_ENDIAN);
        out.putByte(EDIT_COUNT_OFFSET, (byte) post.edits().size());
        int at = EDITS_OFFSET;
        for (long edit : post.edits()) {
            out.putLong(at, edit, LITTLE_ENDIAN);
            at += Long.BYTES;
        }
        out.putByte(at++, (byte) post.reactions().size());
        for (Map.Entry<String, Integer> each : post.reactions().entrySet()) {
            byte[] reaction = each.getKey().getBytes(StandardCharsets.UTF_8);
            out.putInt(at, each.getValue(), LITTLE_ENDIAN);
            out.putByte(at + Integer.BYTES, (byte) reaction.length);
            out.putBytes(at + NAME_OFFSET, reaction);
            at += NAME_OFFSET + reaction.length;
        }
        return at;
    }

    static Post read(DirectBuffer in, int offset) {
        Post post = new Post();
        post.pinned(in.getLong(offset + PINNED_BY_OFFSET, LITTLE_ENDIAN), in.getByte(offset + PINNED_OFFSET) != 0);
        int at = offset + EDITS_OFFSET;
        for (int i = in.getByte(offset + EDIT_COUNT_OFFSET); i > 0; i--) {
            post.edited(in.getLong(at, LITTLE_ENDIAN), in.getLong(offset + EDITED_OFFSET, LITTLE_ENDIAN));
            at += Long.BYTES;
        }
        for (int i = in.getByte(at++); i > 0; i--) {
            int count = in.getInt(at, LITTLE_ENDIAN);
            byte[] reaction = new byte[in.getByte(at + Integer.BYTES)];
            in.getBytes(at + NAME_OFFSET, reaction);
            post.reacted(new String(reaction, StandardCharsets.UTF_8), count);
            at += NAME_OFFSET + reaction.length;
        }
        long deletedBy = in.getLong(offset, LITTLE_ENDIAN);
        if (deletedBy != 0) {
            post.deleted(deletedBy);
        }
        return post;
    }
}
