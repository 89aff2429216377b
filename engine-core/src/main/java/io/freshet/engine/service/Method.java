package io.freshet.engine.service;

import com.google.protobuf.MessageLite;
import java.util.concurrent.CompletionStage;

/**
 * What a service does for a request.
 *
 * @param <Q> what is asked
 * @param <A> what is answered
 */
@FunctionalInterface
public interface Method<Q extends MessageLite, A extends MessageLite> {
    /**
     * Does it, or begins to. An application's method runs on the engine's executor and may block, as many at a time for one principal
     * as {@link io.freshet.engine.Limits#askedAtOnce}; one of the engine's own runs on the services' thread.
     *
     * @return the answer, of 65,536 bytes at most; completed by any thread. A {@link io.freshet.protocol.FreshetException}, thrown or in the stage,
     *     answers with its code and message, any other failure with REQUEST_FAILED
     */
    CompletionStage<A> call(Caller caller, Q request);
}
