package io.freshet.client;

import io.freshet.protocol.FreshetException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A wait before something is tried again: as long as the server asks, and no shorter than the back-off. Client's thread. */
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
        cancel();
        long askedNs = TimeUnit.MILLISECONDS.toNanos(cause.retryAfterMs());
        timer = core.schedule(this::end, Math.max(askedNs, backOff.nextNs()));
    }

    private void end() {
        timer = null;
        then.run();
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
