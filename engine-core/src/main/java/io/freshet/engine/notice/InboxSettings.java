package io.freshet.engine.notice;

import com.google.protobuf.InvalidProtocolBufferException;
import io.freshet.protocol.InboxEvents;
import io.freshet.protocol.v1.InboxState;
import io.freshet.protocol.v1.NotificationSetting;
import java.util.Collection;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.agrona.DirectBuffer;

/**
 * What a user wants to be told of, one setting a scope, in the order in which they were said last, so that the one said longest ago goes when there are too
 * many. That a setting was taken back is kept as well: what was folded from an early and from a late part of the log can be put together,
 * whichever came first. One thread.
 */
final class InboxSettings {
    /** By the setting's scope alone. */
    private final Map<NotificationSetting, InboxState.Setting> settings = new LinkedHashMap<>();

    /** Reads what {@link #bytes} wrote. Borrows the buffer. */
    static InboxSettings read(DirectBuffer value, int offset, int length) {
        byte[] bytes = new byte[length];
        value.getBytes(offset, bytes);
        InboxSettings read = new InboxSettings();
        try {
            for (InboxState.Setting each : InboxState.parseFrom(bytes).getSettingsList()) {
                read.settings.put(InboxEvents.scope(each.getSetting()), each);
            }
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("the index holds settings that cannot be read", e);
        }
        return read;
    }

    /** An InboxState of settings alone; more than 8 bytes unless there has never been one. */
    byte[] bytes() {
        return InboxState.newBuilder().addAllSettings(settings.values()).build().toByteArray();
    }

    /** Everything that was said, also what was taken back. */
    Collection<InboxState.Setting> said() {
        return settings.values();
    }

    /** What the user has set, one a scope. */
    List<NotificationSetting> set() {
        return settings.values().stream()
                .map(InboxState.Setting::getSetting)
                .filter(setting -> !InboxEvents.isEmpty(setting))
                .toList();
    }

    /** The channels that something is set for. */
    Set<Long> channels() {
        Set<Long> channels = new TreeSet<>();
        for (NotificationSetting setting : set()) {
            if (setting.hasChannel()) {
                channels.add(setting.getChannel());
            }
        }
        return channels;
    }

    void set(long sequence, NotificationSetting setting) {
        NotificationSetting scope = InboxEvents.scope(setting);
        settings.remove(scope);
        settings.put(
                scope,
                InboxState.Setting.newBuilder()
                        .setSetting(setting)
                        .setSaid(sequence)
                        .build());
        if (settings.size() > InboxEvents.SETTING_COUNT && !removeFirstTakenBack()) {
            settings.remove(settings.keySet().iterator().next());
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
    void merge(InboxSettings other) {
        Map<NotificationSetting, InboxState.Setting> all = new LinkedHashMap<>(settings);
        other.settings.forEach((scope, setting) ->
                all.merge(scope, setting, (one, two) -> one.getSaid() >= two.getSaid() ? one : two));
        settings.clear();
        all.values().stream()
                .sorted(Comparator.comparingLong(InboxState.Setting::getSaid))
                .skip(Math.max(0, all.size() - InboxEvents.SETTING_COUNT))
                .forEach(setting -> settings.put(InboxEvents.scope(setting.getSetting()), setting));
    }
}
