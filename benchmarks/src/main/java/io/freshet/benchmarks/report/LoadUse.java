package io.freshet.benchmarks.report;

/**
 * What the load generator itself used in the measured part of a run.
 *
 * @param wasLimit whether it was busy all the time while the server was not, so that the server could have done more
 */
public record LoadUse(double cpuS, double cpuNsPerDelivery, long residentBytes, boolean wasLimit) {
    /** Whether a delivery cost it more than the server; never where nothing was delivered. */
    public boolean exceeds(ServerUse server) {
        return server.cpuNsPerDelivery() > 0 && cpuNsPerDelivery > server.cpuNsPerDelivery();
    }
}
