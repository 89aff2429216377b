package io.freshet.engine.limit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.engine.Rate;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class TokenBucketTest {
    private static final long SECOND_NS = TimeUnit.SECONDS.toNanos(1);
    /** Close to where the clock's number wraps. */
    private static final long BEGIN_NS = Long.MAX_VALUE - SECOND_NS;

    private static TokenBucket bucket(long perSecond, long burst) {
        return Objects.requireNonNull(TokenBucket.of(new Rate(perSecond, burst), BEGIN_NS));
    }

    @Test
    void shouldGiveTheBurstAtOnceAndThenTheRate() {
        TokenBucket bucket = bucket(10, 3);
        for (int i = 0; i < 3; i++) {
            assertEquals(0, bucket.take(BEGIN_NS));
        }
        assertTrue(bucket.take(BEGIN_NS) > 0);
        long tenthNs = SECOND_NS / 10;
        assertTrue(bucket.take(BEGIN_NS + tenthNs - 1) > 0);
        assertEquals(0, bucket.take(BEGIN_NS + tenthNs));
        assertTrue(bucket.take(BEGIN_NS + tenthNs) > 0);
    }

    @Test
    void shouldNeverGiveMoreThanBurstAndRateWhateverTheTimes() {
        long seed = 4711;
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 50; round++) {
            long perSecond = 1L + random.nextInt(5_000);
            long burst = 1L + random.nextInt(100);
            TokenBucket bucket = bucket(perSecond, burst);
            long nowNs = BEGIN_NS;
            long given = 0;
            for (int i = 0; i < 2_000; i++) {
                nowNs += random.nextLong(2 * SECOND_NS / perSecond);
                given += bucket.take(nowNs) == 0 ? 1 : 0;
                double most = burst + (nowNs - BEGIN_NS) * (double) perSecond / SECOND_NS + 1;
                assertTrue(given <= most, given + " of " + most + ", seed " + seed + ", round " + round);
            }
            assertTrue(given >= 1_000, given + " of 2000 at about the rate, seed " + seed + ", round " + round);
        }
    }

    @Test
    void shouldTellATimeAfterWhichThereIsSomethingAgain() {
        for (long burst : new long[] {1, 2, 50, 100_000}) {
            TokenBucket bucket = bucket(100, burst);
            for (long i = 0; i < burst; i++) {
                assertEquals(0, bucket.take(BEGIN_NS));
            }
            long waitNs = bucket.take(BEGIN_NS);
            assertTrue(waitNs > 0 && waitNs <= SECOND_NS, waitNs + " for a burst of " + burst);
            assertEquals(0, bucket.take(BEGIN_NS + waitNs));
        }
    }

    @Test
    void shouldHaveNoBucketWhereThereIsNoLimit() {
        assertNull(TokenBucket.of(Rate.UNLIMITED, BEGIN_NS));
        assertNull(SharedBucket.of(Rate.UNLIMITED, BEGIN_NS));
    }

    @Test
    void shouldWaitForWhatWasTakenBeyondWhatWasThere() {
        SharedBucket bucket = Objects.requireNonNull(SharedBucket.of(new Rate(1_000, 1_000), BEGIN_NS));
        assertEquals(0, bucket.look(BEGIN_NS));
        bucket.charge(3_000, BEGIN_NS);
        long waitNs = bucket.look(BEGIN_NS);
        assertTrue(waitNs > 2 * SECOND_NS, "waits " + waitNs);
        assertEquals(0, bucket.look(BEGIN_NS + waitNs));
        assertTrue(bucket.look(BEGIN_NS + 2 * SECOND_NS) > 0);
        assertTrue(bucket.isFull(BEGIN_NS + 3 * SECOND_NS));
    }

    @Test
    void shouldGiveEachTokenToOneThread() {
        int tokenCount = 100_000;
        SharedBucket bucket = Objects.requireNonNull(SharedBucket.of(new Rate(1, tokenCount), BEGIN_NS));
        List<CompletableFuture<Integer>> takers = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            takers.add(CompletableFuture.supplyAsync(() -> {
                int taken = 0;
                while (bucket.take(BEGIN_NS) == 0) {
                    taken++;
                }
                return taken;
            }));
        }
        assertEquals(
                tokenCount, takers.stream().mapToInt(CompletableFuture::join).sum());
    }
}
