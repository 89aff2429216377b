package io.freshet.benchmarks.report;

import java.util.Locale;

/** Numbers as people read them: three digits and a unit that fits. The same on every machine, whatever its language. */
public final class Figures {
    private static final double KILO = 1_000;
    private static final double KIBI = 1_024;

    private Figures() {}

    /** {@code 1,234,567}. */
    public static String count(long count) {
        return String.format(Locale.ROOT, "%,d", count);
    }

    /** {@code 34.1 M/s}. */
    public static String rate(double perS) {
        return scaled(perS, KILO, " /s", " k/s", " M/s", " G/s");
    }

    /** {@code 1.25 ms}. */
    public static String durationUs(double us) {
        if (us > 0 && us < 1) {
            return digits(us * KILO) + " ns";
        }
        return us >= KILO * KILO ? digits(us / KILO / KILO) + " s" : scaled(us, KILO, " µs", " ms");
    }

    /** {@code 30.4 ns}: what one operation costs on a processor. */
    public static String costNs(double ns) {
        return scaled(ns, KILO, " ns", " µs", " ms", " s");
    }

    /** {@code 12.5 MiB}. */
    public static String bytes(double bytes) {
        return scaled(bytes, KIBI, " B", " KiB", " MiB", " GiB");
    }

    /** {@code 1.25×}; {@code –} when there is nothing to divide by. */
    public static String ratio(double numerator, double denominator) {
        return denominator == 0 ? "–" : String.format(Locale.ROOT, "%.2f×", numerator / denominator);
    }

    /** The same of a whole number. */
    public static String bytes(long bytes) {
        return bytes((double) bytes);
    }

    private static String scaled(double value, double step, String... suffixes) {
        double left = value;
        int at = 0;
        while (Math.abs(left) >= step && at < suffixes.length - 1) {
            left /= step;
            at++;
        }
        return digits(left) + suffixes[at];
    }

    /** Three digits that mean something, no exponent. */
    static String digits(double value) {
        double size = Math.abs(value);
        if (size >= 100 || value == Math.rint(value)) {
            return String.format(Locale.ROOT, "%,.0f", value);
        }
        return String.format(Locale.ROOT, size >= 10 ? "%.1f" : "%.2f", value);
    }
}
