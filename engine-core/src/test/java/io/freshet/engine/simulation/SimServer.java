package io.freshet.engine.simulation;

import io.freshet.client.Channel;
import io.freshet.engine.Limits;
import io.freshet.engine.Principal;
import io.freshet.engine.channel.DeletedChannels;
import io.freshet.engine.delivery.ColdReader;
import io.freshet.engine.erasure.ChannelAges;
import io.freshet.engine.erasure.Eraser;
import io.freshet.engine.metrics.ReactorCounter;
import io.freshet.engine.metrics.ShardCounter;
import io.freshet.engine.notice.Audience;
import io.freshet.engine.notice.NotificationSink;
import io.freshet.engine.notice.Notifier;
import io.freshet.engine.notice.ShardNotices;
import io.freshet.engine.presence.PresenceService;
import io.freshet.engine.reactor.Departure;
import io.freshet.engine.reactor.ReactorGroup;
import io.freshet.engine.reactor.Shutdown;
import io.freshet.engine.routing.Shard;
import io.freshet.engine.service.ServiceHost;
import io.freshet.engine.service.Services;
import io.freshet.engine.service.ServicesAgent;
import io.freshet.engine.session.Calls;
import io.freshet.engine.session.Gate;
import io.freshet.log.Erasure;
import io.freshet.log.memory.MemoryDisk;
import io.freshet.log.memory.MemoryStorage;
import io.freshet.protocol.Connection;
import io.freshet.protocol.ConnectionHandler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.NanoClock;
import org.jspecify.annotations.Nullable;

/** One process of the server: the engine's parts as the engine itself assembles them, each an actor. */
final class SimServer {
    private static final long READER_IDLE_NS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final Duration PRESENCE_GRACE = Duration.ofMillis(400);
    private static final long WORKER_IDLE_NS = TimeUnit.MILLISECONDS.toNanos(5);
    private static final long UNREAD_NS = TimeUnit.MILLISECONDS.toNanos(300);

    private final SimAllocator allocator;
    private final SimAccess access;
    private final Fuse fuse;
    private final Scenario scenario;
    private final MemoryStorage storage;
    private final SimExecutor executor;
    private final ColdReader reader;
    private final AgentActor readerActor;
    private final AgentActor services;
    private final List<SimIo> loops = new ArrayList<>();
    private final ReactorGroup group;
    private final Eraser eraser;
    private final ChannelAges ages;
    private final ServiceHost host;
    private final PresenceService presence;
    private final DeletedChannels deletedChannels;
    private final @Nullable Notifier notifier;
    private final List<ReactorActor> reactors = new ArrayList<>();
    private final List<Actor> actors = new ArrayList<>();
    private Runnable beforeForgetting = () -> {};
    private @Nullable SimOwner owner;

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
                new RequestChecker(new Verdict()),
                new Fuse(),
                null);
    }

    SimServer(
            MemoryDisk disk,
            Scenario scenario,
            SplittableRandom random,
            SimClock clock,
            Agenda agenda,
            SimAllocator allocator,
            SimAccess access,
            RequestChecker requests,
            Fuse fuse,
            @Nullable NotificationSink told) {
        this.scenario = scenario;
        this.allocator = allocator;
        this.access = access;
        this.fuse = fuse;
        storage = MemoryStorage.open(disk, scenario.storageConfig(clock));
        executor = new SimExecutor(random, agenda, scenario.executorRefusesOneIn(), this::isAnyMailboxFull);
        reader = new ColdReader(storage, allocator, scenario.readerCapacity(), this::wakeReader);
        readerActor = new AgentActor(reader, agenda, READER_IDLE_NS);
        eraser = new Eraser(storage, this::forget, clock);
        ages = new ChannelAges(storage, this::channel, clock, clock);
        ServicesAgent servicesAgent = new ServicesAgent(scenario.readerCapacity(), clock, this::wakeServices);
        services = new AgentActor(servicesAgent, agenda, READER_IDLE_NS);
        Gate gate = new Gate(access, access, storage.channels(), executor);
        Services offered = new Services();
        long policyNs = scenario.sessionLimits().gateTimeoutNs();
        host = new ServiceHost(servicesAgent, clock, gate::access, this::channel, policyNs);
        new SimServices(requests, random.split(), agenda).offer(offered, host);
        presence = PresenceService.offered(offered, host, storage.channels(), PRESENCE_GRACE);
        deletedChannels = new DeletedChannels(storage, this::channel, clock);
        notifier = told == null ? null : notifier(told, random.nextInt(), clock);
        ReactorGroup.catchUp(storage, scenario.shardConfig(), clock);
        Calls calls = new Calls(offered, servicesAgent, executor, Limits.DEFAULTS.askedAtOnce());
        group = new ReactorGroup(parts(clock, agenda, gate, calls), tuning());
        for (Agent agent : storage.agents()) {
            agent.onStart();
            actors.add(new AgentActor(new Watched(agent), agenda, WORKER_IDLE_NS));
        }
        eraser.onStart();
        ages.onStart();
        actors.add(new AgentActor(new Watched(eraser), agenda, WORKER_IDLE_NS));
        deletedChannels.onStart();
        reader.onStart();
        actors.add(readerActor);
        actors.add(services);
        actors.add(executor);
        for (int i = 0; i < group.count(); i++) {
            loops.get(i).listen(group.accept(i));
            group.reactor(i).onStart();
            reactors.add(new ReactorActor(group.reactor(i), loops.get(i), group.mailbox(i)));
        }
        actors.addAll(reactors);
        if (notifier != null) {
            notifier.onStart();
            actors.add(new AgentActor(notifier, agenda, WORKER_IDLE_NS));
        }
    }

    /** Tells users of posts, and everything that they are told of the sink at once. */
    private Notifier notifier(NotificationSink told, int instance, SimClock clock) {
        Audience audience = (user, channel) -> CompletableFuture.supplyAsync(
                () -> access.allowed(user, channel).maySubscribe(), executor);
        return new Notifier(
                storage, audience, new ShardNotices(this::onShard, instance), List.of(told), UNREAD_NS, clock, clock);
    }

    private void onShard(long channel, Consumer<Shard> action) {
        group.onShard(channel, action);
    }

    private ReactorGroup.Parts parts(SimClock clock, Agenda agenda, Gate gate, Calls calls) {
        NanoClock nanoClock = () -> {
            fuse.step();
            return clock.nanoTime();
        };
        return new ReactorGroup.Parts(
                scenario.reactorCount(),
                storage,
                reader,
                gate,
                calls,
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
        String name = storage.channels().name(channel);
        return group.revocations()
                .begin(sender, channel)
                .whenComplete((lastSequence, failure) -> host.revoked(sender, name));
    }

    private void forget(long channel, long lastSequence, Erasure erasure, Runnable done, Runnable failed) {
        group.forget(channel, lastSequence, erasure, done, failed);
    }

    private Channel channel(String name) {
        return Objects.requireNonNull(owner).channel(name);
    }

    /** Lets the application within this process speak. */
    void own(SimOwner application) {
        owner = application;
        actors.addAll(application.actors());
    }

    /** Has something of a channel forgotten, where there is an application. */
    void forget(String channel, SplittableRandom random) {
        if (owner != null) {
            owner.forget(channel, random);
        }
    }

    /** How far erasures have come. */
    String erasures() {
        return erasureCount() + " erasures are not answered, " + eraser.pendingCount() + " not done, "
                + eraser.failureCount() + " have failed";
    }

    /** Erasures that the application waits for. */
    int erasureCount() {
        return owner == null ? 0 : owner.pendingCount();
    }

    /** What is to be done before anything may be forgotten. */
    void beforeForgetting(Runnable task) {
        beforeForgetting = task;
    }

    /** How the application's own connection begins. */
    Function<Connection, ConnectionHandler> acceptOwn() {
        return group.acceptTrusted(0, Principal.SYSTEM);
    }

    Eraser eraser() {
        return eraser;
    }

    /** Runs where {@link #ages} does. */
    DeletedChannels deletedChannels() {
        return deletedChannels;
    }

    /** Has the application say what a channel is, where there is one. */
    void change(String channel, SplittableRandom random, boolean mayDelete) {
        if (owner != null) {
            owner.change(channel, random, mayDelete);
        }
    }

    /** Runs only where somebody speaks for the application. */
    ChannelAges ages() {
        return ages;
    }

    private void wakeReader() {
        readerActor.wakeup();
    }

    private void wakeServices() {
        services.wakeup();
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

    /** Has everything kept that waits for its time; whether that is done. */
    boolean settle() {
        boolean isSettled = true;
        for (ReactorActor reactor : reactors) {
            isSettled &= reactor.reactor().settle();
        }
        return isSettled;
    }

    AgentActor reader() {
        return readerActor;
    }

    AgentActor services() {
        return services;
    }

    MemoryStorage storage() {
        return storage;
    }

    /** Updates that were pushed to those who look. */
    long presenceUpdateCount() {
        return presence.updateCount();
    }

    /** A counter, of all reactors together. */
    long count(ReactorCounter counter) {
        long sum = 0;
        for (int i = 0; i < group.count(); i++) {
            sum += group.counters(i).value(counter);
        }
        return sum;
    }

    /** A counter, of all shards together. */
    long count(ShardCounter counter) {
        long sum = 0;
        for (int shard = 0; shard < scenario.shardCount(); shard++) {
            sum += group.shardCounters(shard).value(counter);
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

    /** The logs fail no more; whether one is fenced, and is of no use before the next start. */
    boolean calmLogs() {
        boolean isFenced = false;
        for (int shard = 0; shard < scenario.shardCount(); shard++) {
            storage.faults(shard).accept();
            storage.faults(shard).releaseSync();
            isFenced |= storage.log(shard).isFenced();
        }
        return isFenced;
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
        ages.onClose();
        deletedChannels.onClose();
        eraser.onClose();
        if (notifier != null) {
            notifier.onClose();
        }
        group.close();
        storage.close();
    }

    /** An agent of the storage that may let records go, or the eraser. */
    private final class Watched implements Agent {
        private final Agent agent;

        Watched(Agent agent) {
            this.agent = agent;
        }

        @Override
        public int doWork() throws Exception {
            beforeForgetting.run();
            return agent.doWork();
        }

        @Override
        public String roleName() {
            return agent.roleName();
        }
    }
}
