package io.freshet.client.chat;

/**
 * What a user has not read of a channel. The server counts it a moment behind what is said.
 *
 * @param readUpTo the last sequence that the user has read, on whatever device; 0 when nothing is known
 * @param messageCount messages after that one; 1,000 stands for more as well
 * @param mentionCount of those, the ones that mention the user or everyone, as far as they are among the last 100 of each, deleted ones counted in; 100 stands for more as well
 */
public record Unread(long readUpTo, int messageCount, int mentionCount) {}
