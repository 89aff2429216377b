package io.freshet.engine.notice;

import java.util.concurrent.CompletionStage;

/** Who may hear of a channel's posts. Asked on the notifier's thread. */
@FunctionalInterface
public interface Audience {
    /** Whether a user may read a channel now. A stage that fails says nothing, and the question is asked again. */
    CompletionStage<Boolean> maySee(long user, String channel);
}
