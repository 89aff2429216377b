package io.freshet.engine.routing;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.J_Result;

/**
 * {@link BatchWindows}: each reactor writes its own place, all read. Proved: the owner of a channel waits for a window that some reactor has stated, or
 * for none, never for a mixture of two times.
 */
@JCStressTest
@Outcome(id = "0", expect = ACCEPTABLE, desc = "Before.")
@Outcome(id = "1000", expect = ACCEPTABLE, desc = "After: half of what the flush took, for tiny writes.")
@Outcome(expect = FORBIDDEN, desc = "A time that nobody has stated.")
@State
public class BatchWindowsStress {
    private static final long NOW_NS = 1L << 40;
    private static final long TOOK_NS = 2_000_000;
    private static final long OPEN_UNIT_NS = 1_000;

    private final BatchWindows windows = new BatchWindows(2, TOOK_NS, 0);

    @Actor
    public void flushing() {
        windows.onFlush(1, NOW_NS - TOOK_NS, NOW_NS, 2, 0);
    }

    @Actor
    public void owner(J_Result r) {
        r.r1 = windows.leftNs(0b11, NOW_NS) / OPEN_UNIT_NS;
    }
}
