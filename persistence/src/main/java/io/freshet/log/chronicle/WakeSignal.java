package io.freshet.log.chronicle;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Wakes an agent whose idle strategy parks, with a system call only for the first request of an idle period. The agent
 * calls {@link #busy} first in its duty cycle and {@link #idle} last, when it found nothing to do, and looks once more
 * after that: either it sees the request then, or the requester sees it idle. Where a simulation runs the duty cycle in
 * turn nothing is ever parked, and an unpark does no harm.
 */
final class WakeSignal {
    private final AtomicBoolean isIdle = new AtomicBoolean();
    private volatile @Nullable Thread runner;

    /** Called by the agent. */
    void busy() {
        if (isIdle.get()) {
            isIdle.set(false);
        }
        if (runner != Thread.currentThread()) {
            runner = Thread.currentThread();
        }
    }

    /** Called by the agent. */
    void idle() {
        isIdle.set(true);
    }

    /** Whether nobody has woken it since it went idle. Any thread. */
    boolean isIdle() {
        return isIdle.get();
    }

    /** Called by any thread after it has published, by a volatile write, what the agent is to see. */
    void wake() {
        if (isIdle.get() && isIdle.compareAndSet(true, false)) {
            LockSupport.unpark(runner);
        }
    }
}
