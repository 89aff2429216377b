package io.freshet.engine;

import java.util.Objects;

/**
 * Who a session speaks for. The id is stamped into every record that it publishes; the name is for people.
 *
 * @param id any number but 0, which is the engine itself; the same person always has the same
 */
public record Principal(long id, String name) {
    /** The application that embeds the engine. */
    public static final Principal SYSTEM = new Principal(0, "system");

    public Principal {
        Objects.requireNonNull(name, "name");
    }
}
