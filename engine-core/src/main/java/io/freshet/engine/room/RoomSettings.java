package io.freshet.engine.room;

import io.freshet.engine.channel.KnownAttributes;
import io.freshet.protocol.AttributeLimits;
import io.freshet.protocol.v1.ChannelAttributes;
import org.jspecify.annotations.Nullable;

/**
 * What a room allows.
 *
 * @param capacity members at a time, 1 to {@link AttributeLimits#ROOM_CAPACITY}: every one sends to every other by itself
 * @param video whether cameras may be shown
 * @param screen whether screens may be shown
 */
record RoomSettings(int capacity, boolean video, boolean screen) {
    /** The room of a channel that is this; null when it has none, as one that is archived or deleted. */
    static @Nullable RoomSettings of(@Nullable KnownAttributes attributes) {
        if (attributes == null || attributes.isArchived() || attributes.isDeleted()) {
            return null;
        }
        ChannelAttributes message = attributes.message();
        // What was admitted by a server that allowed more is kept in its log.
        return message.hasRoom()
                ? new RoomSettings(
                        Math.min(message.getRoom().getCapacity(), AttributeLimits.ROOM_CAPACITY),
                        message.getRoom().getVideo(),
                        message.getRoom().getScreen())
                : null;
    }
}
