package io.freshet.engine.simulation;

import io.freshet.client.GapReason;
import io.freshet.client.ReceivedRecord;
import io.freshet.client.RecordHandler;
import io.freshet.client.Subscription;
import io.freshet.protocol.FreshetException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One subscriber and the checker of what it is told, over all its connections: every record of the log from where it began, in
 * order, once, or a hole in its place that it may be told of; what a rewind leaves standing is what the log holds; and at the
 * end it has everything.
 */
final class Follower implements RecordHandler {
    private final Verdict verdict;
    private final Truth truth;
    private final String name;
    private final boolean maySkip;
    private final List<Truth.Entry> delivered = new ArrayList<>();
    private long next;
    private long channel;
    private boolean isClosing;
    private boolean isEnded;
    private int rewindCount;
    private int lastEpoch;
    private @Nullable Subscription subscription;

    Follower(Verdict verdict, Truth truth, String name, boolean maySkip) {
        this.verdict = verdict;
        this.truth = truth;
        this.name = name;
        this.maySkip = maySkip;
    }

    /**
     * The server has opened it.
     *
     * @param expectedFirst where it must begin, unless that has expired; 0 when that is for the server to say
     */
    void opened(Subscription opened, long expectedFirst) {
        subscription = opened;
        channel = opened.channel().id();
        if (next == 0) {
            next = opened.nextSequence();
            verdict.check(
                    expectedFirst == 0 || next >= expectedFirst,
                    () -> name + " begins at " + next + " instead of " + expectedFirst);
            if (expectedFirst > 0 && next > expectedFirst) {
                truth.expired(name, channel, expectedFirst, next - expectedFirst);
            }
        }
    }

    /** Its user opens it, perhaps again. */
    void opening() {
        isEnded = false;
    }

    /** Its user closes it; returns what to close, once. */
    @Nullable
    Subscription closing() {
        Subscription closed = isClosing ? null : subscription;
        isClosing |= closed != null;
        return closed;
    }

    /** It is closed. */
    void closed() {
        leave();
        isClosing = false;
    }

    @Override
    public void onRecord(ReceivedRecord record) {
        verdict.check(subscription != null && !isEnded, () -> name + " was told something while it is not open");
        verdict.check(record.sequence() == next, () -> name + " got " + record.sequence() + " instead of " + next);
        Truth.Entry entry = truth.at(channel, record.sequence());
        if (entry == null || !isSame(entry, record)) {
            entry = truth.lostOfKind(channel, record.sequence(), record.sender(), record.kind());
        }
        if (entry == null || !isSame(entry, record)) {
            verdict.fail(name + " got a record that the log never had: " + record.copy());
        } else {
            delivered.add(entry);
        }
        next = record.sequence() + 1;
    }

    private boolean isSame(Truth.Entry entry, ReceivedRecord record) {
        return record.channel() == channel
                && entry.sender() == record.sender()
                && entry.kind() == record.kind()
                && entry.timestampUs() == record.timestampUs()
                && entry.payloadLength() == record.payloadLength();
    }

    @Override
    public void onGap(long firstSequence, long count, GapReason reason) {
        verdict.check(
                subscription != null && !isEnded && firstSequence == next && count > 0,
                () -> name + " was told of a hole of " + count + " at " + firstSequence + ", where it is at " + next);
        boolean isAllowed = reason == GapReason.EXPIRED || (reason == GapReason.SKIPPED && maySkip);
        verdict.check(
                isAllowed, () -> name + " was told of a hole of " + count + " at " + firstSequence + ": " + reason);
        next = firstSequence + count;
    }

    @Override
    public void onRewind(int epoch, long validUpTo) {
        rewindCount++;
        verdict.check(validUpTo < next - 1, () -> name + " was rewound from " + next + " to behind " + validUpTo);
        while (!delivered.isEmpty() && delivered.get(delivered.size() - 1).sequence() > validUpTo) {
            delivered.remove(delivered.size() - 1);
        }
        next = validUpTo + 1;
        check(true);
    }

    @Override
    public void onEnd(FreshetException cause) {
        isEnded = true;
        leave();
    }

    private void leave() {
        lastEpoch = epoch();
        subscription = null;
    }

    /** The sequence that it is to get next. */
    long next() {
        return next;
    }

    /** The epoch in which it got what it has. */
    int epoch() {
        return subscription == null ? lastEpoch : subscription.channel().epoch();
    }

    @Nullable
    Subscription subscription() {
        return subscription;
    }

    boolean hasBegun() {
        return next > 0;
    }

    int rewindCount() {
        return rewindCount;
    }

    /** Whether it has everything. */
    boolean isAtHead() {
        return next == truth.head(channel) + 1;
    }

    /** What it has is what the log has; who stopped listening before a crash may have what was lost in it. */
    void check(boolean isActive) {
        for (Truth.Entry entry : delivered) {
            boolean isThere = entry.equals(truth.at(channel, entry.sequence()));
            boolean isExcused =
                    !isActive && truth.lost(channel, entry.sequence(), entry.sender(), entry.number()) != null;
            verdict.check(
                    isThere || isExcused,
                    () -> name + " has " + entry + ", the log " + truth.at(channel, entry.sequence()));
        }
    }

    @Override
    public String toString() {
        return name + " at " + next + " of " + truth.head(channel) + " in channel " + channel;
    }
}
