package io.freshet.engine.simulation;

import io.freshet.engine.ConnectionLimits;
import io.freshet.engine.Rate;
import io.freshet.engine.RateLimits;
import io.freshet.engine.routing.ShardConfig;
import io.freshet.engine.session.SessionLimits;
import io.freshet.log.Durability;
import io.freshet.log.Retention;
import io.freshet.log.StorageConfig;
import java.time.Duration;
import java.util.SplittableRandom;

/**
 * The sizes and limits of one run, drawn from its seed: small, so that their edges are met often.
 *
 * @param readLength bytes of one read of a connection at most, see {@link #longestRead}
 * @param socketLength bytes that the sockets and the network hold in one direction
 * @param writeCostNs what a write to a socket is taken to cost
 * @param isPaced whether publishes and history are limited to rates that the clients exceed
 * @param readerCapacity reads of the log that may wait
 * @param isStrict whether some may not do everything
 * @param laneBytes bytes under way between two reactors
 * @param jumpsFar whether the clock on the wall is set by hours
 * @param retention what the logs keep
 * @param forgets whether records are erased, and channels kept for less than the logs
 * @param skips whether some subscribers need not get everything
 */
record Scenario(
        int reactorCount,
        int shardCount,
        Durability durability,
        boolean losesPower,
        boolean crashes,
        int channelCount,
        int clientCount,
        int payloadLength,
        int inFlightCount,
        int requestCount,
        int pendingCount,
        long windowBytes,
        long pinnedBytes,
        long outboundBytes,
        int coldReadCount,
        int readerCapacity,
        int dataCapacity,
        int controlCapacity,
        long feedLingerNs,
        long batchWindowNs,
        long writeCostNs,
        long idleChannelNs,
        long heartbeatNs,
        int readLength,
        int socketLength,
        long networkDelayNs,
        int executorRefusesOneIn,
        boolean isStrict,
        boolean jumpsFar,
        int actionCount,
        long actionGapNs,
        int laneBytes,
        boolean isPaced,
        Retention retention,
        boolean forgets,
        boolean skips) {
    private static final int KIB = 1024;
    private static final long MS = 1_000_000;
    private static final long IDLE_NS = 500 * MS;
    private static final int HANDSHAKE_FRAME_LENGTH = 4 * KIB;
    private static final int MAX_DOCUMENT_LENGTH = 512 * KIB;
    private static final long NONCE_MEMORY_NS = Duration.ofMinutes(30).toNanos();

    private static final RateLimits PACED = new RateLimits(
            new Rate(300, 20),
            new Rate(400, 30),
            new Rate(2_000, 100),
            new Rate(500, 40),
            Duration.ofMillis(2),
            new Rate(20, 5),
            new Rate(64 * KIB, 64 * KIB),
            new Rate(200, 20));

    /** How long records are kept where it goes by their age; the shortest that there is. */
    private static final Duration AGE = Duration.ofMinutes(1);

    /** What the logs may take where it goes by their size; the least that there is. */
    private static final long SIZE_BYTES = 1 << 20;

    /** One in which nobody is told that it is too fast, everybody gets everything, and everything is kept. */
    static Scenario of(SplittableRandom random) {
        return of(random, false);
    }

    static Scenario of(SplittableRandom random, boolean isVaried) {
        return new Scenario(
                pick(random, 1, 2, 3),
                pick(random, 1, 2, 4),
                random.nextBoolean() ? Durability.WRITTEN : Durability.SYNCED,
                random.nextInt(3) == 0,
                random.nextInt(3) > 0,
                pick(random, 1, 2, 5),
                pick(random, 3, 6, 10),
                pick(random, 64, 2 * KIB, 8 * KIB, 30 * KIB),
                pick(random, 1, 3, 16, 64),
                pick(random, 1, 2, 8),
                pick(random, 8, 64, 256),
                pick(random, 4 * KIB, 64 * KIB, 512 * KIB),
                pick(random, 16 * KIB, 256 * KIB),
                pick(random, 64 * KIB, 256 * KIB, 2048 * KIB),
                pick(random, 1, 2, 6),
                pick(random, 2, 8, 256),
                pick(random, 2, 4, 32, 1024),
                pick(random, 2, 4, 32, 1024),
                pick(random, 200, 2_000, 30_000) * MS,
                pick(random, 0, 5, 25) * MS,
                pick(random, 0, 50, 1_000) * MS / 1_000,
                pick(random, 500, 5_000, 60_000) * MS,
                pick(random, 500, 3_000) * MS,
                pick(random, 64, 4 * KIB, 64 * KIB),
                pick(random, 2 * KIB, 16 * KIB, 256 * KIB),
                pick(random, 50, 500, 5_000) * MS / 1_000,
                pick(random, 10, 50, 1_000_000),
                random.nextInt(3) == 0,
                random.nextInt(4) == 0,
                pick(random, 40, 100, 200),
                pick(random, 1, 5, 20) * MS,
                pick(random, 16 * KIB, 64 * KIB, 1024 * KIB),
                isVaried && random.nextInt(3) == 0,
                isVaried ? retention(random.nextInt(5)) : Retention.NONE,
                isVaried && random.nextBoolean(),
                isVaried && random.nextBoolean());
    }

    private static Retention retention(int dice) {
        return switch (dice) {
            case 0, 1 -> Retention.of(AGE, Long.MAX_VALUE);
            case 2 -> Retention.of(Retention.FOREVER, SIZE_BYTES);
            default -> Retention.NONE;
        };
    }

    /** Whether anything that was stored may go. */
    boolean mayGo() {
        return forgets || retention.isBounded();
    }

    private static int pick(SplittableRandom random, int... values) {
        return values[random.nextInt(values.length)];
    }

    /** Bytes of one read at most: a long record must not take thousands of turns. */
    int longestRead() {
        return Math.max(readLength, payloadLength / 16);
    }

    SessionLimits sessionLimits() {
        return new SessionLimits(
                HANDSHAKE_FRAME_LENGTH,
                payloadLength + KIB,
                payloadLength,
                inFlightCount,
                channelCount + 2,
                requestCount,
                Duration.ofSeconds(1).toNanos(),
                Duration.ofMillis(400).toNanos(),
                heartbeatNs,
                isPaced ? IDLE_NS : 0,
                NONCE_MEMORY_NS,
                ConnectionLimits.DEFAULTS,
                isPaced ? PACED : RateLimits.DEFAULTS);
    }

    ShardConfig shardConfig() {
        return new ShardConfig(
                durability,
                inFlightCount,
                NONCE_MEMORY_NS / 1_000,
                idleChannelNs,
                isPaced ? PACED.channel() : Rate.UNLIMITED,
                isPaced ? PACED.slowMode().toNanos() : 0);
    }

    StorageConfig storageConfig(SimClock clock) {
        return StorageConfig.builder()
                .shardCount(shardCount)
                .maxDocumentLength(MAX_DOCUMENT_LENGTH)
                .syncInterval(Duration.ofMillis(100))
                .checkpointInterval(Duration.ofMillis(50))
                .retention(retention)
                .retentionInterval(Duration.ofMillis(20))
                .epochMsClock(clock::epochMs)
                .nanoClock(clock::nanoTime)
                .build();
    }
}
