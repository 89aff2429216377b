package io.freshet.engine.simulation;

import com.google.protobuf.InvalidProtocolBufferException;
import io.freshet.log.ChannelTail;
import io.freshet.log.IndexReader;
import io.freshet.log.Retention;
import io.freshet.log.Storage;
import io.freshet.protocol.EventKind;
import io.freshet.protocol.v1.ChannelRetention;
import io.freshet.protocol.v1.ErasedSequences;
import io.freshet.protocol.v1.ExpiredSequences;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What may be gone: whose content an event of the log names, what is as old as records must be to go, or as far back as the
 * logs' size says; and what must be gone, since somebody was told so. It knows the rules and the log, not what the server does
 * with them.
 */
final class Forgotten {
    /** Records go in whole files: this many positions may lie between the oldest of what goes and what asks for it. */
    private static final long FILE_SPAN = 192;

    private final Verdict verdict;
    private final SimClock clock;
    private final Retention retention;
    private final long shardLengthBytes;
    private final Map<Long, Set<Long>> named = new HashMap<>();

    /** The same, of events that the log has now: one that a crash has lost asks for nothing. */
    private final Set<List<Long>> wanted = new HashSet<>();

    private final Map<Long, Long> expiredEnds = new HashMap<>();
    /** The same of channels that were deleted. */
    private final Map<Long, Long> emptiedEnds = new HashMap<>();

    private final Map<Long, Long> shortestAgesUs = new HashMap<>();
    private final Set<List<Long>> erased = new HashSet<>();
    private final List<TreeMap<Long, Integer>> lengths = new ArrayList<>();
    private final List<IndexReader> indexes = new ArrayList<>();
    private final ChannelTail tail = new ChannelTail();
    private long expiredCount;
    private long erasedCount;

    Forgotten(Verdict verdict, SimClock clock, Scenario scenario) {
        this.verdict = verdict;
        this.clock = clock;
        retention = scenario.retention();
        shardLengthBytes = retention.lengthBytes() / scenario.shardCount();
        for (int shard = 0; shard < scenario.shardCount(); shard++) {
            lengths.add(new TreeMap<>());
        }
    }

    /** A storage was opened. */
    void open(Storage opened) {
        indexes.clear();
        wanted.clear();
        for (int shard = 0; shard < opened.shardCount(); shard++) {
            indexes.add(opened.index(shard).openReader());
            lengths.get(shard).tailMap(opened.log(shard).lastPosition(), false).clear();
        }
    }

    /** A document of any kind is in a shard's log. */
    void stored(int shard, long position, int lengthBytes) {
        lengths.get(shard).put(position, lengthBytes);
    }

    /** An event of the engine is in the log. */
    void onEvent(long channel, Truth.Entry event, byte[] payload, List<Truth.Entry> before) {
        try {
            if (event.kind() == EventKind.ERASURE.code()) {
                for (long sequence : ErasedSequences.parseFrom(payload).getSequenceList()) {
                    if (sequence < event.sequence()) {
                        named.computeIfAbsent(channel, key -> new HashSet<>()).add(sequence);
                        wanted.add(List.of(channel, sequence));
                    }
                }
            } else if (event.kind() == EventKind.RETENTION.code()) {
                long ageUs = ChannelRetention.parseFrom(payload).getAgeMs() * 1_000;
                shortestAgesUs.merge(channel, ageUs == 0 ? Long.MAX_VALUE : ageUs, Math::min);
            } else if (event.number() == EventKind.EXPIRY.code()) {
                onExpiry(channel, ExpiredSequences.parseFrom(payload), before);
            }
        } catch (InvalidProtocolBufferException e) {
            verdict.fail("an event of the engine cannot be read: " + event);
        }
    }

    private void onExpiry(long channel, ExpiredSequences expired, List<Truth.Entry> before) {
        long end = expired.getEnd();
        if (expired.getDeleted()) {
            verdict.check(
                    end <= before.size() && before.get((int) end - 1).number() == EventKind.ATTRIBUTES.code(),
                    () -> "channel " + channel + " is emptied by " + expired
                            + ", where nothing says that it was deleted");
            expiredEnds.merge(channel, end, Math::max);
            emptiedEnds.merge(channel, end, Math::max);
            return;
        }
        verdict.check(
                end > expired.getFirst() && end <= before.size() + 1L,
                () -> "channel " + channel + " has an event that lets what is not there expire: " + expired);
        if (end <= before.size() + 1L && end > 1) {
            long ageUs = shortestAgesUs.getOrDefault(channel, Long.MAX_VALUE);
            Truth.Entry last = before.get((int) end - 2);
            verdict.check(
                    ageUs < Long.MAX_VALUE && last.timestampUs() < clock.latestUs() - ageUs,
                    () -> last + " of channel " + channel + " has expired too early, kept for " + ageUs);
        }
        expiredEnds.merge(channel, end, Math::max);
    }

    /** The files of these records, of which this is the last, are gone: it was to go, and the index had said so before. */
    void checkFreed(long channel, Truth.Entry last) {
        verdict.check(
                isOld(last) || isTooMuch(last),
                () -> "the log has no more of channel " + channel + " than behind " + last);
        verdict.check(
                firstKept(channel, last.shard()) > last.sequence(),
                () -> "the index still has " + last + " of channel " + channel + ", which the log has not");
    }

    /** Somebody is told that records have expired, of which this is the last. */
    void checkExpired(String to, long channel, Truth.Entry last, long count) {
        expiredCount += count;
        verdict.check(
                isOld(last) || isTooMuch(last) || last.sequence() < expiredEnds.getOrDefault(channel, 0L),
                () -> to + " was told that " + last + " of channel " + channel + " has expired, which has not");
        verdict.check(
                firstKept(channel, last.shard()) > last.sequence(),
                () -> to + " was told that " + last + " of channel " + channel + " has expired, the index keeps it");
    }

    private boolean isOld(Truth.Entry entry) {
        return !retention.age().equals(Retention.FOREVER)
                && entry.timestampUs() / 1_000 <= clock.latestUs() / 1_000 - retention.ageMs();
    }

    /** What lies in its file and behind takes more than it may. */
    private boolean isTooMuch(Truth.Entry entry) {
        long length = 0;
        for (int each : lengths.get(entry.shard())
                .tailMap(entry.position() - FILE_SPAN, true)
                .values()) {
            length += each;
        }
        return length > shardLengthBytes;
    }

    private long firstKept(long channel, int shard) {
        return indexes.get(shard).tail(channel, tail) ? tail.firstSequence : 0;
    }

    /** The last sequence of a channel that a shard's index knows of; 0 for none. */
    long lastIndexed(long channel, int shard) {
        return indexes.get(shard).tail(channel, tail) ? tail.lastSequence : 0;
    }

    /** An event of the log deletes a post, of whose content this record has some. */
    void deleted(long channel, long sequence) {
        named.computeIfAbsent(channel, key -> new HashSet<>()).add(sequence);
        wanted.add(List.of(channel, sequence));
    }

    /** Whether this record was before its channel was deleted, and all content of that is to go. */
    boolean isEmptied(long channel, long sequence) {
        return sequence < emptiedEnds.getOrDefault(channel, 0L);
    }

    /** Whether an event of the log says that this record's content is to go. */
    boolean mayBeErased(long channel, long sequence) {
        return named.getOrDefault(channel, Set.of()).contains(sequence)
                || sequence < expiredEnds.getOrDefault(channel, 0L);
    }

    /** Somebody was told that the content of these records is gone. */
    void erased(long channel, List<Long> sequences) {
        sequences.forEach(sequence -> erased.add(List.of(channel, sequence)));
        erasedCount += sequences.size();
    }

    /** Whether nobody may be handed the content of this record any more. */
    boolean isErased(long channel, long sequence) {
        return erased.contains(List.of(channel, sequence));
    }

    /** Whether an event of erasure that the log has names this record. */
    boolean isWanted(long channel, long sequence) {
        return wanted.contains(List.of(channel, sequence));
    }

    /** Records that somebody was told have expired, over all who were told. */
    long expiredCount() {
        return expiredCount;
    }

    /** Records that somebody was told are erased. */
    long erasedCount() {
        return erasedCount;
    }
}
