package io.freshet.engine.routing;

import io.freshet.engine.limit.TokenBucket;
import io.freshet.engine.mailbox.CycleClock;
import java.util.concurrent.TimeUnit;
import org.agrona.collections.Long2LongHashMap;
import org.jspecify.annotations.Nullable;

/** How fast the channels of one shard are, by what says so: their attributes, the application, the configuration. Owned by the shard's thread. */
final class ChannelPaces {
    private static final int SLOW_MODE_LIMIT = 1 << 16;
    private static final long AS_CONFIGURED = -1;
    private static final long MS_NS = TimeUnit.MILLISECONDS.toNanos(1);

    private final ShardConfig config;
    private final CycleClock clock;
    private final Long2LongHashMap slowModes = new Long2LongHashMap(AS_CONFIGURED);

    ChannelPaces(ShardConfig config, CycleClock clock) {
        this.config = config;
        this.clock = clock;
    }

    /** The application gives a channel a slow mode of its own; false when too many have one. */
    boolean slowMode(long channel, long intervalNs) {
        if (slowModes.size() >= SLOW_MODE_LIMIT && !slowModes.containsKey(channel)) {
            return false;
        }
        slowModes.put(channel, intervalNs);
        return true;
    }

    /**
     * A new pace for a channel; null when it may be as fast as records come. What its attributes say counts before what the
     * application does, and that before what is configured.
     */
    @Nullable
    ChannelPace of(Sequencer sequencer) {
        AttributeHistory attributes = sequencer.attributes();
        long saidMs = attributes == null ? 0 : attributes.slowModeMs();
        long ownNs = slowModes.get(sequencer.channel());
        long slowModeNs = saidMs > 0 ? saidMs * MS_NS : ownNs == AS_CONFIGURED ? config.slowModeNs() : ownNs;
        TokenBucket bucket = TokenBucket.of(config.channelRate(), clock.nowNs());
        return bucket == null && slowModeNs == 0 ? null : new ChannelPace(bucket, slowModeNs);
    }
}
