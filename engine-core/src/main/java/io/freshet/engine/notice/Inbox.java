package io.freshet.engine.notice;

import com.google.protobuf.InvalidProtocolBufferException;
import io.freshet.protocol.InboxEvents;
import io.freshet.protocol.v1.InboxState;
import io.freshet.protocol.v1.NoticeSource;
import io.freshet.protocol.v1.NotificationSetting;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What the events of one inbox come to, up to a sequence; an event that is applied again changes nothing. Marks and settings are
 * kept by when they were said last, so that the one said longest ago goes when there are too many. That a setting was taken back
 * is kept as well: what was folded from an early and from a late part of the log can be put together, whichever came first. One thread.
 */
final class Inbox {
    private final Map<Long, InboxState.Mark> marks = new LinkedHashMap<>();
    /** By the setting's scope alone. */
    private final Map<NotificationSetting, InboxState.Setting> settings = new LinkedHashMap<>();

    private final Map<Integer, NoticeSource> sources = new TreeMap<>();
    private long upTo;

    /** Reads one that {@link #state} wrote. Borrows the buffer. */
    static Inbox read(DirectBuffer value, int offset, int length) {
        byte[] bytes = new byte[length];
        value.getBytes(offset, bytes);
        try {
            return of(InboxState.parseFrom(bytes));
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("the index holds an inbox that cannot be read", e);
        }
    }

    static Inbox of(InboxState state) {
        Inbox inbox = new Inbox();
        inbox.upTo = state.getUpTo();
        state.getMarksList().forEach(mark -> inbox.marks.put(mark.getChannel(), mark));
        state.getSettingsList().forEach(each -> inbox.settings.put(InboxEvents.scope(each.getSetting()), each));
        state.getSourcesList().forEach(source -> inbox.sources.put(source.getShard(), source));
        return inbox;
    }

    InboxState state() {
        return InboxState.newBuilder()
                .setUpTo(upTo)
                .addAllMarks(marks.values())
                .addAllSettings(settings.values())
                .addAllSources(sources.values())
                .build();
    }

    /**
     * What was said last after a sequence, of marks and settings, as it was said one after the other, at most so many of both together; without the rest.
     */
    InboxState saidAfter(long sequence, int count) {
        InboxState.Builder said = InboxState.newBuilder().setUpTo(upTo);
        TreeMap<Long, Runnable> all = new TreeMap<>();
        marks.values().forEach(mark -> all.put(mark.getSaid(), () -> said.addMarks(mark)));
        settings.values().forEach(setting -> all.put(setting.getSaid(), () -> said.addSettings(setting)));
        all.tailMap(sequence, false).values().stream().limit(count).forEach(Runnable::run);
        return said.build();
    }

    /** Sequence of the last event that is in it. */
    long upTo() {
        return upTo;
    }

    /** The channel's records up to this sequence are read; 0 when nothing is known. */
    long readUpTo(long channel) {
        InboxState.Mark mark = marks.get(channel);
        return mark == null ? 0 : mark.getSequence();
    }

    /** What the user has set, one a scope. */
    List<NotificationSetting> settings() {
        return settings.values().stream()
                .map(InboxState.Setting::getSetting)
                .filter(setting -> !InboxEvents.isEmpty(setting))
                .toList();
    }

    /** The channels that it has marks in, or settings of. */
    Set<Long> channels() {
        Set<Long> channels = new TreeSet<>(marks.keySet());
        for (NotificationSetting setting : settings()) {
            if (setting.hasChannel()) {
                channels.add(setting.getChannel());
            }
        }
        return channels;
    }

    /** Whether a notice from there, or from later in the same shard, is in it. */
    boolean isBehind(NoticeSource source) {
        return isAtMost(source, sources.get(source.getShard()));
    }

    private static boolean isAtMost(NoticeSource source, @Nullable NoticeSource other) {
        if (other == null || source.getPosition() != other.getPosition()) {
            return other != null && source.getPosition() < other.getPosition();
        }
        return source.getIndex() <= other.getIndex();
    }

    /** Takes the event of a sequence, unless it has it; each has the events of all lower ones by then. */
    void apply(long sequence, InboxEvent event) {
        if (sequence <= upTo) {
            return;
        }
        upTo = sequence;
        if (event.setting() != null) {
            set(sequence, event.setting());
        } else if (event.source() != null) {
            raise(event.source());
        } else {
            mark(sequence, event.channel(), event.readUpTo());
        }
    }

    private void mark(long sequence, long channel, long readUpTo) {
        InboxState.Mark before = marks.remove(channel);
        marks.put(
                channel,
                InboxState.Mark.newBuilder()
                        .setChannel(channel)
                        .setSequence(before == null ? readUpTo : Math.max(before.getSequence(), readUpTo))
                        .setSaid(sequence)
                        .build());
        removeFirstAbove(InboxEvents.MARK_COUNT, marks);
    }

    private void set(long sequence, NotificationSetting setting) {
        NotificationSetting scope = InboxEvents.scope(setting);
        settings.remove(scope);
        settings.put(
                scope,
                InboxState.Setting.newBuilder()
                        .setSetting(setting)
                        .setSaid(sequence)
                        .build());
        if (settings.size() > InboxEvents.SETTING_COUNT && !removeFirstTakenBack()) {
            removeFirstAbove(InboxEvents.SETTING_COUNT, settings);
        }
    }

    private boolean removeFirstTakenBack() {
        for (Iterator<InboxState.Setting> all = settings.values().iterator(); all.hasNext(); ) {
            if (InboxEvents.isEmpty(all.next().getSetting())) {
                all.remove();
                return true;
            }
        }
        return false;
    }

    /** Takes in what was folded from another part of the same inbox. */
    void merge(Inbox other) {
        upTo = Math.max(upTo, other.upTo);
        Map<Long, InboxState.Mark> allMarks = new TreeMap<>(marks);
        other.marks.forEach((channel, mark) -> allMarks.merge(
                channel,
                mark,
                (one, two) -> one.toBuilder()
                        .setSequence(Math.max(one.getSequence(), two.getSequence()))
                        .setSaid(Math.max(one.getSaid(), two.getSaid()))
                        .build()));
        marks.clear();
        allMarks.values().stream()
                .sorted(Comparator.comparingLong(InboxState.Mark::getSaid))
                .skip(Math.max(0, allMarks.size() - InboxEvents.MARK_COUNT))
                .forEach(mark -> marks.put(mark.getChannel(), mark));
        Map<NotificationSetting, InboxState.Setting> allSettings = new LinkedHashMap<>(settings);
        other.settings.forEach((scope, setting) ->
                allSettings.merge(scope, setting, (one, two) -> one.getSaid() >= two.getSaid() ? one : two));
        settings.clear();
        allSettings.values().stream()
                .sorted(Comparator.comparingLong(InboxState.Setting::getSaid))
                .skip(Math.max(0, allSettings.size() - InboxEvents.SETTING_COUNT))
                .forEach(setting -> settings.put(InboxEvents.scope(setting.getSetting()), setting));
        other.sources.values().forEach(this::raise);
    }

    private void raise(NoticeSource source) {
        if (!isBehind(source)) {
            sources.put(source.getShard(), source);
        }
    }

    private static void removeFirstAbove(int count, Map<?, ?> map) {
        if (map.size() > count) {
            Iterator<?> first = map.values().iterator();
            first.next();
            first.remove();
        }
    }
}
