package io.freshet.protocol;

import org.jspecify.annotations.Nullable;

/**
 * What a channel may be called: 1 to {@value #MAX_LENGTH} bytes of UTF-8, no control character, no white space at either
 * end. Names are compared byte by byte; nothing is folded or normalized.
 */
public final class ChannelName {
    /** Bytes of the longest name, in UTF-8. */
    public static final int MAX_LENGTH = 255;

    private ChannelName() {}

    /** What is wrong with this name, as a sentence for people (code INVALID_NAME), or null when nothing is. */
    public static @Nullable String violation(String name) {
        if (name.isEmpty()) {
            return "a channel name is empty";
        }
        if (name.length() > MAX_LENGTH) {
            return tooLong(name.codePoints().mapToLong(ChannelName::utf8Length).sum());
        }
        int length = 0;
        for (int i = 0; i < name.length(); ) {
            int codePoint = name.codePointAt(i);
            if (Character.isISOControl(codePoint)) {
                return "a channel name has a control character, " + described(codePoint, i);
            }
            if (Character.getType(codePoint) == Character.SURROGATE) {
                return "a channel name is not valid Unicode: unpaired surrogate " + described(codePoint, i);
            }
            length += utf8Length(codePoint);
            i += Character.charCount(codePoint);
        }
        if (length > MAX_LENGTH) {
            return tooLong(length);
        }
        if (Character.isSpaceChar(name.charAt(0)) || Character.isSpaceChar(name.charAt(name.length() - 1))) {
            return "a channel name begins or ends with white space";
        }
        return null;
    }

    /**
     * The name itself.
     *
     * @throws FreshetException with INVALID_NAME when it is not valid
     */
    public static String checked(String name) {
        String violation = violation(name);
        if (violation != null) {
            throw new FreshetException(ErrorCode.INVALID_NAME, violation);
        }
        return name;
    }

    private static String tooLong(long length) {
        return "a channel name has " + length + " bytes; the limit is " + MAX_LENGTH;
    }

    private static String described(int codePoint, int index) {
        return String.format("U+%04X at index %d", codePoint, index);
    }

    private static int utf8Length(int codePoint) {
        return codePoint < 0x80 ? 1 : codePoint < 0x800 ? 2 : codePoint < 0x10000 ? 3 : 4;
    }
}
