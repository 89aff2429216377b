package io.freshet.client.chat;

import io.freshet.client.ThreadState;

/**
 * A thread as its parent's channel shows it.
 *
 * @param post sequence of the message that it belongs to, in the parent's channel
 * @param state how much was said there, and by whom
 */
public record ChatThread(long post, ThreadState state) {}
