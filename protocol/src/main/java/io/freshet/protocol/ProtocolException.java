package io.freshet.protocol;

/** A peer broke the protocol. Stackless, because hostile input must stay cheap; caught in one place per connection. */
public final class ProtocolException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final ErrorCode code;

    public ProtocolException(ErrorCode code, String message) {
        super(message, null, false, false);
        this.code = code;
    }

    /** What the peer is told before its connection ends. */
    public ErrorCode code() {
        return code;
    }
}
