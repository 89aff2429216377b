package io.freshet.client;

/**
 * Says that a published event is committed.
 *
 * @param channel the channel's id
 * @param sequence the place of the event in the channel
 */
public record Receipt(long channel, long sequence) {}
