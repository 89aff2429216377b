package io.freshet.engine;

import org.jspecify.annotations.Nullable;

/**
 * Says which channels have a voice room. Asked when somebody joins, on the engine's executor; it may block. Who may join, speak
 * and so on is told by the {@link AccessPolicy}.
 */
@FunctionalInterface
public interface RoomPolicy {
    /** The room of the channel of this name, as it is to be from now on; null when it has none. */
    @Nullable
    RoomSettings room(String channel);

    /** No channel has a room. */
    static RoomPolicy none() {
        return channel -> null;
    }
}
