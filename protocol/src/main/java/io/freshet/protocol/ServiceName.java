package io.freshet.protocol;

import java.nio.charset.StandardCharsets;

/** What a method of a service may be called: the service's full name, {@code /}, the method's; 1 to {@value #MAX_LENGTH} bytes of UTF-8. */
public final class ServiceName {
    /** Bytes of the longest method with its service, in UTF-8. */
    public static final int MAX_LENGTH = 127;

    /** Bytes of the longest message that a service answers or pushes. */
    public static final int MAX_ANSWER_LENGTH = 64 * 1024;

    private ServiceName() {}

    /** Whether a method may be called so. */
    public static boolean isLegalMethod(String method) {
        return !method.isEmpty()
                && method.length() <= MAX_LENGTH
                && method.getBytes(StandardCharsets.UTF_8).length <= MAX_LENGTH;
    }

    /**
     * The method itself.
     *
     * @throws IllegalArgumentException when it is empty or too long
     */
    public static String checkedMethod(String method) {
        if (!isLegalMethod(method)) {
            throw new IllegalArgumentException(
                    "a method's name is 1 to " + MAX_LENGTH + " bytes with its service, not \"" + method + "\"");
        }
        return method;
    }
}
