package io.freshet.engine.notice;

/**
 * How the states that {@link InboxFollower} keeps are told apart, by their first key: of each inbox a state for whatever changes by
 * itself, so that an event costs what it changes.
 *
 * <pre>
 *  (inbox, HEAD, 0)           →  sequence of its last event u64 | how many marks it has u32
 *  (inbox, SETTINGS, 0)       →  {@link InboxSettings}
 *  (inbox, SOURCES, shard)    →  position u64 | index u32, of the last notice from there
 *  (inbox, MARKS, channel)    →  {@link ReadPosition}
 *  (channel, USERS, user)     →  read up to u64, as that user's inbox of this shard says: it can be folded anew from that
 *  (0, PROGRESS, 0)           →  position u64 | 0 u64
 * </pre>
 *
 * <p>A snapshot is taken piece by piece in the order of the keys, so the head comes first: what the other states have is never less than what it says.
 */
final class InboxKeys {
    static final long HEAD = 0;
    static final long SETTINGS = 1;
    static final long SOURCES = 2;
    static final long MARKS = 3;
    static final long USERS = 4;
    static final long PROGRESS = 5;

    /** The progress lies under this channel, which is none. */
    static final long NO_CHANNEL = 0;

    static final int HEAD_LENGTH = Long.BYTES + Integer.BYTES;
    static final int SOURCE_LENGTH = Long.BYTES + Integer.BYTES;
    static final int USER_LENGTH = Long.BYTES;
    static final int PROGRESS_LENGTH = 2 * Long.BYTES;

    private InboxKeys() {}
}
