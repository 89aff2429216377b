package io.freshet.engine.mailbox;

import org.jspecify.annotations.Nullable;

/** Which thread owns a reactor's objects; for assertions. Until it is claimed, everybody may build them. */
public final class Ownership {
    private volatile @Nullable Thread owner;

    /** Makes the calling thread the owner. */
    public void claim() {
        owner = Thread.currentThread();
    }

    /** Whether the calling thread may touch what is owned; always true, so that it can stand in an {@code assert}. */
    public boolean isHeld() {
        Thread thread = owner;
        return thread == null || thread == Thread.currentThread();
    }
}
