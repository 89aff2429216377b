package io.freshet.benchmarks.report;

/**
 * What was counted. {@code lost}, {@code repeated}, {@code misordered} and {@code damaged} cover the whole run, the rest
 * its measured part.
 *
 * @param durationS the length of the measured part
 * @param published messages handed to the server
 * @param acknowledged messages for which a receipt came
 * @param delivered messages that arrived, one for each subscriber
 * @param expectedDeliveries messages that had to arrive, one for each subscriber
 * @param lost deliveries that were due and did not come
 * @param repeated deliveries that came again
 * @param misordered deliveries that came after a later one of the same publisher
 * @param damaged payloads whose checksum is wrong
 * @param refused publishes that the server refused by name
 * @param gaps records that the server said it left out
 * @param failedConnections connections that could not be made, or broke
 * @param targetPerS the rate that the publishers were to reach together, 0 for a closed loop
 * @param bytesPerS bytes of frames that arrived
 */
public record Totals(
        double durationS,
        long published,
        long acknowledged,
        long delivered,
        long expectedDeliveries,
        long lost,
        long repeated,
        long misordered,
        long damaged,
        long refused,
        long gaps,
        long failedConnections,
        double publishedPerS,
        double deliveredPerS,
        double targetPerS,
        double bytesPerS) {
    /** A rate is kept within this part of itself: the last message of a run may miss its end. */
    private static final double RATE_TOLERANCE = 0.01;

    /** Whether the publishers were as fast as they were to be; a closed loop always is. */
    public boolean isTargetReached() {
        return publishedPerS >= targetPerS * (1 - RATE_TOLERANCE);
    }

    /** Whether every delivery that was due came, once, in order and undamaged. */
    public boolean isWhole() {
        return lost == 0 && repeated == 0 && misordered == 0 && damaged == 0;
    }
}
