package io.freshet.engine.routing;

import io.freshet.engine.mailbox.CycleClock;
import io.freshet.engine.metrics.ShardCounter;
import io.freshet.engine.metrics.ShardCounters;
import io.freshet.log.ChannelIndex;
import io.freshet.log.MessageLog;
import java.util.ArrayList;
import java.util.List;
import org.agrona.collections.Long2ObjectHashMap;

/** Lets go of idle channels and expired nonces, a few at a time. Owned by the shard's thread. */
final class Evictions {
    /** In a tick so many channels are looked at, and so that all have their turn within this count of ticks. */
    private static final int PER_TICK = 256;

    private static final int TICKS_PER_ROUND = 60;

    private final MessageLog log;
    private final ChannelIndex index;
    private final ShardConfig config;
    private final CycleClock clock;
    private final ShardCounters counters;
    private final Long2ObjectHashMap<Sequencer> sequencers;
    private final Horizon horizon;
    private final ForgottenNonces nonces;
    private final List<Sequencer> order = new ArrayList<>();
    private int cursor;

    /** @param sequencers those that are loaded, out of which it takes some */
    Evictions(
            MessageLog log,
            ChannelIndex index,
            ShardConfig config,
            CycleClock clock,
            ShardCounters counters,
            Long2ObjectHashMap<Sequencer> sequencers,
            StateReads stateReads) {
        this.log = log;
        this.index = index;
        this.config = config;
        this.clock = clock;
        this.counters = counters;
        this.sequencers = sequencers;
        horizon = new Horizon(index, stateReads);
        nonces = new ForgottenNonces(index, stateReads, config.nonceMemoryUs());
    }

    /** A channel is in memory from now on. */
    void loaded(Sequencer sequencer) {
        order.add(sequencer);
    }

    /** Called about once a second. */
    void onTick() {
        long idleSinceNs = clock.nowNs() - config.idleChannelNs();
        horizon.onTick(order);
        nonces.onTick();
        long indexed = index.indexedPosition();
        int size = order.size();
        for (int i = Math.min(PER_TICK + size / TICKS_PER_ROUND, size); i > 0; i--) {
            if (cursor >= order.size()) {
                cursor = 0;
            }
            Sequencer sequencer = order.get(cursor);
            sequencer.expireNonces(nonces);
            ChannelPace pace = sequencer.pace();
            if (pace != null) {
                pace.expire(clock.nowNs());
            }
            if (sequencer.isIdleSince(idleSinceNs) && evict(sequencer, indexed)) {
                int last = order.size() - 1;
                order.set(cursor, order.get(last));
                order.remove(last);
            } else {
                cursor++;
            }
        }
    }

    /** Evicts a channel once the index knows all of it, so that loading it again finds all of it. */
    private boolean evict(Sequencer sequencer, long indexedPosition) {
        long lastPosition = log.detach(sequencer.channel());
        if (lastPosition > indexedPosition) {
            log.attach(sequencer.channel(), lastPosition);
            return false;
        }
        sequencers.remove(sequencer.channel());
        counters.add(ShardCounter.CHANNEL_EVICTIONS, 1);
        counters.set(ShardCounter.CHANNELS, sequencers.size());
        return true;
    }
}
