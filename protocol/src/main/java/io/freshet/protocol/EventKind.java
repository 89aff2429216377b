package io.freshet.protocol;

import org.jspecify.annotations.Nullable;

/** The kinds of channel events that have a meaning for Freshet itself; 256 and above are the application's. */
public enum EventKind {
    /** A message of the application. */
    MESSAGE(0),
    /** Something that a person says; its payload is {@code Content}. */
    POST(1),
    /** A post says something else from now on; its payload is {@code Edit}. */
    EDIT(2),
    /** A post's content is erased; its payload is {@code Deletion}. */
    DELETE(3),
    /** Its sender reacts to a post; its payload is {@code Reaction}. */
    REACT(4),
    /** Its sender takes a reaction back; its payload is {@code Reaction}. */
    UNREACT(5),
    /** A post is put where everybody finds it; its payload is {@code Pin}. */
    PIN(6),
    /** A post is not pinned any more; its payload is {@code Pin}. */
    UNPIN(7),
    /** What the channel is from now on; its payload is {@code ChannelAttributes}. */
    ATTRIBUTES(8),
    /** A post has a thread; its payload is {@code ThreadStarted}. Counts only with sender 0. */
    THREAD(9),
    /** The user of an inbox has read a channel up to a record; its payload is {@code ReadMark}. Only in inboxes. */
    READ(16),
    /** What the user of an inbox wants to be notified of; its payload is {@code NotificationSetting}. Only in inboxes. */
    SETTING(17),
    /** Something that the user of an inbox should hear of; its payload is {@code Notice}. Only in inboxes, and counts only with sender 0. */
    NOTICE(18),
    /** Says what the channel's counters stand at; its payload is {@code ChannelTotals}. Counts only with sender 0. */
    TOTALS(20),
    /** Names records whose content is erased; its payload is {@code ErasedSequences}. Counts only with sender 0. */
    ERASURE(240),
    /** Says how long the channel's records are kept; its payload is {@code ChannelRetention}. Counts only with sender 0. */
    RETENTION(241),
    /** Names records that have expired; its payload is {@code ExpiredSequences}. Counts only with sender 0. */
    EXPIRY(242);

    /** Kinds below this are Freshet's. */
    public static final int FIRST_OF_APPLICATIONS = 256;

    private static final @Nullable EventKind[] BY_CODE = byCode();

    private final int code;

    EventKind(int code) {
        this.code = code;
    }

    public int code() {
        return code;
    }

    /** The kind with this number, or null. */
    public static @Nullable EventKind of(int code) {
        return code >= 0 && code < BY_CODE.length ? BY_CODE[code] : null;
    }

    private static @Nullable EventKind[] byCode() {
        @Nullable EventKind[] kinds = new EventKind[FIRST_OF_APPLICATIONS];
        for (EventKind kind : values()) {
            if (kinds[kind.code] != null) {
                throw new AssertionError("code " + kind.code + " is given twice");
            }
            kinds[kind.code] = kind;
        }
        return kinds;
    }
}
