package io.freshet.engine.mailbox;

/**
 * The only way into a reactor from another thread. Any thread.
 *
 * <p>The order matters and is the whole proof that no wake-up is lost: an offer puts the message first and wakes second;
 * the reactor declares that it waits first and looks into its mailbox second. Whichever comes later sees the other.
 */
public final class ReactorProxy {
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

    /** Makes the reactor run its duty cycle once more. */
    public void wakeup() {
        wakeup.run();
    }
}
