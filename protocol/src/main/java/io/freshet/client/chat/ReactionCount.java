package io.freshet.client.chat;

/**
 * How often a message has a reaction.
 *
 * @param count users who have given it, from 1
 * @param isOwn whether this client's principal is among them
 */
public record ReactionCount(int count, boolean isOwn) {}
