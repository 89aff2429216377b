package io.freshet.engine.signal;

import io.freshet.engine.mailbox.CycleClock;
import io.freshet.engine.mailbox.Ownership;
import io.freshet.engine.mailbox.ReactorProxy;
import io.freshet.engine.metrics.ShardCounter;
import io.freshet.engine.metrics.ShardCounters;
import io.freshet.engine.routing.Shard;
import io.freshet.engine.routing.StateReads;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import org.agrona.collections.Long2ObjectHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The signals of one shard's channels: takes what reactors have collected and, ten times a second, tells each reactor that has watchers
 * what is new, with one frame a channel. Owned by the shard's reactor.
 */
public final class ShardSignals {
    private static final int TICKS_PER_SWEEP = 100;

    private final Shard shard;
    private final int reactor;
    private final StateReads reads;
    private final CycleClock clock;
    private final Ownership owner;
    private final ByteBufAllocator allocator;
    private final ShardCounters counters;
    private final Long2ObjectHashMap<SignalHub> hubs = new Long2ObjectHashMap<>();
    private final List<SignalHub> active = new ArrayList<>();
    private final List<Target> targets = new ArrayList<>();
    private int tickCount;

    /** A reactor, the way there, and what it is told in this tick. */
    private static final class Target {
        final SignalLane lane;
        final ReactorSignals signals;
        List<SignalFrames> frames = new ArrayList<>();
        List<ToldNames> names = new ArrayList<>();

        Target(SignalLane lane, ReactorSignals signals) {
            this.lane = lane;
            this.signals = signals;
        }
    }

    /** What a reactor is told of a channel's counters. */
    private record ToldNames(SignalHub hub, CounterNames names) {}

    /**
     * @param reactor index of the shard's reactor
     * @param reads reads the shard's index, with the answer on its reactor
     */
    public ShardSignals(
            Shard shard,
            int reactor,
            StateReads reads,
            CycleClock clock,
            Ownership owner,
            ByteBufAllocator allocator,
            ShardCounters counters) {
        this.shard = shard;
        this.reactor = reactor;
        this.reads = reads;
        this.clock = clock;
        this.owner = owner;
        this.allocator = allocator;
        this.counters = counters;
    }

    /**
     * Gives it the way to the next reactor; before it runs, in the order of the reactors.
     *
     * @param target the reactor; null when it is the shard's own
     */
    public void addTarget(ReactorSignals signals, @Nullable ReactorProxy target) {
        targets.add(new Target(new SignalLane(target), signals));
    }

    /** Adds what a reactor has collected. */
    void take(List<ChannelSums> collected) {
        assert owner.isHeld();
        long nowNs = clock.nowNs();
        for (int i = 0; i < collected.size(); i++) {
            ChannelSums sums = collected.get(i);
            SignalHub hub = hub(sums.channel, nowNs);
            counters.add(ShardCounter.SIGNALS_UNTAKEN, hub.take(sums, nowNs));
            if (!hub.isActive) {
                hub.isActive = true;
                active.add(hub);
            }
        }
    }

    private SignalHub hub(long channel, long nowNs) {
        SignalHub hub = hubs.get(channel);
        if (hub == null) {
            hub = new SignalHub(channel, reactor, targets.size(), shard, allocator, nowNs);
            hubs.put(channel, hub);
            counters.set(ShardCounter.SIGNAL_CHANNELS, hubs.size());
        }
        return hub;
    }

    /** Tells what is new; ten times a second. Returns how many channels had something. */
    public int onTick() {
        assert owner.isHeld();
        long nowNs = clock.nowNs();
        int kept = 0;
        int count = 0;
        for (int i = 0; i < active.size(); i++) {
            SignalHub hub = active.get(i);
            count += advance(hub, nowNs);
            hub.isActive = hub.needsTicks();
            if (hub.isActive) {
                active.set(kept++, hub);
            }
        }
        active.subList(kept, active.size()).clear();
        send();
        if (++tickCount % TICKS_PER_SWEEP == 0) {
            hubs.values().removeIf(hub -> !hub.isActive && hub.isUnused());
            counters.set(ShardCounter.SIGNAL_CHANNELS, hubs.size());
        }
        return count;
    }

    private int advance(SignalHub hub, long nowNs) {
        if (hub.beginsToLoad()) {
            long channel = hub.channel();
            reads.submit(
                    index -> TotalsFollower.read(index, channel),
                    totals -> counters.add(ShardCounter.SIGNALS_UNTAKEN, hub.loaded(totals)),
                    failure -> hub.notLoaded());
        }
        long savedBefore = hub.savedCount();
        hub.advance(nowNs, reads);
        counters.add(ShardCounter.TOTALS_SAVED, hub.savedCount() - savedBefore);
        collectNames(hub);
        long told = hub.told();
        if (told == 0) {
            hub.unheard();
            return 0;
        }
        SignalFrames frames;
        try {
            frames = hub.frames(allocator);
        } catch (OutOfMemoryError e) {
            return 0; // with the next tick, then
        }
        counters.add(ShardCounter.SIGNAL_FRAMES, 1);
        hub.sent(collect(frames, told));
        frames.release();
        return 1;
    }

    /** Puts what counters there are with what the reactors that do not know it are told, before anybody there is told a total. */
    private void collectNames(SignalHub hub) {
        CounterNames names = hub.names();
        if (names == null) {
            return;
        }
        for (long left = hub.uninformed(); left != 0; left &= left - 1) {
            int index = Long.numberOfTrailingZeros(left);
            Target target = targets.get(index);
            if (target.lane.isFree()) {
                target.names.add(new ToldNames(hub, names));
                hub.informed(index, true);
            }
        }
    }

    /** Puts a frame with what each of these reactors is told; returns those that have not taken the tick before yet. */
    private long collect(SignalFrames frames, long told) {
        long refused = 0;
        for (long left = told; left != 0; left &= left - 1) {
            int index = Long.numberOfTrailingZeros(left);
            Target target = targets.get(index);
            if (target.lane.isFree()) {
                target.frames.add(frames.share());
            } else {
                refused |= 1L << index;
                counters.add(ShardCounter.SIGNAL_FRAMES_MISSED, 1);
            }
        }
        return refused;
    }

    private void send() {
        for (int i = 0; i < targets.size(); i++) {
            Target target = targets.get(i);
            if (target.frames.isEmpty() && target.names.isEmpty()) {
                continue;
            }
            List<SignalFrames> sent = target.frames;
            List<ToldNames> names = target.names;
            target.frames = new ArrayList<>();
            target.names = new ArrayList<>();
            if (!target.lane.send(() -> deliver(target.signals, names, sent))) {
                for (ToldNames told : names) {
                    told.hub.informed(i, false);
                }
                for (SignalFrames frames : sent) {
                    SignalHub hub = hubs.get(frames.channel());
                    if (hub != null) {
                        hub.missed(i);
                        counters.add(ShardCounter.SIGNAL_FRAMES_MISSED, 1);
                    }
                    frames.release();
                }
            }
        }
    }

    /** On the reactor that is told. */
    private static void deliver(ReactorSignals signals, List<ToldNames> names, List<SignalFrames> sent) {
        for (ToldNames told : names) {
            signals.onNames(told.hub.channel(), told.names);
        }
        for (SignalFrames frames : sent) {
            try {
                signals.onFrames(frames);
            } finally {
                frames.release();
            }
        }
    }

    /**
     * Has everything that the channels' counters stand at kept, without waiting for its time; whether nothing is left to do. To be asked
     * again until it is so.
     */
    public boolean settle() {
        assert owner.isHeld();
        boolean isSettled = true;
        for (int i = 0; i < active.size(); i++) {
            isSettled &= active.get(i).settle();
        }
        return isSettled;
    }

    /** Whether everything that was counted is kept. */
    public boolean isSaved() {
        return active.stream().allMatch(SignalHub::isSaved);
    }
}
