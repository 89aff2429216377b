package io.freshet.examples.chat;

/**
 * Text of others as a terminal may show it: whatever could move the cursor, change colours, reorder letters or answer for the user is
 * made visible instead of being executed.
 */
public final class VisibleText {
    /** U+2400 and on show the characters below U+0020. */
    private static final int CONTROL_PICTURES = 0x2400;

    private static final int DELETE = 0x7F;
    private static final int DELETE_PICTURE = 0x2421;

    private VisibleText() {}

    /** The text with line feeds kept. */
    public static String lines(String text) {
        return visible(text, true);
    }

    /** The text as one line. */
    public static String line(String text) {
        return visible(text, false);
    }

    private static String visible(String text, boolean keepsLines) {
        StringBuilder visible = new StringBuilder(text.length());
        text.codePoints().forEach(each -> {
            if (each == '\n' && keepsLines) {
                visible.append('\n');
            } else if (each < ' ') {
                visible.appendCodePoint(CONTROL_PICTURES + each);
            } else if (each == DELETE) {
                visible.appendCodePoint(DELETE_PICTURE);
            } else if (isUnsafe(each)) {
                visible.append(String.format("<U+%04X>", each));
            } else {
                visible.appendCodePoint(each);
            }
        });
        return visible.toString();
    }

    /** Controls of the second kind, letters' directions, line separators, halves of characters, and what nobody can see. */
    private static boolean isUnsafe(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL, Character.SURROGATE, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR ->
                true;
            case Character.FORMAT -> codePoint != ZERO_WIDTH_JOINER && codePoint != SOFT_HYPHEN;
            default -> false;
        };
    }

    /** Holds emoji of several parts together. */
    private static final int ZERO_WIDTH_JOINER = 0x200D;

    private static final int SOFT_HYPHEN = 0xAD;
}
