package io.freshet.engine.notice;

import java.util.concurrent.CompletionStage;

/** Whom a channel's posts may concern, beside those whom they name. Asked on the notifier's thread. */
public interface Audience {
    /** Whether a user may read a channel now. A stage that fails is a no. */
    CompletionStage<Boolean> maySee(long user, String channel);

    /** The members of a channel that has fixed ones; nobody when it has none. May block. */
    long[] members(long channel);
}
