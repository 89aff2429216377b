package io.freshet.engine.simulation;

import com.google.protobuf.InvalidProtocolBufferException;
import io.freshet.client.ChannelState;
import io.freshet.protocol.EventKind;
import io.freshet.protocol.v1.ChannelAttributes;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the channels are, by the logs: nothing is kept in one that is archived or deleted at that place of its order, and whoever opens
 * one is told what holds at the head that they are told of.
 */
final class AttributesChecker {
    private final Verdict verdict;
    private Map<Long, TreeMap<Long, ChannelAttributes>> channels = new HashMap<>();
    private Map<Long, TreeMap<Long, ChannelAttributes>> before = Map.of();
    private long changeCount;
    private long deletedCount;

    AttributesChecker(Verdict verdict) {
        this.verdict = verdict;
    }

    /** The logs are read anew. */
    void open() {
        before = channels;
        channels = new HashMap<>();
    }

    /** The log has no more of a channel than what lies behind this sequence. */
    void takeOver(long channel, long lastSequence) {
        NavigableMap<Long, ChannelAttributes> known = before.getOrDefault(channel, new TreeMap<>());
        ofChannel(channel).putAll(known.headMap(lastSequence, true));
    }

    private NavigableMap<Long, ChannelAttributes> ofChannel(long channel) {
        return channels.computeIfAbsent(channel, key -> new TreeMap<>());
    }

    private ChannelAttributes at(long channel, long sequence) {
        Map.Entry<Long, ChannelAttributes> last = ofChannel(channel).floorEntry(sequence);
        return last == null ? ChannelAttributes.getDefaultInstance() : last.getValue();
    }

    /**
     * A record is in the log.
     *
     * @param payload of an event of the engine that is not erased
     */
    void stored(long channel, Truth.Entry entry, byte @Nullable [] payload) {
        ChannelAttributes now = at(channel, entry.sequence() - 1);
        boolean isEvent = entry.isOfTheEngine() && entry.number() >= EventKind.ERASURE.code();
        boolean isTotals = entry.isOfTheEngine() && entry.number() == EventKind.TOTALS.code();
        boolean isChange = entry.isOfTheEngine() && entry.number() == EventKind.ATTRIBUTES.code();
        verdict.check(
                isEvent || !now.getDeleted(), () -> "channel " + channel + " has " + entry + " though it was deleted");
        verdict.check(
                isEvent || isChange || isTotals || !now.getArchived(),
                () -> "channel " + channel + " has " + entry + " though it was archived");
        if (isChange && payload != null) {
            changed(channel, entry.sequence(), payload);
        }
    }

    private void changed(long channel, long sequence, byte[] payload) {
        try {
            ChannelAttributes attributes = ChannelAttributes.parseFrom(payload);
            ofChannel(channel).put(sequence, attributes);
            changeCount++;
            deletedCount += attributes.getDeleted() ? 1 : 0;
        } catch (InvalidProtocolBufferException e) {
            verdict.fail("the attributes at " + sequence + " of channel " + channel + " cannot be read");
        }
    }

    /** Whether the log says that the channel is over. */
    boolean isDeleted(long channel) {
        return at(channel, Long.MAX_VALUE).getDeleted();
    }

    /** Somebody has opened a channel. */
    void told(String who, ChannelState state) {
        Map.Entry<Long, ChannelAttributes> last = ofChannel(state.id()).floorEntry(state.head());
        long sequence = last == null ? 0 : last.getKey();
        verdict.check(
                sequence == state.attributesSequence()
                        && at(state.id(), state.head()).equals(state.attributes()),
                () -> who + " was told of attributes at " + state.attributesSequence() + " of channel " + state.id()
                        + ", where those at its head, " + state.head() + ", are at " + sequence);
        verdict.check(
                !state.attributes().getDeleted(), () -> who + " has opened channel " + state.id() + ", which is over");
    }

    /** Changes that the logs have had, those that were read again among them. */
    long changeCount() {
        return changeCount;
    }

    /** Of these, the ones by which a channel was over. */
    long deletedCount() {
        return deletedCount;
    }
}
