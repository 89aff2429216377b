package io.freshet.engine.mailbox;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;
import org.openjdk.jcstress.infra.results.ZI_Result;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/**
 * {@link Mailbox} and {@link ReactorProxy}. Proved: of an offer and a reactor that goes to wait, one sees the other, in both
 * lanes; what is accepted runs exactly once and what is refused never, and refusals are counted; the messages of one
 * sender keep their order, also where some wait in a {@link Mailbox.Deferred}; nothing is accepted once the mailbox is closed, and what was accepted in the
 * moment of closing runs, once, and not at the same time as the end of the reactor.
 */
public final class MailboxStress {
    private MailboxStress() {}

    @JCStressTest
    @Outcome(id = "true, false", expect = ACCEPTABLE, desc = "The reactor waited, and is woken.")
    @Outcome(id = "false, true", expect = ACCEPTABLE, desc = "The reactor sees the message before it waits.")
    @Outcome(id = "true, true", expect = ACCEPTABLE, desc = "Both.")
    @Outcome(id = "false, false", expect = FORBIDDEN, desc = "The wake-up is lost.")
    @State
    public static class WakeUpForData {
        final Mailbox mailbox = new Mailbox(2, 2);
        volatile boolean isWaiting;
        boolean isWoken;
        final ReactorProxy proxy = new ReactorProxy(mailbox, () -> isWoken = isWaiting);

        @Actor
        public void sender(ZZ_Result r) {
            proxy.offerData(() -> {});
            r.r1 = isWoken;
        }

        @Actor
        public void reactor(ZZ_Result r) {
            isWaiting = true;
            r.r2 = !mailbox.isEmpty();
        }
    }

    @JCStressTest
    @Outcome(id = "true, false", expect = ACCEPTABLE, desc = "The reactor waited, and is woken.")
    @Outcome(id = "false, true", expect = ACCEPTABLE, desc = "The reactor sees the message before it waits.")
    @Outcome(id = "true, true", expect = ACCEPTABLE, desc = "Both.")
    @Outcome(id = "false, false", expect = FORBIDDEN, desc = "The wake-up is lost.")
    @State
    public static class WakeUpForControl {
        final Mailbox mailbox = new Mailbox(2, 2);
        volatile boolean isWaiting;
        boolean isWoken;
        final ReactorProxy proxy = new ReactorProxy(mailbox, () -> isWoken = isWaiting);

        @Actor
        public void sender(ZZ_Result r) {
            proxy.offerControl(() -> {});
            r.r1 = isWoken;
        }

        @Actor
        public void reactor(ZZ_Result r) {
            isWaiting = true;
            r.r2 = !mailbox.isEmpty();
        }
    }

    /** One place is left, two senders want it, and the reactor drains meanwhile. */
    @JCStressTest
    @Outcome(id = "11, 111, 0", expect = ACCEPTABLE, desc = "The drain made room for both.")
    @Outcome(id = "1, 101, 1", expect = ACCEPTABLE, desc = "The first was taken, the second refused.")
    @Outcome(id = "10, 110, 1", expect = ACCEPTABLE, desc = "The second was taken, the first refused.")
    @Outcome(expect = FORBIDDEN, desc = "A message was lost, ran twice, or was refused and ran.")
    @State
    public static class FullLane {
        final Mailbox mailbox = new Mailbox(2, 2);
        int ran;
        boolean isFirstTaken;
        boolean isSecondTaken;

        public FullLane() {
            mailbox.offerData(() -> ran += 100);
        }

        @Actor
        public void first() {
            isFirstTaken = mailbox.offerData(() -> ran += 1);
        }

        @Actor
        public void second() {
            isSecondTaken = mailbox.offerData(() -> ran += 10);
        }

        @Actor
        public void reactor() {
            mailbox.drain(8);
        }

        @Arbiter
        public void count(III_Result r) {
            mailbox.drain(8);
            r.r1 = (isFirstTaken ? 1 : 0) + (isSecondTaken ? 10 : 0);
            r.r2 = ran;
            r.r3 = (int) mailbox.refusedCount();
        }
    }

    /** A lane of two, four messages of one sender: what does not fit waits in the sender. */
    @JCStressTest
    @Outcome(id = "1234", expect = ACCEPTABLE, desc = "Everything, in order.")
    @Outcome(expect = FORBIDDEN, desc = "Something was lost, repeated or overtaken.")
    @State
    public static class DeferredOrder {
        final Mailbox mailbox = new Mailbox(2, 2);
        final Mailbox.Deferred deferred = new Mailbox.Deferred(new ReactorProxy(mailbox, () -> {}));
        int ran;

        @Actor
        public void sender() {
            for (int i = 1; i <= 4; i++) {
                int number = i;
                deferred.send(() -> ran = ran * 10 + number);
            }
        }

        @Actor
        public void reactor() {
            mailbox.drain(1);
            mailbox.drain(8);
        }

        @Arbiter
        public void rest(I_Result r) {
            for (int i = 0; i < 4; i++) {
                mailbox.drain(8);
                deferred.retry();
            }
            r.r1 = ran;
        }
    }

    @JCStressTest
    @Outcome(id = "true, 1", expect = ACCEPTABLE, desc = "Accepted, and ran before the end or after it.")
    @Outcome(id = "false, 0", expect = ACCEPTABLE, desc = "Refused.")
    @Outcome(expect = FORBIDDEN, desc = "Accepted and lost, refused and ran, or ran within the end.")
    @State
    public static class Closing {
        final Mailbox mailbox = new Mailbox(2, 2);
        int ran;
        boolean isTaken;

        @Actor
        public void sender() {
            isTaken = mailbox.offerControl(() -> ran++);
        }

        @Actor
        public void reactor() {
            mailbox.close();
            mailbox.end(() -> {
                int before = ran;
                ran = before;
            });
        }

        @Arbiter
        public void count(ZI_Result r) {
            r.r1 = isTaken;
            r.r2 = ran;
        }
    }

    /** Two senders in the moment of closing, and room for one. */
    @JCStressTest
    @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "Both refused.")
    @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "The first was taken.")
    @Outcome(id = "10, 10", expect = ACCEPTABLE, desc = "The second was taken.")
    @Outcome(id = "11, 11", expect = ACCEPTABLE, desc = "Both were taken.")
    @Outcome(expect = FORBIDDEN, desc = "Something was taken and lost, or refused and ran.")
    @State
    public static class ClosingFull {
        final Mailbox mailbox = new Mailbox(1, 1);
        int ran;
        boolean isFirstTaken;
        boolean isSecondTaken;

        @Actor
        public void first() {
            isFirstTaken = mailbox.offerData(() -> ran += 1);
        }

        @Actor
        public void second() {
            isSecondTaken = mailbox.offerData(() -> ran += 10);
        }

        @Actor
        public void reactor() {
            mailbox.close();
            mailbox.end(() -> {});
        }

        @Arbiter
        public void count(II_Result r) {
            r.r1 = (isFirstTaken ? 1 : 0) + (isSecondTaken ? 10 : 0);
            r.r2 = ran;
        }
    }
}
