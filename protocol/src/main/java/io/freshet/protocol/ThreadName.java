package io.freshet.protocol;

/** What the channel of a post's thread is called: {@code ~thread/}, the id of the post's channel, a slash, and the post's sequence. */
public final class ThreadName {
    public static final String PREFIX = "~thread/";

    private ThreadName() {}

    /** The name of this post's thread, whether there is one or not. */
    public static String of(long channel, long post) {
        return PREFIX + channel + "/" + post;
    }
}
