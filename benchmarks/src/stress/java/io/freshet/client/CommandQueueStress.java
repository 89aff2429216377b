package io.freshet.client;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FreshetException;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;

/**
 * {@link CommandQueue}. Proved: a command that is offered while the client's thread drains is run by that drain or by one that is
 * scheduled; every future completes, whichever side of the client's end its command falls on; of commands beyond the bound exactly the excess is
 * refused.
 */
public final class CommandQueueStress {
    private static final FreshetException END = new FreshetException(ErrorCode.CLIENT_CLOSED, "the end");

    private CommandQueueStress() {}

    /** A drain is under way, which the earlier command had asked for. */
    @JCStressTest
    @Outcome(id = "2", expect = ACCEPTABLE, desc = "Both ran.")
    @Outcome(expect = FORBIDDEN, desc = "A command waits, and nobody will drain.")
    @State
    public static class WakeUp {
        final HeldTransport transport = new HeldTransport();
        final CommandQueue queue = new CommandQueue(8, transport, () -> {});
        int ran;

        public WakeUp() {
            queue.offer(request());
            transport.runHeld(); // asked for; the drain itself is the actor's
        }

        private Request<Integer> request() {
            return new Request<>(queue, request -> {
                ran++;
                request.succeed(1);
            });
        }

        @Actor
        public void caller() {
            queue.offer(request());
        }

        @Actor
        public void client() {
            queue.drain(8);
        }

        @Arbiter
        public void scheduled(I_Result r) {
            if (transport.isHolding()) {
                queue.drain(8);
            }
            r.r1 = ran;
        }
    }

    @JCStressTest
    @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "Both futures are complete.")
    @Outcome(expect = FORBIDDEN, desc = "A future that never completes.")
    @State
    public static class End {
        final CommandQueue queue = new CommandQueue(8, new HeldTransport(), () -> {});
        final Request<Integer> early = new Request<>(queue, request -> request.succeed(1));
        final Request<Integer> late = new Request<>(queue, request -> request.succeed(1));

        public End() {
            queue.offer(early);
        }

        @Actor
        public void caller() {
            queue.offer(late);
        }

        @Actor
        public void client() {
            queue.end(END);
        }

        @Arbiter
        public void complete(II_Result r) {
            r.r1 = early.isDone() ? 1 : 0;
            r.r2 = late.isDone() ? 1 : 0;
        }
    }

    /** One permit is left, and two callers want it. */
    @JCStressTest
    @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "One is refused.")
    @Outcome(expect = FORBIDDEN, desc = "Both or neither.")
    @State
    public static class Bound {
        final CommandQueue queue = new CommandQueue(8, new HeldTransport(), () -> {});
        final Request<Integer> one = new Request<>(queue, request -> request.succeed(1));
        final Request<Integer> other = new Request<>(queue, request -> request.succeed(1));

        public Bound() {
            for (int i = 1; i < CommandQueue.MAX_REQUESTS; i++) {
                queue.offer(new Request<Integer>(queue, request -> request.succeed(1)));
            }
        }

        @Actor
        public void one() {
            queue.offer(one);
        }

        @Actor
        public void other() {
            queue.offer(other);
        }

        @Arbiter
        public void refused(II_Result r) {
            r.r1 = (one.isCompletedExceptionally() ? 1 : 0) + (other.isCompletedExceptionally() ? 1 : 0);
            queue.drain(Integer.MAX_VALUE);
            r.r2 = (one.isCompletedExceptionally() ? 0 : 1) + (other.isCompletedExceptionally() ? 0 : 1);
        }
    }
}
