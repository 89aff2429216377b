package io.freshet.protocol;

/**
 * A peer broke the protocol; {@link #code} is what it is told before its connection ends. Stackless, because hostile
 * input must stay cheap; caught in one place per connection.
 */
public final class ProtocolException extends FreshetException {
    private static final long serialVersionUID = 1L;

    public ProtocolException(ErrorCode code, String message) {
        super(code, message, false);
    }
}
