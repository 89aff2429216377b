package io.freshet.examples.input;

import java.nio.charset.StandardCharsets;

/**
 * One line of an IRC log: {@code [HH:MM] <nick> text}, {@code [HH:MM] * nick action}, {@code
 * [HH:MM] -nick:#channel- notice} or {@code === system notice}.
 *
 * @param speaker who said it; {@value #SYSTEM} for a notice and for what is in none of these forms
 * @param minute of the day, or {@link #NO_MINUTE} when the line has no time stamp
 * @param bytes the whole line as it stands in the file; not copied: do not write to them
 */
@SuppressWarnings("ArrayRecordComponent") // never compared; the bytes are what is published
public record IrcLine(String speaker, int minute, byte[] bytes) {
    /** Says what nobody said. No nick is written like this. */
    public static final String SYSTEM = "===";

    public static final int NO_MINUTE = -1;

    private static final int STAMP_LENGTH = "[HH:MM] ".length();

    /** Reads one line; <em>retains</em> its bytes. Never fails: a line in no known form is the system's. */
    public static IrcLine parse(byte[] bytes) {
        int minute = minute(bytes);
        String speaker = minute == NO_MINUTE ? "" : speaker(bytes);
        return new IrcLine(speaker.isEmpty() ? SYSTEM : speaker, minute, bytes);
    }

    /** What was said, without time and speaker; the whole line where nobody said it. An action is in the third person. */
    public String text() {
        String line = new String(bytes, StandardCharsets.UTF_8);
        if (speaker.equals(SYSTEM)) {
            return line;
        }
        String rest = line.substring(STAMP_LENGTH);
        String said = "<" + speaker + "> ";
        return rest.startsWith(said) && rest.length() > said.length() ? rest.substring(said.length()) : rest;
    }

    private static int minute(byte[] line) {
        if (line.length < STAMP_LENGTH || line[0] != '[' || line[3] != ':' || line[6] != ']' || line[7] != ' ') {
            return NO_MINUTE;
        }
        int hours = twoDigits(line, 1);
        int minutes = twoDigits(line, 4);
        return hours < 0 || hours > 23 || minutes < 0 || minutes > 59 ? NO_MINUTE : hours * 60 + minutes;
    }

    private static int twoDigits(byte[] line, int at) {
        int tens = line[at] - '0';
        int ones = line[at + 1] - '0';
        return tens < 0 || tens > 9 || ones < 0 || ones > 9 ? -1 : tens * 10 + ones;
    }

    /** The nick behind the time stamp, or an empty string. */
    private static String speaker(byte[] line) {
        int start = STAMP_LENGTH;
        if (start < line.length && line[start] == '<') {
            return text(line, start + 1, indexOf(line, '>', start + 1));
        }
        if (start + 1 < line.length && line[start] == '*' && line[start + 1] == ' ') {
            return text(line, start + 2, indexOf(line, ' ', start + 2));
        }
        if (start < line.length && line[start] == '-') {
            int colon = indexOf(line, ':', start);
            return colon < line.length ? text(line, start + 1, colon) : "";
        }
        return "";
    }

    private static int indexOf(byte[] line, char end, int from) {
        int at = from;
        while (at < line.length && line[at] != end) {
            at++;
        }
        return at;
    }

    private static String text(byte[] line, int from, int to) {
        return new String(line, from, to - from, StandardCharsets.UTF_8);
    }
}
