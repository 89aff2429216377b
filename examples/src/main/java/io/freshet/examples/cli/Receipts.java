package io.freshet.examples.cli;

import io.freshet.client.Receipt;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * The receipts that a publisher waits for: at most {@value #WINDOW_COUNT} at a time. One thread expects them; they arrive
 * on any.
 */
final class Receipts {
    static final int WINDOW_COUNT = 1_024;

    private final Semaphore room = new Semaphore(WINDOW_COUNT);
    private long acknowledgedCount;
    private long lastSequence;
    private @Nullable String failure;

    /** Waits until one more message may be published. */
    void awaitRoom() throws InterruptedException {
        room.acquire();
    }

    /** Counts the answer to a line; {@link #awaitRoom} came before. */
    void expect(long lineNumber, CompletionStage<Receipt> answer) {
        answer.whenComplete((receipt, problem) -> {
            if (receipt != null) {
                onAcknowledged(receipt);
            } else if (problem != null) {
                onFailed("line " + lineNumber + " was not acknowledged: " + ErrorLine.sentence(problem));
            }
            room.release();
        });
    }

    /** Waits until every expected answer is there. */
    void awaitAll() throws InterruptedException {
        room.acquire(WINDOW_COUNT);
        room.release(WINDOW_COUNT);
    }

    private synchronized void onAcknowledged(Receipt receipt) {
        acknowledgedCount++;
        lastSequence = Math.max(lastSequence, receipt.sequence());
    }

    private synchronized void onFailed(String sentence) {
        failure = failure == null ? sentence : failure;
    }

    /** What went wrong first, or null. */
    synchronized @Nullable String failure() {
        return failure;
    }

    synchronized long acknowledgedCount() {
        return acknowledgedCount;
    }

    synchronized long lastSequence() {
        return lastSequence;
    }
}
