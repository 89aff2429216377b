package io.freshet.protocol;

import org.jspecify.annotations.Nullable;

/** What the channel of a post's thread is called: {@code ~thread/}, the id of the post's channel, a slash, and the post's sequence. */
public final class ThreadName {
    public static final String PREFIX = "~thread/";

    private ThreadName() {}

    /** The name of this post's thread, whether there is one or not. */
    public static String of(long channel, long post) {
        return PREFIX + channel + "/" + post;
    }

    /**
     * The post that a thread belongs to.
     *
     * @param channel id of the post's channel
     * @param post its sequence
     */
    public record Parent(long channel, long post) {}

    /** Whose thread has this name; null when it is not that of a thread. */
    public static @Nullable Parent parent(String name) {
        int slash = name.indexOf('/', PREFIX.length());
        if (!name.startsWith(PREFIX) || slash < 0) {
            return null;
        }
        try {
            long channel = Long.parseLong(name.substring(PREFIX.length(), slash));
            long post = Long.parseLong(name.substring(slash + 1));
            return channel > 0 && post > 0 && name.equals(of(channel, post)) ? new Parent(channel, post) : null;
        } catch (NumberFormatException e) {
            return null;
        }
    }
}
