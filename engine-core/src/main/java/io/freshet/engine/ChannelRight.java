package io.freshet.engine;

import java.util.Set;

/** What a principal may do with a channel beyond reading it and publishing to it, and beyond what is its own. */
public enum ChannelRight {
    /** React to posts. */
    REACT,
    /** Delete and pin anybody's posts. */
    MANAGE_POSTS,
    /** Change anybody's posts. */
    EDIT_POSTS,
    /** Mention everyone. */
    MENTION_EVERYONE,
    /** Read what a post said before it was edited. */
    SEE_EDITS,
    /** Change the channel's attributes, archive and delete it. */
    MANAGE_CHANNEL,
    /** Begin threads at posts. */
    START_THREADS,
    /** Join the channel's room. */
    JOIN_ROOM,
    /** Be heard in the room. */
    SPEAK,
    /** Show one's screen in the room. */
    SHOW_SCREEN,
    /** Ask others into the room. */
    INVITE_TO_ROOM,
    /** Silence others in the room and make them leave. */
    MANAGE_ROOM;

    /** Of whoever may publish and is nothing more. */
    public static final Set<ChannelRight> USUAL = Set.of(REACT, START_THREADS, JOIN_ROOM, SPEAK, SHOW_SCREEN);

    /** Every one of them. */
    public static final Set<ChannelRight> ALL = Set.of(values());
}
