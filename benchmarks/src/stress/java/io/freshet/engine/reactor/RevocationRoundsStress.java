package io.freshet.engine.reactor;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.freshet.engine.mailbox.Mailbox;
import io.freshet.engine.mailbox.ReactorProxy;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/**
 * {@link RevocationRounds} at the engine's end, when no reactor answers any more. Proved: whoever takes a right back in that moment is told, and does not wait for
 * ever; so is one that was under way.
 */
@JCStressTest
@Outcome(id = "true, true", expect = ACCEPTABLE, desc = "Both are told.")
@Outcome(expect = FORBIDDEN, desc = "One is never told.")
@State
public class RevocationRoundsStress {
    private final Mailbox mailbox = new Mailbox(2, 2);
    private final RevocationRounds rounds = new RevocationRounds(
            List.of(new RevocationRounds.Stop(new ReactorProxy(mailbox, () -> {}), null, List.of())));
    private final CompletableFuture<Long> early = rounds.begin(1, 1).toCompletableFuture();
    private CompletableFuture<Long> late;

    @Actor
    public void revoking() {
        late = rounds.begin(1, 2).toCompletableFuture();
    }

    @Actor
    public void ending() {
        rounds.close();
    }

    @Arbiter
    public void told(ZZ_Result r) {
        r.r1 = early.isCompletedExceptionally();
        r.r2 = late.isCompletedExceptionally();
    }
}
