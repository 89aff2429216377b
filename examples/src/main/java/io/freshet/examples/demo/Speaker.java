package io.freshet.examples.demo;

import io.freshet.client.Channel;
import io.freshet.client.FreshetClient;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.Consumer;

/**
 * One speaker and its connection. The pacer's thread speaks; receipts come on the client's; listeners ask any time when a
 * message was to be said. Everything it says goes into one channel, so that a listener who counts its messages knows
 * which one it hears.
 */
final class Speaker {
    /** Messages without a receipt before it waits; below the window that listeners may lie behind. */
    private static final int MAX_UNANSWERED_COUNT = 64;

    /** Messages whose times are remembered; a listener further behind would measure too little. */
    private static final int REMEMBERED_COUNT = 4_096;

    private final FreshetClient client;
    private final Channel channel;
    private final Measurements measurements;
    private final Consumer<Throwable> onFailure;
    private final AtomicLongArray dueNs = new AtomicLongArray(REMEMBERED_COUNT);
    private final AtomicInteger unansweredCount = new AtomicInteger();
    private final AtomicLong lastSequence = new AtomicLong();
    private int saidCount;

    Speaker(FreshetClient client, String channelName, Measurements measurements, Consumer<Throwable> onFailure) {
        this.client = client;
        this.channel = client.channel(channelName);
        this.measurements = measurements;
        this.onFailure = onFailure;
    }

    long principal() {
        return client.principal();
    }

    String channelName() {
        return channel.name();
    }

    /** Whether enough of what was said has been answered. */
    boolean isReady() {
        return unansweredCount.get() < MAX_UNANSWERED_COUNT;
    }

    boolean isAnswered() {
        return unansweredCount.get() == 0;
    }

    /** Publishes a line that was to be said at this time. */
    void say(byte[] line, long timeNs) {
        dueNs.set(saidCount++ % REMEMBERED_COUNT, timeNs);
        unansweredCount.incrementAndGet();
        channel.publish(line).whenComplete((receipt, failure) -> {
            if (receipt != null) {
                measurements.onAcknowledged();
                lastSequence.accumulateAndGet(receipt.sequence(), Math::max);
            } else if (failure != null) {
                onFailure.accept(failure);
            }
            unansweredCount.decrementAndGet();
        });
    }

    /** When its message number {@code index}, from 0, was to be said. */
    long dueNs(int index) {
        return dueNs.get(index % REMEMBERED_COUNT);
    }

    /** The greatest sequence that it has a receipt for. */
    long lastSequence() {
        return lastSequence.get();
    }
}
