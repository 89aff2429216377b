package io.freshet.engine.notice;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.freshet.log.MessageLog;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/**
 * {@link PostQueue} while it is full: the indexer finds two documents more and lets each be seen, the notifier, who is done up to the second, looks for the next as
 * {@link ShardPosts} does. Proved: of what it may see it passes nothing over; it is either found or known to be lost.
 */
@JCStressTest
@Outcome(id = "false, true", expect = ACCEPTABLE, desc = "Nothing is passed over.")
@Outcome(expect = FORBIDDEN, desc = "A document is passed over, now or later.")
@State
public class PostQueueStress {
    private static final long DONE = 2;
    private static final long LAST = 4;

    private final PostQueue queue = new PostQueue(2);
    private volatile long indexed = DONE;

    public PostQueueStress() {
        for (long position = 1; position <= DONE; position++) {
            queue.add(position);
        }
    }

    @Actor
    public void indexer() {
        for (long position = DONE + 1; position <= LAST; position++) {
            queue.add(position);
            indexed = position;
        }
    }

    @Actor
    public void notifier(ZZ_Result r) {
        r.r1 = isPassingOver();
    }

    private boolean isPassingOver() {
        long limit = indexed;
        long next = Math.max(DONE, queue.lastLost()) + 1;
        long found = queue.firstAbove(next - 1);
        return next <= limit && found != next;
    }

    @Arbiter
    public void later(ZZ_Result r) {
        r.r2 = !isPassingOver() && queue.firstAbove(LAST) == MessageLog.NULL_POSITION;
    }
}
