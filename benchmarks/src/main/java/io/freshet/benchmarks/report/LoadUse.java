package io.freshet.benchmarks.report;

/**
 * What the load generator itself used in the measured part of a run.
 *
 * @param wasLimit whether it was busy all the time while the server was not, so that the server could have done more
 */
public record LoadUse(double cpuS, double cpuNsPerDelivery, long residentBytes, boolean wasLimit) {}
