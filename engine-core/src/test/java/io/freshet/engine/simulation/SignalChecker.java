package io.freshet.engine.simulation;

import com.google.protobuf.InvalidProtocolBufferException;
import io.freshet.client.SignalState;
import io.freshet.engine.metrics.ReactorCounter;
import io.freshet.engine.metrics.ShardCounter;
import io.freshet.protocol.EventKind;
import io.freshet.protocol.SignalFrame;
import io.freshet.protocol.v1.ChannelTotals;
import io.freshet.protocol.v1.Count;
import io.freshet.protocol.v1.Signal;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * What is said and not kept: a total is never more than what was sent, and does not fall on one connection; after a server that ended in order the log
 * says exactly what it had taken more than the one before; and who watches ends with what the log says.
 */
final class SignalChecker {
    /** More than a run has. */
    private static final int CHANNELS = 16;

    private final Verdict verdict;
    private final Truth truth;
    private final SimAccess access;
    private final Map<String, Long> sent = new HashMap<>();
    private final Map<Long, Map<String, Long>> latest = new HashMap<>();
    private Set<Long> overAtStart = Set.of();
    private long atStart;
    private long frameCount;
    private long exactCount;

    SignalChecker(Verdict verdict, Truth truth, SimAccess access) {
        this.access = access;
        this.verdict = verdict;
        this.truth = truth;
    }

    /** Whether somebody may make a counter: what others add to one that is not there is dropped. */
    boolean mayMake(long sender, String channel) {
        return access.allowed(sender, channel).mayPublish();
    }

    /** A client adds to a counter of a channel. */
    void counts(String channel, String counter, long more) {
        sent.merge(channel + "/" + counter, more, Long::sum);
    }

    /** A server begins with what the log says. */
    void started() {
        overAtStart = over();
        atStart = sumOfLog();
        latest.clear();
    }

    /**
     * A connection is given a frame.
     *
     * @param seen what it was told before, by counter; brought up to date
     */
    void told(String to, String channel, Signal signal, Map<String, Long> seen) {
        frameCount++;
        for (Count count : signal.getCountsList()) {
            String key = channel + "/" + count.getName();
            long most = sent.getOrDefault(key, 0L);
            long before = seen.getOrDefault(key, 0L);
            verdict.check(
                    count.getTotal() <= most,
                    () -> to + " was told that " + key + " is " + count.getTotal() + ", of " + most + " sent");
            verdict.check(
                    count.getTotal() >= before,
                    () -> to + " was told that " + key + " is " + count.getTotal() + ", after " + before);
            seen.put(key, count.getTotal());
            latest.computeIfAbsent(signal.getChannel(), id -> new HashMap<>())
                    .merge(count.getName(), count.getTotal(), Math::max);
        }
    }

    /** A server ends in order. */
    void ended(SimServer server) {
        if (!server.settle()) {
            return; // its log takes nothing more
        }
        if (!over().equals(overAtStart)) {
            return; // what was counted in a channel that is deleted is gone with it
        }
        exactCount++;
        long taken = server.count(ReactorCounter.SIGNAL_INCREMENTS);
        long grown = sumOfLog() - atStart;
        verdict.check(
                grown == taken,
                () -> "the server took " + taken + ", and the log says " + grown + " more; signals untaken "
                        + server.count(ShardCounter.SIGNALS_UNTAKEN));
        latest.forEach((channel, totals) -> {
            ChannelTotals kept = totals(channel);
            totals.forEach((name, total) -> verdict.check(
                    kept.getTotalsList().stream()
                            .anyMatch(each -> each.getName().equals(name) && each.getTotal() >= total),
                    () -> "somebody was told that " + name + " of channel " + channel + " is " + total
                            + ", and the log says " + kept));
        });
    }

    /** What somebody who watches a channel was told last and is not so, once it is quiet; null when all of it is. */
    @Nullable
    String lack(long channel, SignalState told, List<Long> pinned) {
        Map<String, Long> kept = new HashMap<>();
        totals(channel).getTotalsList().forEach(total -> kept.put(total.getName(), total.getTotal()));
        if (!told.totals().equals(kept)) {
            return " and was told that it counts " + told.totals() + ", where the log says " + kept;
        }
        if (told.typistCount() != 0) {
            return " and was told that " + told.typists() + " still write";
        }
        List<Long> named = pinned.subList(0, Math.min(pinned.size(), SignalFrame.NAMED_PINS));
        return told.pinned().equals(named) && told.pinCount() == pinned.size()
                ? null
                : " and was told that " + told.pinned() + " are pinned, of " + told.pinCount() + ", which are "
                        + pinned;
    }

    private Set<Long> over() {
        truth.poll();
        return LongStream.rangeClosed(1, CHANNELS)
                .boxed()
                .filter(truth.attributes()::isDeleted)
                .collect(Collectors.toSet());
    }

    private long sumOfLog() {
        truth.poll();
        long sum = 0;
        for (long channel = 1; channel <= CHANNELS; channel++) {
            if (truth.attributes().isDeleted(channel)) {
                continue;
            }
            for (ChannelTotals.Total total : totals(channel).getTotalsList()) {
                sum += total.getTotal();
            }
        }
        return sum;
    }

    private ChannelTotals totals(long channel) {
        byte[] event = new byte[0];
        for (long sequence = truth.head(channel); sequence > 0 && event.length == 0; sequence--) {
            Truth.Entry entry = truth.at(channel, sequence);
            if (entry != null && entry.isOfTheEngine() && entry.number() == EventKind.TOTALS.code()) {
                event = truth.event(channel, sequence);
            }
        }
        try {
            return ChannelTotals.parseFrom(event);
        } catch (InvalidProtocolBufferException e) {
            verdict.fail("an event of channel " + channel + " cannot be read: " + e);
            return ChannelTotals.getDefaultInstance();
        }
    }

    /** Frames that were given to connections. */
    long frameCount() {
        return frameCount;
    }

    /** Servers that ended with totals that were exact. */
    long exactCount() {
        return exactCount;
    }
}
