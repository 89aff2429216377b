package io.freshet.engine.mailbox;

import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicLong;
import org.agrona.concurrent.ManyToOneConcurrentArrayQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What other threads have asked of one reactor; drained by that reactor's thread, filled by any.
 *
 * <p>Four bounded lanes. <em>Data</em> carries batches and publishes: when it is full the sender is told and has something
 * better to do than to wait. <em>Control</em> carries what must not be dropped (opens, closes, receipts, errors): each
 * sender is bounded by what it may have outstanding, and what does not fit waits in the sender's own {@link Deferred}.
 * <em>Urgent</em> carries revocations, before all else: whoever sends them has no more under way than there is room for. <em>Services</em> carries the
 * answers and pushes of services, in their order: half of it is kept for answers, of which no more are awaited, and the sender of a push that finds no room is told.
 *
 * <p>What was accepted runs, also when the reactor ends: its thread leaves the rest, {@link #close} and {@link #end} come after it. A sender whose offer
 * fell into the moment of closing finds the mailbox closed behind it, and runs what is left itself, since the last drain may have missed it. Lanes count
 * an offer before that look, so that one of the two sees the other.
 */
public final class Mailbox {
    private static final Logger LOG = LoggerFactory.getLogger(Mailbox.class);

    /** Messages that the urgent lane holds. */
    public static final int URGENT_CAPACITY = 1024;

    /** Answers of services that the services' lane always has room for: a reactor awaits no more. */
    public static final int ANSWER_CAPACITY = 8 * 1024;

    private static final int FEW_ANSWERS = 8;

    private final ManyToOneConcurrentArrayQueue<Runnable> services;
    private final int pushLimit;
    private final ManyToOneConcurrentArrayQueue<Runnable> urgent = new ManyToOneConcurrentArrayQueue<>(URGENT_CAPACITY);
    private final ManyToOneConcurrentArrayQueue<Runnable> data;
    private final ManyToOneConcurrentArrayQueue<Runnable> control;
    private volatile boolean isClosed;
    private final AtomicLong refusedCount = new AtomicLong();
    private final Ownership owner;
    private long failureCount;

    /** Of nobody in particular. Capacities are counts of messages. */
    public Mailbox(int dataCapacity, int controlCapacity) {
        this(dataCapacity, controlCapacity, FEW_ANSWERS, new Ownership());
    }

    /**
     * Capacities are counts of messages.
     *
     * @param owner who may touch what the messages touch; taken over by whoever drains after {@link #close}
     */
    public Mailbox(int dataCapacity, int controlCapacity, Ownership owner) {
        this(dataCapacity, controlCapacity, ANSWER_CAPACITY, owner);
    }

    private Mailbox(int dataCapacity, int controlCapacity, int answerCapacity, Ownership owner) {
        services = new ManyToOneConcurrentArrayQueue<>(2 * answerCapacity);
        pushLimit = answerCapacity - answerCapacity / 8;
        this.owner = owner;
        data = new ManyToOneConcurrentArrayQueue<>(dataCapacity);
        control = new ManyToOneConcurrentArrayQueue<>(controlCapacity);
    }

    boolean offerData(Runnable message) {
        return offer(data, message);
    }

    boolean offerControl(Runnable message) {
        return offer(control, message);
    }

    boolean offerUrgent(Runnable message) {
        return offer(urgent, message);
    }

    boolean offerAnswer(Runnable message) {
        return offer(services, message);
    }

    /** Room is looked for and taken in two steps, for which the margin is: so many threads do not push at the same moment. */
    boolean offerPush(Runnable message) {
        if (services.size() >= pushLimit) {
            refusedCount.incrementAndGet();
            return false;
        }
        return offer(services, message);
    }

    private boolean offer(ManyToOneConcurrentArrayQueue<Runnable> lane, Runnable message) {
        boolean isAccepted = !isClosed && lane.offer(message);
        if (!isAccepted) {
            refusedCount.incrementAndGet();
        } else if (isClosed) {
            end(() -> {});
        }
        return isAccepted;
    }

    /** Whether nothing waits. Any thread; exact on the reactor's thread as far as offers that have returned go. */
    public boolean isEmpty() {
        return control.isEmpty() && data.isEmpty() && services.isEmpty() && urgent.isEmpty();
    }

    /** Whether the control lane has room at the moment, so that who must not wait does not. Any thread. */
    public boolean hasControlRoom() {
        return control.size() < control.capacity();
    }

    /** Messages that wait in the data lane. Any thread. */
    public int dataCount() {
        return data.size();
    }

    /** Messages that wait in the control lane. Any thread. */
    public int controlCount() {
        return control.size();
    }

    /** Answers and pushes of services that wait. Any thread. */
    public int servicesCount() {
        return services.size();
    }

    /** Messages that wait in the urgent lane. Any thread. */
    public int urgentCount() {
        return urgent.size();
    }

    /** Offers that found a lane full, since the start. Any thread. */
    public long refusedCount() {
        return refusedCount.get();
    }

    /** Messages that threw. Reactor's thread. */
    public long failureCount() {
        return failureCount;
    }

    /** Takes no further message. The reactor's thread has ended; the mailboxes of all reactors are closed before one is ended. */
    public void close() {
        isClosed = true;
    }

    public boolean isClosed() {
        return isClosed;
    }

    /** Runs what was accepted before it was closed, and then this, as the owner. Any thread. */
    public synchronized void end(Runnable last) {
        owner.claim();
        while (!isEmpty()) {
            drain(Integer.MAX_VALUE); // an offer that is counted and not to be seen yet is waited for
        }
        last.run();
    }

    /** Runs up to {@code limit} messages of each lane, urgent first, data last; returns how many. Reactor's thread. */
    public int drain(int limit) {
        return drain(urgent, limit) + drain(control, limit) + drain(services, limit) + drain(data, limit);
    }

    private int drain(ManyToOneConcurrentArrayQueue<Runnable> lane, int limit) {
        int count = 0;
        while (count < limit) {
            Runnable message = lane.poll();
            if (message == null) {
                break;
            }
            count++;
            run(message);
        }
        return count;
    }

    private void run(Runnable message) {
        try {
            message.run();
        } catch (RuntimeException | OutOfMemoryError e) { // of direct memory: the cycle goes on
            failureCount++;
            LOG.error("a message to a reactor failed: {}", message, e);
        }
    }

    /** Control messages of one sending thread that wait for room, in order. Owned by that thread. */
    public static final class Deferred {
        private final ReactorProxy target;
        private final ArrayDeque<Runnable> waiting = new ArrayDeque<>();

        public Deferred(ReactorProxy target) {
            this.target = target;
        }

        /** Sends at once, or as soon as there is room; never out of order. */
        public void send(Runnable message) {
            if (!waiting.isEmpty() || !target.offerControl(message)) {
                waiting.addLast(message);
            }
        }

        /** Sends at once behind the data that the target has not taken yet, or else like {@link #send}. */
        public void sendBehindData(Runnable message) {
            if (!target.offerData(message)) {
                send(message);
            }
        }

        /** Sends what waits as far as there is room; returns how many were sent. */
        public int retry() {
            int count = 0;
            while (!waiting.isEmpty() && target.offerControl(waiting.getFirst())) {
                waiting.removeFirst();
                count++;
            }
            return count;
        }

        public boolean isEmpty() {
            return waiting.isEmpty();
        }
    }
}
