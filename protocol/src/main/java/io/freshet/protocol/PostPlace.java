package io.freshet.protocol;

/**
 * Where something is said: in a channel, or in the thread of one of its posts.
 *
 * @param channel id of the channel, or of the thread
 * @param name what that is called
 * @param parent id of the channel that a thread belongs to; 0 for what is no thread
 * @param parentPost sequence of the post whose thread it is; 0 for what is no thread
 * @param parentName what the parent is called; empty for what is no thread, and when it is not known
 */
public record PostPlace(long channel, String name, long parent, long parentPost, String parentName) {
    /** A channel that is no thread, or whose parent does not matter. */
    public static PostPlace of(long channel, String name) {
        return new PostPlace(channel, name, 0, 0, "");
    }

    /** A thread. */
    public static PostPlace ofThread(long channel, String name, ThreadName.Parent parent, String parentName) {
        return new PostPlace(channel, name, parent.channel(), parent.post(), parentName);
    }

    public boolean isThread() {
        return parent != 0;
    }
}
