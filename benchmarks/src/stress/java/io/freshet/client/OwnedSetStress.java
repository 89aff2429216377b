package io.freshet.client;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/**
 * {@link OwnedSet}, by which a {@link ClientRuntime} closes its clients. Proved: a client that comes in the moment of closing is found by the close or is told that it
 * comes too late; never is it left alone.
 */
@JCStressTest
@Outcome(id = "true, true", expect = ACCEPTABLE, desc = "Taken, and found.")
@Outcome(id = "false, false", expect = ACCEPTABLE, desc = "Too late.")
@Outcome(id = "false, true", expect = ACCEPTABLE, desc = "Found, and told: closed by both, which does no harm.")
@Outcome(id = "true, false", expect = FORBIDDEN, desc = "Nobody will close it.")
@State
public class OwnedSetStress {
    private final OwnedSet<Object> clients = new OwnedSet<>();

    @Actor
    public void client(ZZ_Result r) {
        r.r1 = clients.add(this);
    }

    @Actor
    public void closer(ZZ_Result r) {
        r.r2 = clients.close().contains(this);
    }
}
