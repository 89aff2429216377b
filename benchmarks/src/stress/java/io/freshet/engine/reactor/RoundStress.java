package io.freshet.engine.reactor;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.freshet.engine.mailbox.Mailbox;
import io.freshet.engine.mailbox.ReactorProxy;
import java.util.List;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZI_Result;

/**
 * {@link Round} of two reactors, one of which answers while it is asked for the result. Proved: who finds that all have answered knows what they answered, and sees what they did
 * before.
 */
@JCStressTest
@Outcome(
        id = {"false, 1", "false, 2", "true, 2"},
        expect = ACCEPTABLE,
        desc = "Not answered by all, or answered with yes.")
@Outcome(expect = FORBIDDEN, desc = "All have answered, and an answer is missing.")
@State
public class RoundStress {
    private final Mailbox first = new Mailbox(2, 2);
    private final Mailbox second = new Mailbox(2, 2);
    private int doneCount;
    private final Round round = new Round(
            List.of(
                    new Round.Member(null, new ReactorProxy(first, () -> {})),
                    new Round.Member(null, new ReactorProxy(second, () -> {}))),
            reactor -> {
                doneCount++;
                return true;
            });

    public RoundStress() {
        round.isAnswered();
        first.drain(1);
    }

    @Actor
    public void reactor() {
        second.drain(1);
    }

    @Actor
    public void asking(ZI_Result r) {
        r.r1 = round.isAnswered();
        r.r2 = r.r1 && !round.isYes() ? -1 : doneCount;
    }
}
