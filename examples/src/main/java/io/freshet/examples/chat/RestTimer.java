package io.freshet.examples.chat;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Tells when a user has typed nothing for a while: once, until something is typed again. Used by one thread; tells on its own. */
public final class RestTimer implements AutoCloseable {
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread made = new Thread(task, "freshet-chat-rest");
        made.setDaemon(true);
        return made;
    });
    private final long patienceMs;
    private final Runnable onRest;
    private @Nullable ScheduledFuture<?> due;

    /** @param patience without a line, after which the user rests */
    public RestTimer(Duration patience, Runnable onRest) {
        patienceMs = patience.toMillis();
        this.onRest = onRest;
        active();
    }

    /** The user has typed a line. */
    public void active() {
        ScheduledFuture<?> before = due;
        if (before != null) {
            before.cancel(false);
        }
        due = thread.schedule(onRest, patienceMs, TimeUnit.MILLISECONDS);
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
