package io.freshet.engine;

import io.freshet.engine.routing.Batch;
import io.freshet.protocol.RecordFrame;
import java.time.Duration;
import java.util.Objects;

/**
 * How much clients may ask for. Every one of these is refused with a code of its own and counted by it.
 *
 * @param payloadLength bytes of the longest payload
 * @param inFlightCount acknowledged publishes without an answer that a session may have in a channel, and that are deduplicated
 * @param channelCount channels that one client may have open
 * @param requestCount fetches that one client may have unanswered, and as many calls of services
 * @param askedAtOnce what the authenticator is asked for one network address, and the access policy for one principal, at a time; what
 *     comes meanwhile waits for its turn and counts against {@link Timeouts#policy}. Below the number of threads that answer (four of each
 *     kind unless the application gives its own), so that who waits for long holds up nobody else
 */
public record Limits(
        int payloadLength,
        int inFlightCount,
        int channelCount,
        int requestCount,
        int askedAtOnce,
        ConnectionLimits connections,
        RateLimits rates) {
    /** The longest payload that any configuration can allow: its record must fit one batch. */
    public static final int GREATEST_PAYLOAD_LENGTH = 2 * Batch.MAX_LENGTH - RecordFrame.frameLength(Batch.MAX_LENGTH);

    /** What is used unless told otherwise. */
    public static final Limits DEFAULTS =
            new Limits(32 * 1024, 256, 1024, 16, 2, ConnectionLimits.DEFAULTS, RateLimits.DEFAULTS);

    public Limits {
        Checks.inRange("payloadLength", payloadLength, 1, GREATEST_PAYLOAD_LENGTH);
        Checks.inRange("inFlightCount", inFlightCount, 1, 1 << 16);
        Checks.inRange("channelCount", channelCount, 1, 1 << 20);
        Checks.inRange("requestCount", requestCount, 1, 1 << 10);
        Checks.inRange("askedAtOnce", askedAtOnce, 1, 1 << 10);
        Objects.requireNonNull(connections, "connections");
        Objects.requireNonNull(rates, "rates");
    }

    /** Begins with the {@link #DEFAULTS}. */
    public static Builder builder() {
        return new Builder();
    }

    /** Collects limits; what is not said is as in {@link #DEFAULTS}. */
    public static final class Builder {
        private int payloadLength = DEFAULTS.payloadLength();
        private int inFlightCount = DEFAULTS.inFlightCount();
        private int channelCount = DEFAULTS.channelCount();
        private int requestCount = DEFAULTS.requestCount();
        private int askedAtOnce = DEFAULTS.askedAtOnce();
        private int connectionCount = DEFAULTS.connections().count();
        private int connectionsPerAddress = DEFAULTS.connections().perAddress();
        private Rate connects = DEFAULTS.connections().connects();
        private Rate shortPerAddress = DEFAULTS.connections().shortPerAddress();
        private Duration shortLife = DEFAULTS.connections().shortLife();
        private Duration longestSlot = DEFAULTS.connections().longestSlot();
        private Rate publishesPerSession = DEFAULTS.rates().session();
        private Rate publishesPerUser = DEFAULTS.rates().user();
        private Rate publishesPerAddress = DEFAULTS.rates().address();
        private Rate publishesPerChannel = DEFAULTS.rates().channel();
        private Duration slowMode = DEFAULTS.rates().slowMode();
        private Rate signalsPerSession = DEFAULTS.rates().signals();
        private Rate historyPerUser = DEFAULTS.rates().history();
        private Rate requestsPerSession = DEFAULTS.rates().requests();

        private Builder() {}

        /** Bytes of the longest payload. */
        public Builder payloadLength(int length) {
            payloadLength = length;
            return this;
        }

        /** Acknowledged publishes without an answer that a session may have in a channel, and that are deduplicated. */
        public Builder inFlight(int count) {
            inFlightCount = count;
            return this;
        }

        /** Channels that one client may have open. */
        public Builder channels(int count) {
            channelCount = count;
            return this;
        }

        /** Fetches that one client may have unanswered, and as many calls of services. */
        public Builder requests(int count) {
            requestCount = count;
            return this;
        }

        /** What the authenticator is asked for one network address, and the access policy for one principal, at a time. */
        public Builder askedAtOnce(int count) {
            askedAtOnce = count;
            return this;
        }

        /** Connections in all. */
        public Builder connections(int count) {
            connectionCount = count;
            return this;
        }

        /** Connections of one network address. */
        public Builder connectionsPerAddress(int count) {
            connectionsPerAddress = count;
            return this;
        }

        /** How fast connections are taken; clients beyond that are told a slot. */
        public Builder connects(Rate rate) {
            connects = rate;
            return this;
        }

        /** How many connections of one address may end sooner than {@code life}, or unauthenticated. */
        public Builder shortConnectionsPerAddress(Rate rate, Duration life) {
            shortPerAddress = rate;
            shortLife = life;
            return this;
        }

        /** The farthest slot that a client is told. */
        public Builder longestSlot(Duration slot) {
            longestSlot = slot;
            return this;
        }

        /** Publishes of one session. */
        public Builder publishesPerSession(Rate rate) {
            publishesPerSession = rate;
            return this;
        }

        /** Publishes of one principal. */
        public Builder publishesPerUser(Rate rate) {
            publishesPerUser = rate;
            return this;
        }

        /** Publishes of one network address. */
        public Builder publishesPerAddress(Rate rate) {
            publishesPerAddress = rate;
            return this;
        }

        /** Publishes to one channel. */
        public Builder publishesPerChannel(Rate rate) {
            publishesPerChannel = rate;
            return this;
        }

        /** Between two publishes of one principal to one channel at least; zero: off. */
        public Builder slowMode(Duration interval) {
            slowMode = interval;
            return this;
        }

        /** Frames of signals of one session. */
        public Builder signalsPerSession(Rate rate) {
            signalsPerSession = rate;
            return this;
        }

        /** Bytes of history that one principal may fetch. */
        public Builder historyPerUser(Rate bytes) {
            historyPerUser = bytes;
            return this;
        }

        /** Calls of services of one session. */
        public Builder requestsPerSession(Rate rate) {
            requestsPerSession = rate;
            return this;
        }

        /**
         * The limits.
         *
         * @throws IllegalArgumentException when one is out of its range
         */
        public Limits build() {
            ConnectionLimits connections = new ConnectionLimits(
                    connectionCount, connectionsPerAddress, connects, shortPerAddress, shortLife, longestSlot);
            RateLimits rates = new RateLimits(
                    publishesPerSession,
                    publishesPerUser,
                    publishesPerAddress,
                    publishesPerChannel,
                    slowMode,
                    signalsPerSession,
                    historyPerUser,
                    requestsPerSession);
            return new Limits(
                    payloadLength, inFlightCount, channelCount, requestCount, askedAtOnce, connections, rates);
        }
    }
}
