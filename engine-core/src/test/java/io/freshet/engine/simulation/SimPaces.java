package io.freshet.engine.simulation;

import io.freshet.client.Delivery;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/** What each subscriber wants of each channel, as the seed says: everything, what is newest when it is slow, or a sample. */
final class SimPaces {
    private static final int[] RATES_PER_S = {2, 20, 1_000};

    private final long salt;
    private final boolean mayDiffer;

    /** @param mayDiffer whether anybody wants less than everything */
    SimPaces(SplittableRandom random, boolean mayDiffer) {
        salt = random.nextLong();
        this.mayDiffer = mayDiffer;
    }

    Delivery of(long sender, String channel) {
        if (!mayDiffer || sender < Workload.FIRST_SENDER) {
            return Delivery.every();
        }
        return switch (dice(sender, channel).nextInt(4)) {
            case 0 -> Delivery.latest();
            case 1 -> Delivery.sampled(ratePerS(sender, channel));
            default -> Delivery.every();
        };
    }

    boolean maySkip(long sender, String channel) {
        return mayDiffer
                && sender >= Workload.FIRST_SENDER
                && dice(sender, channel).nextInt(4) < 2;
    }

    /** The least time between two records of the same subscription, apart from its backlog; 0 when there is none. */
    long intervalNs(long sender, String channel) {
        boolean isSampled = mayDiffer
                && sender >= Workload.FIRST_SENDER
                && dice(sender, channel).nextInt(4) == 1;
        return isSampled ? TimeUnit.SECONDS.toNanos(1) / ratePerS(sender, channel) : 0;
    }

    private int ratePerS(long sender, String channel) {
        SplittableRandom dice = dice(sender, channel);
        dice.nextInt(4);
        return RATES_PER_S[dice.nextInt(RATES_PER_S.length)];
    }

    private SplittableRandom dice(long sender, String channel) {
        return new SplittableRandom(salt + sender * 31 + channel.hashCode());
    }
}
