package io.freshet.engine.simulation;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.freshet.engine.Principal;
import io.freshet.log.Durability;
import io.freshet.log.LogDocument;
import io.freshet.log.LogReader;
import io.freshet.log.Storage;
import io.freshet.protocol.EventKind;
import io.freshet.protocol.FrameHeader;
import io.freshet.protocol.RecordFrame;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Predicate;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What the logs hold, read from them by readers of its own: every other checker compares with this. It also checks the logs
 * themselves: sequences without a hole, time that does not go back, each publish once and in its publisher's order, nonces
 * that rise by one, payloads as they were made or erased; and across a crash that nothing changed, nothing visible was lost and
 * nothing but what was to go has gone. What has gone stays known here.
 */
final class Truth {
    private static final int STRAY_ONE_IN = 12;
    private static final int RECENT_POSTS = 5;

    /** Events of the engine that go with a channel that is deleted. */
    private static final Set<Integer> MAY_BE_EMPTIED = Set.of(EventKind.ATTRIBUTES.code(), EventKind.TOTALS.code());

    private final Verdict verdict;
    private final Durability durability;
    private final SimAccess access;
    private final RevocationChecker revocations;
    private final Forgotten forgotten;
    private final AttributesChecker attributes;
    private final List<LogReader> readers = new ArrayList<>();
    private final Map<Long, List<Entry>> channels = new LinkedHashMap<>();
    private final Map<Long, Long> visibleHeads = new HashMap<>();
    private final Map<Long, List<Entry>> lost = new LinkedHashMap<>();
    private final Map<List<Long>, Long> places = new HashMap<>();
    private final Map<List<Long>, Integer> lastNumbers = new HashMap<>();
    private final Map<List<Long>, Integer> lastCounters = new HashMap<>();
    private final EventChecker eventChecker;
    /** Numbers of events by channel, sequence, sender and nonce, since what is erased does not tell its own any more. */
    private final Map<List<Long>, Integer> eventNumbers = new HashMap<>();
    /** Payloads of the engine's own events and of people's, by channel and sequence. */
    private final Map<List<Long>, byte[]> events = new HashMap<>();
    /** Records that the log holds with their content, by channel and sequence, as far as it was there when it was opened. */
    private final Set<List<Long>> keptInLog = new HashSet<>();

    private Map<Long, List<Entry>> before = Map.of();
    private @Nullable Storage storage;
    private boolean isOpening;

    /** One record: who published it as their which, and where it lies. */
    record Entry(
            long sequence,
            long sender,
            int number,
            int kind,
            long nonce,
            long timestampUs,
            int payloadLength,
            int shard,
            long position) {
        /** Whether the application itself has published it, through the engine. */
        boolean isOfTheEngine() {
            return sender == Principal.SYSTEM.id();
        }

        /** Whether its payload is not made of its number. */
        boolean isEvent() {
            return isOfTheEngine() || SimEvents.isEvent(kind);
        }
    }

    Truth(
            Verdict verdict,
            Durability durability,
            SimAccess access,
            RevocationChecker revocations,
            Forgotten forgotten) {
        this.verdict = verdict;
        this.durability = durability;
        this.access = access;
        this.revocations = revocations;
        this.forgotten = forgotten;
        eventChecker = new EventChecker(verdict);
        attributes = new AttributesChecker(verdict);
    }

    /** Reads what a storage holds that was just opened, and compares it with what was there before. */
    void open(Storage opened, boolean mayLose) {
        before = new LinkedHashMap<>(channels);
        channels.clear();
        places.clear();
        lastNumbers.clear();
        lastCounters.clear();
        keptInLog.clear();
        readers.clear();
        storage = opened;
        forgotten.open(opened);
        attributes.open();
        for (int shard = 0; shard < opened.shardCount(); shard++) {
            LogReader reader = opened.log(shard).openReader();
            reader.toStart();
            readers.add(reader);
        }
        isOpening = true;
        poll();
        before.forEach(this::takeOverWhole);
        isOpening = false;
        before.forEach((channel, entries) -> compare(channel, entries, mayLose));
        channels.forEach((channel, entries) -> verdict.check(
                entries.size() <= before.getOrDefault(channel, List.of()).size(),
                () -> "channel " + channel + " has grown to " + entries.size() + " in a crash"));
    }

    /** Of this channel the log has nothing: what the index says is gone, and the rest lost. */
    private void takeOverWhole(long channel, List<Entry> known) {
        if (!channels.containsKey(channel) && !known.isEmpty()) {
            takeOver(channel, forgotten.lastIndexed(channel, known.get(0).shard));
        }
    }

    /** The log begins behind this sequence of a channel: what is before it has gone, and stays known here. */
    private void takeOver(long channel, long lastSequence) {
        List<Entry> known = before.getOrDefault(channel, List.of());
        verdict.check(
                lastSequence <= known.size(),
                () -> "channel " + channel + " begins behind " + lastSequence + ", where it had " + known.size());
        if (lastSequence > 0 && lastSequence <= known.size()) {
            forgotten.checkFreed(channel, known.get((int) lastSequence - 1));
            attributes.takeOver(channel, lastSequence);
            for (Entry entry : known.subList(0, (int) lastSequence)) {
                add(channel, entry);
            }
        }
    }

    private void compare(long channel, List<Entry> before, boolean mayLose) {
        List<Entry> now = channels.getOrDefault(channel, List.of());
        int common = Math.min(now.size(), before.size());
        verdict.check(
                now.subList(0, common).equals(before.subList(0, common)),
                () -> "channel " + channel + " has other records after the crash");
        long visibleHead = visibleHeads.getOrDefault(channel, 0L);
        verdict.check(
                mayLose || now.size() >= visibleHead,
                () -> "channel " + channel + " ends at " + now.size() + " after the crash; visible was " + visibleHead);
        eventChecker.cut(channel, now.size());
        lost.computeIfAbsent(channel, key -> new ArrayList<>()).addAll(before.subList(common, before.size()));
        visibleHeads.put(channel, Math.min(visibleHead, now.size()));
    }

    /** The storage is gone; what is known of it stays known. */
    void close() {
        poll();
        readers.clear();
    }

    /** Reads what was written since. */
    void poll() {
        for (int shard = 0; shard < readers.size(); shard++) {
            LogReader reader = readers.get(shard);
            while (reader.next()) {
                onDocument(shard, reader.document());
            }
        }
    }

    private void onDocument(int shard, LogDocument document) {
        forgotten.stored(shard, document.position(), document.buffer().capacity());
        if (document.kind() != LogDocument.Kind.RUNS) {
            return;
        }
        for (int run = 0; run < document.runCount(); run++) {
            for (int i = 0; i < document.recordCount(run); i++) {
                verdict.check(document.isIntact(run, i), "a stored record does not match its checksum");
                Entry entry = entry(shard, document, run, i);
                if (isOpening && !channels.containsKey(document.channel(run))) {
                    takeOver(document.channel(run), entry.sequence - 1);
                }
                add(document.channel(run), entry);
                checkEvent(document, run, i, entry);
                byte[] event = events.get(List.of(document.channel(run), entry.sequence));
                attributes.stored(document.channel(run), entry, event);
                if (entry.isOfTheEngine() && event != null && entry.number() != EventKind.ATTRIBUTES.code()) {
                    List<Entry> all = channels.getOrDefault(document.channel(run), List.of());
                    forgotten.onEvent(document.channel(run), entry, event, all.subList(0, all.size() - 1));
                }
            }
        }
    }

    private void checkEvent(LogDocument document, int run, int record, Entry entry) {
        long channel = document.channel(run);
        int flags = document.buffer().getByte(document.recordOffset(run, record) + FrameHeader.FLAGS_OFFSET);
        String name = storage == null ? null : storage.channels().name(channel);
        List<Long> gone = eventChecker.stored(
                channel,
                entry,
                flags,
                event(channel, entry.sequence),
                name == null ? Set.of() : access.allowed(entry.sender, name).rights());
        gone.forEach(sequence -> forgotten.deleted(channel, sequence));
    }

    private Entry entry(int shard, LogDocument document, int run, int record) {
        DirectBuffer buffer = document.buffer();
        int at = document.recordOffset(run, record);
        int length = document.recordLength(run, record);
        long sequence = buffer.getLong(at + RecordFrame.SEQUENCE_OFFSET, LITTLE_ENDIAN);
        verdict.check(
                sequence == document.firstSequence(run) + record
                        && buffer.getLong(at + RecordFrame.CHANNEL_OFFSET, LITTLE_ENDIAN) == document.channel(run),
                () -> "an envelope names " + (document.firstSequence(run) + record) + ", its record " + sequence);
        long sender = buffer.getLong(at + RecordFrame.SENDER_OFFSET, LITTLE_ENDIAN);
        int kind = buffer.getShort(at + FrameHeader.KIND_OFFSET, LITTLE_ENDIAN) & 0xFFFF;
        int payloadLength = Payloads.payloadLength(length);
        boolean isErased = (buffer.getByte(at + FrameHeader.FLAGS_OFFSET) & FrameHeader.FLAG_ERASED) != 0;
        byte[] payload = new byte[payloadLength];
        buffer.getBytes(at + length - payloadLength, payload);
        long nonce = buffer.getLong(at + RecordFrame.NONCE_OFFSET, LITTLE_ENDIAN);
        int number = SimEvents.isEvent(kind)
                ? eventNumber(List.of(document.channel(run), sequence, sender, nonce), payload, isErased)
                : kind;
        if (sender == Principal.SYSTEM.id() && !isErased) {
            events.put(List.of(document.channel(run), sequence), payload);
        } else if (sender == Principal.SYSTEM.id()) {
            verdict.check(
                    MAY_BE_EMPTIED.contains(number) && forgotten.isEmptied(document.channel(run), sequence),
                    () -> "the event " + sequence + " of the engine is erased");
        } else {
            boolean isEvent = SimEvents.isEvent(kind);
            if (isEvent && !isErased) {
                events.put(List.of(document.channel(run), sequence), payload);
            }
            byte[] expected = isErased
                    ? SimEvents.erased(kind, buffer.getByte(at + FrameHeader.FLAGS_OFFSET), payload)
                    : isEvent ? payload : Payloads.of(sender, number, payloadLength);
            verdict.check(
                    Arrays.equals(expected, payload),
                    () -> "publish " + number + " of " + sender + " is stored with another payload");
            checkErasure(document.channel(run), sequence, kind, isErased);
        }
        return new Entry(
                sequence,
                sender,
                number,
                kind,
                nonce,
                buffer.getLong(at + RecordFrame.TIMESTAMP_US_OFFSET, LITTLE_ENDIAN),
                payloadLength,
                shard,
                document.position());
    }

    /** Of what was there last: after a loss of power another event may come to the same place by the same nonce. */
    private int eventNumber(List<Long> place, byte[] payload, boolean isErased) {
        if (!isErased) {
            eventNumbers.put(place, SimEvents.number(payload));
        }
        return eventNumbers.getOrDefault(place, 0);
    }

    private void checkErasure(long channel, long sequence, int kind, boolean isErased) {
        if (isErased) {
            verdict.check(
                    forgotten.mayBeErased(channel, sequence),
                    () -> sequence + " of channel " + channel + " is erased, which nobody has asked for");
        } else if (isOpening && !SimEvents.isWithoutContent(kind)) {
            keptInLog.add(List.of(channel, sequence));
            verdict.check(
                    !forgotten.isErased(channel, sequence),
                    () -> sequence + " of channel " + channel + " was erased and is back");
        }
    }

    private void add(long channel, Entry entry) {
        List<Entry> entries = channels.computeIfAbsent(channel, key -> new ArrayList<>());
        Entry previous = entries.isEmpty() ? null : entries.get(entries.size() - 1);
        boolean isEvent = entry.isOfTheEngine();
        Long earlier = isEvent ? null : places.put(List.of(entry.sender, (long) entry.number), entry.sequence);
        Integer last = isEvent ? null : lastNumbers.put(List.of(channel, entry.sender), entry.number);
        int counter = (int) entry.nonce;
        Integer lastCounter =
                counter == 0 ? null : lastCounters.put(List.of(channel, entry.sender, entry.nonce >>> 32), counter);
        String broken = null;
        if (entry.sequence != entries.size() + 1L) {
            broken = "is not the one behind";
        } else if (previous != null && previous.timestampUs > entry.timestampUs) {
            broken = "is earlier than";
        } else if (earlier != null) {
            broken = "was stored before, under " + earlier + ", and again behind";
        } else if (last != null && last > entry.number) {
            broken = "was overtaken by publish " + last + ", now behind";
        } else if (counter != 0 && counter != (lastCounter == null ? 1 : lastCounter + 1)) {
            broken = "has a counter that does not follow " + lastCounter + ", behind";
        }
        if (broken != null) {
            verdict.fail("channel " + channel + ": " + entry + " " + broken + " " + previous);
        }
        entries.add(entry);
        if (!isOpening) {
            revocations.stored(entry.sender, channel, entry.sequence);
        }
        String name = storage == null ? null : storage.channels().name(channel);
        verdict.check(
                name != null && access.allowed(entry.sender, name).mayPublish(),
                () -> "channel " + channel + ", " + name + ", has " + entry + ", whose sender may not publish there");
    }

    /** The record under this sequence, or null. */
    @Nullable
    Entry at(long channel, long sequence) {
        List<Entry> entries = channels.get(channel);
        if (entries == null || sequence > entries.size()) {
            poll();
            entries = channels.getOrDefault(channel, List.of());
        }
        return sequence < 1 || sequence > entries.size() ? null : entries.get((int) sequence - 1);
    }

    /** The record that is visible under this sequence now; fails when it should not be. */
    @Nullable
    Entry visible(long channel, long sequence, String to) {
        Entry entry = at(channel, sequence);
        if (entry == null) {
            verdict.fail(to + " was told of " + sequence + " in channel " + channel + ", which the log does not have");
            return null;
        }
        assert storage != null;
        verdict.check(
                durability == Durability.WRITTEN
                        || entry.position <= storage.log(entry.shard).syncedPosition(),
                () -> to + " was told of " + sequence + " in channel " + channel + ", which is not synced");
        visibleHeads.merge(channel, sequence, Math::max);
        return entry;
    }

    /** Where a crash has lost this record: the entry as it was, or null. */
    @Nullable
    Entry lost(long channel, long sequence, long sender, int number) {
        return lost(channel, sequence, entry -> entry.sender == sender && entry.number == number);
    }

    /** The same by the record's kind. */
    @Nullable
    Entry lostOfKind(long channel, long sequence, long sender, int kind) {
        return lost(channel, sequence, entry -> entry.sender == sender && entry.kind == kind);
    }

    private @Nullable Entry lost(long channel, long sequence, Predicate<Entry> which) {
        for (Entry entry : lost.getOrDefault(channel, List.of())) {
            if (entry.sequence == sequence && which.test(entry)) {
                return entry;
            }
        }
        return null;
    }

    /** What was kept of people's events. */
    EventChecker eventChecker() {
        return eventChecker;
    }

    /** Whether the log has this publish. */
    boolean isStored(long sender, int number) {
        return places.containsKey(List.of(sender, (long) number));
    }

    /** Whether a crash has ever lost this publish. */
    boolean wasLost(long sender, int number) {
        return lost.values().stream()
                .flatMap(List::stream)
                .anyMatch(entry -> entry.sender == sender && entry.number == number);
    }

    /** What the channels are. */
    AttributesChecker attributes() {
        return attributes;
    }

    /** What has gone and what may go. */
    Forgotten forgotten() {
        return forgotten;
    }

    /** Somebody is told that these records have expired. */
    void expired(String to, long channel, long first, long count) {
        Entry last = at(channel, first + count - 1);
        if (first < 1 || count < 1 || last == null) {
            verdict.fail(to + " was told that " + count + " from " + first + " of channel " + channel
                    + " have expired, which has " + head(channel));
        } else {
            forgotten.checkExpired(to, channel, last, count);
        }
    }

    /** The payload of an event. */
    byte[] event(long channel, long sequence) {
        return events.getOrDefault(List.of(channel, sequence), new byte[0]);
    }

    /** Of what was opened last and is in the log, everything is erased that was to be. */
    void checkErased() {
        for (List<Long> kept : keptInLog) {
            verdict.check(
                    !forgotten.isWanted(kept.get(0), kept.get(1)),
                    () -> kept.get(1) + " of channel " + kept.get(0) + " was to be erased and is not");
        }
    }

    /** A record of the channel of this name for somebody to name: one of the last posts mostly. */
    long target(String name, SplittableRandom random) {
        List<Entry> all = storage == null
                ? List.of()
                : channels.getOrDefault(storage.channels().find(name), List.of());
        if (random.nextInt(STRAY_ONE_IN) == 0) {
            return all.size() + random.nextInt(3) - 1L;
        }
        int skipped = random.nextInt(RECENT_POSTS);
        for (int i = all.size() - 1; i >= 0; i--) {
            if (all.get(i).kind == EventKind.POST.code() && skipped-- == 0) {
                return i + 1L;
            }
        }
        return all.size();
    }

    long head(long channel) {
        return channels.getOrDefault(channel, List.of()).size();
    }

    long recordCount() {
        return channels.values().stream().mapToLong(List::size).sum();
    }
}
