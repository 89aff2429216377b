package io.freshet.client;

import io.freshet.protocol.v1.Count;
import io.freshet.protocol.v1.Signal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What holds in a channel at the moment. Immutable.
 *
 * @param totals the channel's counters
 * @param typists the principals who are writing, this client's own perhaps among them; nobody is named when they are more than ten
 * @param typistCount how many are writing
 * @param occupancy subscriptions of the channel
 * @param recordsPerSecond about how fast it goes: who need not read everything may take a sample instead, see {@link Delivery#byPace}
 * @param attributesSequence of the record that says what the channel is; 0 when none does. A subscription that has skipped it gets it
 *     all the same, see {@link RecordHandler#onAttributes}
 * @param pinned sequences of posts that are pinned, the one that was pinned last first, ten at most: {@link Channel#viewBackward} shows
 *     what one says
 * @param pinCount how many are pinned
 */
public record SignalState(
        Map<String, Long> totals,
        List<Long> typists,
        int typistCount,
        int occupancy,
        int recordsPerSecond,
        long attributesSequence,
        List<Long> pinned,
        int pinCount) {
    public SignalState {
        totals = Map.copyOf(totals);
        typists = List.copyOf(typists);
        pinned = List.copyOf(pinned);
    }

    static SignalState of(Signal signal) {
        Map<String, Long> totals = new LinkedHashMap<>();
        for (Count count : signal.getCountsList()) {
            totals.put(count.getName(), count.getTotal());
        }
        return new SignalState(
                totals,
                signal.getTypistsList(),
                signal.getTypistCount(),
                signal.getOccupancy(),
                signal.getRecordsPerSecond(),
                signal.getAttributesSequence(),
                signal.getPinnedList(),
                signal.getPinCount());
    }

    /** What a counter stands at; 0 when there is none of this name. */
    public long total(String counter) {
        return totals.getOrDefault(counter, 0L);
    }
}
