package io.freshet.log.chronicle;

import java.util.List;
import java.util.function.LongSupplier;
import org.agrona.concurrent.Agent;

/** Syncs the logs of all shards, at once where somebody waits. Its duty cycle belongs to one thread; it blocks. */
final class Syncer implements Agent {
    private final List<LogSync> syncs;
    private final WakeSignal signal;
    private final LongSupplier nanoClock;

    Syncer(List<LogSync> syncs, WakeSignal signal, LongSupplier nanoClock) {
        this.syncs = List.copyOf(syncs);
        this.signal = signal;
        this.nanoClock = nanoClock;
    }

    @Override
    public int doWork() {
        signal.busy();
        long nowNs = nanoClock.getAsLong();
        int workCount = 0;
        boolean isWanted = false;
        for (LogSync sync : syncs) {
            workCount += sync.doWork(nowNs);
        }
        if (workCount == 0) {
            signal.idle();
            for (LogSync sync : syncs) {
                isWanted |= sync.isWanted();
            }
        }
        return isWanted ? 1 : workCount;
    }

    @Override
    public String roleName() {
        return "freshet-syncer";
    }
}
