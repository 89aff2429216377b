package io.freshet.examples.cli;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.logging.log4j.LogManager;

/**
 * SIGTERM and SIGINT as something that a command waits for, so that it closes what it opened in its own order and the
 * process ends with its exit code. Any thread. Commands that do not install it end at once, with 143 or 130.
 */
public final class StopSignal {
    private static final int FAILED = 1;
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(30);

    private final CountDownLatch requested = new CountDownLatch(1);
    private final CountDownLatch finished = new CountDownLatch(1);
    private volatile int exitCode = FAILED;

    /** From now on a signal asks the command to stop instead of ending the process. */
    void install() {
        install(Duration.ZERO);
    }

    /** The same for a command that takes this long before it begins to close. */
    void install(Duration drain) {
        Duration timeout = CLOSE_TIMEOUT.plus(drain);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> onShutdown(timeout), "freshet-stop"));
    }

    /** What a signal does. */
    void request() {
        requested.countDown();
    }

    /** Waits until the command is to stop. */
    void await() throws InterruptedException {
        requested.await();
    }

    /** Waits until the command is to stop, at most this long; true when it is. */
    boolean await(long timeoutNs) throws InterruptedException {
        return requested.await(timeoutNs, TimeUnit.NANOSECONDS);
    }

    /** Ends the process: the command has closed everything. Does not return. */
    public void exit(int code) {
        LogManager.shutdown();
        exitCode = code;
        finished.countDown();
        System.exit(code); // waits for ever when a signal has begun the shutdown: then the hook ends the process
    }

    private void onShutdown(Duration timeout) {
        request();
        try {
            if (!finished.await(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
                System.err.println("freshet: not closed after " + timeout.toSeconds() + " s, given up");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Runtime.getRuntime().halt(exitCode);
    }
}
