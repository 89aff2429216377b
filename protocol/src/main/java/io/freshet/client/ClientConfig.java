package io.freshet.client;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** How a client connects and what it may hold. Immutable; may serve many clients. */
public final class ClientConfig {
    private final String host;
    private final int port;
    private final byte[] token;
    private final @Nullable TokenSource tokenSource;
    private final @Nullable ClientTls tls;
    private final String clientName;
    private final long connectTimeoutNs;
    private final long closeTimeoutNs;
    private final long minBackOffNs;
    private final long maxBackOffNs;
    private final long retryTimeoutNs;
    private final long requestTimeoutNs;
    private final int maxReconnects;
    private final int maxPendingPublishes;
    private final ConnectionListener listener;
    private final @Nullable ClientRuntime runtime;
    private final @Nullable RandomGenerator random;

    private ClientConfig(Builder builder) {
        host = builder.host;
        port = builder.port;
        token = builder.token;
        tokenSource = builder.tokenSource;
        tls = builder.tls;
        clientName = builder.clientName;
        connectTimeoutNs = builder.connectTimeout.toNanos();
        closeTimeoutNs = builder.closeTimeout.toNanos();
        minBackOffNs = builder.minBackOff.toNanos();
        maxBackOffNs = builder.maxBackOff.toNanos();
        retryTimeoutNs = builder.retryTimeout.toNanos();
        requestTimeoutNs = builder.requestTimeout.toNanos();
        maxReconnects = builder.maxReconnects;
        maxPendingPublishes = builder.maxPendingPublishes;
        listener = builder.listener;
        runtime = builder.runtime;
        random = builder.random;
    }

    public static Builder builder() {
        return new Builder();
    }

    public String host() {
        return host;
    }

    public int port() {
        return port;
    }

    byte[] token() {
        return token;
    }

    /** Where tokens come from; null when there is one for ever. */
    @Nullable
    TokenSource tokenSource() {
        return tokenSource;
    }

    @Nullable
    ClientTls tls() {
        return tls;
    }

    public String clientName() {
        return clientName;
    }

    long connectTimeoutNs() {
        return connectTimeoutNs;
    }

    long closeTimeoutNs() {
        return closeTimeoutNs;
    }

    long minBackOffNs() {
        return minBackOffNs;
    }

    long maxBackOffNs() {
        return maxBackOffNs;
    }

    long retryTimeoutNs() {
        return retryTimeoutNs;
    }

    long requestTimeoutNs() {
        return requestTimeoutNs;
    }

    public int maxReconnects() {
        return maxReconnects;
    }

    public int maxPendingPublishes() {
        return maxPendingPublishes;
    }

    ConnectionListener listener() {
        return listener;
    }

    @Nullable
    ClientRuntime runtime() {
        return runtime;
    }

    @Nullable
    RandomGenerator random() {
        return random;
    }

    @Override
    public String toString() {
        return clientName + " of " + host + ":" + port; // and no token
    }

    /** Collects the settings of a {@link ClientConfig}; each is checked when it is set. */
    public static final class Builder {
        private static final int GREATEST_PENDING_PUBLISHES = 1 << 20;

        private String host = "localhost";
        private int port = 7400;
        private byte[] token = new byte[0];
        private @Nullable TokenSource tokenSource;
        private @Nullable ClientTls tls;
        private String clientName = "freshet-java";
        private Duration connectTimeout = Duration.ofSeconds(10);
        private Duration closeTimeout = Duration.ofSeconds(10);
        private Duration minBackOff = Duration.ofMillis(100);
        private Duration maxBackOff = Duration.ofSeconds(30);
        private Duration retryTimeout = Duration.ofMinutes(1);
        private Duration requestTimeout = Duration.ofSeconds(30);
        private int maxReconnects = Integer.MAX_VALUE;
        private int maxPendingPublishes = 8_192;
        private ConnectionListener listener = new ConnectionListener() {};
        private @Nullable ClientRuntime runtime;
        private @Nullable RandomGenerator random;

        private Builder() {}

        /** Where the server listens; localhost and 7400 unless told. */
        public Builder server(String host, int port) {
            if (port < 1 || port > 65_535) {
                throw new IllegalArgumentException("port is " + port + ", it must be from 1 to 65535");
            }
            this.host = Objects.requireNonNull(host, "host");
            this.port = port;
            return this;
        }

        /** What the server's authenticator is shown; empty unless told. */
        public Builder token(byte[] token) {
            this.token = token.clone();
            tokenSource = null;
            return this;
        }

        /**
         * Where tokens come from, instead of one for ever: the client shows a new one each time it connects, and before the last one
         * expires, so that its session goes on.
         */
        public Builder tokens(TokenSource source) {
            tokenSource = Objects.requireNonNull(source, "source");
            return this;
        }

        /** Encrypts the connection; not encrypted unless told. */
        public Builder tls(ClientTls how) {
            tls = Objects.requireNonNull(how, "how");
            return this;
        }

        /** {@link #token(byte[])} of the text in UTF-8. */
        public Builder token(String token) {
            return token(token.getBytes(StandardCharsets.UTF_8));
        }

        /** Name and version of the client software, for the people who run the server. */
        public Builder clientName(String clientName) {
            this.clientName = Objects.requireNonNull(clientName, "clientName");
            return this;
        }

        /**
         * How long an attempt may take until the server's welcome. Until the first welcome it bounds all attempts
         * together: there a refusal for now is tried again, and everything else fails at once.
         */
        public Builder connectTimeout(Duration connectTimeout) {
            this.connectTimeout = positive("connectTimeout", connectTimeout);
            return this;
        }

        /** How long {@code close} waits for the receipts of what was published; may be zero. */
        public Builder closeTimeout(Duration closeTimeout) {
            if (closeTimeout.isNegative()) {
                throw new IllegalArgumentException("closeTimeout is " + closeTimeout + ", it must not be negative");
            }
            this.closeTimeout = closeTimeout;
            return this;
        }

        /**
         * The wait before reconnect n is random, from 0 to {@code min * 2^(n-1)}, that bound never above {@code max}; but
         * no shorter than what the server asks for.
         */
        public Builder backOff(Duration min, Duration max) {
            positive("the least back-off", min);
            if (max.compareTo(min) < 0) {
                throw new IllegalArgumentException("the greatest back-off is " + max + ", below the least, " + min);
            }
            this.minBackOff = min;
            this.maxBackOff = max;
            return this;
        }

        /**
         * How long publishes to a channel are tried again while the server refuses them for now (its disk is full, the channel cannot
         * be loaded, too many at a time) and accepts none; a minute unless told. One is tried alone each time, after the time that the
         * server told and a wait as before reconnects. The last try is when this time is over, or when the server said, if that is
         * later; once it is refused, all that wait fail with its code. They were not processed. A fetch that is refused since too much was
         * read is tried again for as long.
         */
        public Builder retryTimeout(Duration retryTimeout) {
            this.retryTimeout = positive("retryTimeout", retryTimeout);
            return this;
        }

        /** How long a call of a service may take, the wait for a session included, unless it says otherwise; half a minute unless told. */
        public Builder requestTimeout(Duration requestTimeout) {
            this.requestTimeout = positive("requestTimeout", requestTimeout);
            return this;
        }

        /** How many attempts in a row may fail before the client ends; without bound unless told. */
        public Builder maxReconnects(int maxReconnects) {
            if (maxReconnects < 0) {
                throw new IllegalArgumentException("maxReconnects is " + maxReconnects + ", it must not be negative");
            }
            this.maxReconnects = maxReconnects;
            return this;
        }

        /** False: the client ends with its first connection. */
        public Builder reconnect(boolean reconnect) {
            return maxReconnects(reconnect ? Integer.MAX_VALUE : 0);
        }

        /** Publishes without an answer that this client holds, under way or waiting; one more fails with OVERLOADED. */
        public Builder maxPendingPublishes(int maxPendingPublishes) {
            if (maxPendingPublishes < 1 || maxPendingPublishes > GREATEST_PENDING_PUBLISHES) {
                throw new IllegalArgumentException("maxPendingPublishes is " + maxPendingPublishes
                        + ", it must be from 1 to " + GREATEST_PENDING_PUBLISHES);
            }
            this.maxPendingPublishes = maxPendingPublishes;
            return this;
        }

        /** Threads that this client shares with others; without one it has a daemon thread of its own. */
        public Builder runtime(ClientRuntime runtime) {
            this.runtime = Objects.requireNonNull(runtime, "runtime");
            return this;
        }

        public Builder listener(ConnectionListener listener) {
            this.listener = Objects.requireNonNull(listener, "listener");
            return this;
        }

        /**
         * Where the instance number and the back-off come from, for simulations; used on the client's thread by every
         * client made with this configuration. Each client has its own, securely seeded, unless told.
         */
        public Builder random(RandomGenerator random) {
            this.random = Objects.requireNonNull(random, "random");
            return this;
        }

        public ClientConfig build() {
            return new ClientConfig(this);
        }

        private static Duration positive(String name, Duration value) {
            if (value.isNegative() || value.isZero()) {
                throw new IllegalArgumentException(name + " is " + value + ", it must be above zero");
            }
            return value;
        }
    }
}
