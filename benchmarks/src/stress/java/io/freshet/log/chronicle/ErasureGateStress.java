package io.freshet.log.chronicle;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.io.IOException;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/**
 * {@link ErasureGate} between a reader that copies a document and an erasure that changes it. Proved: a copy that counts has all of the document from before the change,
 * or all of it from after; who comes after the change finds its copy good.
 */
@JCStressTest
@Outcome(
        id = {"0, 0, 0", "0, 1, 0", "1, 0, 0", "1, 1, 0"},
        expect = ACCEPTABLE,
        desc = "Changed meanwhile: the copy does not count.")
@Outcome(
        id = {"0, 0, 1", "1, 1, 1"},
        expect = ACCEPTABLE,
        desc = "Whole, as it was or as it is.")
@Outcome(expect = FORBIDDEN, desc = "Half of it is taken for whole, or a change is never over.")
@State
public class ErasureGateStress {
    private final ErasureGate gate = new ErasureGate();
    private int firstByte;
    private int lastByte;

    @Actor
    public void erasing() {
        try {
            gate.change(() -> {
                lastByte = 1;
                firstByte = 1;
            });
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Actor
    public void reading(III_Result r) {
        long version = gate.enter();
        r.r1 = firstByte;
        r.r2 = lastByte;
        r.r3 = gate.isUnchangedSince(version) ? 1 : 0;
    }

    @Arbiter
    public void later(III_Result r) {
        if (!gate.isUnchangedSince(gate.enter())) {
            r.r3 = -1;
        }
    }
}
