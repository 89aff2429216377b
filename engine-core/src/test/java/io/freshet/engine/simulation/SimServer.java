package io.freshet.engine.simulation;

import io.freshet.engine.delivery.ColdReader;
import io.freshet.engine.metrics.ReactorCounter;
import io.freshet.engine.reactor.Departure;
import io.freshet.engine.reactor.ReactorGroup;
import io.freshet.engine.reactor.Shutdown;
import io.freshet.engine.session.Gate;
import io.freshet.log.memory.MemoryDisk;
import io.freshet.log.memory.MemoryStorage;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.NanoClock;

/** One process of the server: the engine's parts as the engine itself assembles them, each an actor. */
final class SimServer {
    private static final long READER_IDLE_NS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final long WORKER_IDLE_NS = TimeUnit.MILLISECONDS.toNanos(5);

    private final SimAllocator allocator;
    private final SimAccess access;
    private final Fuse fuse;
    private final Scenario scenario;
    private final MemoryStorage storage;
    private final SimExecutor executor;
    private final ColdReader reader;
    private final AgentActor readerActor;
    private final List<SimIo> loops = new ArrayList<>();
    private final ReactorGroup group;
    private final List<ReactorActor> reactors = new ArrayList<>();
    private final List<Actor> actors = new ArrayList<>();

    /** One that lets everybody in, and does not die. */
    SimServer(MemoryDisk disk, Scenario scenario, SplittableRandom random, SimClock clock, Agenda agenda) {
        this(
                disk,
                scenario,
                random,
                clock,
                agenda,
                new SimAllocator(),
                new SimAccess(random.split(), false, Long.MAX_VALUE),
                new Fuse());
    }

    SimServer(
            MemoryDisk disk,
            Scenario scenario,
            SplittableRandom random,
            SimClock clock,
            Agenda agenda,
            SimAllocator allocator,
            SimAccess access,
            Fuse fuse) {
        this.scenario = scenario;
        this.allocator = allocator;
        this.access = access;
        this.fuse = fuse;
        storage = MemoryStorage.open(disk, scenario.storageConfig(clock));
        executor = new SimExecutor(random, agenda, scenario.executorRefusesOneIn(), this::isAnyMailboxFull);
        reader = new ColdReader(storage, allocator, scenario.readerCapacity(), this::wakeReader);
        readerActor = new AgentActor(reader, agenda, READER_IDLE_NS);
        ReactorGroup.catchUp(storage, scenario.shardConfig());
        group = new ReactorGroup(parts(clock, agenda), tuning());
        for (Agent agent : storage.agents()) {
            agent.onStart();
            actors.add(new AgentActor(agent, agenda, WORKER_IDLE_NS));
        }
        reader.onStart();
        actors.add(readerActor);
        actors.add(executor);
        for (int i = 0; i < group.count(); i++) {
            loops.get(i).listen(group.accept(i));
            group.reactor(i).onStart();
            reactors.add(new ReactorActor(group.reactor(i), loops.get(i), group.mailbox(i)));
        }
        actors.addAll(reactors);
    }

    private ReactorGroup.Parts parts(SimClock clock, Agenda agenda) {
        NanoClock nanoClock = () -> {
            fuse.step();
            return clock.nanoTime();
        };
        return new ReactorGroup.Parts(
                scenario.reactorCount(),
                storage,
                reader,
                new Gate(access, access, storage.channels(), executor),
                scenario.sessionLimits(),
                scenario.shardConfig(),
                scenario.windowBytes(),
                scenario.pinnedBytes(),
                scenario.outboundBytes(),
                scenario.coldReadCount(),
                scenario.batchWindowNs(),
                allocator,
                nanoClock,
                clock,
                index -> mayWait -> {
                    SimIo io = new SimIo(agenda, mayWait);
                    loops.add(io);
                    return io;
                });
    }

    private ReactorGroup.Tuning tuning() {
        return new ReactorGroup.Tuning(
                scenario.dataCapacity(),
                scenario.controlCapacity(),
                scenario.feedLingerNs(),
                scenario.writeCostNs(),
                scenario.laneBytes());
    }

    /** Takes back what a sender may do with a channel; completes with the channel's last sequence then. */
    CompletionStage<Long> revoke(long sender, long channel) {
        return group.revocations().begin(sender, channel);
    }

    private void wakeReader() {
        readerActor.wakeup();
    }

    private boolean isAnyMailboxFull() {
        return reactors.stream().anyMatch(each -> !each.mailbox().hasControlRoom());
    }

    List<Actor> actors() {
        return actors;
    }

    List<ReactorActor> reactors() {
        return reactors;
    }

    List<SimIo> loops() {
        return loops;
    }

    AgentActor reader() {
        return readerActor;
    }

    MemoryStorage storage() {
        return storage;
    }

    /** A counter, of all reactors together. */
    long count(ReactorCounter counter) {
        long sum = 0;
        for (int i = 0; i < group.count(); i++) {
            sum += group.counters(i).value(counter);
        }
        return sum;
    }

    SimAllocator allocator() {
        return allocator;
    }

    void calm() {
        executor.calm();
        access.calm(true);
    }

    /** Asks the clients to leave. */
    Departure departure(long windowNs) {
        return group.departure(windowNs);
    }

    /** Ends every connection in order. */
    Shutdown shutdown(long timeoutNs) {
        return group.shutdown(timeoutNs);
    }

    /** Ends it in order; nothing may be under way. */
    void close() {
        reactors.forEach(each -> each.reactor().onClose());
        reader.onClose();
        group.close();
        storage.close();
    }
}
