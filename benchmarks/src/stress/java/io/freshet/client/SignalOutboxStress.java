package io.freshet.client;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.freshet.protocol.SignalFrame;
import io.freshet.protocol.v1.Signal;
import java.util.SplittableRandom;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.IZ_Result;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/**
 * {@link SignalOutbox}. Proved: what a caller counts while the client's thread sends is sent once, all of it; what is said while the client's thread looks is sent by that
 * look, or the thread is told again; of two counters that want the last place one gets it.
 */
public final class SignalOutboxStress {
    private static final ClientConfig CONFIG =
            ClientConfig.builder().server("localhost", 1).token("none").build();

    private SignalOutboxStress() {}

    private static SignalOutbox outbox(HeldTransport transport) {
        ClientCore core = new ClientCore(CONFIG, transport, new SplittableRandom(1));
        return (SignalOutbox) core.channel("stress").signals();
    }

    private static int sent(SignalOutbox outbox) {
        Signal.Builder signal = Signal.newBuilder();
        outbox.moveTo(signal);
        return signal.getCountsList().stream()
                .mapToInt(count -> (int) count.getMore())
                .sum();
    }

    @JCStressTest
    @Outcome(
            id = {"100, 11", "101, 10", "111, 0"},
            expect = ACCEPTABLE,
            desc = "Each was sent once.")
    @Outcome(expect = FORBIDDEN, desc = "Something was sent twice, or never.")
    @State
    public static class Counting {
        final SignalOutbox outbox = outbox(new HeldTransport());

        public Counting() {
            outbox.count("hearts", 100);
        }

        @Actor
        public void user() {
            outbox.count("hearts", 1);
            outbox.count("hearts", 10);
        }

        @Actor
        public void client(II_Result r) {
            r.r1 = sent(outbox);
        }

        @Arbiter
        public void later(II_Result r) {
            r.r2 = sent(outbox);
        }
    }

    /** The client's thread has been told of something, and comes to look. */
    @JCStressTest
    @Outcome(id = "2, true", expect = ACCEPTABLE, desc = "It has seen both; perhaps it comes once more.")
    @Outcome(id = "1, true", expect = ACCEPTABLE, desc = "It has seen one, and will come again.")
    @Outcome(id = "2, false", expect = ACCEPTABLE, desc = "It has seen both.")
    @Outcome(expect = FORBIDDEN, desc = "Something waits, and nobody will look.")
    @State
    public static class Telling {
        final HeldTransport transport = new HeldTransport();
        final SignalOutbox outbox = outbox(transport);

        public Telling() {
            outbox.count("hearts", 1);
        }

        @Actor
        public void user() {
            outbox.count("hearts", 1);
        }

        @Actor
        public void client(IZ_Result r) {
            transport.runHeld();
            r.r1 = sent(outbox);
        }

        @Arbiter
        public void later(IZ_Result r) {
            r.r2 = transport.isHolding();
        }
    }

    @JCStressTest
    @Outcome(
            id = {"true, false", "false, true"},
            expect = ACCEPTABLE,
            desc = "One has the place.")
    @Outcome(expect = FORBIDDEN, desc = "Both have it, or nobody.")
    @State
    public static class LastPlace {
        final SignalOutbox outbox = outbox(new HeldTransport());

        public LastPlace() {
            for (int i = 1; i < SignalFrame.COUNTER_COUNT; i++) {
                outbox.count("counter-" + i, 1);
            }
        }

        private boolean isTaken(String counter) {
            try {
                outbox.count(counter, 1);
                return true;
            } catch (IllegalArgumentException e) {
                return false;
            }
        }

        @Actor
        public void one(ZZ_Result r) {
            r.r1 = isTaken("one");
        }

        @Actor
        public void other(ZZ_Result r) {
            r.r2 = isTaken("other");
        }
    }
}
