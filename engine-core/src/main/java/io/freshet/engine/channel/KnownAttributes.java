package io.freshet.engine.channel;

import io.freshet.engine.Principal;
import io.freshet.protocol.v1.ChannelAttributes;
import io.freshet.protocol.v1.ChannelKind;

/** What a channel is, and which of its records says so. Immutable. */
public final class KnownAttributes {
    private final long sequence;
    private final ChannelAttributes message;
    private final boolean isArchived;
    private final boolean isDeleted;

    public KnownAttributes(long sequence, ChannelAttributes message) {
        this.sequence = sequence;
        this.message = message;
        isArchived = message.getArchived();
        isDeleted = message.getDeleted();
    }

    /** Of the record that says so. */
    public long sequence() {
        return sequence;
    }

    public ChannelAttributes message() {
        return message;
    }

    public boolean isArchived() {
        return isArchived;
    }

    public boolean isDeleted() {
        return isDeleted;
    }

    public boolean isThread() {
        return message.getKind() == ChannelKind.CHANNEL_KIND_THREAD;
    }

    /** Whether this principal may know of the channel, as far as the channel itself says. */
    public boolean admits(long principal) {
        return principal == Principal.SYSTEM.id()
                || (!isDeleted
                        && (message.getMembersCount() == 0
                                || message.getMembersList().contains(principal)));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof KnownAttributes that && sequence == that.sequence && message.equals(that.message);
    }

    @Override
    public int hashCode() {
        return Long.hashCode(sequence);
    }

    @Override
    public String toString() {
        return "attributes at " + sequence + ": " + message;
    }
}
