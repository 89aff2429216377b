package io.freshet.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.client.Channel;
import io.freshet.client.Cursor;
import io.freshet.client.FreshetClient;
import io.freshet.client.Receipt;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FreshetException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One publisher of numbered messages, whose client repeats what is refused for the moment. It remembers what became of each
 * and compares that with what is stored: acknowledged ones where their receipts say, and none of those that failed.
 */
final class PatientLoad {
    private static final int WINDOW_COUNT = 64;
    private static final int PAYLOAD_LENGTH = 4_000;
    private static final long TIMEOUT_S = 60;
    private static final long OPEN = -1;
    private static final long FAILED = -2;

    private final Channel channel;
    private final Semaphore room = new Semaphore(WINDOW_COUNT);
    private final List<Long> outcomes = new ArrayList<>();
    private final Set<ErrorCode> failures = EnumSet.noneOf(ErrorCode.class);
    private long acknowledgedCount;
    private long lastAcknowledged;

    PatientLoad(Channel channel) {
        this.channel = channel;
    }

    /** Publishes, as fast as messages are answered, until it is so. */
    void publishUntil(Callable<Boolean> isSo, String what) throws Exception {
        for (long start = System.nanoTime(); !isSo.call(); ) {
            assertTrue(System.nanoTime() - start < TimeUnit.SECONDS.toNanos(TIMEOUT_S), what);
            for (int i = 0; i < WINDOW_COUNT && room.tryAcquire(20, TimeUnit.MILLISECONDS); i++) {
                publish();
            }
        }
    }

    /** Publishes until more messages are acknowledged than a window holds, so that one of them was published after this call. */
    void publishUntilAcknowledged() throws Exception {
        long before = acknowledgedCount();
        publishUntil(() -> acknowledgedCount() > before + WINDOW_COUNT, "nothing more is acknowledged");
    }

    private void publish() {
        int number;
        synchronized (this) {
            number = outcomes.size();
            outcomes.add(OPEN);
        }
        byte[] payload = new byte[PAYLOAD_LENGTH];
        ByteBuffer.wrap(payload).putInt(number);
        channel.publish(payload).whenComplete((receipt, problem) -> {
            answered(number, receipt, problem);
            room.release();
        });
    }

    private synchronized void answered(int number, @Nullable Receipt receipt, @Nullable Throwable problem) {
        if (receipt != null) {
            acknowledgedCount++;
            lastAcknowledged = Math.max(lastAcknowledged, receipt.sequence());
            outcomes.set(number, receipt.sequence());
            return;
        }
        Throwable cause = problem instanceof CompletionException ? problem.getCause() : problem;
        ErrorCode code = cause instanceof FreshetException failure ? failure.code() : ErrorCode.INTERNAL;
        failures.add(code);
        outcomes.set(number, code.isOutcomeUnknown() ? OPEN : FAILED);
    }

    /** Waits until every message has its answer. */
    void finish() throws InterruptedException {
        assertTrue(room.tryAcquire(WINDOW_COUNT, TIMEOUT_S, TimeUnit.SECONDS), "some messages are never answered");
        room.release(WINDOW_COUNT);
    }

    synchronized long acknowledgedCount() {
        return acknowledgedCount;
    }

    private synchronized long lastAcknowledged() {
        return lastAcknowledged;
    }

    /** Every code that a message has failed with. */
    synchronized Set<ErrorCode> failures() {
        return EnumSet.copyOf(failures);
    }

    /** Reads the channel up to the last acknowledged message, with a client of its own, and compares. */
    void checkStored(int port) throws Exception {
        long target = lastAcknowledged();
        List<Integer> stored = new ArrayList<>();
        CompletableFuture<Boolean> done = new CompletableFuture<>();
        try (FreshetClient reader = FreshetClient.connect(CrashLoad.config(port).build())) {
            reader.channel(channel.name())
                    .subscribe(Cursor.first(), record -> {
                        if (record.sequence() == stored.size() + 1 && record.sequence() <= target) {
                            stored.add(record.payload().getInt(0));
                        }
                        if (record.sequence() >= target) {
                            done.complete(true);
                        }
                    })
                    .toCompletableFuture()
                    .get(TIMEOUT_S, TimeUnit.SECONDS);
            done.get(TIMEOUT_S, TimeUnit.SECONDS);
        }
        compare(stored, target);
    }

    private synchronized void compare(List<Integer> stored, long target) {
        assertEquals(target, stored.size());
        for (int i = 0; i < stored.size(); i++) {
            int number = stored.get(i);
            assertTrue(i == 0 || number > stored.get(i - 1), "message " + number + " is out of order");
            assertNotEquals(FAILED, outcomes.get(number), "message " + number + " has failed and is there");
        }
        for (int number = 0; number < outcomes.size(); number++) {
            long sequence = outcomes.get(number);
            if (sequence > 0 && sequence <= target) {
                assertEquals(number, stored.get((int) sequence - 1));
            }
        }
    }
}
