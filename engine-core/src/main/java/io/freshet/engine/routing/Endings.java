package io.freshet.engine.routing;

import java.util.ArrayDeque;

/**
 * Ends every use of channels that were deleted, or got members and were open to others before; so many in a cycle. Owned by the
 * shard's thread.
 */
final class Endings {
    private static final int PER_CYCLE = 1024;

    private final ArrayDeque<Sequencer> changed = new ArrayDeque<>();

    /** Not everybody may use this channel any more. */
    void add(Sequencer sequencer) {
        changed.addLast(sequencer);
    }

    boolean isEmpty() {
        return changed.isEmpty();
    }

    /** Tells those who use the channels, each once; returns how many. */
    int doWork() {
        int count = 0;
        while (count < PER_CYCLE && !changed.isEmpty()) {
            Sequencer sequencer = changed.getFirst();
            Producer next = sequencer.takeLeaving();
            if (next == null) {
                changed.removeFirst();
            } else {
                next.publisher().onEnded(sequencer.channel());
                count++;
            }
        }
        return count;
    }
}
