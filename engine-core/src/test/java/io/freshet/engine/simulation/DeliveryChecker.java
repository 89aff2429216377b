package io.freshet.engine.simulation;

import io.freshet.protocol.v1.Gap;
import io.freshet.protocol.v1.Opened;
import java.util.HashMap;
import java.util.Map;

/** One connection is given each sequence of what it subscribes to once and in order, or is told of it in exactly one GAP. Throws when it is not. */
final class DeliveryChecker {
    private final Map<Long, Long> nextSequences = new HashMap<>();

    void opened(Opened opened) {
        nextSequences.remove(opened.getChannel());
        if (opened.getNext() > 0) {
            nextSequences.put(opened.getChannel(), opened.getNext());
        }
    }

    void closed(long channel) {
        nextSequences.remove(channel);
    }

    /** The connection is gone, and with it what was open. */
    void ended() {
        nextSequences.clear();
    }

    void record(long channel, long sequence) {
        advance(channel, sequence, 1, "sequence " + sequence);
    }

    void gap(Gap gap) {
        if (gap.getCount() <= 0) {
            throw new AssertionError("a gap of nothing: " + gap);
        }
        advance(gap.getChannel(), gap.getFirstSequence(), gap.getCount(), "a gap from " + gap.getFirstSequence());
    }

    private void advance(long channel, long firstSequence, long count, String what) {
        Long next = nextSequences.get(channel);
        if (next == null) {
            throw new AssertionError(what + " of channel " + channel + ", which is not subscribed to");
        }
        if (next != firstSequence) {
            throw new AssertionError(what + " of channel " + channel + " where " + next + " was due");
        }
        nextSequences.put(channel, firstSequence + count);
    }
}
