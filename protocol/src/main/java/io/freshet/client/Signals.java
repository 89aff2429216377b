package io.freshet.client;

import java.util.concurrent.CompletionStage;

/**
 * What is said in a channel and not kept: who is writing, counters such as hearts, how many are there, an application's own. Any thread may
 * call it; nothing blocks. What is said goes out at most ten times a second, summed, over whichever session there is then. It
 * is delivered once or not at all: what was on its way when a connection was lost is lost with it.
 */
public interface Signals {
    /**
     * Follows the channel's signals; the handler takes the place of the one before.
     *
     * @param handler called on the client's thread
     * @return completes with the first state; fails when the channel cannot be opened or its signals are not for this client, or when
     *     {@link #unwatch} comes first
     */
    CompletionStage<Void> watch(SignalHandler handler);

    /** Follows the channel's signals no more. */
    void unwatch();

    /**
     * The user is writing, or not any more. To be called as often as one likes, with each key for example: the server is told every
     * three seconds, and takes it for over after six.
     */
    void typing(boolean isOn);

    /**
     * Adds to a counter of the channel, of all clients together.
     *
     * @param counter a name of 1 to 32 bytes in UTF-8; a channel has 16 at most
     * @param more 1 or more
     * @throws IllegalArgumentException when the name or the number is out of its range, or this client has named 16 others
     */
    void count(String counter, long more);

    /**
     * Says something of the application's own to those who watch.
     *
     * @param kind the application's
     * @param body 256 bytes at most; copied
     * @return false when this client has 16 waiting for this channel, and then it is not said
     * @throws IllegalArgumentException when the body is too long
     */
    boolean say(int kind, byte[] body);
}
