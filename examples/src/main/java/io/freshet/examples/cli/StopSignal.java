package io.freshet.examples.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.logging.log4j.LogManager;

/**
 * SIGTERM and SIGINT as something that a command waits for, so that it closes what it opened in its own order and says
 * its own exit code. Any thread. Without this the virtual machine would end with 143 or 130 while the engine still runs.
 */
final class StopSignal {
    private static final int FAILED = 1;
    private static final long CLOSE_TIMEOUT_S = 30;

    private final CountDownLatch requested = new CountDownLatch(1);
    private final CountDownLatch finished = new CountDownLatch(1);
    private volatile int exitCode = FAILED;

    private StopSignal() {}

    /** From now on a signal asks this command to stop instead of ending the process. */
    static StopSignal install() {
        StopSignal signal = new StopSignal();
        Runtime.getRuntime().addShutdownHook(new Thread(signal::onShutdown, "freshet-stop"));
        return signal;
    }

    /** Waits for a signal, at most this long; true when one has come. */
    boolean await(long timeout, TimeUnit unit) throws InterruptedException {
        return requested.await(timeout, unit);
    }

    void await() throws InterruptedException {
        requested.await();
    }

    /** The command has closed everything; the process may end with this code. */
    void finish(int code) {
        exitCode = code;
        finished.countDown();
    }

    private void onShutdown() {
        requested.countDown();
        try {
            if (!finished.await(CLOSE_TIMEOUT_S, TimeUnit.SECONDS)) {
                System.err.println("freshet: not closed after " + CLOSE_TIMEOUT_S + " s, given up");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        LogManager.shutdown();
        Runtime.getRuntime().halt(exitCode);
    }
}
