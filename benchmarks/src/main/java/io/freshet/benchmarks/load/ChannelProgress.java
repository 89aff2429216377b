package io.freshet.benchmarks.load;

import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * How far the subscribers of a channel are that one load thread has. Owned by that thread; the leader reads how far the slowest
 * is, and is told when that has changed.
 *
 * <p>The slowest of thousands is found without looking at each: a ring holds, for every place between the slowest and the newest
 * message, how many subscribers stand there. A closed loop bounds that distance, and so the ring.
 */
final class ChannelProgress implements Runnable {
    private final LoadChannel channel;
    private final @Nullable Executor leader;
    private final int[] subscribersAt;
    private final int mask;
    private final AtomicLong told = new AtomicLong();
    private final AtomicBoolean isTelling = new AtomicBoolean();
    private volatile boolean hasSubscribers;
    private long slowest;

    /**
     * @param capacity messages of the channel that are under way at most
     * @param leader runs what is given to it on the leader's thread; null when that is this one
     */
    ChannelProgress(LoadChannel channel, int capacity, @Nullable Executor leader) {
        this.channel = channel;
        this.leader = leader;
        int places = Integer.highestOneBit(capacity) * 2;
        subscribersAt = new int[places];
        mask = places - 1;
    }

    /** A subscriber that the window waits for; it stands at the first message. Before that is published. */
    void addSubscriber() {
        subscribersAt[0]++;
        hasSubscribers = true;
    }

    /** A subscriber has got the messages from {@code from} to before {@code to}, counted over all slots. */
    void onProgress(long from, long to) {
        subscribersAt[(int) from & mask]--;
        subscribersAt[(int) to & mask]++;
        if (from != slowest) {
            return;
        }
        long before = slowest;
        while (slowest < to && subscribersAt[(int) slowest & mask] == 0) {
            slowest++;
        }
        if (slowest != before) {
            tell();
        }
    }

    /** What is told before the leader has looked is one message to it. */
    private void tell() {
        told.setRelease(slowest);
        if (leader == null) {
            channel.settle();
        } else if (isTelling.compareAndSet(false, true)) {
            leader.execute(this);
        }
    }

    /** On the leader's thread. */
    @Override
    public void run() {
        isTelling.set(false);
        channel.settle();
    }

    /** Any thread. */
    boolean hasSubscribers() {
        return hasSubscribers;
    }

    /** Messages that all of these subscribers have got, as this thread told it. Any thread. */
    long slowest() {
        return told.getAcquire();
    }
}
