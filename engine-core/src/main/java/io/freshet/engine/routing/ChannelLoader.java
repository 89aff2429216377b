package io.freshet.engine.routing;

import io.freshet.engine.channel.AttributesFollower;
import io.freshet.engine.channel.KnownChannel;
import io.freshet.log.ChannelTail;
import io.freshet.log.IndexReader;
import io.freshet.log.MessageLog;
import java.util.HashMap;
import java.util.Map;

/**
 * Reads a channel's state from the index, on a reader's thread. Complete, because a channel is read either before its
 * shard's first append (the index was brought up to the end of the log) or after its eviction, which waits until the index has passed its
 * last run.
 */
final class ChannelLoader {
    private ChannelLoader() {}

    /** The last sequence that was given in a channel; 0 when it is empty. */
    static long lastSequence(IndexReader index, long channel) {
        ChannelTail tail = new ChannelTail();
        return index.tail(channel, tail) ? tail.lastSequence : 0;
    }

    /** Where a channel ends, and what it is. */
    static KnownChannel look(IndexReader index, long channel) {
        return new KnownChannel(lastSequence(index, channel), AttributesFollower.read(index, channel));
    }

    static LoadedChannel load(IndexReader index, long channel, int windowCount, long nonceMemoryUs) {
        ChannelTail tail = new ChannelTail();
        if (!index.tail(channel, tail)) {
            return new LoadedChannel(1, 0, MessageLog.NULL_POSITION, 0, Map.of(), null);
        }
        Map<NonceKey, NonceWindow> windows = index.together(() -> windows(index, channel, windowCount, nonceMemoryUs));
        return new LoadedChannel(
                tail.firstSequence,
                tail.lastSequence,
                tail.lastPosition,
                tail.lastTimeUs,
                windows,
                AttributesFollower.read(index, channel));
    }

    private static Map<NonceKey, NonceWindow> windows(
            IndexReader index, long channel, int windowCount, long nonceMemoryUs) {
        long nowUs = NonceClock.read(index);
        Map<NonceKey, NonceWindow> windows = new HashMap<>();
        index.states(NonceFollower.ID, channel, (sender, instance, value, offset, length) -> {
            if (!ForgottenNonces.isForgotten(NonceWindow.encodedUsedUs(value, offset), nowUs, nonceMemoryUs)) {
                windows.put(new NonceKey(sender, (int) instance), NonceWindow.decode(windowCount, value, offset));
            }
        });
        return windows;
    }
}
