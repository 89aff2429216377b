package io.freshet.engine;

import io.freshet.client.Channel;
import io.freshet.client.ClientConfig;
import io.freshet.client.FreshetClient;
import io.freshet.client.Receipt;
import io.freshet.engine.channel.DeletedChannels;
import io.freshet.engine.delivery.ColdReader;
import io.freshet.engine.delivery.Feeds;
import io.freshet.engine.erasure.ChannelAges;
import io.freshet.engine.erasure.Eraser;
import io.freshet.engine.metrics.EngineMetrics;
import io.freshet.engine.notice.Notifier;
import io.freshet.engine.notice.ShardNotices;
import io.freshet.engine.reactor.ChannelLooks;
import io.freshet.engine.reactor.Departure;
import io.freshet.engine.reactor.IoLoop;
import io.freshet.engine.reactor.Reactor;
import io.freshet.engine.reactor.ReactorGroup;
import io.freshet.engine.reactor.Shutdown;
import io.freshet.engine.routing.Shard;
import io.freshet.engine.routing.ShardConfig;
import io.freshet.engine.service.Service;
import io.freshet.engine.session.Admittance;
import io.freshet.engine.session.Calls;
import io.freshet.engine.session.Gate;
import io.freshet.engine.transport.InProcessTransport;
import io.freshet.engine.transport.Listener;
import io.freshet.engine.transport.ListenerConfig;
import io.freshet.engine.transport.NettyLoop;
import io.freshet.engine.transport.TlsContext;
import io.freshet.engine.transport.TlsReloader;
import io.freshet.log.Erasure;
import io.freshet.log.RecoveryReport;
import io.freshet.log.Storage;
import io.freshet.log.StorageConfig;
import io.freshet.log.chronicle.ChronicleStorage;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FreshetException;
import io.netty.buffer.ByteBufAllocator;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.agrona.CloseHelper;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.CompositeAgent;
import org.agrona.concurrent.EpochMicroClock;
import org.agrona.concurrent.SystemEpochMicroClock;
import org.agrona.concurrent.SystemNanoClock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A messaging engine within this process: it listens on its endpoints, keeps every channel in its data directory, and gives
 * the application channels of its own. Any thread may call it.
 *
 * <p>{@link #close} stops accepting, tells clients to go, finishes what was accepted, and closes the log.
 */
public final class FreshetEngine implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(FreshetEngine.class);
    private static final int WARM_UP_TOKEN_LENGTH = 32;
    private static final int WAITING_READS = 16 * 1024;
    private final EngineConfig config;
    private final Storage storage;
    private final ByteBufAllocator allocator;
    private final EngineThreads threads;
    private final ReactorGroup reactors;
    private final Eraser eraser;
    private final ChannelAges ages;
    private final Notifier notifier;
    private final EngineMetrics metrics;
    private final OwnServices services;
    private final List<NettyLoop> loops = new ArrayList<>();
    private final List<Listener> listeners = new ArrayList<>();
    private final Revoker revoker;
    private final FreshetClient ownClient;
    private final AtomicBoolean isClosed = new AtomicBoolean();

    private FreshetEngine(EngineConfig config, Storage storage, EngineThreads threads, EpochMicroClock ageClock) {
        this.config = config;
        this.storage = storage;
        this.threads = threads;
        allocator = EngineSettings.allocator(config);
        ColdReader reader = new ColdReader(storage, allocator, WAITING_READS, threads::wakeReader);
        ShardConfig shardConfig = EngineSettings.shardConfig(config);
        eraser = new Eraser(storage, this::forget, SystemNanoClock.INSTANCE);
        ages = new ChannelAges(storage, this::channel, SystemNanoClock.INSTANCE, ageClock);
        Gate gate = threads.gate(config, storage.channels(), new Admittance(this::onShard));
        services = new OwnServices(
                config,
                storage,
                threads,
                gate,
                this::channel,
                new ChannelLooks(this::onShard),
                this::invited,
                SystemNanoClock.INSTANCE,
                new SystemEpochMicroClock(),
                new SecureRandom()::nextBytes);
        ShardNotices notices = new ShardNotices(this::onShard, new SecureRandom().nextInt());
        notifier = Notifications.notifier(
                config, storage, gate, services, notices, SystemNanoClock.INSTANCE, new SystemEpochMicroClock());
        ReactorGroup.catchUp(storage, shardConfig, SystemNanoClock.INSTANCE);
        reactors = new ReactorGroup(new ReactorGroup.Parts(
                config.reactorCount(),
                storage,
                reader,
                gate,
                new Calls(
                        services.all(),
                        services.agent(),
                        threads.executor(),
                        config.limits().askedAtOnce()),
                EngineSettings.sessionLimits(config),
                shardConfig,
                config.memory().windowBytes(),
                config.memory().pinnedBytes(),
                config.memory().outboundBytes(),
                config.memory().coldReadCount(),
                config.timeouts().batchWindow().toNanos(),
                allocator,
                SystemNanoClock.INSTANCE,
                new SystemEpochMicroClock(),
                index -> this::newLoop));
        revoker = new Revoker(storage.channels(), reactors.revocations());
        metrics = MetricSources.of(reactors, storage, reader, eraser, services, notifier, config.memory());
        start(reader);
        try {
            ownClient = connect(Principal.SYSTEM).toCompletableFuture().join();
        } catch (RuntimeException e) {
            end();
            throw e;
        }
        threads.startWorker(
                new CompositeAgent(ages, new DeletedChannels(storage, this::channel, SystemNanoClock.INSTANCE)));
        threads.startWorker(notifier);
    }

    /** Starts the threads of all that the engine's own client needs. */
    private void start(ColdReader reader) {
        for (Agent agent : storage.agents()) {
            threads.startWorker(agent);
        }
        threads.startWorker(eraser);
        threads.startReader(reader);
        threads.startServices(services.agent());
        for (int i = 0; i < reactors.count(); i++) {
            threads.startReactor(reactors.reactor(i), loops.get(i)::claim);
        }
    }

    /**
     * Opens the data directory and starts to listen. Blocks until both are done.
     *
     * @throws io.freshet.log.StorageException when the data directory cannot be used
     * @throws java.io.UncheckedIOException when an endpoint cannot be bound or its certificate cannot be used
     * @throws IllegalStateException when the virtual machine was started without the flags that the README names
     */
    public static FreshetEngine start(EngineConfig config) {
        return start(config, new SystemEpochMicroClock());
    }

    /** With a clock of its own for the age of what channels keep. */
    static FreshetEngine start(EngineConfig config, EpochMicroClock ageClock) {
        JdkFlags.check();
        Storage storage = openStorage(config);
        EngineThreads threads = new EngineThreads(config.executor());
        FreshetEngine engine;
        try {
            engine = new FreshetEngine(config, storage, threads, ageClock);
        } catch (RuntimeException e) {
            threads.close();
            storage.close();
            throw e;
        }
        try {
            if (!config.warmUp().isZero()) {
                byte[] token = new byte[WARM_UP_TOKEN_LENGTH];
                new SecureRandom().nextBytes(token);
                WarmUp.run(config, SystemNanoClock.INSTANCE, token);
            }
            engine.listen();
            return engine;
        } catch (RuntimeException e) {
            engine.close();
            throw e;
        }
    }

    private static Storage openStorage(EngineConfig config) {
        if (config.storage() != null) {
            return config.storage();
        }
        assert config.dataDirectory() != null;
        return ChronicleStorage.open(
                config.dataDirectory(),
                StorageConfig.builder().retention(config.retention()).build());
    }

    private IoLoop newLoop(BooleanSupplier mayWait) {
        NettyLoop loop = new NettyLoop(NettyLoop.available(config.socketApi()), mayWait, allocator);
        loops.add(loop);
        return loop;
    }

    private void listen() {
        List<Listener.Seat> seats = new ArrayList<>();
        for (int i = 0; i < reactors.count(); i++) {
            seats.add(new Listener.Seat(loops.get(i), reactors.accept(i), reactors.counters(i)));
        }
        List<TlsContext> contexts = new ArrayList<>();
        long handshakeTimeoutNs = config.timeouts().handshake().toNanos();
        for (Endpoint endpoint : config.endpoints()) {
            if (config.authenticator().isForDevelopment() && !endpoint.isLoopback()) {
                LOG.warn("{} can be reached from the network, with an authenticator for development", endpoint);
            }
            TlsContext tls = endpoint.tls() == null ? null : new TlsContext(endpoint.tls());
            if (tls != null) {
                contexts.add(tls);
            }
            listeners.add(Listener.bind(new ListenerConfig(endpoint, tls, handshakeTimeoutNs), seats, allocator));
        }
        if (!contexts.isEmpty()) {
            threads.startWorker(new TlsReloader(contexts, SystemNanoClock.INSTANCE));
        }
    }

    /** Where the engine listens, in the order of the configuration, each with the port that was chosen. */
    public List<InetSocketAddress> addresses() {
        return listeners.stream().map(Listener::address).toList();
    }

    /** What opening the shards' logs found, one report a shard. */
    public List<RecoveryReport> recoveryReports() {
        List<RecoveryReport> reports = new ArrayList<>();
        for (int shard = 0; shard < storage.shardCount(); shard++) {
            reports.add(storage.log(shard).recovery());
        }
        return reports;
    }

    /** What is held in memory for delivery, now. Waits for each reactor to answer; not on a reactor. */
    public MemoryUse memoryUse() {
        return reactors.ask(FreshetEngine::memoryUse).stream().reduce(new MemoryUse(0, 0, 0, 0), MemoryUse::plus);
    }

    private static MemoryUse memoryUse(Reactor reactor) {
        Feeds feeds = reactor.feeds();
        return new MemoryUse(
                feeds.windowBytes(),
                feeds.sweepPinned(),
                reactor.sessions().outboundLength(),
                reactor.sessions().coldReadCount());
    }

    /** What the engine counts and how long it takes; costs the engine's threads nothing. Any thread, also after {@link #close}. */
    public EngineMetrics metrics() {
        return metrics;
    }

    /**
     * A channel as the application itself uses it, with every permission. The handle costs nothing; the channel is made when
     * it is first used and does not exist.
     */
    public Channel channel(String name) {
        return ownClient.channel(name);
    }

    /**
     * Offers a service of the application to clients, which call its methods on their connections, until the engine ends. Its methods run on the engine's
     * executor.
     *
     * @throws IllegalArgumentException when its name begins with {@code freshet.}, or there is a method of the same name
     */
    public void service(Service service) {
        services.all().add(service);
    }

    /**
     * Lets everybody publish to a channel no more often than once per interval and principal, until it is told otherwise or the
     * engine ends; zero lets them publish freely. It wins over {@link RateLimits#slowMode}; the application itself is not
     * slowed. The stage completes once it is in force, and exceptionally when the channel cannot be opened, or with
     * {@code LIMIT_REACHED} when too many channels have a slow mode of their own.
     *
     * @throws IllegalArgumentException when the interval is negative or longer than a day
     */
    public CompletionStage<Void> slowMode(String channel, Duration interval) {
        Checks.inRange("interval", interval, Duration.ZERO, RateLimits.GREATEST_SLOW_MODE);
        return channel(channel).open().thenCompose(state -> {
            CompletableFuture<Void> done = new CompletableFuture<>();
            try {
                reactors.onShard(state.id(), shard -> {
                    if (shard.slowMode(state.id(), interval.toNanos())) {
                        done.complete(null);
                    } else {
                        done.completeExceptionally(new FreshetException(
                                ErrorCode.LIMIT_REACHED, "too many channels have a slow mode of their own"));
                    }
                });
            } catch (RejectedExecutionException e) {
                done.completeExceptionally(closed());
            }
            return done;
        });
    }

    private static FreshetException closed() {
        return new FreshetException(ErrorCode.SHUTTING_DOWN, "the engine is closed");
    }

    /**
     * Erases the content of records for good: they keep their place and length, and are delivered with the mark that they were
     * erased and a payload of zeroes. An event of the channel says so to everybody, and has it done again should the process end
     * in the middle. Sequences that are kept no more, or are not there yet, are passed over. What a connection was given before is
     * not taken back.
     *
     * @param sequences of records of this channel, 1 to {@link Eraser#MAX_COUNT}
     * @return the event's receipt, once the content is gone from the disk, and from whatever is handed on; fails with {@code
     *     INVALID_ARGUMENT} for no or too many sequences, with {@code SHUTTING_DOWN} when the engine ends before, as {@link
     *     Channel#publish(byte[])} does when the event is not kept
     */
    public CompletionStage<Receipt> erase(String channel, long... sequences) {
        return eraser.erase(ownClient.channel(channel), sequences);
    }

    /**
     * Says how long the records of a channel are kept, when that is to be shorter than the log is: what is older is told as expired, a
     * minute later at most, and its content is erased soon after. An event of the channel keeps it.
     *
     * @param age {@link ChannelAges#SHORTEST} or more; zero is as long as the log
     * @return the event's receipt; fails with {@code INVALID_ARGUMENT} for another age
     */
    public CompletionStage<Receipt> retain(String channel, Duration age) {
        return ages.retain(channel, age);
    }

    private void invited(long user, long channel, String channelName, long inviter, long nowUs) {
        notifier.invite(user, channel, channelName, inviter, nowUs);
    }

    private void onShard(long channel, Consumer<Shard> action) {
        reactors.onShard(channel, action);
    }

    private void forget(long channel, long lastSequence, Erasure erasure, Runnable done, Runnable failed) {
        reactors.forget(channel, lastSequence, erasure, done, failed);
    }

    /**
     * A client within the process, for one more subscription to a channel or to speak for a principal; the application
     * vouches for it. The caller closes it. Fails with SHUTTING_DOWN once the engine is closed.
     */
    public CompletionStage<FreshetClient> connect(Principal principal) {
        if (isClosed.get()) {
            return CompletableFuture.failedFuture(closed());
        }
        Executor reactor = reactors.executor(0);
        InProcessTransport transport = new InProcessTransport(
                threads.executor(), threads.timer(), reactor, reactors.acceptTrusted(0, principal), allocator);
        return FreshetClient.connectAsync(
                ClientConfig.builder().clientName("in-process").reconnect(false).build(), transport);
    }

    /**
     * Takes back what a principal may do with a channel. Make the {@link AccessPolicy} say so first: a client may open the channel
     * again at once, and then the policy is asked anew; what it answered before and has not arrived yet does not count.
     *
     * <p>When the stage completes, every session of the principal has left the channel (CLOSED with the reason REVOKED), those
     * within the process included; publishes of it are refused; and no record above the sequence with which the stage completes, and no
     * backlog either, is handed to its connections. What was on its way to them is written first; a connection that does not take it
     * within a second is cut.
     *
     * @param principalId not 0
     * @param channel a name; that of no channel is answered with 0
     * @return the last sequence of the channel when it was taken back, on the common pool; fails with OVERLOADED when 1,024 revocations are
     *     under way, and with SHUTTING_DOWN at the engine's end: then what was taken back is not known
     * @throws IllegalArgumentException when the id or the name can be nobody's
     */
    public CompletionStage<Long> revoke(long principalId, String channel) {
        return revoker.revoke(principalId, channel)
                .whenComplete((last, failure) -> services.host().revoked(principalId, channel));
    }

    /** {@link #revoke(long, String)} for every channel: the principal's sessions stay and have none open. */
    public CompletionStage<Void> revoke(long principalId) {
        return revoker.revoke(principalId)
                .whenComplete((all, failure) -> services.host().revoked(principalId, null));
    }

    /**
     * Lets clients move to another server, or to this one after its restart: no new connections, and everybody is told to go, one after the
     * other evenly over the window, each with a time of its own for coming back. Clients are served until they have gone; those of this library go
     * once everything that they published is acknowledged, and lose and repeat nothing. The application's own clients stay. Waits until all have
     * gone, or the window is over; {@link #close} does the rest.
     *
     * @throws IllegalArgumentException when the window is negative or longer than a day
     */
    public void drain(Duration window) {
        Checks.inRange("window", window, Duration.ZERO, Duration.ofDays(1));
        stopListening();
        Departure departure = reactors.departure(window.toNanos());
        while (!departure.isDone()) {
            EngineThreads.idle(departure.doWork());
        }
    }

    private void stopListening() {
        for (Listener listener : listeners) {
            listener.close();
        }
    }

    /**
     * Stops: no new connections; clients are told to go; what was accepted is acknowledged and sent, for as long as the drain
     * timeout; then everything is closed, the storage too when something throws before. Idempotent.
     */
    @Override
    public void close() {
        if (!isClosed.compareAndSet(false, true)) {
            return;
        }
        try {
            CloseHelper.closeAll(ownClient, this::stopListening, this::drainAll, reactors::stop, this::end);
        } finally {
            storage.close();
        }
    }

    private void drainAll() {
        Shutdown shutdown = reactors.shutdown(config.timeouts().drain().toNanos());
        while (!shutdown.isDone()) {
            EngineThreads.idle(shutdown.doWork());
        }
    }

    /** Each, though the one before throws: then that is thrown in the end. */
    private void end() {
        CloseHelper.closeAll(threads::endAgents, reactors, threads, config.notifications()::close);
    }
}
