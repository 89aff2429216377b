package io.freshet.engine.delivery;

/**
 * A page of history to be read.
 *
 * @param from first sequence wanted when reading forward, last when backward
 * @param head last committed sequence at the time of asking: nothing above it is read
 * @param first oldest sequence kept
 * @param isBackward direction
 * @param limit records at most
 * @param hasViews whether it is to tell what has become of its posts
 * @param viewer the principal that asks
 */
public record PageRequest(
        long channel, long from, long head, long first, boolean isBackward, int limit, boolean hasViews, long viewer) {}
