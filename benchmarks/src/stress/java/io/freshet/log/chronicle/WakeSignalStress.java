package io.freshet.log.chronicle;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/**
 * {@link WakeSignal} between a shard that wants a sync and the syncer that goes to sleep. Proved: the syncer sees the wish in its last look, or the shard
 * sees it idle and unparks it.
 */
@JCStressTest
@Outcome(id = "true, true", expect = ACCEPTABLE, desc = "Seen before it sleeps; not woken.")
@Outcome(id = "true, false", expect = ACCEPTABLE, desc = "Seen, and woken.")
@Outcome(id = "false, false", expect = ACCEPTABLE, desc = "Not seen, and woken.")
@Outcome(id = "false, true", expect = FORBIDDEN, desc = "It sleeps over a wish.")
@State
public class WakeSignalStress {
    private final LogProgress progress = new LogProgress();
    private final WakeSignal signal = new WakeSignal();

    @Actor
    public void shard() {
        progress.wantedOrdinal = 1;
        signal.wake();
    }

    @Actor
    public void syncer(ZZ_Result r) {
        signal.busy();
        signal.idle();
        r.r1 = progress.wantedOrdinal == 1;
    }

    @Arbiter
    public void sleeping(ZZ_Result r) {
        r.r2 = signal.isIdle();
    }
}
