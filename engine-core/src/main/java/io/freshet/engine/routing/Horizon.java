package io.freshet.engine.routing;

import io.freshet.log.ChannelIndex;
import io.freshet.log.ChannelTail;
import java.util.ArrayList;
import java.util.List;

/**
 * Tells the channels in memory where what is kept of them begins, after retention has moved that: the index knows, and is
 * asked for a few of them at a time. Until then who opens a channel is told of more than there is, and gets an exact gap for
 * it. Owned by the shard's thread.
 */
final class Horizon {
    private static final int CHANNELS_PER_READ = 1024;

    private final ChannelIndex index;
    private final StateReads stateReads;
    private long seenExpiredCount;
    private int leftCount;
    private boolean isReading;

    Horizon(ChannelIndex index, StateReads stateReads) {
        this.index = index;
        this.stateReads = stateReads;
    }

    /** Asks for the next few when something went; from the last to the first, so that none is passed over when others are evicted. */
    void onTick(List<Sequencer> loaded) {
        long expiredCount = index.statistics().expiredCount();
        if (expiredCount != seenExpiredCount) {
            seenExpiredCount = expiredCount;
            leftCount = loaded.size();
        }
        leftCount = Math.min(leftCount, loaded.size());
        if (leftCount > 0 && !isReading) {
            int first = Math.max(0, leftCount - CHANNELS_PER_READ);
            read(new ArrayList<>(loaded.subList(first, leftCount)));
            leftCount = first;
        }
    }

    private void read(List<Sequencer> some) {
        isReading = true;
        long[] channels = some.stream().mapToLong(Sequencer::channel).toArray();
        stateReads.<long[]>submit(
                reader -> {
                    ChannelTail tail = new ChannelTail();
                    long[] firsts = new long[channels.length];
                    for (int i = 0; i < channels.length; i++) {
                        firsts[i] = reader.tail(channels[i], tail) ? tail.firstSequence : 1;
                    }
                    return firsts;
                },
                firsts -> {
                    isReading = false;
                    for (int i = 0; i < firsts.length; i++) {
                        some.get(i).keptFrom(firsts[i]);
                    }
                },
                failure -> {
                    isReading = false;
                    seenExpiredCount--; // asked again at the next tick
                });
    }
}
