package io.freshet.engine.delivery;

import io.freshet.engine.mailbox.CycleClock;
import io.freshet.engine.mailbox.Ownership;
import io.freshet.engine.metrics.ReactorCounters;
import io.freshet.engine.routing.Batch;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;
import org.agrona.collections.Long2ObjectHashMap;

/** All feeds of one reactor and the recent window that they share. Owned by the reactor's thread. */
public final class Feeds {
    private final Long2ObjectHashMap<Feed> feeds = new Long2ObjectHashMap<>();
    private final List<Feed> recounted = new ArrayList<>();
    private final RecentWindow recent;
    private final SampleSchedule samples;
    private final CycleClock clock;
    private final Ownership owner;
    private final long lingerNs;
    private final UnusedListener unusedListener;
    private final ReactorCounters counters;

    /**
     * @param windowBytes bytes of the recent window
     * @param lingerNs how long a feed without subscriptions stays, so that who reconnects finds the window
     * @param unusedListener told when a feed is dropped
     */
    public Feeds(
            long windowBytes,
            long lingerNs,
            CycleClock clock,
            Ownership owner,
            UnusedListener unusedListener,
            ReactorCounters counters) {
        this.counters = counters;
        this.recent = new RecentWindow(windowBytes);
        this.samples = new SampleSchedule(clock);
        this.lingerNs = lingerNs;
        this.clock = clock;
        this.owner = owner;
        this.unusedListener = unusedListener;
    }

    /** The feed of a channel, made when there is none; to be given back with {@link #letGo}. */
    public Feed acquire(long channel) {
        assert owner.isHeld();
        Feed feed = feeds.computeIfAbsent(channel, id -> new Feed(id, counters, samples));
        feed.acquire();
        recounted(feed);
        return feed;
    }

    public void letGo(Feed feed) {
        assert owner.isHeld();
        feed.letGo(clock.nowNs());
        recounted(feed);
    }

    private void recounted(Feed feed) {
        if (!feed.isRecounted) {
            feed.isRecounted = true;
            recounted.add(feed);
        }
    }

    /** Tells of each feed that has another number of subscriptions, or had for a while, since it was told of last. */
    public void drainRecounted(Consumer<Feed> listener) {
        assert owner.isHeld();
        for (int i = 0; i < recounted.size(); i++) {
            Feed feed = recounted.get(i);
            feed.isRecounted = false;
            listener.accept(feed);
        }
        recounted.clear();
    }

    /** Tells a feed the head that its owner answered with. */
    public void headAtLeast(Feed feed, long head) {
        assert owner.isHeld();
        feed.headAtLeast(head, recent);
    }

    /** A committed batch of this reactor's shards. <em>Borrows</em> the batch. */
    public void onBatch(Batch batch) {
        assert owner.isHeld();
        Feed feed = feeds.get(batch.channel());
        if (feed != null) {
            feed.onBatch(batch, recent);
        }
    }

    /** A committed batch that was sent here for a feed; when there is none any more, none is to come. */
    public void onSentBatch(Batch batch) {
        onBatch(batch);
        dropInterest(batch.channel());
    }

    /** Batches of a channel come here or are about to: when there is no feed any more, since it took too long, none is to come. */
    public void dropInterest(long channel) {
        assert owner.isHeld();
        if (!feeds.containsKey(channel)) {
            unusedListener.onUnused(channel);
        }
    }

    /** Batches of this channel were left out: its committed head is now this. */
    public void onHead(long channel, long head) {
        assert owner.isHeld();
        Feed feed = feeds.get(channel);
        if (feed != null) {
            feed.headAtLeast(head, recent);
        }
    }

    /** Delivers to the sampled subscriptions whose time has come; returns how many groups of them there were. */
    public int sample() {
        assert owner.isHeld();
        return samples.run();
    }

    /** When {@link #sample} has something to do next, or {@code otherwiseNs} when that is sooner. */
    public long nextSampleNs(long otherwiseNs) {
        return samples.nextNs(otherwiseNs);
    }

    /** Records of this channel, none after this one, were erased in the log: they are read from there from now on. */
    public void onErased(long channel, long lastSequence) {
        assert owner.isHeld();
        Feed feed = feeds.get(channel);
        if (feed != null) {
            feed.onErased(lastSequence, recent);
        }
    }

    /** Drops feeds that nobody has used for a while and frees what is no longer pinned. */
    public void onTick() {
        assert owner.isHeld();
        long olderThanNs = clock.nowNs() - lingerNs;
        Iterator<Feed> all = feeds.values().iterator();
        while (all.hasNext()) {
            Feed feed = all.next();
            feed.dropGroups(clock.nowNs());
            if (feed.isUnusedSince(olderThanNs)) {
                recent.clear(feed);
                all.remove();
                unusedListener.onUnused(feed.channel());
            }
        }
    }

    /** Frees what no connection holds any more; returns the bytes that are evicted and still held. */
    public long sweepPinned() {
        return recent.sweepPinned();
    }

    public long windowBytes() {
        return recent.windowBytes();
    }

    public long pinnedBytes() {
        return recent.pinnedBytes();
    }

    public void close() {
        recent.close();
    }

    /** Told that this reactor needs no batches of a channel any more. */
    @FunctionalInterface
    public interface UnusedListener {
        void onUnused(long channel);
    }
}
