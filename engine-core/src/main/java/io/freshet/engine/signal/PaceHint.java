package io.freshet.engine.signal;

/** How fast a channel goes, roughly: of the row 0, 1, 2, 5, 10, 20, 50 and so on, so that it seldom changes. */
final class PaceHint {
    private static final int[] STEPS = {1, 2, 5};

    private PaceHint() {}

    /** The greatest of the row that is not above it. */
    static int round(long recordsPerSecond) {
        int rounded = 0;
        for (int power = 1; power <= 100_000_000; power *= 10) {
            for (int step : STEPS) {
                if ((long) step * power > recordsPerSecond) {
                    return rounded;
                }
                rounded = step * power;
            }
        }
        return rounded;
    }
}
