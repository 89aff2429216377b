package io.freshet.client;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.Z_Result;

/**
 * {@link Pushes}: somebody who wants to be told of sessions and thinks better of it at once, while the client's thread adds it. Proved: it is not told for ever.
 */
@JCStressTest
@Outcome(id = "false", expect = ACCEPTABLE, desc = "Nobody is told any more.")
@Outcome(expect = FORBIDDEN, desc = "It was added after it was taken out.")
@State
public class PushesStress {
    private final Pushes pushes = new Pushes(new Callbacks(new Counters()), new Counters());
    private final Pushes.SessionWatch watch = new Pushes.SessionWatch(() -> {});

    @Actor
    public void client() {
        pushes.add(watch, true);
    }

    @Actor
    public void user() {
        pushes.remove(watch);
    }

    @Arbiter
    public void later(Z_Result r) {
        r.r1 = pushes.isAnyWanted();
    }
}
