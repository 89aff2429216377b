package io.freshet.engine;

/**
 * What a principal may do with a channel. Without {@code maySubscribe} and {@code mayPublish} the channel is answered as
 * one that does not exist.
 *
 * @param maySubscribe subscribe and fetch history
 * @param mayPublish publish
 * @param mayCreate make the channel when it does not exist
 */
public record Access(boolean maySubscribe, boolean mayPublish, boolean mayCreate) {
    public static final Access ALL = new Access(true, true, true);
    public static final Access READ = new Access(true, false, false);
    public static final Access NONE = new Access(false, false, false);
}
