package io.freshet.engine.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.util.ResourceLeakDetector;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Runs the {@link Simulation}. A failure begins with {@code seed=N}, shows the last steps and replays exactly:
 *
 * <pre>
 *   mvn -pl engine-core -am test -Dtest=SimulationTest -Dsurefire.failIfNoSpecifiedTests=false \
 *       -Dfreshet.simulation.seed=N
 * </pre>
 *
 * With {@code -Dfreshet.simulation.seeds=COUNT} it runs so many further seeds, with {@code -Dfreshet.simulation.minutes=M} as
 * many as that time allows; they begin at the one that the clock gives, which is logged.
 */
final class SimulationTest {
    private static final System.Logger LOG = System.getLogger(SimulationTest.class.getName());
    private static final int FIXED_SEEDS = 500;
    private static final Long REPLAYED_SEED = Long.getLong("freshet.simulation.seed");

    private static ResourceLeakDetector.Level leakLevel = ResourceLeakDetector.getLevel();

    /** What a crashed server held looks like a leak; the simulation counts the buffers of the living itself. */
    @BeforeAll
    static void stopLookingForLeaks() {
        leakLevel = ResourceLeakDetector.getLevel();
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.DISABLED);
    }

    @AfterAll
    static void lookForLeaksAgain() {
        ResourceLeakDetector.setLevel(leakLevel);
    }

    @Test
    @Timeout(value = 15, unit = TimeUnit.MINUTES)
    void shouldKeepEveryPromiseWhenFixedSeedsRun() {
        Edges edges = new Edges();
        if (REPLAYED_SEED != null) {
            edges.add(new Simulation(REPLAYED_SEED).run());
        } else {
            for (long seed = 1; seed <= FIXED_SEEDS; seed++) {
                edges.add(new Simulation(seed).run());
            }
            assertTrue(
                    edges.crashes > 0
                            && edges.drains > 0
                            && edges.midCrashes > 0
                            && edges.startCrashes > 0
                            && edges.silences > 0
                            && edges.rawRepeats > 0
                            && edges.revocations > 0
                            && edges.rewinds > 0
                            && edges.repeats > 0
                            && edges.refusedMessages > 0
                            && edges.coalescedBatches > 0
                            && edges.starvations > 0
                            && edges.skipped > 0
                            && edges.expired > 0
                            && edges.erasures > 0
                            && edges.erased > 0
                            && edges.lostIndexes > 0
                            && edges.events > 0
                            && edges.deletions > 0
                            && edges.requests > 0
                            && edges.refusedRequests > 0
                            && edges.pushes > 0
                            && edges.presenceUpdates > 0
                            && edges.changes > 0
                            && edges.endedChannels > 0
                            && edges.signals > 0
                            && edges.exactTotals > 0
                            && edges.viewedPosts > 0,
                    "edges that were not met: " + edges);
        }
        LOG.log(System.Logger.Level.INFO, "simulated {0}", edges);
    }

    @Test
    @Timeout(value = 1, unit = TimeUnit.DAYS)
    void shouldKeepEveryPromiseWhenSeedsOfTheClockRun() {
        long first = System.currentTimeMillis();
        long seeds = Long.getLong("freshet.simulation.seeds", 1);
        long minutes = Long.getLong("freshet.simulation.minutes", 0);
        long endMs = first + TimeUnit.MINUTES.toMillis(minutes);
        Edges edges = new Edges();
        long seed = first;
        while (REPLAYED_SEED == null && (seed < first + seeds || System.currentTimeMillis() < endMs)) {
            edges.add(new Simulation(seed++).run());
        }
        LOG.log(
                System.Logger.Level.INFO,
                "seeds {0} to {1}: {2}",
                Long.toString(first),
                Long.toString(seed - 1),
                edges);
    }

    @Test
    @Timeout(value = 10, unit = TimeUnit.MINUTES)
    void shouldDoExactlyTheSameWhenTheSeedIsTheSame() {
        for (long seed = 1; seed <= 10; seed++) {
            assertEquals(traceHash(seed), traceHash(seed), "seed=" + seed);
        }
        assertNotEquals(traceHash(1), traceHash(2));
    }

    private static long traceHash(long seed) {
        Simulation simulation = new Simulation(seed);
        simulation.run();
        return simulation.traceHash();
    }
}
