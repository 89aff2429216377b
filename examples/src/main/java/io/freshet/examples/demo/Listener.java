package io.freshet.examples.demo;

import io.freshet.client.GapReason;
import io.freshet.client.ReceivedRecord;
import io.freshet.client.RecordHandler;
import io.freshet.protocol.FreshetException;
import java.util.function.LongSupplier;
import org.agrona.collections.Long2ObjectHashMap;

/**
 * One listener: measures how late each message comes and sees that none is missing or repeated. Owned by its client's
 * thread; {@link #lastSequence} and {@link #isWhole} may be asked on any.
 */
final class Listener implements RecordHandler {
    private final Long2ObjectHashMap<Heard> heardBySender = new Long2ObjectHashMap<>();
    private final Measurements measurements;
    private final LongSupplier clockNs;
    private final String channelName;
    private volatile long lastSequence;
    private volatile boolean isWhole = true;

    /** A listener that knows all speakers of its channel, before they begin. */
    Listener(String channelName, Iterable<Speaker> speakers, Measurements measurements, LongSupplier clockNs) {
        this.channelName = channelName;
        this.measurements = measurements;
        this.clockNs = clockNs;
        for (Speaker speaker : speakers) {
            if (speaker.channelName().equals(channelName)) {
                heardBySender.put(speaker.principal(), new Heard(speaker));
            }
        }
    }

    @Override
    public void onRecord(ReceivedRecord record) {
        long sequence = record.sequence();
        if (lastSequence != 0 && sequence != lastSequence + 1) {
            isWhole = false;
        }
        lastSequence = sequence;
        measurements.onDelivered();
        Heard heard = heardBySender.get(record.sender());
        if (heard != null) {
            measurements.onLatency(clockNs.getAsLong() - heard.speaker.dueNs(heard.count++));
        }
    }

    @Override
    public void onGap(long firstSequence, long count, GapReason reason) {
        isWhole = false;
    }

    @Override
    public void onRewind(int epoch, long validUpTo) {
        isWhole = false;
    }

    @Override
    public void onEnd(FreshetException cause) {
        isWhole = false;
    }

    String channelName() {
        return channelName;
    }

    /** Sequence of the last message heard; 0 before the first. */
    long lastSequence() {
        return lastSequence;
    }

    /** Whether every message came, once and in order. */
    boolean isWhole() {
        return isWhole;
    }

    private static final class Heard {
        private final Speaker speaker;
        private int count;

        Heard(Speaker speaker) {
            this.speaker = speaker;
        }
    }
}
