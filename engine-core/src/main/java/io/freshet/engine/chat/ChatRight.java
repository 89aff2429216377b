package io.freshet.engine.chat;

/** What a principal may do with the posts of a channel, beside what is its own. */
public enum ChatRight {
    /** React to posts. */
    REACT,
    /** Delete and pin anybody's posts. */
    MANAGE_POSTS,
    /** Change anybody's posts. */
    EDIT_POSTS,
    /** Mention everyone. */
    MENTION_EVERYONE,
    /** Read what a post said before it was edited. */
    SEE_EDITS
}
