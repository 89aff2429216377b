package io.freshet.benchmarks.load;

/** The server broke the framing or ended the conversation; the connection is to be ended. Without a stack trace. */
final class WireException extends RuntimeException {
    private static final long serialVersionUID = 1;

    WireException(String message) {
        super(message, null, false, false);
    }
}
