package io.freshet.engine.reactor;

import io.freshet.engine.Principal;
import io.freshet.engine.channel.AttributesFollower;
import io.freshet.engine.chat.ChatFollower;
import io.freshet.engine.delivery.ColdReader;
import io.freshet.engine.delivery.ColdReads;
import io.freshet.engine.delivery.Feeds;
import io.freshet.engine.delivery.ReaderProxy;
import io.freshet.engine.limit.Admission;
import io.freshet.engine.mailbox.CycleClock;
import io.freshet.engine.mailbox.Mailbox;
import io.freshet.engine.mailbox.Ownership;
import io.freshet.engine.mailbox.ReactorProxy;
import io.freshet.engine.metrics.ReactorCounters;
import io.freshet.engine.metrics.ShardCounters;
import io.freshet.engine.routing.BatchWindows;
import io.freshet.engine.routing.NonceFollower;
import io.freshet.engine.routing.Shard;
import io.freshet.engine.routing.ShardConfig;
import io.freshet.engine.routing.StateReads;
import io.freshet.engine.session.Calls;
import io.freshet.engine.session.EventChecks;
import io.freshet.engine.session.Gate;
import io.freshet.engine.session.LocalGateway;
import io.freshet.engine.session.RemoteGateway;
import io.freshet.engine.session.Revocations;
import io.freshet.engine.session.SessionEnvironment;
import io.freshet.engine.session.SessionLimits;
import io.freshet.engine.session.Sessions;
import io.freshet.engine.session.ShardGateway;
import io.freshet.engine.signal.ReactorSignals;
import io.freshet.engine.signal.ShardSignals;
import io.freshet.engine.signal.TotalsFollower;
import io.freshet.log.Erasure;
import io.freshet.log.Storage;
import io.freshet.protocol.Connection;
import io.freshet.protocol.ConnectionHandler;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FreshetException;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.IntFunction;
import org.agrona.concurrent.EpochMicroClock;
import org.agrona.concurrent.NanoClock;

/**
 * The reactors of one engine, wired to each other, to the storage and to the reader. It starts no thread: an engine runs
 * each reactor on one, a simulation invokes them in turn.
 */
public final class ReactorGroup implements AutoCloseable {
    private static final long ANSWER_TIMEOUT_S = 10;
    private final Parts parts;
    private final Tuning tuning;
    private final BatchWindows windows;
    private final Admission admission;
    private final List<Seat> seats = new ArrayList<>();
    private final List<ShardCounters> shardCounters = new ArrayList<>();
    private final RevocationRounds revocations;
    private final List<Shard> shards = new ArrayList<>();

    /**
     * What a group is made of.
     *
     * @param io makes the I/O loop of a reactor, given by whether that reactor may wait
     * @param windowBytes recent window of all reactors together
     * @param coldReadCount cold reads under way of all reactors together
     * @param batchWindowNs how long a batch may stay open under load
     */
    public record Parts(
            int reactorCount,
            Storage storage,
            ColdReader reader,
            Gate gate,
            Calls calls,
            SessionLimits sessionLimits,
            ShardConfig shardConfig,
            long windowBytes,
            long pinnedBytes,
            long outboundBytes,
            int coldReadCount,
            long batchWindowNs,
            ByteBufAllocator allocator,
            NanoClock nanoClock,
            EpochMicroClock microClock,
            IntFunction<Function<BooleanSupplier, IoLoop>> io) {}

    /**
     * Sizes that no configuration shows; a simulation makes them small to meet their edges.
     *
     * @param dataCapacity messages that a mailbox's data lane holds
     * @param controlCapacity messages that its control lane holds
     * @param feedLingerNs how long a feed without subscriptions stays
     * @param writeCostNs what a write to a socket is taken to cost at least
     * @param laneBytes bytes of batches that may be under way from one reactor to another, and of publishes from one to a shard of
     *     another before their senders are not read from; with twice as many publishes are refused
     */
    public record Tuning(int dataCapacity, int controlCapacity, long feedLingerNs, long writeCostNs, long laneBytes) {
        public static final Tuning DEFAULTS = new Tuning(1024, 4096, 30_000_000_000L, 0, 4 << 20);
    }

    /** Everything that belongs to one reactor before and beside its duty cycle. */
    private static final class Seat {
        final Mailbox mailbox;
        final Ownership owner = new Ownership();
        final ReactorCounters counters;
        final CycleClock clock;
        final IoLoop io;
        final ReactorProxy proxy;
        final Mailbox.Deferred toSelf;
        final Reactor reactor;
        final ReaderProxy reader;
        final ReactorSignals signals;
        final List<ShardGateway> gateways = new ArrayList<>();

        Seat(int index, Parts parts, Tuning tuning, BatchWindows windows, Admission admission) {
            mailbox = new Mailbox(tuning.dataCapacity(), tuning.controlCapacity(), owner);
            counters = new ReactorCounters(parts.nanoClock());
            clock = new CycleClock(parts.nanoClock(), parts.microClock());
            io = parts.io().apply(index).apply(this::mayWait);
            proxy = new ReactorProxy(mailbox, io::wakeup);
            toSelf = new Mailbox.Deferred(proxy);
            int share = parts.reactorCount();
            reader = new ReaderProxy(parts.reader(), proxy, parts.storage().shardCount());
            Feeds feeds = new Feeds(
                    parts.windowBytes() / share, tuning.feedLingerNs(), clock, owner, this::removeInterest, counters);
            ColdReads coldReads = new ColdReads(reader, Math.max(1, parts.coldReadCount() / share), counters);
            EventChecks checks = new EventChecks(parts.gate(), reader, clock, counters);
            signals = new ReactorSignals(index, feeds, owner, counters);
            SessionEnvironment environment = new SessionEnvironment(
                    clock,
                    owner,
                    parts.allocator(),
                    parts.sessionLimits(),
                    proxy,
                    parts.gate(),
                    parts.calls(),
                    feeds,
                    coldReads,
                    reader,
                    checks,
                    this::gateway,
                    new Revocations(clock, counters, checks),
                    admission,
                    signals,
                    counters);
            Sessions sessions = new Sessions(environment, ((long) index << 48) + 1);
            MemoryGuard guard = new MemoryGuard(parts.pinnedBytes() / share, parts.outboundBytes() / share);
            reactor = new Reactor(
                    index, share, io, mailbox, clock, owner, feeds, sessions, signals, guard, windows, counters);
            reactor.defer(toSelf);
        }

        private boolean mayWait() {
            return reactor.mayWait();
        }

        ShardGateway gateway(long channel) {
            return gateways.get(ReaderProxy.shardOf(channel, gateways.size()));
        }

        private void removeInterest(long channel) {
            gateway(channel).removeInterest(channel);
        }

        /** Runs a task on the reactor's thread; from that thread itself without ever waiting. */
        void execute(Runnable task) {
            if (!mailbox.isClosed() && owner.isHeld()) {
                toSelf.send(task);
            } else if (!proxy.sendControl(task)) {
                throw new RejectedExecutionException(reactor.roleName() + " has ended");
            }
        }

        /** Runs what was sent to it; whether more waits for room. Only when its thread has ended. */
        boolean drain() {
            owner.claim();
            mailbox.drain(Integer.MAX_VALUE);
            reactor.sendDeferred();
            return reactor.hasDeferred();
        }
    }

    public ReactorGroup(Parts parts) {
        this(parts, Tuning.DEFAULTS);
    }

    public ReactorGroup(Parts parts, Tuning tuning) {
        this.parts = parts;
        this.tuning = tuning;
        windows = new BatchWindows(parts.reactorCount(), parts.batchWindowNs(), tuning.writeCostNs());
        SessionLimits limits = parts.sessionLimits();
        admission = new Admission(
                limits.connections(), limits.rates(), parts.nanoClock().nanoTime());
        for (int i = 0; i < parts.reactorCount(); i++) {
            seats.add(new Seat(i, parts, tuning, windows, admission));
        }
        List<Mailbox.Deferred[]> control = connectReactors();
        for (int shard = 0; shard < parts.storage().shardCount(); shard++) {
            addShard(shard, control);
        }
        revocations = new RevocationRounds(seats.stream()
                .map(seat -> new RevocationRounds.Stop(
                        seat.proxy, seat.reactor.sessions().revocations(), List.copyOf(seat.gateways)))
                .toList());
    }

    /** Gives each reactor its ways to the others; returns the control lane from each to each. */
    private List<Mailbox.Deferred[]> connectReactors() {
        List<Mailbox.Deferred[]> control = new ArrayList<>();
        for (int from = 0; from < seats.size(); from++) {
            Mailbox.Deferred[] lanes = new Mailbox.Deferred[seats.size()];
            for (int to = 0; to < seats.size(); to++) {
                Seat target = seats.get(to);
                lanes[to] = new Mailbox.Deferred(target.proxy);
                if (from != to) {
                    CrossReactor peer = new CrossReactor(target.proxy, target.reactor.feeds(), tuning.laneBytes());
                    seats.get(from).reactor.connect(to, peer, lanes[to]);
                }
            }
            control.add(lanes);
        }
        return control;
    }

    private void addShard(int shardIndex, List<Mailbox.Deferred[]> control) {
        int ownerIndex = shardIndex % seats.size();
        Seat owner = seats.get(ownerIndex);
        Storage storage = parts.storage();
        ReaderProxy reader = new ReaderProxy(parts.reader(), owner.proxy, storage.shardCount());
        ShardCounters counters = new ShardCounters(parts.nanoClock());
        shardCounters.add(counters);
        Shard shard = new Shard(
                storage.log(shardIndex),
                storage.index(shardIndex),
                parts.shardConfig(),
                reader.stateReads(shardIndex),
                owner.reactor,
                owner.clock,
                owner.owner,
                parts.allocator(),
                windows,
                counters);
        shards.add(shard);
        storage.log(shardIndex).completionListener(owner.proxy::wakeup);
        owner.reactor.own(shard, signals(shard, ownerIndex, reader.stateReads(shardIndex), counters));
        for (int i = 0; i < seats.size(); i++) {
            Seat seat = seats.get(i);
            if (i == ownerIndex) {
                seat.gateways.add(new LocalGateway(shard, i));
            } else {
                RemoteGateway gateway = new RemoteGateway(
                        shard,
                        i,
                        owner.proxy,
                        control.get(i)[ownerIndex],
                        control.get(ownerIndex)[i],
                        parts.allocator(),
                        tuning.laneBytes());
                seat.gateways.add(gateway);
                seat.reactor.use(gateway);
            }
        }
    }

    /** What the shard's channels say that is not kept, with the ways from and to every reactor. */
    private ShardSignals signals(Shard shard, int ownerIndex, StateReads reads, ShardCounters counters) {
        Seat owner = seats.get(ownerIndex);
        ShardSignals signals =
                new ShardSignals(shard, ownerIndex, reads, owner.clock, owner.owner, parts.allocator(), counters);
        for (Seat seat : seats) {
            signals.addTarget(seat.signals, seat == owner ? null : seat.proxy);
            seat.signals.addRoute(signals, seat == owner ? null : owner.proxy);
        }
        return signals;
    }

    /** Registers what must follow the storage's logs, and brings the indexes up to date; before a reactor runs. */
    public static void catchUp(Storage storage, ShardConfig config, NanoClock clock) {
        for (int shard = 0; shard < storage.shardCount(); shard++) {
            NonceFollower nonces = new NonceFollower(config.windowCount(), config.nonceMemoryUs(), clock);
            List.of(nonces, new ChatFollower(), new TotalsFollower(), new AttributesFollower())
                    .forEach(storage.index(shard)::addFollower);
            storage.index(shard).catchUp();
            nonces.start();
        }
    }

    /** Asks clients to leave over a window; begins now, and goes on while it is invoked. */
    public Departure departure(long windowNs) {
        return new Departure(members(), parts.nanoClock(), windowNs);
    }

    /** Ends every connection in order; begins now, and goes on while it is invoked. */
    public Shutdown shutdown(long timeoutNs) {
        return new Shutdown(members(), parts.nanoClock(), timeoutNs);
    }

    private List<Round.Member> members() {
        return seats.stream()
                .map(seat -> new Round.Member(seat.reactor, seat.proxy))
                .toList();
    }

    /** Ends every reactor's duty cycle; blocks while a mailbox is full. */
    public void stop() {
        for (Seat seat : seats) {
            seat.proxy.sendControl(seat.reactor::stop);
        }
    }

    /**
     * Takes the reactors apart once their threads and the reader's have ended: what they had accepted runs, here, and what they hold is let go. Senders
     * are refused from then on.
     */
    @Override
    public void close() {
        boolean isWaiting;
        do {
            parts.reader().sendAnswers();
            isWaiting = false;
            for (Seat seat : seats) {
                isWaiting |= seat.drain();
            }
        } while (isWaiting || parts.reader().hasAnswers());
        seats.forEach(seat -> seat.mailbox.close());
        seats.forEach(seat -> seat.mailbox.end(seat.reactor::dismantle));
        revocations.close();
    }

    /**
     * Asks every reactor, on its own thread, and waits for the answers. Not on a reactor.
     *
     * @throws CompletionException of a {@link FreshetException} SHUTTING_DOWN when one has ended
     */
    public <T> List<T> ask(Function<Reactor, T> question) {
        return asks(question).stream()
                .map(answer ->
                        answer.orTimeout(ANSWER_TIMEOUT_S, TimeUnit.SECONDS).join())
                .toList();
    }

    private <T> List<CompletableFuture<T>> asks(Function<Reactor, T> question) {
        List<CompletableFuture<T>> answers = new ArrayList<>();
        for (Seat seat : seats) {
            CompletableFuture<T> answer = new CompletableFuture<>();
            answers.add(answer);
            if (!seat.proxy.sendControl(() -> answer.complete(question.apply(seat.reactor)))) {
                answer.completeExceptionally(new FreshetException(ErrorCode.SHUTTING_DOWN, "a reactor has ended"));
            }
        }
        return answers;
    }

    /** Takes rights back from principals, on every reactor. */
    public RevocationRounds revocations() {
        return revocations;
    }

    public int count() {
        return seats.size();
    }

    public Reactor reactor(int index) {
        return seats.get(index).reactor;
    }

    /** Who may connect, and what addresses and principals share. */
    public Admission admission() {
        return admission;
    }

    /**
     * Runs something on a channel's shard, on its owner's thread; blocks other threads while its mailbox is full.
     *
     * @throws RejectedExecutionException when the reactors have ended
     */
    public void onShard(long channel, Consumer<Shard> action) {
        int index = ReaderProxy.shardOf(channel, shards.size());
        seats.get(index % seats.size()).execute(() -> action.accept(shards.get(index)));
    }

    /** A reactor's mailbox, for its counters. */
    public Mailbox mailbox(int index) {
        return seats.get(index).mailbox;
    }

    /** What a reactor counts. */
    public ReactorCounters counters(int index) {
        return seats.get(index).counters;
    }

    /** What is counted for a shard. */
    public ShardCounters shardCounters(int shard) {
        return shardCounters.get(shard);
    }

    public ReactorProxy proxy(int index) {
        return seats.get(index).proxy;
    }

    /**
     * Makes the reader and every reactor forget records that were erased in the log, see {@link
     * io.freshet.engine.erasure.Forgetting}. Not on a reactor.
     */
    public void forget(long channel, long lastSequence, Erasure erasure, Runnable done, Runnable failed) {
        forget(0, channel, lastSequence, erasure, done, failed);
    }

    /** One after the other, so that room for one request is enough, however many reactors there are. */
    private void forget(int index, long channel, long lastSequence, Erasure erasure, Runnable done, Runnable failed) {
        if (index == seats.size()) {
            done.run();
            return;
        }
        Seat seat = seats.get(index);
        seat.reader.forget(
                channel,
                erasure,
                () -> {
                    seat.reactor.feeds().onErased(channel, lastSequence);
                    forget(index + 1, channel, lastSequence, erasure, done, failed);
                },
                failure -> failed.run());
    }

    /** Runs tasks on a reactor's thread; blocks other threads while its mailbox is full, and rejects tasks when it has ended. */
    public Executor executor(int index) {
        return seats.get(index)::execute;
    }

    /** What begins a session on a reactor, when called on its thread. */
    public Function<Connection, ConnectionHandler> accept(int index) {
        return connection -> seats.get(index).reactor.sessions().accept(connection);
    }

    /** The same for a client of the application itself. */
    public Function<Connection, ConnectionHandler> acceptTrusted(int index, Principal principal) {
        return connection -> seats.get(index).reactor.sessions().acceptTrusted(connection, principal);
    }
}
