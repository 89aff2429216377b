package io.freshet.engine;

import io.freshet.log.Durability;
import io.freshet.log.Retention;
import io.freshet.log.Storage;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * What an engine is started with. Immutable.
 *
 * @param dataDirectory where everything durable is kept, unless {@code storage} is given
 * @param storage what keeps everything durable; the engine closes it
 * @param endpoints where clients connect; may be empty
 * @param reactorCount threads that serve connections and shards
 * @param durability when a record counts as committed
 * @param executor runs the authenticator, the policy and in-process clients with their callbacks; null for one of the engine
 * @param socketApi how sockets are driven
 * @param retention what is kept of the log in the data directory; a {@code storage} that is given has its own
 * @param rooms how voice rooms are kept
 * @param bufferAllocator where the memory of messages under way comes from
 * @param warmUp how long {@link FreshetEngine#start} may send messages through a scratch engine before it listens; zero: not at
 *     all
 * @param notifications who else is told of what comes into inboxes
 */
public record EngineConfig(
        @Nullable Path dataDirectory,
        @Nullable Storage storage,
        List<Endpoint> endpoints,
        int reactorCount,
        Durability durability,
        Authenticator authenticator,
        AccessPolicy accessPolicy,
        @Nullable Executor executor,
        SocketApi socketApi,
        BufferAllocator bufferAllocator,
        Duration warmUp,
        Limits limits,
        MemoryLimits memory,
        Timeouts timeouts,
        Retention retention,
        RoomConfig rooms,
        Notifications notifications) {
    private static final int GREATEST_REACTOR_COUNT = 64;
    private static final Duration GREATEST_WARM_UP = Duration.ofMinutes(1);

    /** How sockets are driven. */
    public enum SocketApi {
        /** Epoll where there is one, NIO elsewhere. */
        AUTO,
        EPOLL,
        IO_URING,
        NIO
    }

    /** Where the memory of messages under way comes from: Netty's allocators, see its documentation. */
    public enum BufferAllocator {
        /** Arenas that are shared by threads and never shrink within a run. */
        POOLED,
        /** Chunks of a size that follows what is asked for, given back when it is no longer. */
        ADAPTIVE
    }

    public EngineConfig {
        if ((dataDirectory == null) == (storage == null)) {
            throw new IllegalArgumentException("exactly one of dataDirectory and storage must be given");
        }
        Checks.inRange("reactorCount", reactorCount, 1, GREATEST_REACTOR_COUNT);
        Checks.inRange("warmUp", warmUp, Duration.ZERO, GREATEST_WARM_UP);
        endpoints = List.copyOf(endpoints);
    }

    public static Builder builder() {
        return new Builder();
    }

    /** Collects the settings of an {@link EngineConfig}. */
    public static final class Builder {
        private final List<Endpoint> endpoints = new ArrayList<>();
        private @Nullable Path dataDirectory;
        private @Nullable Storage storage;
        private int reactorCount = Math.max(
                1, Math.min(GREATEST_REACTOR_COUNT, Runtime.getRuntime().availableProcessors() / 2));
        private Durability durability = Durability.WRITTEN;
        private @Nullable Authenticator authenticator;
        private AccessPolicy accessPolicy = AccessPolicy.allowAll();
        private @Nullable Executor executor;
        private SocketApi socketApi = SocketApi.AUTO;
        private BufferAllocator bufferAllocator = BufferAllocator.POOLED;
        private Duration warmUp = Duration.ZERO;
        private Limits limits = Limits.DEFAULTS;
        private MemoryLimits memory = MemoryLimits.DEFAULTS;
        private Timeouts timeouts = Timeouts.DEFAULTS;
        private Retention retention = Retention.NONE;
        private RoomConfig rooms = RoomConfig.DEFAULTS;
        private Notifications notifications = Notifications.NONE;

        private Builder() {}

        /** Where everything durable is kept; made when it does not exist. */
        public Builder dataDirectory(Path directory) {
            dataDirectory = Objects.requireNonNull(directory, "directory");
            return this;
        }

        /** Another storage than a data directory; <em>transfers</em> it. */
        public Builder storage(Storage other) {
            storage = Objects.requireNonNull(other, "other");
            return this;
        }

        /** Adds endpoints. None: the engine serves only its own process. */
        public Builder listen(Endpoint... more) {
            endpoints.addAll(List.of(more));
            return this;
        }

        /** Threads that serve connections and shards; half of the processors unless told. */
        public Builder reactors(int count) {
            reactorCount = count;
            return this;
        }

        /** When a record counts as committed; {@code WRITTEN} unless told. */
        public Builder durability(Durability when) {
            durability = Objects.requireNonNull(when, "when");
            return this;
        }

        /** Says who clients are. Unless told, everybody is believed, which only endpoints on the loopback address may do. */
        public Builder authenticator(Authenticator who) {
            authenticator = Objects.requireNonNull(who, "who");
            return this;
        }

        /** Says what clients may do; everything unless told. */
        public Builder accessPolicy(AccessPolicy policy) {
            accessPolicy = Objects.requireNonNull(policy, "policy");
            return this;
        }

        /**
         * Where the application's code runs: authenticator, policy, callbacks of in-process clients. It must not run tasks
         * on the thread that gives them.
         */
        public Builder executor(Executor applicationExecutor) {
            executor = Objects.requireNonNull(applicationExecutor, "applicationExecutor");
            return this;
        }

        public Builder socketApi(SocketApi api) {
            socketApi = Objects.requireNonNull(api, "api");
            return this;
        }

        /** Where the memory of messages under way comes from; {@code POOLED} unless told. */
        public Builder bufferAllocator(BufferAllocator from) {
            bufferAllocator = Objects.requireNonNull(from, "from");
            return this;
        }

        /**
         * Lets {@link FreshetEngine#start} send messages through a scratch engine in memory for at most this time before it
         * listens, so that the first clients do not wait for classes and the compiler. Zero, which it is unless told: not at all.
         */
        public Builder warmUp(Duration atMost) {
            warmUp = Objects.requireNonNull(atMost, "atMost");
            return this;
        }

        public Builder limits(Limits perClient) {
            limits = Objects.requireNonNull(perClient, "perClient");
            return this;
        }

        public Builder memory(MemoryLimits bounds) {
            memory = Objects.requireNonNull(bounds, "bounds");
            return this;
        }

        public Builder timeouts(Timeouts waits) {
            timeouts = Objects.requireNonNull(waits, "waits");
            return this;
        }

        /** What is kept of the log in the data directory; everything unless told. */
        public Builder retention(Retention kept) {
            retention = Objects.requireNonNull(kept, "kept");
            return this;
        }

        /** How voice rooms are kept; unless told, no channel has one. */
        public Builder rooms(RoomConfig how) {
            rooms = Objects.requireNonNull(how, "how");
            return this;
        }

        /** Who else is told of what comes into inboxes; nobody unless told. <em>Transfers</em> the sinks. */
        public Builder notifications(Notifications told) {
            notifications = Objects.requireNonNull(told, "told");
            return this;
        }

        private Authenticator checkedAuthenticator() {
            if (authenticator != null) {
                return authenticator;
            }
            for (Endpoint endpoint : endpoints) {
                if (!endpoint.isLoopback()) {
                    throw new IllegalArgumentException(
                            endpoint + " can be reached from the network and there is no authenticator; "
                                    + "Authenticator.anonymous() would believe everybody");
                }
            }
            return Authenticator.anonymous();
        }

        /**
         * The configuration.
         *
         * @throws IllegalArgumentException when a setting is missing or out of its range
         */
        public EngineConfig build() {
            return new EngineConfig(
                    dataDirectory,
                    storage,
                    endpoints,
                    reactorCount,
                    durability,
                    checkedAuthenticator(),
                    accessPolicy,
                    executor,
                    socketApi,
                    bufferAllocator,
                    warmUp,
                    limits,
                    memory,
                    timeouts,
                    retention,
                    rooms,
                    notifications);
        }
    }
}
