package io.freshet.engine.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.util.ResourceLeakDetector;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Runs {@link NoticeRun}. A failure begins with {@code seed=N} and replays with {@code -Dfreshet.simulation.seed=N}; {@code
 * -Dfreshet.simulation.seeds=COUNT} runs so many more, from the one that the clock gives.
 */
final class NoticeSimulationTest {
    private static final System.Logger LOG = System.getLogger(NoticeSimulationTest.class.getName());
    private static final int FIXED_SEEDS = 60;
    private static final Long REPLAYED_SEED = Long.getLong("freshet.simulation.seed");

    private static ResourceLeakDetector.Level leakLevel = ResourceLeakDetector.getLevel();

    /** What a crashed server held looks like a leak; the run counts the buffers of the living itself. */
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
    @Timeout(value = 10, unit = TimeUnit.MINUTES)
    void shouldTellEverybodyOnceWhateverHappens() {
        NoticeRun.Seen seen = new NoticeRun.Seen(0, 0, 0, 0, 0);
        if (REPLAYED_SEED != null) {
            seen = new NoticeRun(REPLAYED_SEED).run();
        } else {
            for (long seed = 1; seed <= FIXED_SEEDS; seed++) {
                seen = seen.plus(new NoticeRun(seed).run());
            }
            long count = Integer.getInteger("freshet.simulation.seeds", 1);
            long first = System.currentTimeMillis();
            for (long seed = first; seed < first + count; seed++) {
                seen = seen.plus(new NoticeRun(seed).run());
            }
            assertTrue(
                    seen.posts() > 0 && seen.notices() > 0 && seen.crashes() > 0 && seen.delivered() > 0,
                    "edges that were not met: " + seen);
        }
        LOG.log(System.Logger.Level.INFO, "simulated {0}", seen);
    }

    @Test
    @Timeout(60)
    void shouldDoExactlyTheSameWhenTheSeedIsTheSame() {
        assertEquals(new NoticeRun(1).run(), new NoticeRun(1).run());
    }
}
