package io.freshet.engine.delivery;

import io.freshet.engine.mailbox.Mailbox;
import io.freshet.engine.mailbox.ReactorProxy;
import io.freshet.log.Storage;
import io.freshet.log.cache.DocumentCache;
import io.netty.buffer.ByteBufAllocator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.ManyToOneConcurrentArrayQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the logs for the reactors: what a cursor needs from before the recent window, pages of history, a channel's state.
 * An agent on a thread of its own, which may block; requests come from any reactor and each answer goes back to the reactor
 * that asked.
 */
public final class ColdReader implements Agent {
    private static final Logger LOG = LoggerFactory.getLogger(ColdReader.class);

    private static final int REQUESTS_PER_CYCLE = 64;

    /**
     * The log's documents in memory: 64 MiB, and their tables, less than half of that mostly; taken as history is read. With
     * half of it a thousand channels of four shards pushed each other out, and each record cost the reader three times as much.
     */
    private static final int CACHED_SEGMENTS = 32;

    private static final int CACHED_SEGMENT_LENGTH = 2 * 1024 * 1024;

    private final Storage storage;
    private final ByteBufAllocator allocator;
    private final ManyToOneConcurrentArrayQueue<Request<?>> requests;
    private final ShardScan[] scans;
    /** In the order in which the reactors first asked, so that a simulation replays exactly. */
    private final Map<ReactorProxy, Mailbox.Deferred> answers = new LinkedHashMap<>();

    private final Runnable wakeup;
    private final AtomicLong refusedCount = new AtomicLong();
    private final AtomicLong answeredCount = new AtomicLong();
    private final AtomicLong failureCount = new AtomicLong();

    /**
     * @param capacity requests that may wait; a further one fails at once
     * @param wakeup makes this agent's thread run its duty cycle; cheap when it runs already
     */
    public ColdReader(Storage storage, ByteBufAllocator allocator, int capacity, Runnable wakeup) {
        this.storage = storage;
        this.allocator = allocator;
        this.wakeup = wakeup;
        requests = new ManyToOneConcurrentArrayQueue<>(capacity);
        scans = new ShardScan[storage.shardCount()];
    }

    /**
     * Any reactor's thread. Exactly one of {@code answer} and {@code failure} is run later on that reactor, unless there
     * is no room: then false is returned and neither is run.
     */
    <T> boolean submit(
            ReactorProxy reactor,
            int shard,
            Function<ShardScan, T> read,
            Consumer<T> answer,
            Consumer<RuntimeException> failure) {
        boolean isAccepted = requests.offer(new Request<>(reactor, shard, read, answer, failure));
        if (isAccepted) {
            wakeup.run();
        } else {
            refusedCount.incrementAndGet();
        }
        return isAccepted;
    }

    /** Whether half of the queue is taken: what can be refused should be. Any thread. */
    boolean isBusy() {
        return requests.size() > requests.capacity() / 2;
    }

    @Override
    public void onStart() {
        DocumentCache cache = new DocumentCache(CACHED_SEGMENTS, CACHED_SEGMENT_LENGTH);
        ThreadViews threads = new ThreadViews(thread -> scans[ReaderProxy.shardOf(thread, scans.length)].index());
        for (int shard = 0; shard < scans.length; shard++) {
            scans[shard] = new ShardScan(storage.log(shard), storage.index(shard), cache, allocator, threads);
        }
    }

    @Override
    public int doWork() {
        int workCount = sendAnswers();
        while (workCount < REQUESTS_PER_CYCLE) {
            Request<?> request = requests.poll();
            if (request == null) {
                break;
            }
            workCount++;
            answeredCount.setOpaque(answeredCount.getPlain() + 1);
            answers.computeIfAbsent(request.reactor, Mailbox.Deferred::new).send(answer(request));
        }
        return workCount;
    }

    /** Sends answers that waited for room; returns how many. Reader's thread, or any once that has ended. */
    public int sendAnswers() {
        int count = 0;
        for (Mailbox.Deferred deferred : answers.values()) {
            count += deferred.retry();
        }
        return count;
    }

    /** Whether answers wait for room. Reader's thread, or any once that has ended. */
    public boolean hasAnswers() {
        for (Mailbox.Deferred deferred : answers.values()) {
            if (!deferred.isEmpty()) {
                return true;
            }
        }
        return false;
    }

    private <T> Runnable answer(Request<T> request) {
        try {
            T result = request.read.apply(scans[request.shard]);
            return () -> request.answer.accept(result);
        } catch (Throwable e) { // out of memory too: whoever waits must hear of it
            failureCount.setOpaque(failureCount.getPlain() + 1);
            LOG.warn("a read of shard {} failed", request.shard, e);
            RuntimeException failure = e instanceof RuntimeException known ? known : new IllegalStateException(e);
            return () -> request.failure.accept(failure);
        }
    }

    /** Requests that wait. Any thread. */
    public int waitingCount() {
        return requests.size();
    }

    /** Requests that found no room, since the start. Any thread. */
    public long refusedCount() {
        return refusedCount.get();
    }

    /** Requests that were answered, failures included, since the start. Any thread. */
    public long answeredCount() {
        return answeredCount.getOpaque();
    }

    /** Requests that failed, since the start. Any thread. */
    public long failureCount() {
        return failureCount.getOpaque();
    }

    /** Whether a request waits. Any thread. */
    public boolean hasRequests() {
        return !requests.isEmpty();
    }

    @Override
    public void onClose() {
        for (ShardScan scan : scans) {
            scan.close();
        }
    }

    @Override
    public String roleName() {
        return "freshet-reader";
    }

    private record Request<T>(
            ReactorProxy reactor,
            int shard,
            Function<ShardScan, T> read,
            Consumer<T> answer,
            Consumer<RuntimeException> failure) {}
}
