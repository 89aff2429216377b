package io.freshet.log.memory;

/** What goes wrong in one shard's log, as a test wants it. Any thread. */
public final class MemoryFaults {
    private volatile long refusal;
    private volatile boolean isSyncHeld;
    private volatile boolean isSyncFailing;

    /** Answers every append with this refusal ({@code NO_SPACE}, {@code FAILED}), until {@link #accept}. */
    public void refuse(long named) {
        refusal = named;
    }

    /** Takes appends again. */
    public void accept() {
        refusal = 0;
    }

    /** Keeps appends from becoming synced, until {@link #releaseSync}. */
    public void holdSync() {
        isSyncHeld = true;
    }

    public void releaseSync() {
        isSyncHeld = false;
    }

    /** Makes the next sync fail, which fences the log. */
    public void failSync() {
        isSyncFailing = true;
    }

    long refusal() {
        return refusal;
    }

    boolean isSyncHeld() {
        return isSyncHeld;
    }

    boolean isSyncFailing() {
        return isSyncFailing;
    }
}
