package io.freshet.log.chronicle;

import java.io.IOException;
import java.lang.invoke.VarHandle;

/**
 * Keeps a reader from taking a document for whole that was half erased while it was copied: the version is odd while bytes are
 * changed, and a copy counts only when the version was even and the same before and after it. Readers pay two looks at a
 * number for each document; only those that meet a change wait for its end.
 */
final class ErasureGate {
    private volatile long version;

    /** Changes stored bytes. */
    @FunctionalInterface
    interface Change {
        void run() throws IOException;
    }

    /** The version under which a copy may begin; waits for a change that is under way. Any thread that may block. */
    long enter() {
        long now = version;
        return (now & 1) == 0 ? now : enterAfterChange();
    }

    private synchronized long enterAfterChange() {
        return version;
    }

    /** Whether nothing has been changed since {@link #enter} answered this. */
    boolean isUnchangedSince(long entered) {
        VarHandle.acquireFence();
        return version == entered;
    }

    /** Changes bytes of stored documents, which are whole documents before and after it. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // under the lock
    synchronized void change(Change change) throws IOException {
        version++;
        VarHandle.fullFence(); // no byte changes before the version is odd
        try {
            change.run();
        } finally {
            version++;
        }
    }
}
