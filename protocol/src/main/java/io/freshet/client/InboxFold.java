package io.freshet.client;

import io.freshet.protocol.InboxEvents;
import io.freshet.protocol.v1.NotificationSetting;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What the events of an inbox come to, in whatever order they are known here: its records, and what the server says of those that are kept no
 * more. Written on the client's thread, read by any.
 */
final class InboxFold {
    /** Taken back when the setting says nothing. */
    private record Said(long sequence, NotificationSetting setting) {}

    private final Map<Long, Long> readUpTo = new ConcurrentHashMap<>();
    private final Map<InboxScope, Said> settings = new ConcurrentHashMap<>();

    List<NotificationSetting> settings() {
        return settings.values().stream()
                .map(Said::setting)
                .filter(setting -> !InboxEvents.isEmpty(setting))
                .toList();
    }

    /** What is set of a scope; one that says nothing when nothing is. */
    NotificationSetting setting(InboxScope scope) {
        @Nullable Said said = settings.get(scope);
        return said == null ? scope.setting() : said.setting;
    }

    long readUpTo(long channel) {
        return readUpTo.getOrDefault(channel, 0L);
    }

    /** Whether that is more than before. */
    boolean mark(long channel, long sequence) {
        boolean isMore = sequence > readUpTo(channel);
        if (isMore) {
            readUpTo.put(channel, sequence);
        }
        return isMore;
    }

    /**
     * Whether nothing later was said of its scope.
     *
     * @param sequence of the event that says it
     */
    boolean set(long sequence, NotificationSetting setting) {
        InboxScope scope = InboxScope.of(setting);
        Said before = settings.get(scope);
        boolean isLater = before == null || sequence > before.sequence;
        if (isLater) {
            settings.put(scope, new Said(sequence, setting));
        }
        return isLater;
    }

    /** Nothing is known any more. */
    void clear() {
        readUpTo.clear();
        settings.clear();
    }
}
