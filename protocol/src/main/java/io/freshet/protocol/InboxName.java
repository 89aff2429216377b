package io.freshet.protocol;

import java.util.OptionalLong;

/**
 * What a user's inbox is called: {@code ~inbox/} and the principal's id in decimal, unsigned. Of the names that begin like this a client finds
 * none but its own.
 */
public final class InboxName {
    private static final char RESERVED = '~';

    private static final String PREFIX = "~inbox/";
    private static final int MAX_DIGITS = 20;

    private InboxName() {}

    /** The name of this principal's inbox. */
    public static String of(long principal) {
        return PREFIX + Long.toUnsignedString(principal);
    }

    /** Whether no client may give a channel this name, other than to make its own inbox. */
    public static boolean isReserved(String name) {
        return !name.isEmpty() && name.charAt(0) == RESERVED;
    }

    /** Whether nothing but an inbox may have this name. */
    public static boolean isOfInboxes(String name) {
        return name.startsWith(PREFIX);
    }

    /** Whose inbox has this name; empty when it is nobody's. */
    public static OptionalLong owner(String name) {
        if (!isOfInboxes(name) || name.length() > PREFIX.length() + MAX_DIGITS) {
            return OptionalLong.empty();
        }
        try {
            long principal = Long.parseUnsignedLong(name.substring(PREFIX.length()));
            return principal != 0 && name.equals(of(principal)) ? OptionalLong.of(principal) : OptionalLong.empty();
        } catch (NumberFormatException e) {
            return OptionalLong.empty();
        }
    }
}
