package io.freshet.engine;

import java.util.Set;

/**
 * What a principal may do with a channel. Without {@code maySubscribe} and {@code mayPublish} the channel is answered as
 * one that does not exist.
 *
 * @param maySubscribe subscribe and fetch history
 * @param mayPublish publish
 * @param mayCreate make the channel when it does not exist
 * @param rights what else; of use to whoever may publish, {@link ChannelRight#SEE_EDITS} and those of rooms to whoever may subscribe
 */
public record Access(boolean maySubscribe, boolean mayPublish, boolean mayCreate, Set<ChannelRight> rights) {
    public static final Access ALL = new Access(true, true, true, ChannelRight.ALL);
    public static final Access READ = new Access(true, false, false);
    public static final Access NONE = new Access(false, false, false);

    public Access {
        rights = Set.copyOf(rights);
    }

    /** With the {@link ChannelRight#USUAL} rights of whoever may publish, or with none. */
    public Access(boolean maySubscribe, boolean mayPublish, boolean mayCreate) {
        this(maySubscribe, mayPublish, mayCreate, mayPublish ? ChannelRight.USUAL : Set.of());
    }

    /** The same with other rights. */
    public Access with(Set<ChannelRight> otherRights) {
        return new Access(maySubscribe, mayPublish, mayCreate, otherRights);
    }

    /** Whether this right is among them. */
    public boolean has(ChannelRight right) {
        return rights.contains(right);
    }
}
