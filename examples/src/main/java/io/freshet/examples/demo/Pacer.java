package io.freshet.examples.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * Lets each speaker speak at times of its own, which do not wait for the server: a message that could not be said in time
 * keeps the time when it was due, so that a slow server shows in the latencies. Runs on one thread.
 */
final class Pacer implements Runnable {
    private static final long MAX_PARK_NS = 1_000_000;

    private final PriorityQueue<Turn> turns;
    private final List<Turn> waiting = new ArrayList<>();
    private final double meanIntervalNs;
    private final RandomGenerator random;
    private final Chatter chatter;
    private final LongSupplier clockNs;
    private volatile boolean isStopped;

    Pacer(
            List<Speaker> speakers,
            double messagesPerSecond,
            Chatter chatter,
            RandomGenerator random,
            LongSupplier clockNs) {
        this.turns = new PriorityQueue<>(speakers.size(), (a, b) -> Long.compare(a.dueNs - b.dueNs, 0));
        this.meanIntervalNs = 1e9 * speakers.size() / messagesPerSecond;
        this.chatter = chatter;
        this.random = random;
        this.clockNs = clockNs;
        long nowNs = clockNs.getAsLong();
        for (Speaker speaker : speakers) {
            turns.add(new Turn(speaker, nowNs + intervalNs()));
        }
    }

    /** Speaks until {@link #stop}. */
    @Override
    public void run() {
        while (!isStopped) {
            if (doWork() == 0) {
                LockSupport.parkNanos(MAX_PARK_NS);
            }
        }
    }

    /** Ends {@link #run} soon. Any thread. */
    void stop() {
        isStopped = true;
    }

    /** Says everything that is due; returns how many messages. */
    int doWork() {
        long nowNs = clockNs.getAsLong();
        int count = 0;
        while (turns.element().dueNs - nowNs <= 0) {
            Turn turn = turns.remove();
            while (turn.dueNs - nowNs <= 0 && turn.speaker.isReady()) {
                turn.speaker.say(chatter.next(), turn.dueNs);
                turn.dueNs += intervalNs();
                count++;
            }
            (turn.dueNs - nowNs <= 0 ? waiting : turns).add(turn);
            if (turns.isEmpty()) {
                break;
            }
        }
        turns.addAll(waiting);
        waiting.clear();
        return count;
    }

    /** Exponential: messages of many people arrive at random. */
    private long intervalNs() {
        return (long) (-Math.log(1 - random.nextDouble()) * meanIntervalNs);
    }

    private static final class Turn {
        private final Speaker speaker;
        private long dueNs;

        Turn(Speaker speaker, long dueNs) {
            this.speaker = speaker;
            this.dueNs = dueNs;
        }
    }
}
