package io.freshet.engine.signal;

import io.freshet.engine.mailbox.ReactorProxy;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The way of signals to one reactor: a plain call when it is the sender's own, otherwise its mailbox, with one message under way at a time.
 * Whoever is told that there is no room keeps what it has and sends it with what comes next. Owned by the sending reactor.
 */
final class SignalLane {
    private final @Nullable ReactorProxy target;
    private final AtomicBoolean isUnderWay = new AtomicBoolean();

    /** @param target null for the sender's own reactor */
    SignalLane(@Nullable ReactorProxy target) {
        this.target = target;
    }

    /** Whether the message before has arrived. */
    boolean isFree() {
        return !isUnderWay.get();
    }

    /** Runs a message on the reactor; false when it was not taken. */
    boolean send(Runnable message) {
        if (target == null) {
            message.run();
            return true;
        }
        if (isUnderWay.getAndSet(true)) {
            return false;
        }
        boolean isTaken = target.offerData(() -> {
            isUnderWay.set(false);
            message.run();
        });
        if (!isTaken) {
            isUnderWay.set(false);
        }
        return isTaken;
    }
}
