package io.freshet.engine.session;

import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.v1.Error;

/** The ERROR frames of a session. */
final class Errors {
    /** What a client is told to wait when something that was full should have room again. */
    static final int RETRY_AFTER_MS = 200;

    private Errors() {}

    static Error of(ErrorCode code, String message) {
        return builder(code, message).build();
    }

    static Error ofRequest(long request, ErrorCode code, String message) {
        return builder(code, message).setRequest(request).build();
    }

    static Error ofChannel(long channel, ErrorCode code, String message) {
        return builder(code, message).setChannel(channel).build();
    }

    private static Error.Builder builder(ErrorCode code, String message) {
        return Error.newBuilder().setCode(code.number()).setMessage(message).setRetryAfterMs(retryAfterMs(code));
    }

    /** What a client is told to wait where nothing more is known than the code. */
    static int retryAfterMs(ErrorCode code) {
        return code.number() / 100 == 2 ? RETRY_AFTER_MS : 0;
    }
}
