package io.freshet.log.chronicle;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/**
 * {@link RisingTime}, asked by two threads while the clock behind it moves, and then set back. Proved: it never answers less than it has answered anybody
 * before, so that no thread is sent back to an older roll file.
 */
@JCStressTest
@Outcome(id = "6", expect = ACCEPTABLE, desc = "The latest time stands.")
@Outcome(expect = FORBIDDEN, desc = "Time went back.")
@State
public class RisingTimeStress {
    private final AtomicInteger readCount = new AtomicInteger();
    private final RisingTime time = new RisingTime(this::wallMs, -1);

    private long wallMs() {
        return switch (readCount.incrementAndGet()) {
            case 1 -> 5;
            case 2 -> 6;
            default -> 0;
        };
    }

    @Actor
    public void one() {
        time.currentTimeMillis();
    }

    @Actor
    public void other() {
        time.currentTimeMillis();
    }

    @Arbiter
    public void later(I_Result r) {
        r.r1 = (int) time.currentTimeMillis();
    }
}
