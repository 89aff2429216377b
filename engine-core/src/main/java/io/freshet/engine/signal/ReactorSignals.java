package io.freshet.engine.signal;

import io.freshet.engine.delivery.Feed;
import io.freshet.engine.delivery.Feeds;
import io.freshet.engine.delivery.Outlet;
import io.freshet.engine.delivery.ReaderProxy;
import io.freshet.engine.delivery.Subscription;
import io.freshet.engine.mailbox.Ownership;
import io.freshet.engine.mailbox.ReactorProxy;
import io.freshet.engine.metrics.ReactorCounter;
import io.freshet.engine.metrics.ReactorCounters;
import java.util.ArrayList;
import java.util.List;
import org.agrona.collections.Long2ObjectHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The signals of one reactor's sessions: collected for a tick and handed to the owners of their channels, and what owners say,
 * given to those who watch. Owned by the reactor's thread.
 */
public final class ReactorSignals {
    private final int reactor;
    private final Feeds feeds;
    private final Ownership owner;
    private final ReactorCounters counters;
    private final Long2ObjectHashMap<Audience> audiences = new Long2ObjectHashMap<>();
    private final List<Route> routes = new ArrayList<>();
    private final List<Audience> withBehind = new ArrayList<>();
    private int watcherCount;

    /** What is collected for one shard, and the way there. */
    private static final class Route {
        final SignalLane lane;
        final ShardSignals shard;
        final List<Audience> collected = new ArrayList<>();

        Route(SignalLane lane, ShardSignals shard) {
            this.lane = lane;
            this.shard = shard;
        }
    }

    /** @param reactor its index */
    public ReactorSignals(int reactor, Feeds feeds, Ownership owner, ReactorCounters counters) {
        this.reactor = reactor;
        this.feeds = feeds;
        this.owner = owner;
        this.counters = counters;
    }

    /**
     * Gives it the way to the next shard; before it runs, in the order of the shards.
     *
     * @param target the shard's reactor; null when it is this one
     */
    public void addRoute(ShardSignals shard, @Nullable ReactorProxy target) {
        routes.add(new Route(new SignalLane(target), shard));
    }

    /**
     * A session's place in what is said in a channel, which it keeps until it {@link Seat#leave leaves}.
     *
     * @param subscription its cursor, with which the frames that it is given keep step; null when it has none
     */
    public Seat sit(long channel, Outlet outlet, @Nullable Subscription subscription, long principal) {
        assert owner.isHeld();
        Audience audience = audience(channel);
        audience.seated();
        return new Seat(this, audience, outlet, subscription, principal);
    }

    private Audience audience(long channel) {
        return audiences.computeIfAbsent(channel, Audience::new);
    }

    /** What is being collected for a channel. */
    ChannelSums sums(Audience audience) {
        ChannelSums sums = audience.sums();
        if (sums == null) {
            sums = new ChannelSums(audience.channel(), reactor);
            audience.sums(sums);
            routes.get(ReaderProxy.shardOf(audience.channel(), routes.size()))
                    .collected
                    .add(audience);
        }
        return sums;
    }

    void watch(Audience audience, Seat seat, boolean isOn) {
        if (isOn) {
            audience.add(seat);
            noteBehind(audience);
        } else {
            audience.remove(seat);
        }
        watcherCount += isOn ? 1 : -1;
        counters.set(ReactorCounter.SIGNAL_WATCHERS, watcherCount);
        if (audience.watcherCount() == (isOn ? 1 : 0)) {
            sums(audience).watch(isOn);
        }
    }

    void watchAgain(Audience audience, Seat seat) {
        audience.again(seat);
        noteBehind(audience);
    }

    private void noteBehind(Audience audience) {
        if (!audience.isNoted) {
            audience.isNoted = true;
            withBehind.add(audience);
        }
    }

    void typing(Audience audience, long principal, boolean isOn) {
        if (!sums(audience).typing(principal, isOn)) {
            counters.add(ReactorCounter.SIGNALS_DROPPED, 1);
        }
    }

    void dropped() {
        counters.add(ReactorCounter.SIGNALS_DROPPED, 1);
    }

    void counted(long more) {
        counters.add(ReactorCounter.SIGNAL_INCREMENTS, more);
    }

    void left(Audience audience) {
        audience.left();
        dropUnused(audience);
    }

    private void dropUnused(Audience audience) {
        if (audience.isUnused()) {
            audiences.remove(audience.channel());
        }
    }

    /** Hands over what was collected, and serves those who missed something; ten times a second. Returns how many were served. */
    public int onTick() {
        assert owner.isHeld();
        handOver();
        int count = 0;
        int kept = 0;
        for (int i = 0; i < withBehind.size(); i++) {
            Audience audience = withBehind.get(i);
            count += audience.catchUp();
            audience.isNoted = audience.behindCount() > 0;
            if (audience.isNoted) {
                withBehind.set(kept++, audience);
            }
        }
        withBehind.subList(kept, withBehind.size()).clear();
        delivered(count);
        return count;
    }

    /** Hands what was collected to the channels' owners; what finds no room stays, and what comes is added to it. */
    public void handOver() {
        assert owner.isHeld();
        feeds.drainRecounted(this::occupancy);
        for (Route route : routes) {
            if (!route.collected.isEmpty() && !handOver(route)) {
                counters.add(ReactorCounter.SIGNALS_POSTPONED, 1);
            }
        }
    }

    private void occupancy(Feed feed) {
        sums(audience(feed.channel())).occupancy(feed.subscriptionCount());
    }

    private boolean handOver(Route route) {
        if (!route.lane.isFree()) {
            return false;
        }
        List<ChannelSums> handed = new ArrayList<>(route.collected.size());
        for (Audience audience : route.collected) {
            ChannelSums sums = audience.sums();
            assert sums != null;
            if (!sums.counters.isEmpty() || !sums.unmade.isEmpty()) {
                audience.admission().handOver(sums);
            }
            handed.add(sums);
        }
        if (!route.lane.send(() -> route.shard.take(handed))) {
            return false;
        }
        for (Audience audience : route.collected) {
            audience.sums(null);
            dropUnused(audience);
        }
        route.collected.clear();
        return true;
    }

    /** Whether everything was handed over and has arrived. */
    public boolean isQuiet() {
        for (Route route : routes) {
            if (!route.collected.isEmpty() || !route.lane.isFree()) {
                return false;
            }
        }
        return true;
    }

    /** Which counters a channel has. */
    void onNames(long channel, CounterNames names) {
        assert owner.isHeld();
        Audience audience = audiences.get(channel);
        if (audience != null) {
            audience.admission().told(names);
        }
    }

    /** What a channel's owner says. <em>Borrows</em> the buffers. */
    void onFrames(SignalFrames frames) {
        assert owner.isHeld();
        Audience audience = audiences.get(frames.channel());
        if (audience != null) {
            delivered(audience.deliver(frames));
            if (audience.behindCount() > 0) {
                noteBehind(audience);
            }
        }
    }

    private void delivered(int count) {
        counters.add(ReactorCounter.SIGNALS_DELIVERED, count);
    }

    /** Lets go of everything, when the reactor ends. */
    public void close() {
        audiences.values().forEach(Audience::forgetState);
        audiences.clear();
    }
}
