package io.freshet.protocol;

/** The protocol versions that this library speaks. */
public final class Versions {
    public static final int MIN = 1;
    public static final int MAX = 1;

    private Versions() {}
}
