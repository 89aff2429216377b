package io.freshet.engine.chat;

/**
 * How the states that {@link ChatFollower} keeps for a channel are told apart: by the highest bits of their first key.
 *
 * <pre>
 *  (post, 0)                   →  {@link PostCodec}; of a post that is not kept any more its edits that are
 *  (PINNED  | post, 0)         →  sequence of the event that pinned it, u64
 *  (BLOCKS  | block, 0)        →  {@link PostBlock}
 *  (MENTIONS | of what, whom)  →  {@link MentionList}
 *  (SUMMARY, 0)                →  {@link ChannelSummary}
 *  (USERS   | post, user)      →  {@link OwnReactions}
 * </pre>
 */
final class ChatKeys {
    static final long PINNED = 1L << 60;
    static final long BLOCKS = 2L << 60;
    static final long MENTIONS = 3L << 60;
    static final long SUMMARY = 4L << 60;
    static final long USERS = 8L << 60;

    /** Of what a mention is. */
    static final long USER = 1;

    static final long ROLE = 2;
    static final long EVERYONE = 3;

    private static final long SECTION = 0xFL << 60;

    private ChatKeys() {}

    /** Which of the above a first key belongs to; 0 for posts. */
    static long section(long key1) {
        return key1 & SECTION;
    }

    /** A first key without that. */
    static long number(long key1) {
        return key1 & ~SECTION;
    }
}
