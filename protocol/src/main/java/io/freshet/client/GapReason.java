package io.freshet.client;

/** Why sequences are not delivered. */
public enum GapReason {
    /** A reason that this version does not know. */
    UNSPECIFIED,
    /** The mode of the subscription allows to skip. */
    SKIPPED,
    /** Older than what the server keeps. */
    EXPIRED,
    /** What the server had stored did not match its checksum. */
    DAMAGED;

    static GapReason of(io.freshet.protocol.v1.GapReason reason) {
        return switch (reason) {
            case GAP_REASON_SKIPPED -> SKIPPED;
            case GAP_REASON_EXPIRED -> EXPIRED;
            case GAP_REASON_DAMAGED -> DAMAGED;
            default -> UNSPECIFIED;
        };
    }
}
