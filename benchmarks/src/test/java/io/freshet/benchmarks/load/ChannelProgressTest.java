package io.freshet.benchmarks.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.util.ArrayDeque;
import org.junit.jupiter.api.Test;

/** A channel's window makes room by the slowest of all threads' subscribers. */
final class ChannelProgressTest {
    private static final int WINDOW = 100;

    private final ArrayDeque<Runnable> toLeader = new ArrayDeque<>();
    private final LoadChannel channel = new LoadChannel(0, "test");
    private final Window window = new Window(WINDOW, 1);

    ChannelProgressTest() {
        channel.releaseTo(window, 3, toLeader::add);
        window.take(WINDOW);
    }

    private ChannelProgress on(int thread) {
        ChannelProgress progress = channel.progress(thread);
        assertNotNull(progress);
        return progress;
    }

    @Test
    void shouldWaitForTheSlowestOfEveryThreadThatHasSubscribers() {
        on(0).addSubscriber();
        on(2).addSubscriber();
        on(2).addSubscriber();
        on(0).onProgress(0, 50);
        assertEquals(0, window.room());

        on(2).onProgress(0, 30);
        assertEquals(0, toLeader.size(), "one of that thread has got nothing");
        on(2).onProgress(0, 20);
        assertEquals(0, window.room(), "the leader has not looked");
        toLeader.removeFirst().run();
        assertEquals(20, window.room());

        on(2).onProgress(20, 60);
        toLeader.removeFirst().run();
        assertEquals(30, window.room());
    }

    @Test
    void shouldTellTheLeaderOnceHoweverOftenItGoesOnBeforeTheLeaderLooks() {
        on(1).addSubscriber();
        for (int i = 0; i < 10; i++) {
            on(1).onProgress(i, i + 1);
        }
        assertEquals(1, toLeader.size());
        toLeader.removeFirst().run();
        assertEquals(10, window.room());
        on(1).onProgress(10, 11);
        assertEquals(1, toLeader.size());
    }
}
