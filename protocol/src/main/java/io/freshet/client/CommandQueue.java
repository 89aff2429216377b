package io.freshet.client;

import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FreshetException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.agrona.concurrent.ManyToOneConcurrentArrayQueue;
import org.jspecify.annotations.Nullable;

/**
 * The only way into the client's thread: any thread offers, the client's thread drains.
 *
 * <p>Bounded by permits, which a command holds from its offer until its future completes, wherever it waits meanwhile. The
 * array queue has room for every permit, so that it is never what is full. The client's thread is woken only when
 * no drain is scheduled already.
 */
final class CommandQueue {
    /** Requests other than publishes that may be unanswered at a time. */
    static final int MAX_REQUESTS = 1_024;

    private final ManyToOneConcurrentArrayQueue<Command> commands;
    private final AtomicBoolean isScheduled = new AtomicBoolean();
    private final AtomicInteger publishCount = new AtomicInteger();
    private final AtomicInteger requestCount = new AtomicInteger();
    private final AtomicLong rejectedCount = new AtomicLong();
    private final int maxPublishes;
    private final ClientTransport transport;
    private final Runnable drain;
    private volatile @Nullable FreshetException closing;
    /** The client's thread alone reads it. */
    private boolean isLast;

    private volatile @Nullable FreshetException ended;

    /** {@code drain} is run on the client's thread whenever something was offered; it is to call {@link #drain}. */
    CommandQueue(int maxPublishes, ClientTransport transport, Runnable drain) {
        this.maxPublishes = maxPublishes;
        this.transport = transport;
        this.drain = drain;
        commands = new ManyToOneConcurrentArrayQueue<>(maxPublishes + MAX_REQUESTS);
    }

    /** Offers a publish, or fails it at once. Any thread. */
    void offer(Publish publish) {
        if (publishCount.incrementAndGet() > maxPublishes) {
            publishCount.decrementAndGet();
            rejectedCount.incrementAndGet();
            publish.reject(FreshetException.refused(
                    ErrorCode.OVERLOADED,
                    "this client holds " + maxPublishes + " unanswered publishes, its configured limit",
                    0));
            return;
        }
        enqueue(publish);
    }

    /** Offers a request, or fails it at once. Any thread. */
    void offer(Request<?> request) {
        if (requestCount.incrementAndGet() > MAX_REQUESTS) {
            requestCount.decrementAndGet();
            request.reject(FreshetException.refused(
                    ErrorCode.OVERLOADED, "this client holds " + MAX_REQUESTS + " unanswered requests, the limit", 0));
            return;
        }
        enqueue(request);
    }

    private void enqueue(Command command) {
        FreshetException refusal = closing;
        if (refusal != null && transport.isClientThread() && isLast) {
            refusal = null;
        }
        if (refusal == null && !commands.offer(command)) {
            refusal = FreshetException.refused(ErrorCode.OVERLOADED, "this client's queue of commands is full", 0);
        }
        if (refusal != null) {
            command.fail(refusal);
            // A client that closes waits for the last permit, which may have been this one.
            wake();
            return;
        }
        boolean isTaken = wake();
        // Read after the queue was written: either this sees the end, or the end's last drain sees the command.
        FreshetException end = ended;
        if (end != null) {
            command.fail(end);
        } else if (!isTaken) {
            command.fail(new FreshetException(ErrorCode.DISCONNECTED, "the client's thread takes no tasks any more"));
        }
    }

    /**
     * Has the client's thread drain this queue, if that is not under way. Any thread.
     *
     * @return false when the client's thread takes no tasks any more
     */
    boolean wake() {
        // Always a read-modify-write: a plain read could see the state from before a drain that misses what was
        // offered.
        if (!isScheduled.getAndSet(true)) {
            try {
                transport.execute(drain);
            } catch (RejectedExecutionException e) {
                isScheduled.set(false);
                return false;
            }
        }
        return true;
    }

    /** Runs at most {@code limit} commands; returns how many. Client's thread. */
    int drain(int limit) {
        isScheduled.set(false);
        int count = 0;
        Command command;
        while (count < limit && (command = commands.poll()) != null) {
            command.run();
            count++;
        }
        return count;
    }

    /** From now on whatever is offered fails with this cause; what was offered before still runs. Any thread. */
    void refuse(FreshetException cause) {
        if (closing == null) {
            closing = cause;
        }
    }

    /** Runs something whose offers are taken though everybody else's are refused. Client's thread. */
    void last(Runnable words) {
        isLast = true;
        try {
            words.run();
        } finally {
            isLast = false;
        }
    }

    /** Fails what is queued and whatever is offered from now on. Client's thread, once no other command is held. */
    void end(FreshetException cause) {
        refuse(cause);
        ended = cause;
        Command command;
        while ((command = commands.poll()) != null) {
            command.fail(cause);
        }
    }

    /** Whether {@link #end} was called. Any thread. */
    boolean isEnded() {
        return ended != null;
    }

    /** Gives back the permit of a publish whose future completes. */
    void releasePublish() {
        publishCount.decrementAndGet();
    }

    /** Gives back the permit of a request whose future completes. */
    void releaseRequest() {
        requestCount.decrementAndGet();
    }

    /** Publishes whose futures are not complete. Any thread. */
    int publishCount() {
        return publishCount.get();
    }

    /** Publishes refused because of the bound. Any thread. */
    long rejectedCount() {
        return rejectedCount.get();
    }
}
