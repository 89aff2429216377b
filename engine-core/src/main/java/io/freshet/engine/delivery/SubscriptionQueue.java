package io.freshet.engine.delivery;

import org.jspecify.annotations.Nullable;

/**
 * Subscriptions in the order in which they came, linked through themselves: an empty queue, which every idle connection has,
 * takes no memory, and a subscription is in one queue at a time. Owned by the reactor's thread.
 */
final class SubscriptionQueue {
    private @Nullable Subscription first;
    private @Nullable Subscription last;

    boolean isEmpty() {
        return first == null;
    }

    void add(Subscription subscription) {
        assert subscription.nextInQueue == null && subscription != last;
        if (last == null) {
            first = subscription;
        } else {
            last.nextInQueue = subscription;
        }
        last = subscription;
    }

    /** Takes the first, or null. */
    @Nullable
    Subscription poll() {
        Subscription taken = first;
        if (taken != null) {
            first = taken.nextInQueue;
            taken.nextInQueue = null;
            if (first == null) {
                last = null;
            }
        }
        return taken;
    }
}
