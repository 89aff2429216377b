package io.freshet.engine.service;

import com.google.protobuf.ByteString;
import io.freshet.protocol.ErrorCode;

/** Where the answer to one call goes; the first one counts. Any thread. */
public interface CallAnswer {
    void succeed(ByteString body);

    /**
     * It was not done, or nobody knows.
     *
     * @param retryAfterMs when to ask again; 0 where the code alone says it
     */
    void fail(ErrorCode code, String message, long retryAfterMs);
}
