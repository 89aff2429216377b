package io.freshet.engine.notice;

import org.jspecify.annotations.Nullable;

/** Posts that the notifier has looked at in one go, and what is left to do before that counts. Belongs to the notifier's thread. */
final class Round {
    /** Notices of it that are on their way. */
    int openCount;
    /** Where each shard stood when all posts had been looked at; null before that. */
    long @Nullable [] positions;
    /** What the index is to know, once no notice is on its way any more. */
    long @Nullable [] barrier;
}
