package io.freshet.benchmarks.load;

import org.agrona.collections.LongHashSet;
import org.jspecify.annotations.Nullable;

/**
 * One subscriber of one channel: what it has got of each publisher, and so what it has not. Owned by a load thread.
 *
 * <p>Each payload names its publisher's slot and a counter. A counter beyond the expected one is a hole; should one of
 * the hole come later it was misordered and not lost; any other counter below is a repeat. Where the server may skip, the channel's
 * sequences take the place of the counters.
 */
final class Subscription {
    private static final long NOT_SEEN = -1;
    private static final int MAX_REMEMBERED_HOLES = 1 << 20;
    private static final int SLOT_SHIFT = 48;

    private final LoadChannel channel;
    private final Meter meter;
    private final int run;
    private final int payloadLength;
    private final @Nullable ChannelProgress progress;
    private final boolean isTimed;
    private final long[] expected;
    private final long[] joinedAt;
    private long headBefore;
    private long passed;
    private long settled;
    private boolean hasLeft;
    private @Nullable LongHashSet missing;
    /** In a mode that may skip: the sequence that comes next. */
    private long nextSequence = NOT_SEEN;

    private long joined;
    private long skipped;

    /** What a subscriber is there for. */
    enum Role {
        /** Gets what is published from now on, and the channel's window waits for it. */
        WAITED_FOR,
        /** Gets what is published from now on. */
        FREE,
        /** Gets everything from the first message on; how old that is does not matter. */
        FROM_FIRST
    }

    /**
     * @param run the number that the payloads of this run carry; others are counted as strays
     * @param role {@link Role#WAITED_FOR} only before the first message
     * @param thread the number of the load thread
     */
    Subscription(LoadChannel channel, Meter meter, int run, int payloadLength, Role role, int thread) {
        this.channel = channel;
        this.meter = meter;
        this.run = run;
        this.payloadLength = payloadLength;
        progress = role == Role.WAITED_FOR ? channel.progress(thread) : null;
        isTimed = role != Role.FROM_FIRST;
        int slotCount = channel.outlets().size();
        expected = new long[slotCount];
        joinedAt = new long[slotCount];
        for (int slot = 0; slot < slotCount; slot++) {
            long published =
                    role == Role.FROM_FIRST ? 0 : channel.outlets().get(slot).publishedCount();
            joinedAt[slot] = published;
            expected[slot] = published == 0 ? 0 : NOT_SEEN;
        }
        if (progress != null) {
            progress.addSubscriber();
        }
    }

    LoadChannel channel() {
        return channel;
    }

    /**
     * From now on what the server says that it skips is not lost, and what counts is the channel's sequence: what is neither delivered
     * nor told is lost. Before any message.
     */
    void mayBeSkipped(long firstSequence) {
        nextSequence = firstSequence;
        for (long published : joinedAt) {
            joined += published;
        }
    }

    private boolean maySkip() {
        return nextSequence != NOT_SEEN;
    }

    /** The server says that these will not come. Where it may not skip they count as lost as soon as a later one comes. */
    void onGap(long firstSequence, long count) {
        if (maySkip() && isNext(firstSequence)) {
            nextSequence += count - 1;
            passed += count - 1;
            skipped += count;
            meter.delivered -= count;
        }
    }

    /** Sorts a sequence, and takes it as passed when it is not old. */
    private boolean isNext(long sequence) {
        long hole = sequence - nextSequence;
        if (hole < 0) {
            meter.repeated++;
            return false;
        }
        meter.lost += hole;
        meter.delivered -= hole;
        passed += hole + 1;
        nextSequence = sequence + 1;
        return true;
    }

    /** A message has arrived, with its sequence if there is one; its payload lies at this address. */
    void onMessage(long sequence, long payload, int length, long nowNs) {
        if (length != payloadLength || Payload.run(payload) != run) {
            onForeign(payload, length);
            return;
        }
        if (!Payload.isIntact(payload, length)) {
            meter.damaged++;
            return;
        }
        int slot = Payload.slot(payload);
        long counter = Payload.counter(payload);
        if (maySkip()) {
            if (!isNext(sequence)) {
                return;
            }
        } else if (slot < expected.length && counter == expected[slot]) {
            expected[slot] = counter + 1;
            passed++;
        } else if (!isAccepted(slot, counter)) {
            return;
        }
        if (isTimed) {
            meter.onDelivery(Payload.intendedNs(payload), nowNs);
        }
    }

    /** Of another run, of somebody else, or so damaged that it looks like that. */
    private void onForeign(long payload, int length) {
        if (length >= Payload.MIN_LENGTH && Payload.isIntact(payload, length)) {
            meter.stray++;
        } else {
            meter.damaged++;
        }
    }

    /** Sorts a counter that is not the expected one; whether it is new. */
    private boolean isAccepted(int slot, long counter) {
        if (slot >= expected.length) {
            meter.stray++;
            return false;
        }
        long due = expected[slot];
        if (due == NOT_SEEN) {
            // It joined while others published: whatever came after it was open must arrive, what was before may.
            due = Math.min(counter, joinedAt[slot]);
        }
        if (counter < due) {
            return isLate(slot, counter);
        }
        long hole = counter - due;
        if (hole > 0) {
            meter.lost += hole;
            meter.delivered -= hole;
            remember(slot, due, counter);
        }
        passed += hole + 1;
        expected[slot] = counter + 1;
        return true;
    }

    private boolean isLate(int slot, long counter) {
        if (missing != null && missing.remove(key(slot, counter))) {
            meter.misordered++;
            meter.lost--;
            meter.delivered++;
            return true;
        }
        meter.repeated++;
        return false;
    }

    private void remember(int slot, long from, long to) {
        if (missing == null) {
            missing = new LongHashSet();
        }
        for (long counter = from; counter < to && missing.size() < MAX_REMEMBERED_HOLES; counter++) {
            missing.add(key(slot, counter));
        }
    }

    private static long key(int slot, long counter) {
        return (long) slot << SLOT_SHIFT | counter;
    }

    /** Counts what has arrived since the last call; at the end of each read. */
    void settle() {
        if (passed != settled) {
            meter.delivered += passed - settled;
            if (progress != null) {
                progress.onProgress(settled, passed);
            }
            settled = passed;
        }
    }

    /** The channel had so many messages when it began. */
    void begins(long head) {
        headBefore = head;
    }

    /** The sequence of its last message, when nobody but this run publishes to the channel and it began with the head. */
    long lastSequence() {
        return headBefore + passed;
    }

    /** It is to get nothing more. */
    void leave() {
        hasLeft = true;
    }

    /** Messages that it has got, and those that it never will because a later one has come; not what was skipped. */
    long passedCount() {
        return passed - skipped;
    }

    /** Deliveries up to now and, of those still to come, the ones that are sure to. */
    long expectedCount() {
        return maySkip() ? passedCount() : passedCount() + missingCount();
    }

    /** Messages that are published and still to come. */
    long missingCount() {
        if (hasLeft) {
            return 0;
        }
        if (maySkip()) {
            return Math.max(0, channel.publishedCount() - joined - passed);
        }
        long count = 0;
        for (int slot = 0; slot < expected.length; slot++) {
            long next = expected[slot] == NOT_SEEN ? joinedAt[slot] : expected[slot];
            count += Math.max(0, channel.outlets().get(slot).publishedCount() - next);
        }
        return count;
    }
}
