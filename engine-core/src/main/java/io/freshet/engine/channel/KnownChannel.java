package io.freshet.engine.channel;

import org.jspecify.annotations.Nullable;

/**
 * A channel as its shard knows it.
 *
 * @param head its last committed sequence; 0 when it is empty
 * @param attributes what it is at its head; null when nothing says so
 */
public record KnownChannel(long head, @Nullable KnownAttributes attributes) {}
