package io.freshet.engine.notice;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.freshet.log.LogFollower.StateWriter;
import io.freshet.protocol.v1.NoticeSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Folds into one inbox, while a checkpoint is written, what came of it: reads the states that this touches and writes those that it changes. An event that is applied
 * again changes nothing. Belongs to the indexer's thread.
 */
final class InboxFold {
    private final StateWriter states;
    private final long inbox;
    private final UnsafeBuffer value = new UnsafeBuffer(new byte[ReadPosition.LENGTH]);
    private final InboxMarks marks;
    private final long upToBefore;
    private final int countBefore;
    private final Map<Integer, NoticeSource> sources = new HashMap<>();
    private @Nullable InboxSettings settings;
    private Set<Long> setBefore = Set.of();
    private boolean isSettingsChanged;
    private long upTo;

    InboxFold(StateWriter states, long inbox) {
        this.states = states;
        this.inbox = inbox;
        long[] head = new long[2];
        states.state(inbox, InboxKeys.HEAD, 0, (key1, key2, state, offset, length) -> {
            head[0] = state.getLong(offset, LITTLE_ENDIAN);
            head[1] = state.getInt(offset + Long.BYTES, LITTLE_ENDIAN);
        });
        upToBefore = head[0];
        upTo = upToBefore;
        countBefore = (int) head[1];
        marks = new InboxMarks(states, inbox, countBefore);
    }

    private InboxSettings settings() {
        InboxSettings read = settings;
        if (read == null) {
            InboxSettings[] found = {new InboxSettings()};
            states.state(
                    inbox,
                    InboxKeys.SETTINGS,
                    0,
                    (key1, key2, state, offset, length) -> found[0] = InboxSettings.read(state, offset, length));
            read = found[0];
            settings = read;
            setBefore = read.channels();
        }
        return read;
    }

    /** Takes in what was folded from another part of the same inbox. */
    void merge(Inbox other) {
        upTo = Math.max(upTo, other.upTo());
        marks.merge(other.marks());
        settings().merge(other.said());
        isSettingsChanged = true;
        other.sources().forEach(this::raise);
    }

    /** Takes the event of a sequence, unless it has it; each has the events of all lower ones by then. */
    void apply(long sequence, InboxEvent event) {
        if (sequence <= upTo) {
            return;
        }
        upTo = sequence;
        if (event.setting() != null) {
            settings().set(sequence, event.setting());
            isSettingsChanged = true;
        } else if (event.notice() == null) {
            marks.say(sequence, event.channel(), event.readUpTo());
        } else if (event.notice().hasSource()) {
            raise(event.notice().getSource());
        }
    }

    private void raise(NoticeSource source) {
        int shard = source.getShard();
        NoticeSource known = sources.get(shard);
        if (known == null) {
            NoticeSource[] found = {null};
            states.state(
                    inbox,
                    InboxKeys.SOURCES,
                    shard,
                    (key1, key2, state, offset, length) -> found[0] = Inbox.source(shard, state, offset));
            known = found[0];
        }
        if (!Inbox.isAtMost(source, known)) {
            sources.put(shard, source);
        }
    }

    /** Writes what has changed; the user is whose inbox it is. */
    void write(long user) {
        Set<Long> touched = marks.write(value);
        sources.forEach((shard, source) -> {
            value.putLong(0, source.getPosition(), LITTLE_ENDIAN);
            value.putInt(Long.BYTES, source.getIndex(), LITTLE_ENDIAN);
            states.put(inbox, InboxKeys.SOURCES, shard, value, 0, InboxKeys.SOURCE_LENGTH);
        });
        if (isSettingsChanged) {
            byte[] bytes = settings().bytes();
            states.put(inbox, InboxKeys.SETTINGS, 0, new UnsafeBuffer(bytes), 0, bytes.length);
            Set<Long> set = settings().channels();
            Set<Long> either = new HashSet<>(set);
            either.addAll(setBefore);
            either.removeIf(channel -> set.contains(channel) && setBefore.contains(channel));
            touched.addAll(either);
        }
        if (upTo != upToBefore || marks.count() != countBefore) {
            value.putLong(0, upTo, LITTLE_ENDIAN);
            value.putInt(Long.BYTES, marks.count(), LITTLE_ENDIAN);
            states.put(inbox, InboxKeys.HEAD, 0, value, 0, InboxKeys.HEAD_LENGTH);
        }
        touched.forEach(channel -> writeUser(channel, user));
    }

    private void writeUser(long channel, long user) {
        ReadPosition mark = marks.find(channel);
        if (mark == null && !settings().channels().contains(channel)) {
            states.remove(channel, InboxKeys.USERS, user);
        } else {
            value.putLong(0, mark == null ? 0 : mark.readUpTo(), LITTLE_ENDIAN);
            states.put(channel, InboxKeys.USERS, user, value, 0, InboxKeys.USER_LENGTH);
        }
    }
}
