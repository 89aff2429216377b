package io.freshet.engine.chat;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.util.BitSet;
import org.agrona.DirectBuffer;
import org.agrona.ExpandableArrayBuffer;

/**
 * Which of {@link #LENGTH} consecutive records of a channel are posts, and which of those were deleted. Both only grow, so that
 * they may be told twice and merged, until the records expire.
 *
 * <pre>
 *  longs of posts u8 | longs of deleted u8 | posts n × u64 | deleted n × u64
 * </pre>
 */
final class PostBlock {
    /** Sequences of a block. */
    static final int LENGTH = 1 << PostBlock.SHIFT;

    private static final int SHIFT = 12;
    private static final int WORDS_OFFSET = 2;

    private final BitSet posts = new BitSet();
    private final BitSet deleted = new BitSet();

    /** Number of the block that a sequence belongs to. */
    static long of(long sequence) {
        return sequence >>> SHIFT;
    }

    /** First sequence of a block. */
    static long first(long block) {
        return block << SHIFT;
    }

    void posted(long sequence) {
        posts.set(bit(sequence));
    }

    void deleted(long sequence) {
        deleted.set(bit(sequence));
    }

    private static int bit(long sequence) {
        return (int) sequence & (LENGTH - 1);
    }

    void merge(PostBlock other) {
        posts.or(other.posts);
        deleted.or(other.deleted);
    }

    /** Forgets what is before a sequence of this block, or of a later one. */
    void expireBefore(long block, long sequence) {
        int end = (int) Math.max(0, Math.min(LENGTH, sequence - first(block)));
        posts.clear(0, end);
        deleted.clear(0, end);
    }

    /** Posts that are there. */
    int count() {
        return live(0).cardinality();
    }

    /** Of those, the ones from a sequence of this block on, or of an earlier one. */
    int countFrom(long block, long sequence) {
        return live((int) Math.max(0, Math.min(LENGTH, sequence - first(block))))
                .cardinality();
    }

    private BitSet live(int from) {
        BitSet live = (BitSet) posts.clone();
        live.andNot(deleted);
        live.clear(0, from);
        return live;
    }

    boolean isLive(long sequence) {
        return posts.get(bit(sequence)) && !deleted.get(bit(sequence));
    }

    /** The last post that is there, as a sequence; 0 when there is none. */
    long last(long block) {
        int last = live(0).previousSetBit(LENGTH - 1);
        return last < 0 ? 0 : first(block) + last;
    }

    boolean isEmpty() {
        return posts.isEmpty() && deleted.isEmpty();
    }

    /** Returns the bytes written at the beginning of the buffer, which grows when it must. */
    int write(ExpandableArrayBuffer out) {
        long[] postWords = posts.toLongArray();
        long[] deletedWords = deleted.toLongArray();
        out.putByte(0, (byte) postWords.length);
        out.putByte(1, (byte) deletedWords.length);
        return write(deletedWords, out, write(postWords, out, WORDS_OFFSET));
    }

    private static int write(long[] words, ExpandableArrayBuffer out, int offset) {
        int at = offset;
        for (long word : words) {
            out.putLong(at, word, LITTLE_ENDIAN);
            at += Long.BYTES;
        }
        return at;
    }

    static PostBlock read(DirectBuffer in, int offset) {
        PostBlock block = new PostBlock();
        int postCount = in.getByte(offset);
        int deletedCount = in.getByte(offset + 1);
        int at = offset + WORDS_OFFSET;
        block.posts.or(words(in, at, postCount));
        block.deleted.or(words(in, at + postCount * Long.BYTES, deletedCount));
        return block;
    }

    private static BitSet words(DirectBuffer in, int offset, int count) {
        long[] words = new long[count];
        for (int i = 0; i < count; i++) {
            words[i] = in.getLong(offset + i * Long.BYTES, LITTLE_ENDIAN);
        }
        return BitSet.valueOf(words);
    }
}
