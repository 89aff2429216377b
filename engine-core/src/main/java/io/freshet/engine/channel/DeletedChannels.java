package io.freshet.engine.channel;

import io.freshet.client.Channel;
import io.freshet.log.ChannelTail;
import io.freshet.log.IndexReader;
import io.freshet.log.Storage;
import io.freshet.protocol.EventKind;
import io.freshet.protocol.v1.ChannelAttributes;
import io.freshet.protocol.v1.ChannelKind;
import io.freshet.protocol.v1.ExpiredSequences;
import io.freshet.protocol.v1.ThreadParent;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.NanoClock;

/**
 * Ends what a deleted channel leaves: its threads are deleted too, and then an event says that all of its content has expired, which
 * the eraser erases. The index keeps the channel on a list until that event is there, so that a restart goes on with it. An agent on
 * a thread of its own, which may block.
 */
public final class DeletedChannels implements Agent {
    private static final long LOOK_INTERVAL_NS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final long RETRY_NS = TimeUnit.SECONDS.toNanos(2);

    private final Storage storage;
    private final Function<String, Channel> channels;
    private final NanoClock clock;
    private final List<IndexReader> indexes = new ArrayList<>();
    private final ChannelTail tail = new ChannelTail();

    /** Channels to which something was published that the index has not shown yet, each with the time to do it again. */
    private final Map<Long, Long> retriesNs = new ConcurrentHashMap<>();

    private long nextLookNs;

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
        retriesNs.values().removeIf(retryNs -> nowNs - retryNs >= 0);
        int count = 0;
        for (IndexReader index : indexes) {
            for (Map.Entry<Long, Long> each : AttributesFollower.deleted(index).entrySet()) {
                count += deleteThreads(each.getKey()) ? 1 : empty(index, each.getKey(), each.getValue());
            }
        }
        return count;
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
        String name = storage.channels().name(channel);
        if (name == null || retriesNs.putIfAbsent(channel, clock.nanoTime() + RETRY_NS) != null) {
            return false;
        }
        channels.apply(name).publish(kind.code(), payload);
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
