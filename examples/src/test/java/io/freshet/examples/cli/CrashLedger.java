package io.freshet.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.client.Receipt;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.agrona.collections.LongArrayList;
import org.jspecify.annotations.Nullable;

/**
 * What publishers were told, kept outside of the server that is killed. A message is known by its publisher, its channel
 * and a number that each publisher counts in each channel, from 0. Any thread.
 */
final class CrashLedger {
    private static final long PENDING = -1;

    private final int channelCount;
    private final List<LongArrayList> sequences = new ArrayList<>();
    private final long[] lastAcknowledged;
    private long acknowledgedCount;
    private @Nullable String failure;

    CrashLedger(int publisherCount, int channelCount) {
        this.channelCount = channelCount;
        lastAcknowledged = new long[channelCount];
        for (int i = 0; i < publisherCount * channelCount; i++) {
            sequences.add(new LongArrayList());
        }
    }

    private LongArrayList of(int publisher, int channel) {
        return sequences.get(publisher * channelCount + channel);
    }

    /** The number of the next message. */
    synchronized int publishing(int publisher, int channel) {
        of(publisher, channel).addLong(PENDING);
        return of(publisher, channel).size() - 1;
    }

    /** The answer to a message; the time that a client takes to repeat it does not matter, a refusal does. */
    synchronized void answered(
            int publisher, int channel, int number, @Nullable Receipt receipt, @Nullable Throwable problem) {
        if (receipt == null) {
            failure = failure == null ? "publisher " + publisher + ", message " + number + ": " + problem : failure;
        } else {
            of(publisher, channel).setLong(number, receipt.sequence());
            lastAcknowledged[channel] = Math.max(lastAcknowledged[channel], receipt.sequence());
            acknowledgedCount++;
        }
        notifyAll();
    }

    /** The greatest sequence of a channel that a receipt has named. */
    synchronized long lastAcknowledged(int channel) {
        return lastAcknowledged[channel];
    }

    synchronized long acknowledgedCount() {
        return acknowledgedCount;
    }

    /** What was refused or given up first, or null. */
    synchronized @Nullable String failure() {
        return failure;
    }

    /** Waits until so many messages are acknowledged. */
    synchronized void awaitAcknowledged(long count, long timeoutS) throws InterruptedException {
        long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(timeoutS);
        while (acknowledgedCount < count && deadlineNs - System.nanoTime() > 0) {
            wait(100);
        }
        assertTrue(acknowledgedCount >= count, () -> acknowledgedCount + " of " + count + " messages, " + failure);
    }

    /** Checks that a stored message lies where its receipt said, if there was one. */
    synchronized void stored(int publisher, int channel, int number, long sequence, String when) {
        long told = of(publisher, channel).getLong(number);
        assertTrue(
                told == PENDING || told == sequence,
                () -> when + ": publisher " + publisher + " was told " + told + " for message " + number
                        + ", which is stored at " + sequence);
    }

    /** Checks that every acknowledged message of a publisher is among the first {@code storedCount}. */
    synchronized void assertAllStored(int publisher, int channel, int storedCount, String when) {
        LongArrayList told = of(publisher, channel);
        for (int number = storedCount; number < told.size(); number++) {
            assertEquals(
                    PENDING,
                    told.getLong(number),
                    when + ": message " + number + " of publisher " + publisher + " was acknowledged and is not there");
        }
    }
}
