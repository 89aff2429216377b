package io.freshet.engine.delivery;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.freshet.engine.mailbox.Mailbox;
import io.freshet.engine.mailbox.ReactorProxy;
import io.freshet.log.StorageConfig;
import io.freshet.log.memory.MemoryDisk;
import io.freshet.log.memory.MemoryStorage;
import io.netty.buffer.UnpooledByteBufAllocator;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/**
 * {@link ColdReader}. Proved: of a request and a reader that goes to sleep, the reader sees the request or is woken after it; what is accepted is answered
 * exactly once, on the reactor that asked, what is refused never, and both are counted.
 */
public final class ColdReaderStress {
    private static final MemoryStorage STORAGE = MemoryStorage.open(
            new MemoryDisk(), StorageConfig.builder().shardCount(1).build());

    private ColdReaderStress() {}

    private static ColdReader reader(Runnable wakeup) {
        return new ColdReader(STORAGE, UnpooledByteBufAllocator.DEFAULT, 2, wakeup);
    }

    private static boolean submit(ColdReader reader, ReactorProxy reactor, Runnable onAnswer) {
        return reader.submit(reactor, 0, scan -> onAnswer, Runnable::run, failure -> {
            throw failure;
        });
    }

    /** The reader sleeps as an agent's thread does: a permit that was given meanwhile ends the sleep at once. */
    @JCStressTest
    @Outcome(
            id = {"true, false", "true, true"},
            expect = ACCEPTABLE,
            desc = "Seen before it sleeps.")
    @Outcome(id = "false, true", expect = ACCEPTABLE, desc = "Not seen, and woken.")
    @Outcome(id = "false, false", expect = FORBIDDEN, desc = "It sleeps over a request.")
    @State
    public static class WakeUp {
        volatile boolean isPermitted;
        final ColdReader reader = reader(() -> isPermitted = true);
        final Mailbox mailbox = new Mailbox(2, 2);
        final ReactorProxy reactor = new ReactorProxy(mailbox, () -> {});

        @Actor
        public void asking() {
            submit(reader, reactor, () -> {});
        }

        @Actor
        public void reading(ZZ_Result r) {
            r.r1 = reader.doWork() > 0;
        }

        @Arbiter
        public void sleeping(ZZ_Result r) {
            r.r2 = isPermitted;
        }
    }

    /** One place is left, two reactors want it, and the reader works meanwhile. */
    @JCStressTest
    @Outcome(id = "11, 111, 0", expect = ACCEPTABLE, desc = "Both were taken and answered.")
    @Outcome(id = "1, 101, 1", expect = ACCEPTABLE, desc = "The first was taken, the second refused.")
    @Outcome(id = "10, 110, 1", expect = ACCEPTABLE, desc = "The second was taken, the first refused.")
    @Outcome(expect = FORBIDDEN, desc = "An answer was lost, came twice, or came to a request that was refused.")
    @State
    public static class FullQueue {
        final ColdReader reader = reader(() -> {});
        final Mailbox firstMailbox = new Mailbox(4, 4);
        final Mailbox secondMailbox = new Mailbox(4, 4);
        final ReactorProxy first = new ReactorProxy(firstMailbox, () -> {});
        final ReactorProxy second = new ReactorProxy(secondMailbox, () -> {});
        int answered;
        boolean isFirstTaken;
        boolean isSecondTaken;

        public FullQueue() {
            submit(reader, first, () -> answered += 100);
        }

        @Actor
        public void first() {
            isFirstTaken = submit(reader, first, () -> answered += 1);
        }

        @Actor
        public void second() {
            isSecondTaken = submit(reader, second, () -> answered += 10);
        }

        @Actor
        public void reading() {
            reader.doWork();
        }

        @Arbiter
        public void count(III_Result r) {
            reader.doWork();
            firstMailbox.drain(8);
            secondMailbox.drain(8);
            r.r1 = (isFirstTaken ? 1 : 0) + (isSecondTaken ? 10 : 0);
            r.r2 = answered;
            r.r3 = (int) reader.refusedCount();
        }
    }
}
