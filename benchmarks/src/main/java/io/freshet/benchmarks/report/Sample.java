package io.freshet.benchmarks.report;

/**
 * One second of a run. Latencies are those of this second alone, of deliveries, or of receipts where nobody subscribes.
 *
 * @param atS seconds since the run began
 * @param users connections that are open
 * @param serverCpuPercent 100 for each processor that the server kept busy, 0 when its process is not known
 * @param loadCpuPercent the same of the load generator
 */
public record Sample(
        double atS,
        long users,
        double publishedPerS,
        double deliveredPerS,
        double p50Us,
        double p99Us,
        double maxUs,
        double serverCpuPercent,
        double loadCpuPercent,
        long serverResidentBytes) {}
