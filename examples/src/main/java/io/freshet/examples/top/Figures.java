package io.freshet.examples.top;

import java.util.Locale;

/** Numbers as people read them at a glance: three figures and a unit, in a fixed width. */
final class Figures {
    private static final String[] COUNT_UNITS = {"", "k", "M", "G", "T"};
    private static final String[] BYTE_UNITS = {"B", "KiB", "MiB", "GiB", "TiB"};
    private static final int KILO = 1000;
    private static final int KIBI = 1024;

    private Figures() {}

    static String count(double value) {
        return scaled(value, KILO, COUNT_UNITS, "");
    }

    static String bytes(double value) {
        return scaled(value, KIBI, BYTE_UNITS, " ");
    }

    private static String scaled(double value, int step, String[] units, String gap) {
        if (Double.isNaN(value)) {
            return "-";
        }
        double scaled = value;
        int unit = 0;
        while (Math.abs(scaled) >= step && unit < units.length - 1) {
            scaled /= step;
            unit++;
        }
        String format = (unit == 0 && scaled == Math.rint(scaled)) || scaled >= 100 ? "%.0f%s%s" : "%.1f%s%s";
        return String.format(Locale.ROOT, format, scaled, gap, units[unit]);
    }

    static String duration(double seconds) {
        if (Double.isNaN(seconds)) {
            return "-";
        }
        if (seconds < 1e-3) {
            return String.format(Locale.ROOT, "%.0f us", seconds * 1e6);
        }
        return seconds < 1
                ? String.format(Locale.ROOT, "%.1f ms", seconds * 1e3)
                : String.format(Locale.ROOT, "%.1f s", seconds);
    }

    /** Hours, minutes and seconds. */
    static String time(double seconds) {
        long whole = (long) seconds;
        return String.format(Locale.ROOT, "%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60);
    }
}
