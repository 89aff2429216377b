package io.freshet.engine.mailbox;

import java.util.concurrent.locks.LockSupport;

/**
 * The only way into a reactor from another thread. Any thread.
 *
 * <p>The order matters and is the whole proof that no wake-up is lost: an offer puts the message first and wakes second;
 * the reactor declares that it waits first and looks into its mailbox second. Whichever comes later sees the other.
 */
public final class ReactorProxy {
    private static final long FULL_PAUSE_NS = 100_000;

    private final Mailbox mailbox;
    private final Runnable wakeup;

    /**
     * @param mailbox where messages go
     * @param wakeup ends the reactor's wait if it waits, or its next one if it is about to; cheap when it does not
     */
    public ReactorProxy(Mailbox mailbox, Runnable wakeup) {
        this.mailbox = mailbox;
        this.wakeup = wakeup;
    }

    /** Offers a batch or a publish; false when there is no room, and then the message was not taken. */
    public boolean offerData(Runnable message) {
        boolean isAccepted = mailbox.offerData(message);
        if (isAccepted) {
            wakeup.run();
        }
        return isAccepted;
    }

    /** Offers what must not be lost; false when there is no room: the sender keeps it and offers again. */
    public boolean offerControl(Runnable message) {
        boolean isAccepted = mailbox.offerControl(message);
        if (isAccepted) {
            wakeup.run();
        }
        return isAccepted;
    }

    /** Offers the answer of a service, for which there is room unless the reactor has ended: then false is returned. */
    public boolean offerAnswer(Runnable message) {
        boolean isAccepted = mailbox.offerAnswer(message);
        if (isAccepted) {
            wakeup.run();
        }
        return isAccepted;
    }

    /** Offers what a service pushes; false when too many messages of services wait, or the reactor has ended. */
    public boolean offerPush(Runnable message) {
        boolean isAccepted = mailbox.offerPush(message);
        if (isAccepted) {
            wakeup.run();
        }
        return isAccepted;
    }

    /** Offers what goes before all else; false when the reactor has ended, or more is under way than the lane holds. */
    public boolean offerUrgent(Runnable message) {
        boolean isAccepted = mailbox.offerUrgent(message);
        if (isAccepted) {
            wakeup.run();
        }
        return isAccepted;
    }

    /**
     * Offers what must not be lost and waits for room; for threads that may block, never for a reactor. Returns false when the reactor has
     * ended, and then the message was not taken.
     */
    public boolean sendControl(Runnable message) {
        while (!offerControl(message)) {
            if (mailbox.isClosed()) {
                return false;
            }
            LockSupport.parkNanos(FULL_PAUSE_NS);
        }
        return true;
    }

    /** Makes the reactor run its duty cycle once more. */
    public void wakeup() {
        wakeup.run();
    }
}
