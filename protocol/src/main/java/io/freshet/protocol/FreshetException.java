package io.freshet.protocol;

import org.jspecify.annotations.Nullable;

/**
 * Root of what Freshet throws, and what its futures fail with. The {@link ErrorCode} says what a caller can do; the
 * message is for people.
 */
public class FreshetException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final ErrorCode code;
    private final long retryAfterMs;

    public FreshetException(ErrorCode code, String message) {
        this(code, message, null);
    }

    public FreshetException(ErrorCode code, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.code = code;
        this.retryAfterMs = 0;
    }

    /** For the exceptions that hostile input can cause by the million: no suppression and no stack trace. */
    FreshetException(ErrorCode code, String message, boolean writableStackTrace) {
        super(message, null, false, writableStackTrace);
        this.code = code;
        this.retryAfterMs = 0;
    }

    private FreshetException(ErrorCode code, String message, long retryAfterMs) {
        super(message, null, false, false);
        this.code = code;
        this.retryAfterMs = retryAfterMs;
    }

    /**
     * A refusal, as it came over the wire or from a data path: without a stack trace, since there may be many.
     *
     * @param retryAfterMs how long to wait before trying again, 0 when nothing is asked
     */
    public static FreshetException refused(ErrorCode code, String message, long retryAfterMs) {
        return new FreshetException(code, message, retryAfterMs);
    }

    public final ErrorCode code() {
        return code;
    }

    /** How long the server asks to wait before trying again; 0 when it does not. */
    public final long retryAfterMs() {
        return retryAfterMs;
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
