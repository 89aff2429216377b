package io.freshet.client;

import io.freshet.protocol.FreshetException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A wait before something is tried again: as long as the server asks, and a back-off that grows. Client's thread. */
final class Pause {
    private final ClientCore core;
    private final BackOff backOff;
    private final Runnable then;
    private ClientTransport.@Nullable Cancellation timer;

    /** {@code then} is run when a pause is over. */
    Pause(ClientCore core, BackOff backOff, Runnable then) {
        this.core = core;
        this.backOff = backOff;
        this.then = then;
    }

    boolean isOn() {
        return timer != null;
    }

    /** Begins, or begins anew. */
    void start(FreshetException cause) {
        start(cause, Long.MAX_VALUE);
    }

    /**
     * Begins, or begins anew.
     *
     * @param longestNs the longest that the back-off may add to what the server asks for: who was told the same time should not
     *     come at the same moment
     */
    void start(FreshetException cause, long longestNs) {
        cancel();
        long askedNs = TimeUnit.MILLISECONDS.toNanos(cause.retryAfterMs());
        timer = core.schedule(this::end, askedNs + Math.min(longestNs, backOff.nextNs()));
    }

    private void end() {
        timer = null;
        then.run();
    }

    /** The longest that the back-off may add to the next pause. */
    long boundNs() {
        return backOff.boundNs();
    }

    /** What was tried has worked: the next pause is a short one again. */
    void resetBackOff() {
        backOff.reset();
    }

    /** Ends it without a word. Idempotent. */
    void cancel() {
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
    }
}
