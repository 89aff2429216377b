package io.freshet.engine.signal;

import java.util.List;

/**
 * Which counters a channel has, as its owner tells reactors, and which it may get. Immutable; any thread.
 *
 * @param made names of those that there are
 * @param listed the only others that can be made; empty when the channel's attributes name none, and then any can
 */
record CounterNames(List<String> made, List<String> listed) {
    boolean has(String name) {
        return made.contains(name);
    }

    boolean mayBeMade(String name) {
        return listed.isEmpty() || listed.contains(name);
    }
}
