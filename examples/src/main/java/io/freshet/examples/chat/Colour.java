package io.freshet.examples.chat;

/** Colours of a terminal, or none. */
public enum Colour {
    PLAIN(""),
    FAINT("\u001b[2m"),
    /** What is said to whoever looks at it. */
    FOR_USER("\u001b[1;33m"),
    /** Above what was not read. */
    UNREAD("\u001b[1;31m"),
    RED("\u001b[31m"),
    GREEN("\u001b[32m"),
    YELLOW("\u001b[33m"),
    BLUE("\u001b[34m"),
    MAGENTA("\u001b[35m"),
    CYAN("\u001b[36m");

    private static final String RESET = "\u001b[0m";
    private static final Colour[] OF_NAMES = {RED, GREEN, YELLOW, BLUE, MAGENTA, CYAN};

    private final String code;

    Colour(String code) {
        this.code = code;
    }

    /** The text in this colour. It holds nothing that a terminal executes. */
    String of(String text) {
        return this == PLAIN ? text : code + text + RESET;
    }

    /** The colour of a user, always the same. */
    static Colour ofUser(long user) {
        return OF_NAMES[Math.floorMod(Long.hashCode(user * 0x9E3779B97F4A7C15L), OF_NAMES.length)];
    }
}
