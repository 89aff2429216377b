package io.freshet.engine.signal;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.freshet.engine.mailbox.Mailbox;
import io.freshet.engine.mailbox.ReactorProxy;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * {@link SignalLane} between a reactor that sends twice and one that takes. Proved: what was taken arrives once, with everything that was written before it was
 * sent, and afterwards the lane is free; what was not taken does not arrive.
 */
@JCStressTest
@Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "The second was not taken.")
@Outcome(id = "2, 2", expect = ACCEPTABLE, desc = "Both arrived.")
@Outcome(expect = FORBIDDEN, desc = "One is lost, repeated, or arrives in part.")
@State
public class SignalLaneStress {
    private final Mailbox mailbox = new Mailbox(2, 2);
    private final SignalLane lane = new SignalLane(new ReactorProxy(mailbox, () -> {}));
    private int taken;
    private int written;
    private int seen;

    @Actor
    public void sending() {
        send();
        send();
    }

    private void send() {
        int next = written + 1;
        if (lane.isFree()) {
            written = next;
            taken += lane.send(() -> seen = Math.max(seen, written)) ? 1 : 0;
        }
    }

    @Actor
    public void taking() {
        mailbox.drain(1);
    }

    @Arbiter
    public void arrived(II_Result r) {
        mailbox.drain(2);
        r.r1 = lane.isFree() ? taken : -1;
        r.r2 = seen;
    }
}
