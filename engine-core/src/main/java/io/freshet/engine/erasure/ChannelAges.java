package io.freshet.engine.erasure;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.freshet.client.Channel;
import io.freshet.client.Receipt;
import io.freshet.log.ChannelTail;
import io.freshet.log.IndexReader;
import io.freshet.log.LogDocument;
import io.freshet.log.LogReader;
import io.freshet.log.Storage;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.EventKind;
import io.freshet.protocol.FrameHeader;
import io.freshet.protocol.FreshetException;
import io.freshet.protocol.v1.ChannelRetention;
import io.freshet.protocol.v1.ExpiredSequences;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.EpochMicroClock;
import org.agrona.concurrent.NanoClock;

/**
 * Lets the records of channels expire that are kept for a shorter time than the log: now and then an event says which are over
 * their age; the index tells them as expired from then on, and the eraser erases them. Of one channel that is said no more often
 * than once in a 64th of its age, or in a minute, since events are records themselves. An agent on a thread of its own, which
 * may block; {@link #retain} is for any thread.
 */
public final class ChannelAges implements Agent {
    /** The shortest age: events that say what has expired are records themselves, and are to be few. */
    public static final Duration SHORTEST = Duration.ofSeconds(10);

    private static final long LOOK_INTERVAL_NS = TimeUnit.SECONDS.toNanos(1);
    private static final int SAID_PER_AGE = 64;
    private static final long LONGEST_PAUSE_NS = TimeUnit.MINUTES.toNanos(1);

    private final Storage storage;
    private final Function<String, Channel> channels;
    private final NanoClock clock;
    private final EpochMicroClock microClock;
    private final List<Shard> shards = new ArrayList<>();
    private long nextLookNs;

    /** When a channel is looked at again of which something was said. */
    private final Map<Long, Long> nextLooksNs = new HashMap<>();

    /** Where what was said to have expired ends, by channel: the index learns it a little later. */
    private final Map<Long, Long> saidEnds = new ConcurrentHashMap<>();

    /** What is read of one shard. */
    private record Shard(IndexReader index, LogReader log) {}

    /**
     * Registers what must follow the storage's logs: before their indexes are brought up to date.
     *
     * @param channels gives the engine's own channels
     */
    public ChannelAges(
            Storage storage, Function<String, Channel> channels, NanoClock clock, EpochMicroClock microClock) {
        this.storage = storage;
        this.channels = channels;
        this.clock = clock;
        this.microClock = microClock;
        for (int i = 0; i < storage.shardCount(); i++) {
            storage.index(i).addFollower(new AgeFollower());
        }
    }

    /** Says how long the records of a channel are kept; zero is as long as the log. */
    public CompletionStage<Receipt> retain(String channel, Duration age) {
        if (!age.isZero() && age.compareTo(SHORTEST) < 0) {
            return CompletableFuture.failedFuture(new FreshetException(
                    ErrorCode.INVALID_ARGUMENT, "an age is " + SHORTEST + " or more, or zero, not " + age));
        }
        ChannelRetention said =
                ChannelRetention.newBuilder().setAgeMs(age.toMillis()).build();
        return channels.apply(channel).publish(EventKind.RETENTION.code(), said.toByteArray());
    }

    @Override
    public void onStart() {
        for (int i = 0; i < storage.shardCount(); i++) {
            shards.add(new Shard(storage.index(i).openReader(), storage.log(i).openReader()));
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
        int count = 0;
        for (Shard shard : shards) {
            Map<Long, Long> ages = new TreeMap<>();
            shard.index.states(
                    AgeFollower.ID,
                    AgeFollower.ALL_CHANNELS,
                    (channel, none, value, offset, length) ->
                            ages.put(channel, value.getLong(offset + AgeFollower.AGE_MS_OFFSET, LITTLE_ENDIAN)));
            for (Map.Entry<Long, Long> each : ages.entrySet()) {
                if (each.getValue() > 0 && nowNs - nextLooksNs.getOrDefault(each.getKey(), nowNs) >= 0) {
                    count += look(shard, each.getKey(), each.getValue(), nowNs);
                }
            }
        }
        return count;
    }

    private int look(Shard shard, long channel, long ageMs, long nowNs) {
        ChannelTail tail = new ChannelTail();
        String name = storage.channels().name(channel);
        if (name == null || !shard.index.tail(channel, tail)) {
            return 0;
        }
        long olderThanUs = microClock.microTime() - TimeUnit.MILLISECONDS.toMicros(ageMs);
        long first = Math.max(tail.firstSequence, saidEnds.getOrDefault(channel, 0L));
        long end = endOfExpired(shard, channel, first, tail.lastSequence, olderThanUs);
        if (end == first) {
            return 0;
        }
        saidEnds.put(channel, end);
        nextLooksNs.put(
                channel, nowNs + Math.min(LONGEST_PAUSE_NS, TimeUnit.MILLISECONDS.toNanos(ageMs / SAID_PER_AGE)));
        ExpiredSequences expired =
                ExpiredSequences.newBuilder().setFirst(first).setEnd(end).build();
        channels.apply(name)
                .publish(EventKind.EXPIRY.code(), expired.toByteArray())
                .whenComplete((receipt, failure) -> {
                    if (failure != null) {
                        saidEnds.remove(channel); // it is said again at the next look
                    }
                });
        return 1;
    }

    /**
     * Behind the last record that is over its age; the first that is kept when there is nothing but earlier events of expiry, which
     * are not worth another. Documents are read once each, since what has expired is not looked at again.
     */
    private static long endOfExpired(Shard shard, long channel, long first, long last, long olderThanUs) {
        long end = first;
        boolean isWorthIt = false;
        while (end <= last
                && shard.log.seek(shard.index.find(channel, end))
                && shard.log.next()
                && shard.log.document().timeUs() < olderThanUs) {
            LogDocument document = shard.log.document();
            long before = end;
            for (int run = 0; run < document.runCount(); run++) {
                if (document.channel(run) == channel) {
                    isWorthIt |= holdsMessages(document, run);
                    end = Math.max(end, document.firstSequence(run) + document.recordCount(run));
                }
            }
            if (end == before) {
                break;
            }
        }
        return isWorthIt ? end : first;
    }

    private static boolean holdsMessages(LogDocument document, int run) {
        for (int i = 0; i < document.recordCount(run); i++) {
            int at = document.recordOffset(run, i) + FrameHeader.KIND_OFFSET;
            if ((document.buffer().getShort(at, LITTLE_ENDIAN) & 0xFFFF) != EventKind.EXPIRY.code()) {
                return true;
            }
        }
        return false;
    }

    @Override
    public void onClose() {
        for (Shard shard : shards) {
            shard.log.close();
            shard.index.close();
        }
    }

    @Override
    public String roleName() {
        return "freshet-ages";
    }
}
