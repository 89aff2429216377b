package io.freshet.engine.simulation;

import io.freshet.client.ClientStatistics;
import io.freshet.log.Durability;
import io.freshet.log.memory.MemoryDisk;
import io.freshet.log.memory.MemoryFaults;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One run: twice a stretch of load with faults, after which everybody must get what is theirs; then the end, after which
 * nothing may be left.
 */
final class Simulation {
    private static final long SETTLE_LIMIT_NS = TimeUnit.SECONDS.toNanos(60);

    /** Who is too fast sends whole windows of long payloads again and again, over sockets that take little. */
    private static final long PACED_LIMIT_NS = TimeUnit.MINUTES.toNanos(10);

    private static final long DOWN_TIME_NS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final long QUIET_NS = TimeUnit.SECONDS.toNanos(3);
    private static final int ROUNDS = 2;
    private static final int START_CRASH_ONE_IN = 5;
    private static final int START_FUSE = 60;
    private static final int LOST_INDEX_ONE_IN = 6;

    private final long seed;
    private final Scenario scenario;
    private final SplittableRandom faultRandom;
    private final SplittableRandom serverRandom;
    private final SimClock clock = new SimClock();
    private final Agenda agenda = new Agenda(clock);
    private final Trace trace = new Trace();
    private final Verdict verdict = new Verdict();
    private final Futures futures = new Futures();
    private final RequestChecker requests = new RequestChecker(verdict);
    private final Scheduler scheduler;
    private final Truth truth;
    private final Publications publications;
    private final SimNetwork network;
    private final MemoryDisk disk = new MemoryDisk();
    private final Fuse fuse = new Fuse();
    private final SimAccess access;
    private final SilenceChecker silence;
    private final SimPaces paces;
    private final WireChecker wire;
    private final SplittableRandom ownerRandom;
    private final RevocationChecker revocationChecker;
    private final SimRevocations revocations;
    private final SimAllocator clientAllocator = new SimAllocator();
    private final ServerChecker serverChecker;
    private final Edges edges = new Edges();
    private final Workload workload;
    private @Nullable SimServer server;
    /** The server that was asked to let its clients go; another comes after it. */
    private @Nullable SimServer draining;

    private @Nullable SimAllocator dying;
    private boolean isCalm;
    private boolean mayLose;

    Simulation(long seed) {
        this.seed = seed;
        SplittableRandom random = new SplittableRandom(seed);
        scenario = Scenario.of(random, true);
        faultRandom = random.split();
        serverRandom = random.split();
        scheduler = new Scheduler(random.split(), clock, agenda, trace);
        access = new SimAccess(random.split(), scenario.isStrict(), Workload.FIRST_SENDER);
        revocationChecker = new RevocationChecker(verdict);
        paces = new SimPaces(random.split(), scenario.skips());
        ownerRandom = random.split();
        Forgotten forgotten = new Forgotten(verdict, clock, scenario);
        truth = new Truth(verdict, scenario.durability(), access, revocationChecker, forgotten);
        publications = new Publications(verdict, truth);
        silence = new SilenceChecker(verdict, clock, scenario);
        wire = new WireChecker(verdict, truth, trace, access, revocationChecker, paces, clock, fuse);
        network = new SimNetwork(random.split(), clock, agenda, scenario, trace, wire);
        network.silenceListener(silence::silent);
        revocations =
                new SimRevocations(random.split(), agenda, access, truth, network, wire, revocationChecker, verdict);
        serverChecker = new ServerChecker(verdict, scenario, silence);
        fuse.death(this::die);
        disk.onStep(fuse::step);
        start();
        workload = new Workload(this, random.split());
    }

    /** Runs to the end; throws an error that names the seed and tells what happened last. */
    Edges run() {
        try {
            for (int round = 0; round < ROUNDS; round++) {
                if (round > 0) {
                    restart();
                }
                harm();
                workload.begin(scenario.actionCount());
                runUntil(workload::isDone, Long.MAX_VALUE);
                settle();
            }
            end();
            return edges;
        } catch (Exception | AssertionError e) {
            throw new AssertionError(
                    "seed=" + seed + " " + scenario + "\n" + trace + "\nseed=" + seed + ": " + e.getMessage(), e);
        }
    }

    private void harm() {
        isCalm = false;
        network.calm(false);
        access.calm(false);
    }

    /** No more faults: then everybody gets everything, soon. */
    private void settle() {
        isCalm = true;
        note("calm");
        fuse.douse();
        access.calm(true);
        network.calm(true);
        workload.calm();
        scheduler.thaw();
        runUntil(() -> server != null && server != draining, SETTLE_LIMIT_NS);
        calmServer();
        runUntil(() -> isAnswered() && isServed(), scenario.isPaced() ? PACED_LIMIT_NS : SETTLE_LIMIT_NS);
        if (!isAnswered() || !isServed()) {
            throw new AssertionError("a stall: " + publications.pendingCount() + " publishes and "
                    + revocations.pendingCount() + " revocations wait, " + (server == null ? "" : server.erasures())
                    + "; unserved are" + workload.unserved(server));
        }
        workload.everyClient().forEach(SimClient::checkFollowers);
        verdict.throwIfFailed();
    }

    private boolean isAnswered() {
        return publications.pendingCount() == 0
                && revocations.pendingCount() == 0
                && (server == null || (server.erasureCount() == 0 && server.settle()));
    }

    private boolean isServed() {
        truth.poll();
        return server != null && workload.isServed(server);
    }

    private void calmServer() {
        SimServer running = Objects.requireNonNull(server);
        running.calm();
        running.allocator().calm();
        if (running.calmLogs()) {
            crash();
            runUntil(() -> server != null, SETTLE_LIMIT_NS);
            Objects.requireNonNull(server).calm();
        }
    }

    /** The server ends in order and comes back; its clients resume. */
    private void restart() {
        if (faultRandom.nextBoolean()) {
            drain(Objects.requireNonNull(server));
            return;
        }
        note("restart");
        end(Objects.requireNonNull(server));
    }

    /** The clients are asked to leave while they go on; then the server ends and comes back. */
    private void drain(SimServer leaving) {
        note("drain");
        edges.drains++;
        draining = leaving;
        network.stopListening();
        new SimDrain(leaving, () -> server == leaving, scheduler, agenda)
                .begin(faultRandom.nextLong(SimDrain.LONGEST_NS), () -> end(leaving));
    }

    private void end(SimServer last) {
        server = null;
        last.actors().forEach(scheduler::remove);
        network.stopListening();
        close(last);
        revocations.serverDied();
        agenda.after(DOWN_TIME_NS, this::start);
    }

    /** Ends a server at which nothing is under way, after which it may hold nothing. */
    private void close(SimServer last) {
        fuse.douse();
        wire.signals().ended(last);
        truth.close();
        edges.end(last);
        last.close();
        serverChecker.checkEnded(last);
    }

    private void end() {
        workload.close();
        runUntil(workload::isOver, SETTLE_LIMIT_NS);
        long quietNs = clock.nanoTime() + QUIET_NS;
        BooleanSupplier isErased = () -> server != null && server.eraser().pendingCount() == 0 && server.settle();
        runUntil(() -> clock.nanoTime() > quietNs && isErased.getAsBoolean(), SETTLE_LIMIT_NS);
        verdict.check(isErased.getAsBoolean(), "an erasure does not end");
        verdict.check(futures.openCount() == 0, () -> "never completed: " + futures);
        workload.everyClient().forEach(client -> edges.rewinds += client.rewindCount());
        SimServer last = Objects.requireNonNull(server);
        close(last);
        verdict.check(clientAllocator.liveCount() == 0, () -> clientAllocator.liveCount() + " buffers of clients leak");
        SimServer again = newServer(new SimAllocator(fuse));
        truth.open(again.storage(), false);
        truth.checkErased();
        publications.checkAll();
        again.close();
        edges.steps += scheduler.stepCount();
        edges.rawRepeats += workload.rawRepeatCount();
        edges.end(truth, publications, requests, revocations, silence, wire);
        verdict.throwIfFailed();
    }

    private void runUntil(BooleanSupplier condition, long limitNs) {
        long beginNs = clock.nanoTime();
        while (!condition.getAsBoolean() && clock.nanoTime() - beginNs < limitNs) {
            if (!step()) {
                throw new AssertionError("nothing will ever happen again");
            }
            check();
        }
    }

    private boolean step() {
        try {
            return scheduler.step();
        } catch (RuntimeException | Error e) {
            if (fuse.isBurnt()) {
                return true; // whatever a dying process still says
            }
            throw e;
        } finally {
            bury();
        }
    }

    private void check() {
        SimServer running = server;
        if (running != null) {
            serverChecker.check(running, scheduler.stepCount());
        }
        verdict.throwIfFailed();
    }

    private SimServer newServer(SimAllocator allocator) {
        return new SimServer(disk, scenario, serverRandom, clock, agenda, allocator, access, requests, fuse, null);
    }

    /** Starts the server, which may die of it. */
    private void start() {
        if (!isCalm && scenario.crashes() && faultRandom.nextInt(START_CRASH_ONE_IN) == 0) {
            fuse.light(1 + faultRandom.nextInt(START_FUSE));
        }
        SimAllocator allocator = new SimAllocator(fuse);
        dying = allocator;
        SimServer started;
        try {
            started = newServer(allocator);
        } catch (Fuse.ProcessDied e) {
            edges.startCrashes++;
            bury();
            return;
        }
        dying = null;
        truth.open(started.storage(), mayLose);
        mayLose = false;
        wire.started();
        started.beforeForgetting(truth::poll);
        if (scenario.forgets()) {
            started.own(new SimOwner(started, network, agenda, clock, truth, verdict, ownerRandom.split()));
        }
        started.actors().forEach(scheduler::add);
        network.listen(started.loops(), started.allocator());
        if (isCalm) {
            started.calm();
        }
        server = started;
        note("started");
    }

    /** The server's process or its machine dies now, and comes back a little later. */
    void crash() {
        if (server != null) {
            die();
            bury();
        }
    }

    /** The same, in the middle of what it does: after so many steps as {@link Fuse} counts them. */
    void crashWithin(int stepCount) {
        if (server != null) {
            fuse.light(stepCount);
        }
    }

    /** There is no memory once, for what the server asks for after so many others. */
    void starve(int requestCount) {
        if (server != null) {
            server.allocator().failAfter(requestCount);
        }
    }

    /** From here on nothing that the process does has an effect. */
    private void die() {
        SimServer ending = server;
        server = null;
        boolean isPowerLost = scenario.losesPower() && faultRandom.nextBoolean();
        note("crash" + (isPowerLost ? ", power lost" : ""));
        edges.crashes++;
        if (ending != null) {
            edges.midCrashes += fuse.isBurnt() ? 1 : 0;
            dying = ending.allocator();
            truth.close();
            edges.end(ending);
            ending.actors().forEach(scheduler::remove);
        }
        disk.crash(
                isPowerLost ? MemoryDisk.Kept.SYNCED : MemoryDisk.Kept.WRITTEN,
                faultRandom.nextBoolean(),
                unsyncedCount -> faultRandom.nextInt(unsyncedCount + 1));
        if (scenario.mayGo() && faultRandom.nextInt(LOST_INDEX_ONE_IN) == 0) {
            int shard = faultRandom.nextInt(scenario.shardCount());
            note("the index of shard " + shard + " is lost");
            disk.dropIndex(shard);
            edges.lostIndexes++;
        }
        network.serverDied();
        revocations.serverDied();
        mayLose |= isPowerLost && scenario.durability() == Durability.WRITTEN;
        agenda.after(faultRandom.nextLong(DOWN_TIME_NS), this::start);
    }

    /** Frees what the dead process held, once it is out of whatever it was doing. */
    private void bury() {
        SimAllocator dead = dying;
        if (dead != null) {
            dying = null;
            dead.releaseAll();
            fuse.douse();
        }
    }

    void onClientEnd(ClientStatistics statistics) {
        verdict.check(statistics.protocolFailures() == 0, "a client says that the server broke the protocol");
        verdict.check(statistics.callbackFailures() == 0, "a callback has thrown");
        edges.end(statistics);
    }

    SimTransport newTransport(String name, Runnable onClosed) {
        SimTransport transport = new SimTransport(name, network::connect, agenda, clock, clientAllocator, onClosed);
        scheduler.add(transport);
        return transport;
    }

    void freeze(Actor actor, long ns) {
        note("freeze " + actor.name() + " for " + ns / 1_000 + "us");
        scheduler.freeze(actor, ns);
    }

    /** Has the application within the server do something, when there is one. */
    void own(Consumer<SimServer> action) {
        if (server != null) {
            action.accept(server);
        }
    }

    /** Takes back what a sender may do with a channel, for a while. */
    void revoke(long sender, String channel) {
        SimServer running = server;
        if (running != null) {
            note("revoke " + channel + " from " + sender);
            revocations.begin(running, sender, channel);
        }
    }

    void freezeServerActor(long ns) {
        if (server != null) {
            freeze(server.actors().get(faultRandom.nextInt(server.actors().size())), ns);
        }
    }

    /** What goes wrong in a shard's log; null while the server is down. */
    @Nullable
    MemoryFaults faults(int shard) {
        return server == null ? null : server.storage().faults(shard);
    }

    void note(String text) {
        trace.note(text);
    }

    Scenario scenario() {
        return scenario;
    }

    SimClock clock() {
        return clock;
    }

    SimPaces paces() {
        return paces;
    }

    Agenda agenda() {
        return agenda;
    }

    Verdict verdict() {
        return verdict;
    }

    Truth truth() {
        return truth;
    }

    Futures futures() {
        return futures;
    }

    RequestChecker requests() {
        return requests;
    }

    WireChecker wire() {
        return wire;
    }

    Publications publications() {
        return publications;
    }

    SimNetwork network() {
        return network;
    }

    long traceHash() {
        return trace.hash();
    }
}
