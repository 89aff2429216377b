package io.freshet.engine.notice;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Who may hear of a channel's posts, and how. Asked on the notifier's thread, which it must not hold up. */
@FunctionalInterface
public interface Audience {
    /** Whether a user may read a channel now. A stage that fails says nothing, and the question is asked again. */
    CompletionStage<Boolean> maySee(long user, String channel);

    /** Who has a role that this author mentions in a channel. A stage that fails says nothing, and the question is asked again. */
    default CompletionStage<List<Long>> roleMembers(long role, long author, String channel) {
        return CompletableFuture.completedFuture(List.of());
    }

    /** Whether a user wants no sink to be told at present. */
    default boolean isUndisturbed(long user) {
        return false;
    }
}
