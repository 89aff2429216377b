package io.freshet.client;

import org.jspecify.annotations.Nullable;

/** Publishes in their order, linked through {@link Publish#next}; each is in one list at a time. Client's thread. */
final class PublishList {
    private @Nullable Publish first;
    private @Nullable Publish last;
    private int count;

    int count() {
        return count;
    }

    boolean isEmpty() {
        return first == null;
    }

    @Nullable
    Publish first() {
        return first;
    }

    void add(Publish publish) {
        publish.next = null;
        if (last == null) {
            first = publish;
        } else {
            last.next = publish;
        }
        last = publish;
        count++;
    }

    @Nullable
    Publish poll() {
        Publish polled = first;
        if (polled != null) {
            removeAfter(null, polled);
        }
        return polled;
    }

    /** Removes a publish whose predecessor is known; null when it is the first. */
    void removeAfter(@Nullable Publish previous, Publish removed) {
        if (previous == null) {
            first = removed.next;
        } else {
            previous.next = removed.next;
        }
        if (last == removed) {
            last = previous;
        }
        removed.next = null;
        count--;
    }

    /** Puts everything of another list before what is here, and leaves that list empty. */
    void prepend(PublishList front) {
        if (front.last == null) {
            return;
        }
        front.last.next = first;
        if (last == null) {
            last = front.last;
        }
        first = front.first;
        count += front.count;
        front.clear();
    }

    /** Moves everything to a list of its own. */
    PublishList takeAll() {
        PublishList taken = new PublishList();
        taken.prepend(this);
        return taken;
    }

    private void clear() {
        first = null;
        last = null;
        count = 0;
    }
}
