package io.freshet.benchmarks.load;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/**
 * {@link ChannelProgress} of a thread whose subscriber gets on twice while the leader looks. Proved: the leader knows of both in the end, so that no publisher waits for room
 * that there is.
 */
@JCStressTest
@Outcome(id = "2", expect = ACCEPTABLE, desc = "The leader knows of both.")
@Outcome(expect = FORBIDDEN, desc = "The leader is not told of one.")
@State
public class ChannelProgressStress {
    private static final int WINDOW = 4;

    private final Queue<Runnable> leader = new ConcurrentLinkedQueue<>();
    private final Window window = new Window(WINDOW, 1);
    private final ChannelProgress progress;

    public ChannelProgressStress() {
        LoadChannel channel = new LoadChannel(0, "stress");
        channel.releaseTo(window, 2, leader::add);
        window.take(WINDOW);
        progress = channel.progress(1);
        progress.addSubscriber();
    }

    @Actor
    public void subscriber() {
        progress.onProgress(0, 1);
        progress.onProgress(1, 2);
    }

    @Actor
    public void leader() {
        runNext();
    }

    private void runNext() {
        Runnable next = leader.poll();
        if (next != null) {
            next.run();
        }
    }

    @Arbiter
    public void later(I_Result r) {
        while (!leader.isEmpty()) {
            runNext();
        }
        r.r1 = window.room();
    }
}
