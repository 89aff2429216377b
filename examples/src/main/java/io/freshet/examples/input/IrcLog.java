package io.freshet.examples.input;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** An IRC log, whole. */
public record IrcLog(List<IrcLine> lines) {
    private static final int MAX_LINE_LENGTH = 1 << 16;
    private static final long MAX_LENGTH = 1L << 28;
    private static final int MINUTES_PER_DAY = 24 * 60;

    public IrcLog {
        lines = List.copyOf(lines);
    }

    /**
     * Reads a file.
     *
     * @throws IOException when it cannot be read, a line is longer than 64 KiB, or all of them than 256 MiB
     */
    public static IrcLog read(Path file) throws IOException {
        List<IrcLine> lines = new ArrayList<>();
        try (InputStream in = Files.newInputStream(file)) {
            LineReader reader = new LineReader(in, MAX_LINE_LENGTH);
            long length = 0;
            for (byte[] line = reader.next(); line != null; line = reader.next()) {
                length += line.length;
                if (length > MAX_LENGTH) {
                    throw new IOException(file + " is longer than " + MAX_LENGTH + " bytes");
                }
                lines.add(IrcLine.parse(line));
            }
        }
        return new IrcLog(lines);
    }

    /**
     * When each line was said, in nanoseconds from the first one. The log knows minutes only: the lines of one minute are
     * spread evenly over it. A line without a time stamp belongs to the minute before it; when the clock goes back by
     * more than half a day, a new day has begun.
     */
    public long[] offsetsNs() {
        int count = lines.size();
        long[] minutes = new long[count];
        long now = -1;
        for (int i = 0; i < count; i++) {
            int minute = lines.get(i).minute();
            if (minute != IrcLine.NO_MINUTE) {
                now = now < 0 ? minute : later(now, minute);
            }
            minutes[i] = now;
        }
        long nsPerMinute = 60_000_000_000L;
        long[] offsetsNs = new long[count];
        long start = -1;
        for (int first = 0; first < count; ) {
            int end = first;
            while (end < count && minutes[end] == minutes[first]) {
                end++;
            }
            if (minutes[first] >= 0) {
                start = start < 0 ? minutes[first] : start;
                for (int i = first; i < end; i++) {
                    offsetsNs[i] = (minutes[first] - start) * nsPerMinute + nsPerMinute * (i - first) / (end - first);
                }
            }
            first = end;
        }
        return offsetsNs;
    }

    /** The first time not before {@code now}, both in minutes, that the clock shows this minute of the day. */
    private static long later(long now, int minuteOfDay) {
        long candidate = now / MINUTES_PER_DAY * MINUTES_PER_DAY + minuteOfDay;
        boolean isNextDay = candidate < now - MINUTES_PER_DAY / 2;
        return Math.max(now, isNextDay ? candidate + MINUTES_PER_DAY : candidate);
    }
}
