package io.freshet.engine.notice;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.freshet.protocol.v1.InboxState;
import io.freshet.protocol.v1.NoticeSource;
import io.freshet.protocol.v1.NotificationSetting;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;

/** Of one inbox the states that were put in, as {@link InboxKeys} lays them out; several of one key come to the latest. One thread. */
final class Inbox {
    private final Map<Long, ReadPosition> marks = new HashMap<>();
    private final Map<Integer, NoticeSource> sources = new HashMap<>();
    private InboxSettings settings = new InboxSettings();
    private long upTo;

    /** Takes a state of the inbox. Borrows the buffer. */
    void put(long key1, long key2, DirectBuffer value, int offset, int length) {
        if (key1 == InboxKeys.HEAD) {
            upTo = Math.max(upTo, value.getLong(offset, LITTLE_ENDIAN));
        } else if (key1 == InboxKeys.SETTINGS) {
            InboxSettings read = InboxSettings.read(value, offset, length);
            read.merge(settings);
            settings = read;
        } else if (key1 == InboxKeys.SOURCES) {
            NoticeSource source = source(key2, value, offset);
            sources.merge(source.getShard(), source, (one, two) -> isAtMost(one, two) ? two : one);
        } else if (key1 == InboxKeys.MARKS) {
            marks.merge(key2, ReadPosition.read(value, offset), ReadPosition::and);
        }
    }

    static NoticeSource source(long shard, DirectBuffer value, int offset) {
        return NoticeSource.newBuilder()
                .setShard((int) shard)
                .setPosition(value.getLong(offset, LITTLE_ENDIAN))
                .setIndex(value.getInt(offset + Long.BYTES, LITTLE_ENDIAN))
                .build();
    }

    /**
     * What was said last after a sequence, of marks and settings, as it was said one after the other, at most so many of both together; without the rest.
     */
    InboxState saidAfter(long sequence, int count) {
        InboxState.Builder said = InboxState.newBuilder().setUpTo(upTo);
        TreeMap<Long, Runnable> all = new TreeMap<>();
        marks.forEach((channel, mark) -> all.put(
                mark.said(),
                () -> said.addMarks(InboxState.Mark.newBuilder()
                        .setChannel(channel)
                        .setSequence(mark.readUpTo())
                        .setSaid(mark.said()))));
        settings.said().forEach(setting -> all.put(setting.getSaid(), () -> said.addSettings(setting)));
        all.tailMap(sequence, false).values().stream().limit(count).forEach(Runnable::run);
        return said.build();
    }

    /** Sequence of the last event that is in it. */
    long upTo() {
        return upTo;
    }

    Map<Long, ReadPosition> marks() {
        return marks;
    }

    /** The channel's records up to this sequence are read; 0 when nothing is known. */
    long readUpTo(long channel) {
        ReadPosition mark = marks.get(channel);
        return mark == null ? 0 : mark.readUpTo();
    }

    InboxSettings said() {
        return settings;
    }

    /** What the user has set, one a scope. */
    List<NotificationSetting> settings() {
        return settings.set();
    }

    Iterable<NoticeSource> sources() {
        return sources.values();
    }

    /** Whether a notice from there, or from later in the same shard, is in it. */
    boolean isBehind(NoticeSource source) {
        return isAtMost(source, sources.get(source.getShard()));
    }

    static boolean isAtMost(NoticeSource source, @Nullable NoticeSource other) {
        if (other == null || source.getPosition() != other.getPosition()) {
            return other != null && source.getPosition() < other.getPosition();
        }
        return source.getIndex() <= other.getIndex();
    }
}
