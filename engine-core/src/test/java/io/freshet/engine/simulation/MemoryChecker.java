package io.freshet.engine.simulation;

import io.freshet.engine.reactor.Reactor;

/** The server's memory stays under its bound: each part under its own, and all of it under the sum. */
final class MemoryChecker {
    private static final long KIB = 1024;
    /** Batch, chunk, mark, answers and the frame that is being received. */
    private static final long CONNECTION_BYTES = 400 * KIB;

    private static final long REACTOR_BYTES = 2_000 * KIB;

    private final Verdict verdict;
    private final Scenario scenario;

    MemoryChecker(Verdict verdict, Scenario scenario) {
        this.verdict = verdict;
        this.scenario = scenario;
    }

    /** Batches from each reactor to each other, publishes from each to each shard of another; what goes beyond is one buffer each. */
    private long laneLimitBytes() {
        long others = scenario.reactorCount() - 1L;
        long batchBytes = scenario.laneBytes() + 64 * KIB;
        long publishBytes = 2L * scenario.laneBytes() + 128 * KIB;
        return scenario.reactorCount() * others * batchBytes + scenario.shardCount() * others * publishBytes;
    }

    void check(SimServer server) {
        long sessionCount = 0;
        long laneBytes = 0;
        int coldReadCount = 0;
        for (ReactorActor actor : server.reactors()) {
            Reactor reactor = actor.reactor();
            long windowBytes = reactor.feeds().windowBytes();
            verdict.check(
                    windowBytes <= scenario.windowBytes() / scenario.reactorCount(),
                    () -> actor.name() + " has a window of " + windowBytes + " bytes");
            sessionCount += reactor.sessions().count();
            laneBytes += reactor.laneBytes();
            coldReadCount += reactor.sessions().coldReadCount();
        }
        int coldReadLimit = Math.max(scenario.coldReadCount(), scenario.reactorCount());
        verdict.check(coldReadCount <= coldReadLimit, coldReadCount + " cold reads, the limit is " + coldReadLimit);
        long laneLimit = laneLimitBytes();
        verdict.check(laneBytes <= laneLimit, laneBytes + " bytes between reactors, the limit is " + laneLimit);
        long usedLength = server.allocator().usedLength();
        long limit = scenario.windowBytes()
                + scenario.pinnedBytes() * 9 / 8
                + 2L * coldReadLimit * 64 * KIB
                + laneLimit
                + sessionCount * CONNECTION_BYTES
                + scenario.reactorCount() * REACTOR_BYTES;
        verdict.check(usedLength <= limit, () -> "the server holds " + usedLength + " bytes, the bound is " + limit);
    }
}
