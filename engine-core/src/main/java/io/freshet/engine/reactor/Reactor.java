package io.freshet.engine.reactor;

import io.freshet.engine.delivery.Feeds;
import io.freshet.engine.mailbox.CycleClock;
import io.freshet.engine.mailbox.Mailbox;
import io.freshet.engine.mailbox.Ownership;
import io.freshet.engine.metrics.ReactorCounter;
import io.freshet.engine.metrics.ReactorCounters;
import io.freshet.engine.routing.Batch;
import io.freshet.engine.routing.BatchWindows;
import io.freshet.engine.routing.CommitListener;
import io.freshet.engine.routing.Shard;
import io.freshet.engine.session.RemoteGateway;
import io.freshet.engine.session.Sessions;
import io.freshet.engine.signal.ReactorSignals;
import io.freshet.engine.signal.ShardSignals;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.AgentTerminationException;
import org.jspecify.annotations.Nullable;

/**
 * One thread and everything that it owns: an I/O loop with its connections, sessions, feeds, and the shards that are its
 * own. {@link #doWork} is the duty cycle; it blocks in the I/O loop when there is nothing to do. The same code is run by a
 * thread in production and by a seeded scheduler in simulations.
 */
public final class Reactor implements Agent, CommitListener {
    private static final int MESSAGES_PER_CYCLE = 512;
    private static final long TICK_NS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final int TICKS_PER_HOUSEKEEPING = 10;

    /** Writes to fewer connections are over before it is worth to wait for more to write. */
    private static final int COALESCED_CONNECTIONS = 2;

    private final int index;
    private final IoLoop io;
    private final Mailbox mailbox;
    private final CycleClock clock;
    private final Ownership owner;
    private final MemoryGuard memoryGuard;
    private final BatchWindows windows;
    private final ReactorCounters counters;
    private final List<Shard> shards = new ArrayList<>();
    private final List<RemoteGateway> gateways = new ArrayList<>();
    private final List<Mailbox.Deferred> deferred = new ArrayList<>();
    private final @Nullable CrossReactor[] peers;
    private final Feeds feeds;
    private final Sessions sessions;
    private final ReactorSignals signals;
    private final List<ShardSignals> shardSignals = new ArrayList<>();
    private long nextTickNs;
    private int tickCount;
    private boolean isStopping;

    public Reactor(
            int index,
            int reactorCount,
            IoLoop io,
            Mailbox mailbox,
            CycleClock clock,
            Ownership owner,
            Feeds feeds,
            Sessions sessions,
            ReactorSignals signals,
            MemoryGuard memoryGuard,
            BatchWindows windows,
            ReactorCounters counters) {
        this.counters = counters;
        this.index = index;
        this.io = io;
        this.mailbox = mailbox;
        this.clock = clock;
        this.owner = owner;
        this.feeds = feeds;
        this.sessions = sessions;
        this.signals = signals;
        this.memoryGuard = memoryGuard;
        this.windows = windows;
        peers = new @Nullable CrossReactor[reactorCount];
    }

    /** Gives it a shard; before it runs. */
    void own(Shard shard, ShardSignals itsSignals) {
        shards.add(shard);
        shardSignals.add(itsSignals);
    }

    /** Gives it the way to another reactor; before it runs. */
    void connect(int other, CrossReactor peer, Mailbox.Deferred control) {
        peers[other] = peer;
        defer(control);
    }

    /** Gives it messages that wait for room, to be sent again each cycle; before it runs. */
    void defer(Mailbox.Deferred control) {
        deferred.add(control);
    }

    /** Gives it a gateway to a shard of another reactor; before it runs. */
    void use(RemoteGateway gateway) {
        gateways.add(gateway);
    }

    @Override
    public void onStart() {
        owner.claim();
        clock.forget();
        nextTickNs = clock.nowNs() + TICK_NS;
        windows.start(index, clock.nowNs());
    }

    @Override
    public int doWork() {
        long waitNs = hasRunnable() ? 0 : dueNs() - clock.readNs(); // a cycle's time is that of its beginning
        clock.forget();
        int workCount = io.poll(waitNs);
        long startNs = clock.nowNs(); // when the first frame was read, if there was one
        if (workCount > 0) {
            counters.polls().record(clock.readNs() - startNs);
        }
        workCount += mailbox.drain(MESSAGES_PER_CYCLE);
        workCount += signal();
        workCount += commit();
        workCount += sendToOthers();
        workCount += sessions.onTimers();
        workCount += feeds.sample() + sessions.pump();
        workCount += flush();
        if (keepHouse() || workCount > 0) {
            counters.dutyCycles().record(clock.readNs() - startNs);
        }
        if (isStopping) {
            throw new AgentTerminationException();
        }
        return workCount;
    }

    /**
     * Whether the cycle that follows has nothing to do until something arrives. Asked by the I/O loop once it has declared
     * that it waits: an offer or a completed sync after that moment finds it waiting and wakes it, one before is seen here.
     */
    public boolean mayWait() {
        return mailbox.isEmpty() && !hasCompleted();
    }

    private boolean hasCompleted() {
        for (int i = 0; i < shards.size(); i++) {
            if (shards.get(i).hasCompleted()) {
                return true;
            }
        }
        return false;
    }

    private boolean hasRunnable() {
        if (sessions.hasRunnable() || !mailbox.isEmpty()) {
            return true;
        }
        for (int i = 0; i < gateways.size(); i++) {
            if (gateways.get(i).isBusy()) {
                return true;
            }
        }
        return hasDeferred() || hasMarks();
    }

    /** Whether another reactor is to be told of heads. */
    private boolean hasMarks() {
        for (CrossReactor peer : peers) {
            if (peer != null && !peer.isEmpty()) {
                return true;
            }
        }
        return false;
    }

    /** What sessions said and is not kept, ten times a second: to the owners of the channels, and from them to whom it concerns. */
    private int signal() {
        if (clock.nowNs() - nextTickNs < 0) {
            return 0;
        }
        int count = signals.onTick();
        for (int i = 0; i < shardSignals.size(); i++) {
            count += shardSignals.get(i).onTick();
        }
        return count;
    }

    private int commit() {
        int count = 0;
        for (int i = 0; i < shards.size(); i++) {
            count += shards.get(i).commit();
        }
        return count;
    }

    /** A batch of one of this reactor's shards was committed: to the subscribers here and to the reactors that have some. */
    @Override
    public void onCommitted(Batch batch, long interest) {
        long others = interest & ~(1L << index);
        if (others == 0) {
            feeds.onBatch(batch);
            return;
        }
        Batch local = batch.share();
        feeds.onBatch(local);
        local.release();
        while (others != 0) {
            CrossReactor peer = peers[Long.numberOfTrailingZeros(others)];
            assert peer != null;
            peer.send(batch);
            others &= others - 1;
        }
    }

    /** When a batch that is kept open is to be committed, or the next tick. */
    private long dueNs() {
        long dueNs = feeds.nextSampleNs(nextTickNs);
        for (int i = 0; i < shards.size(); i++) {
            long heldNs = shards.get(i).heldNs();
            if (heldNs > 0 && clock.nowNs() + heldNs - dueNs < 0) {
                dueNs = clock.nowNs() + heldNs;
            }
        }
        return dueNs;
    }

    private int flush() {
        if (!sessions.hasTouched()) {
            return 0;
        }
        int connectionCount = sessions.offeredConnectionCount();
        long length = sessions.offeredLength();
        long startNs = clock.readNs();
        int count = sessions.flush();
        long endNs = clock.readNs();
        counters.flushDurations().record(endNs - startNs);
        if (connectionCount >= COALESCED_CONNECTIONS) {
            windows.onFlush(index, startNs, endNs, connectionCount, length);
        }
        return count;
    }

    private int sendToOthers() {
        int count = 0;
        for (int i = 0; i < gateways.size(); i++) {
            if (gateways.get(i).flush()) {
                count++;
            }
        }
        count += sendDeferred();
        for (CrossReactor peer : peers) {
            if (peer != null) {
                count += peer.retry();
            }
        }
        sessions.resumeStopped();
        count += sessions.advanceReads();
        return count;
    }

    /** Sends control messages that waited for room; returns how many. */
    int sendDeferred() {
        int count = 0;
        for (int i = 0; i < deferred.size(); i++) {
            count += deferred.get(i).retry();
        }
        return count;
    }

    /** Whether control messages wait for room. */
    boolean hasDeferred() {
        for (int i = 0; i < deferred.size(); i++) {
            if (!deferred.get(i).isEmpty()) {
                return true;
            }
        }
        return false;
    }

    /** What bounds memory in each cycle, and what is done ten times or once a second; whether that was due. */
    private boolean keepHouse() {
        memoryGuard.onCycle(feeds, sessions);
        long nowNs = clock.nowNs();
        if (nowNs - nextTickNs < 0) {
            return false;
        }
        nextTickNs = nowNs + TICK_NS;
        memoryGuard.onTick(feeds, sessions);
        sessions.onTick();
        if (++tickCount % TICKS_PER_HOUSEKEEPING == 0) {
            feeds.onTick();
            for (Shard shard : shards) {
                shard.onTick();
            }
        }
        tell();
        return true;
    }

    /** What others read about this reactor and nothing counts as it changes. */
    private void tell() {
        long coalescedCount = 0;
        for (CrossReactor peer : peers) {
            coalescedCount += peer == null ? 0 : peer.coalescedCount();
        }
        counters.set(ReactorCounter.COALESCED, coalescedCount);
        counters.set(ReactorCounter.LANE_BYTES, laneBytes());
        counters.set(ReactorCounter.WRITES, io.writeCount());
        counters.set(ReactorCounter.MAILBOX_FAILURES, mailbox.failureCount());
        counters.set(ReactorCounter.COLD_READS_UNDER_WAY, sessions.coldReadCount());
        counters.set(ReactorCounter.COLD_READS_WAITING, sessions.waitingReadCount());
        counters.set(ReactorCounter.RECENT_BYTES, feeds.windowBytes());
        counters.set(ReactorCounter.PINNED_BYTES, feeds.pinnedBytes());
        counters.set(ReactorCounter.OUTBOUND_BYTES, memoryGuard.outboundBytes());
        counters.set(ReactorCounter.COMPACTED, memoryGuard.compactedCount());
    }

    /** Bytes of batches and publishes that other reactors have not taken yet. */
    public long laneBytes() {
        long bytes = 0;
        for (CrossReactor peer : peers) {
            bytes += peer == null ? 0 : peer.underWayBytes();
        }
        for (RemoteGateway gateway : gateways) {
            bytes += gateway.heldBytes();
        }
        return bytes;
    }

    /** When, in the clock's nanoseconds, it has something to do even if nothing arrives. */
    public long nextTickNs() {
        return nextTickNs;
    }

    /**
     * Has everything kept that otherwise waits for its time; whether that is done, and {@link #isQuiet}. To be asked again until it is
     * so.
     */
    public boolean settle() {
        signals.handOver();
        boolean isSettled = signals.isQuiet();
        for (int i = 0; i < shardSignals.size(); i++) {
            isSettled &= shardSignals.get(i).settle();
        }
        return isSettled && isQuiet();
    }

    /** Whether everything admitted is committed and everything for other reactors is sent. */
    boolean isQuiet() {
        for (Shard shard : shards) {
            if (shard.isBusy()) {
                return false;
            }
        }
        for (RemoteGateway gateway : gateways) {
            if (gateway.isBusy()) {
                return false;
            }
        }
        boolean hasRequests = counters.value(ReactorCounter.REQUESTS_UNDER_WAY) > 0;
        return !hasRequests && !hasDeferred() && !hasMarks() && mailbox.isEmpty() && sessions.heldPublishCount() == 0;
    }

    public Sessions sessions() {
        return sessions;
    }

    public Feeds feeds() {
        return feeds;
    }

    /** Makes the present duty cycle the last. Reactor's thread. */
    void stop() {
        isStopping = true;
    }

    /** Ends its connections, the last thing that its thread does. What is left is taken apart by {@link #dismantle}. */
    @Override
    public void onClose() {
        sessions.abortAll();
        sessions.flush();
        io.close();
    }

    /** Lets go of everything that it holds; once its mailbox is closed and drained, and no reactor's thread runs any more. */
    void dismantle() {
        for (RemoteGateway gateway : gateways) {
            gateway.close();
        }
        for (Shard shard : shards) {
            shard.close();
        }
        signals.close();
        feeds.close();
    }

    @Override
    public String roleName() {
        return "freshet-reactor-" + index;
    }
}
