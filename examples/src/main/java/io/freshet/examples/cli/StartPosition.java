package io.freshet.examples.cli;

import io.freshet.client.Cursor;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads {@code live}, {@code first}, {@code last:N} or the sequence of the first record wanted. */
final class StartPosition implements ITypeConverter<Cursor> {
    private static final String LAST = "last:";

    @Override
    public Cursor convert(String text) {
        return switch (text) {
            case "live" -> Cursor.live();
            case "first" -> Cursor.first();
            default ->
                text.startsWith(LAST)
                        ? Cursor.last(Math.toIntExact(number(text, text.substring(LAST.length()), Integer.MAX_VALUE)))
                        : Cursor.after(number(text, text, Long.MAX_VALUE) - 1);
        };
    }

    private static long number(String text, String digits, long limit) {
        try {
            long number = Long.parseLong(digits);
            if (number >= 1 && number <= limit) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Told below, like a number out of range.
        }
        throw new TypeConversionException("'" + text + "' is not live, first, last:N or a sequence from 1");
    }
}
