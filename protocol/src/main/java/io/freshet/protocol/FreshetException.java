package io.freshet.protocol;

import org.jspecify.annotations.Nullable;

/**
 * Root of what Freshet throws, and what its futures fail with. The {@link ErrorCode} says what a caller can do; the
 * message is for people.
 */
public class FreshetException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final ErrorCode code;

    public FreshetException(ErrorCode code, String message) {
        this(code, message, null);
    }

    public FreshetException(ErrorCode code, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    /** For the exceptions that hostile input can cause by the million: no suppression and no stack trace. */
    FreshetException(ErrorCode code, String message, boolean writableStackTrace) {
        super(message, null, false, writableStackTrace);
        this.code = code;
    }

    public final ErrorCode code() {
        return code;
    }

    /** Rejected, and the same request may be sent again. */
    public final boolean isRetryable() {
        return code.isRetryable();
    }

    /** It is not known whether the request was processed. */
    public final boolean isOutcomeUnknown() {
        return code.isOutcomeUnknown();
    }
}
