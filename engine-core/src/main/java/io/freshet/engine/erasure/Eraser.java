package io.freshet.engine.erasure;

import io.freshet.client.Channel;
import io.freshet.client.Receipt;
import io.freshet.engine.delivery.ReaderProxy;
import io.freshet.log.Storage;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.EventKind;
import io.freshet.protocol.FreshetException;
import io.freshet.protocol.v1.ErasedSequences;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.NanoClock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does the erasures that committed events name, those of one channel together: on the disk, then in memory. Whatever ends the process in between,
 * the next finds the event among what is to be done, and to do it twice does no harm. An agent on a thread of its own, which may
 * block; {@link #erase} is for any thread.
 */
public final class Eraser implements Agent {
    private static final Logger LOG = LoggerFactory.getLogger(Eraser.class);
    private static final long RETRY_NS = TimeUnit.SECONDS.toNanos(1);

    /** Records that one event may name. */
    public static final int MAX_COUNT = 1024;

    /** Who waits for an event's erasure. Bounded by what the engine's own client may have unanswered. */
    private record Waiting(Receipt receipt, CompletableFuture<Receipt> answer) {}

    private final Storage storage;
    private final Forgetting memory;
    private final NanoClock clock;
    private final List<ErasureFollower> followers = new ArrayList<>();
    private final List<ShardErasures> shards = new ArrayList<>();
    private final Queue<Waiting> newcomers = new ConcurrentLinkedQueue<>();
    private final List<Waiting> waiting = new ArrayList<>();
    private volatile boolean isMemoryDone;
    private volatile boolean isMemoryFailed;
    /** What everybody's memory is about to forget; null while nothing is. */
    private ShardErasures.@Nullable Round forgetting;

    private int shard;
    private long retryNs;
    private boolean isRetrying;
    private volatile boolean isClosed;
    private volatile long erasedCount;
    private volatile long failureCount;
    private volatile int pendingCount;

    /** Registers what must follow the storage's logs: before their indexes are brought up to date. */
    public Eraser(Storage storage, Forgetting memory, NanoClock clock) {
        this.storage = storage;
        this.memory = memory;
        this.clock = clock;
        for (int i = 0; i < storage.shardCount(); i++) {
            ErasureFollower follower = new ErasureFollower();
            followers.add(follower);
            storage.index(i).addFollower(follower);
        }
    }

    /**
     * Asks for the erasure of records: an event that names them is published, and done later.
     *
     * @param channel of the engine's own client
     * @return the event's receipt, once nothing of the content is on the disk or handed on any more
     */
    public CompletionStage<Receipt> erase(Channel channel, long... sequences) {
        if (sequences.length == 0 || sequences.length > MAX_COUNT) {
            return CompletableFuture.failedFuture(new FreshetException(
                    ErrorCode.INVALID_ARGUMENT,
                    "an erasure names 1 to " + MAX_COUNT + " records, not " + sequences.length));
        }
        ErasedSequences.Builder named = ErasedSequences.newBuilder();
        for (long sequence : sequences) {
            named.addSequence(sequence);
        }
        return channel.publish(EventKind.ERASURE.code(), named.build().toByteArray())
                .thenCompose(this::await);
    }

    private CompletionStage<Receipt> await(Receipt receipt) {
        CompletableFuture<Receipt> answer = new CompletableFuture<>();
        newcomers.add(new Waiting(receipt, answer));
        if (isClosed) {
            refuseAll();
        }
        return answer;
    }

    @Override
    public void onStart() {
        for (int i = 0; i < storage.shardCount(); i++) {
            shards.add(new ShardErasures(storage.log(i), storage.index(i), followers.get(i)));
        }
    }

    @Override
    public int doWork() {
        boolean isChanged = false;
        for (Waiting newcomer = newcomers.poll(); newcomer != null; newcomer = newcomers.poll()) {
            waiting.add(newcomer);
            isChanged = true;
        }
        for (ShardErasures each : shards) {
            isChanged |= each.look();
        }
        ShardErasures.Round round = forgetting;
        int workCount = round == null ? eraseNext() : onMemory(round);
        if (isChanged || workCount > 0) {
            answer();
        }
        return workCount;
    }

    private int eraseNext() {
        if (isRetrying && clock.nanoTime() - retryNs < 0) {
            return 0;
        }
        isRetrying = false;
        for (int i = 0; i < shards.size(); i++) {
            shard = (shard + 1) % shards.size();
            ShardErasures.Round next = shards.get(shard).next();
            if (next != null) {
                return erase(next);
            }
        }
        return 0;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
    private int erase(ShardErasures.Round next) {
        try {
            erasedCount += shards.get(shard).erase(next);
            if (shards.get(shard).isFreeing()) { // since then the index may not have found all of them
                return 0;
            }
            forget(next);
            return 1;
        } catch (IOException | RuntimeException e) {
            LOG.error("an erasure failed and is tried again", e);
            fail();
            return 0;
        }
    }

    private void forget(ShardErasures.Round next) {
        ErasedRecords records = next.records();
        forgetting = next;
        isMemoryDone = false;
        isMemoryFailed = false;
        memory.forget(next.channel(), records.last(), records, () -> isMemoryDone = true, () -> isMemoryFailed = true);
    }

    private int onMemory(ShardErasures.Round round) {
        if (isMemoryFailed) {
            forgetting = null;
            fail();
            return 0;
        }
        if (!isMemoryDone) {
            return 0;
        }
        forgetting = null;
        shards.get(shard).finish(round);
        return 1;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
    private void fail() {
        failureCount++;
        isRetrying = true;
        retryNs = clock.nanoTime() + RETRY_NS;
    }

    private void answer() {
        int count = 0;
        for (ShardErasures each : shards) {
            count += each.pendingCount();
        }
        pendingCount = count;
        for (Iterator<Waiting> all = waiting.iterator(); all.hasNext(); ) {
            Waiting each = all.next();
            ErasureKey key = new ErasureKey(each.receipt.channel(), each.receipt.sequence());
            if (shards.get(ReaderProxy.shardOf(key.channel(), shards.size())).isDone(key)) {
                all.remove();
                each.answer.complete(each.receipt);
            }
        }
    }

    /** Records erased since the start. Any thread. */
    public long erasedCount() {
        return erasedCount;
    }

    /** Erasures that failed and were or will be tried again. Any thread. */
    public long failureCount() {
        return failureCount;
    }

    /** Events whose erasure is not done; of each shard some that are in memory, and one more for all that are not. Any thread. */
    public int pendingCount() {
        return pendingCount;
    }

    @Override
    public void onClose() {
        isClosed = true;
        shards.forEach(ShardErasures::close);
        newcomers.addAll(waiting);
        waiting.clear();
        refuseAll();
    }

    /** The events are in the log: the next start does what they name. */
    private void refuseAll() {
        for (Waiting each = newcomers.poll(); each != null; each = newcomers.poll()) {
            each.answer.completeExceptionally(new FreshetException(
                    ErrorCode.SHUTTING_DOWN,
                    "the engine has ended; it erases what was asked for when it starts again"));
        }
    }

    @Override
    public String roleName() {
        return "freshet-eraser";
    }
}
