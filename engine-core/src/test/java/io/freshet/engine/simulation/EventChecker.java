package io.freshet.engine.simulation;

import com.google.protobuf.InvalidProtocolBufferException;
import io.freshet.engine.ChannelRight;
import io.freshet.engine.chat.ChatEvent;
import io.freshet.engine.routing.EventOracle;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.EventKind;
import io.freshet.protocol.FrameHeader;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Goes through the log as it grows and decides on each event once more, with the whole of its channel before it and no view that lags: what
 * was kept must be what that lets in. So every fold of the log comes to the same. Says also what a deletion lets be erased.
 */
final class EventChecker {
    private final Verdict verdict;
    private final Map<Long, EventOracle> channels = new HashMap<>();
    private final Map<EventKind, Long> counts = new EnumMap<>(EventKind.class);

    EventChecker(Verdict verdict) {
        this.verdict = verdict;
    }

    /**
     * A record is in the log, behind all before it; or is read again.
     *
     * @param payload as it was when it came; of no meaning in a record that is read again
     * @return the records whose content is to go
     */
    List<Long> stored(long channel, Truth.Entry entry, int flags, byte[] payload, Set<ChannelRight> rights) {
        EventOracle oracle = channels.computeIfAbsent(channel, key -> new EventOracle());
        boolean isEvent = SimEvents.isEvent(entry.kind());
        boolean isChecked = (flags & FrameHeader.FLAG_CHECKED) != 0;
        boolean isToBeChecked = isEvent || entry.kind() == EventKind.ATTRIBUTES.code();
        verdict.check(isToBeChecked == isChecked, () -> entry + " of channel " + channel + " has the flags " + flags);
        int sequence = (int) entry.sequence();
        if (sequence > oracle.head()) {
            ChatEvent event = event(entry, isEvent, payload);
            oracle.committed();
            if (isEvent && event.target() != 0) {
                ErrorCode refusal = oracle.refusal(event, rights);
                verdict.check(
                        refusal == null,
                        () -> event + " at " + sequence + " of channel " + channel + " was kept, which is " + refusal);
            }
            counts.merge(event.kind(), 1L, Long::sum);
            oracle.admitted(event);
        }
        ChatEvent known = oracle.at(sequence);
        if (known.kind() != EventKind.DELETE) {
            return List.of();
        }
        List<Long> gone = new ArrayList<>(oracle.edits(known.target()));
        gone.add(known.target());
        return List.copyOf(gone);
    }

    private ChatEvent event(Truth.Entry entry, boolean isEvent, byte[] payload) {
        ChatEvent message = new ChatEvent(EventKind.MESSAGE, 0, 0, entry.sender(), 0, "");
        EventKind kind = EventKind.of(entry.kind());
        if (!isEvent || kind == null) {
            return message;
        }
        try {
            return SimEvents.event(kind, entry.sender(), payload);
        } catch (InvalidProtocolBufferException e) {
            verdict.fail(entry + " is no " + kind);
            return message;
        }
    }

    /** A crash has left nothing of a channel behind this sequence. */
    void cut(long channel, int sequence) {
        EventOracle oracle = channels.get(channel);
        if (oracle != null) {
            oracle.cut(sequence);
        }
    }

    /** Events that were kept. */
    long keptCount(EventKind kind) {
        return counts.getOrDefault(kind, 0L);
    }
}
