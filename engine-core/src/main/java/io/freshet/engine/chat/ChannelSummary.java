package io.freshet.engine.chat;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.util.ArrayList;
import java.util.List;
import org.agrona.DirectBuffer;
import org.agrona.ExpandableArrayBuffer;

/**
 * What is told of a channel, or of a thread, without its posts: how many there are, when the last one came, and who wrote last.
 * All but the count may be told twice, and merged; the count follows the {@link PostBlock}s.
 *
 * <pre>
 *  posts that are there u64 | last post u64 | its time u64 | writers u8 × (user u64, last post u64), the latest first
 * </pre>
 */
final class ChannelSummary {
    /** Users that are named. */
    static final int WRITER_LIMIT = 5;

    private static final int LAST_OFFSET = 8;
    private static final int LAST_US_OFFSET = 16;
    private static final int WRITER_COUNT_OFFSET = 24;
    private static final int WRITERS_OFFSET = 25;
    private static final int WRITER_LENGTH = 16;

    /** A user and the last post that is theirs. */
    private record Writer(long user, long post) {}

    private final List<Writer> writers = new ArrayList<>(WRITER_LIMIT + 1);
    private long count;
    private long last;
    private long lastUs;

    /** Posts that are there. */
    long count() {
        return count;
    }

    void addCount(long more) {
        count += more;
    }

    /** Sequence of the last post, deleted or not; 0 when there was none. */
    long last() {
        return last;
    }

    /** When that one came, in microseconds since 1970. */
    long lastUs() {
        return lastUs;
    }

    /** Who wrote last, the latest first. */
    List<Long> writers() {
        return writers.stream().map(Writer::user).toList();
    }

    void posted(long sequence, long timeUs, long sender) {
        if (sequence > last) {
            last = sequence;
            lastUs = timeUs;
        }
        wrote(sender, sequence);
    }

    private void wrote(long user, long post) {
        int at = 0;
        while (at < writers.size() && writers.get(at).user != user) {
            at++;
        }
        if (at < writers.size()) {
            if (writers.get(at).post >= post) {
                return;
            }
            writers.remove(at);
        }
        int to = 0;
        while (to < writers.size() && writers.get(to).post > post) {
            to++;
        }
        writers.add(to, new Writer(user, post));
        if (writers.size() > WRITER_LIMIT) {
            writers.remove(WRITER_LIMIT);
        }
    }

    /** Takes over what another state of the channel knows, apart from its count. */
    void merge(ChannelSummary other) {
        if (other.last > last) {
            last = other.last;
            lastUs = other.lastUs;
        }
        other.writers.forEach(writer -> wrote(writer.user, writer.post));
    }

    /** Forgets what is about posts before this one. */
    void expireBefore(long sequence) {
        writers.removeIf(writer -> writer.post < sequence);
        if (last < sequence) {
            last = 0;
            lastUs = 0;
        }
    }

    boolean isEmpty() {
        return count == 0 && last == 0;
    }

    /** Returns the bytes written at the beginning of the buffer, which grows when it must. */
    int write(ExpandableArrayBuffer out) {
        out.putLong(0, count, LITTLE_ENDIAN);
        out.putLong(LAST_OFFSET, last, LITTLE_ENDIAN);
        out.putLong(LAST_US_OFFSET, lastUs, LITTLE_ENDIAN);
        out.putByte(WRITER_COUNT_OFFSET, (byte) writers.size());
        int at = WRITERS_OFFSET;
        for (Writer writer : writers) {
            out.putLong(at, writer.user, LITTLE_ENDIAN);
            out.putLong(at + Long.BYTES, writer.post, LITTLE_ENDIAN);
            at += WRITER_LENGTH;
        }
        return at;
    }

    static ChannelSummary read(DirectBuffer in, int offset) {
        ChannelSummary summary = new ChannelSummary();
        summary.count = in.getLong(offset, LITTLE_ENDIAN);
        summary.last = in.getLong(offset + LAST_OFFSET, LITTLE_ENDIAN);
        summary.lastUs = in.getLong(offset + LAST_US_OFFSET, LITTLE_ENDIAN);
        for (int i = 0, n = in.getByte(offset + WRITER_COUNT_OFFSET); i < n; i++) {
            int at = offset + WRITERS_OFFSET + i * WRITER_LENGTH;
            summary.writers.add(new Writer(in.getLong(at, LITTLE_ENDIAN), in.getLong(at + Long.BYTES, LITTLE_ENDIAN)));
        }
        return summary;
    }
}
