package io.freshet.engine;

/**
 * What a voice room allows.
 *
 * @param capacity members at a time, 1 to {@link #GREATEST_CAPACITY}: every one sends to every other by itself
 * @param video whether cameras may be shown
 * @param screen whether screens may be shown
 */
public record RoomSettings(int capacity, boolean video, boolean screen) {
    /** So that a whole room, names included, is told in one push. */
    public static final int GREATEST_CAPACITY = 100;

    public RoomSettings {
        Checks.inRange("capacity", capacity, 1, GREATEST_CAPACITY);
    }
}
