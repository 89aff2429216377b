package io.freshet.engine.channel;

import io.freshet.client.Channel;
import io.freshet.client.Receipt;
import io.freshet.log.ChannelTail;
import io.freshet.log.IndexReader;
import io.freshet.log.MessageLog;
import io.freshet.log.Storage;
import io.freshet.protocol.EventKind;
import io.freshet.protocol.v1.ChannelAttributes;
import io.freshet.protocol.v1.ChannelKind;
import io.freshet.protocol.v1.ExpiredSequences;
import io.freshet.protocol.v1.ThreadParent;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.NanoClock;

/**
 * Ends what a deleted channel leaves: its threads are deleted too, and then an event says that all of its content has expired, which
 * the eraser erases. The index keeps the channel on a list until that event is there, so that a restart goes on with it; the event waits until the indexes of all
 * shards know what was there when the channel was first met on that list, since a thread may be of another shard. An agent on a thread of its own, which
 * may block.
 */
public final class DeletedChannels implements Agent {
    private static final long LOOK_INTERVAL_NS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final long FIRST_RETRY_NS = TimeUnit.SECONDS.toNanos(2);
    private static final long LONGEST_RETRY_NS = TimeUnit.MINUTES.toNanos(1);

    private final Storage storage;
    private final Function<String, Channel> channels;
    private final NanoClock clock;
    private final List<IndexReader> indexes = new ArrayList<>();
    private final ChannelTail tail = new ChannelTail();

    /** What was published and the indexes have not shown yet. */
    private final Map<Event, Publication> publications = new HashMap<>();

    /** Of each channel on the list, the last position of every shard when it was met first. */
    private final Map<Long, long[]> barriers = new HashMap<>();

    private long nextLookNs;

    private record Event(long channel, EventKind kind) {}

    private static final class Publication {
        boolean isMet;
        long retryNs;
        long pauseNs = FIRST_RETRY_NS;
        /** Until it has failed, it is on its way or kept, and not published again. */
        volatile boolean isToBePublished = true;

        volatile boolean isUnderWay;
    }

    /** @param channels gives the engine's own channels */
    public DeletedChannels(Storage storage, Function<String, Channel> channels, NanoClock clock) {
        this.storage = storage;
        this.channels = channels;
        this.clock = clock;
    }

    @Override
    public void onStart() {
        for (int i = 0; i < storage.shardCount(); i++) {
            indexes.add(storage.index(i).openReader());
        }
        nextLookNs = clock.nanoTime();
    }

    @Override
    public int doWork() {
        long nowNs = clock.nanoTime();
        if (nowNs - nextLookNs < 0) {
            return 0;
        }
        nextLookNs = nowNs + LOOK_INTERVAL_NS;
        publications.values().forEach(publication -> publication.isMet = false);
        Set<Long> met = new HashSet<>();
        int count = 0;
        for (IndexReader index : indexes) {
            for (Map.Entry<Long, Long> each : AttributesFollower.deleted(index).entrySet()) {
                met.add(each.getKey());
                boolean areThreadsKnown = isIndexed(barriers.computeIfAbsent(each.getKey(), key -> lastPositions()));
                if (deleteThreads(each.getKey())) {
                    count++;
                } else if (areThreadsKnown) {
                    count += empty(index, each.getKey(), each.getValue());
                }
            }
        }
        barriers.keySet().retainAll(met);
        publications.values().removeIf(publication -> !publication.isMet && !publication.isUnderWay);
        return count;
    }

    private long[] lastPositions() {
        long[] positions = new long[indexes.size()];
        for (int i = 0; i < positions.length; i++) {
            MessageLog log = storage.log(i);
            positions[i] = log.isFenced() ? MessageLog.NULL_POSITION : log.lastPosition();
        }
        return positions;
    }

    /** A log that has failed is not waited for. */
    private boolean isIndexed(long[] positions) {
        for (int i = 0; i < positions.length; i++) {
            if (storage.index(i).indexedPosition() < positions[i]
                    && !storage.log(i).isFenced()) {
                return false;
            }
        }
        return true;
    }

    /** Deletes the threads that are left; whether there were any. */
    private boolean deleteThreads(long channel) {
        boolean isAny = false;
        for (IndexReader index : indexes) {
            Set<Map.Entry<Long, Long>> threads =
                    AttributesFollower.threads(index, channel).entrySet();
            for (Map.Entry<Long, Long> thread : threads) {
                KnownAttributes attributes = AttributesFollower.read(index, thread.getKey());
                if (attributes == null || !attributes.isDeleted()) {
                    isAny = true;
                    publish(
                            thread.getKey(),
                            EventKind.ATTRIBUTES,
                            ofDeletedThread(channel, thread.getValue()).toByteArray());
                }
            }
        }
        return isAny;
    }

    private static ChannelAttributes ofDeletedThread(long channel, long post) {
        return ChannelAttributes.newBuilder()
                .setKind(ChannelKind.CHANNEL_KIND_THREAD)
                .setParent(ThreadParent.newBuilder().setChannel(channel).setPost(post))
                .setDeleted(true)
                .build();
    }

    /** Says that everything has expired that was there before the channel was deleted. */
    private int empty(IndexReader index, long channel, long deletedSequence) {
        long first = index.tail(channel, tail) ? Math.min(tail.firstSequence, deletedSequence) : 1;
        ExpiredSequences expired = ExpiredSequences.newBuilder()
                .setFirst(first)
                .setEnd(deletedSequence)
                .setDeleted(true)
                .build();
        return publish(channel, EventKind.EXPIRY, expired.toByteArray()) ? 1 : 0;
    }

    private boolean publish(long channel, EventKind kind, byte[] payload) {
        Publication publication = publications.computeIfAbsent(new Event(channel, kind), key -> {
            Publication fresh = new Publication();
            fresh.retryNs = clock.nanoTime();
            return fresh;
        });
        publication.isMet = true;
        String name = storage.channels().name(channel);
        if (name == null || !publication.isToBePublished || clock.nanoTime() - publication.retryNs < 0) {
            return false;
        }
        publication.retryNs = clock.nanoTime() + publication.pauseNs;
        publication.pauseNs = Math.min(LONGEST_RETRY_NS, 2 * publication.pauseNs);
        publication.isToBePublished = false;
        publication.isUnderWay = true;
        CompletionStage<Receipt> unused = channels.apply(name)
                .publish(kind.code(), payload)
                .whenComplete((receipt, failure) -> {
                    publication.isToBePublished = failure != null;
                    publication.isUnderWay = false;
                });
        return true;
    }

    @Override
    public void onClose() {
        indexes.forEach(IndexReader::close);
    }

    @Override
    public String roleName() {
        return "freshet-deleted";
    }
}
