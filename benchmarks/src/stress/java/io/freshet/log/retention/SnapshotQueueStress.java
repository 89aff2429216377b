package io.freshet.log.retention;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.freshet.log.MessageLog;
import java.lang.reflect.Proxy;
import org.agrona.concurrent.UnsafeBuffer;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZZ_Result;

/**
 * {@link SnapshotQueue} between retention, which offers snapshots, and the owner of the log, which appends them. Proved: once retention finds everything handled it
 * knows the position of the last one, or why the log took none; what waits behind a refusal is not appended.
 */
public final class SnapshotQueueStress {
    private static final long POSITION = 7L << 40 | 9;
    private static final UnsafeBuffer SNAPSHOT = new UnsafeBuffer(new byte[8]);

    private SnapshotQueueStress() {}

    private static MessageLog log(long answer) {
        return (MessageLog) Proxy.newProxyInstance(
                MessageLog.class.getClassLoader(), new Class<?>[] {MessageLog.class}, (log, method, arguments) -> {
                    if (method.getName().equals("appendSnapshot")) {
                        return answer;
                    }
                    return POSITION;
                });
    }

    @JCStressTest
    @Outcome(
            id = {"false, false, true", "false, true, true", "true, true, true"},
            expect = ACCEPTABLE,
            desc = "Handled, and its position is known.")
    @Outcome(expect = FORBIDDEN, desc = "Handled, and nobody knows where it lies.")
    @State
    public static class Appended {
        private static final MessageLog LOG = log(1);

        final SnapshotQueue queue = new SnapshotQueue();

        @Actor
        public void retention(ZZZ_Result r) {
            queue.offer(SNAPSHOT);
            r.r1 = queue.isHandled();
            r.r2 = queue.lastPosition() == POSITION;
        }

        @Actor
        public void owner() {
            queue.appendTo(LOG);
        }

        @Arbiter
        public void later(ZZZ_Result r) {
            queue.appendTo(LOG);
            r.r3 = queue.isHandled() && queue.isEmpty() && queue.refusal() == 0;
        }
    }

    @JCStressTest
    @Outcome(
            id = {"false, false, true", "false, true, true", "true, true, true"},
            expect = ACCEPTABLE,
            desc = "Handled, and why it was refused is known.")
    @Outcome(expect = FORBIDDEN, desc = "A refusal is not told, or something was appended behind it.")
    @State
    public static class Refused {
        private static final MessageLog LOG = log(MessageLog.NO_SPACE);
        private static final MessageLog TAKING = log(1);

        final SnapshotQueue queue = new SnapshotQueue();

        @Actor
        public void retention(ZZZ_Result r) {
            queue.offer(SNAPSHOT);
            queue.offer(SNAPSHOT);
            r.r1 = queue.isHandled();
            r.r2 = queue.refusal() == MessageLog.NO_SPACE;
        }

        @Actor
        public void owner() {
            queue.appendTo(LOG);
        }

        @Arbiter
        public void later(ZZZ_Result r) {
            queue.appendTo(queue.refusal() == 0 ? LOG : TAKING);
            queue.appendTo(TAKING);
            r.r3 = queue.isHandled() && queue.lastPosition() == MessageLog.NULL_POSITION;
        }
    }
}
