package io.freshet.engine.simulation;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The first broken promise of a run. Checkers report here and do not throw, since what calls them (a client's callback, for
 * example) may swallow what is thrown.
 */
final class Verdict {
    private @Nullable String failure;

    void fail(String what) {
        if (failure == null) {
            failure = what;
        }
    }

    void check(boolean isKept, String what) {
        if (!isKept) {
            fail(what);
        }
    }

    /** The same for what takes long to say. */
    void check(boolean isKept, Supplier<String> what) {
        if (!isKept) {
            fail(what.get());
        }
    }

    boolean isFailed() {
        return failure != null;
    }

    void throwIfFailed() {
        if (failure != null) {
            throw new AssertionError(failure);
        }
    }
}
