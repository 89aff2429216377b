package io.freshet.engine.notice;

import io.freshet.log.LogFollower.StateWriter;
import io.freshet.protocol.InboxEvents;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The marks of one inbox while a checkpoint is written: those that are asked for are read, those that have changed are written. All are read only to find the one said
 * longest ago, which goes when there are too many. Belongs to the indexer's thread.
 */
final class InboxMarks {
    private final StateWriter states;
    private final long inbox;
    /** The channels whose marks were read, or of which there was none. */
    private final Set<Long> asked = new HashSet<>();

    private final Map<Long, ReadPosition> before = new HashMap<>();
    private final Map<Long, ReadPosition> now = new HashMap<>();
    private final TreeMap<Long, Long> channelsBySaid = new TreeMap<>();
    private boolean isWhole;
    private int count;

    /** @param count how many there are */
    InboxMarks(StateWriter states, long inbox, int count) {
        this.states = states;
        this.inbox = inbox;
        this.count = count;
    }

    int count() {
        return count;
    }

    /** The channel's mark, or null. */
    @Nullable
    ReadPosition find(long channel) {
        if (asked.add(channel) && !isWhole) {
            states.state(
                    inbox,
                    InboxKeys.MARKS,
                    channel,
                    (key1, key2, value, offset, length) -> read(channel, ReadPosition.read(value, offset)));
        }
        return now.get(channel);
    }

    private void read(long channel, ReadPosition mark) {
        before.put(channel, mark);
        now.put(channel, mark);
    }

    /** An event of this sequence says that a channel is read so far. */
    void say(long sequence, long channel, long readUpTo) {
        put(channel, new ReadPosition(readUpTo, sequence));
        removeOldest();
    }

    /** Takes in the marks that were folded from another part of the same inbox. */
    void merge(Map<Long, ReadPosition> others) {
        others.forEach(this::put);
        removeOldest();
    }

    private void put(long channel, ReadPosition said) {
        ReadPosition known = find(channel);
        ReadPosition mark = known == null ? said : known.and(said);
        now.put(channel, mark);
        if (known == null) {
            count++;
        }
        if (isWhole) {
            if (known != null) {
                channelsBySaid.remove(known.said());
            }
            channelsBySaid.put(mark.said(), channel);
        }
    }

    private void removeOldest() {
        if (count > InboxEvents.MARK_COUNT) {
            readAll();
        }
        while (count > InboxEvents.MARK_COUNT) {
            now.remove(channelsBySaid.pollFirstEntry().getValue());
            count--;
        }
    }

    private void readAll() {
        if (!isWhole) {
            states.states(inbox, InboxKeys.MARKS, InboxKeys.MARKS, (key1, channel, value, offset, length) -> {
                if (asked.add(channel)) {
                    read(channel, ReadPosition.read(value, offset));
                }
            });
            isWhole = true;
            now.forEach((channel, mark) -> channelsBySaid.put(mark.said(), channel));
        }
    }

    /** Writes what has changed; returns the channels that are read further than before, or of which there is a mark now, or no more. */
    Set<Long> write(UnsafeBuffer value) {
        Set<Long> changed = new HashSet<>();
        for (long channel : asked) {
            ReadPosition old = before.get(channel);
            ReadPosition mark = now.get(channel);
            if (Objects.equals(old, mark)) {
                continue;
            }
            if (mark == null) {
                states.remove(inbox, InboxKeys.MARKS, channel);
            } else {
                mark.write(value);
                states.put(inbox, InboxKeys.MARKS, channel, value, 0, ReadPosition.LENGTH);
            }
            if (old == null || mark == null || old.readUpTo() != mark.readUpTo()) {
                changed.add(channel);
            }
        }
        return changed;
    }
}
