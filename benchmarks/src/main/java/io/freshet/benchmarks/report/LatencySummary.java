package io.freshet.benchmarks.report;

/**
 * How long something took, over the measured part of a run.
 *
 * @param count how often it was timed
 * @param histogram all of it: an HdrHistogram of nanoseconds in its V2 form, compressed, as base64
 */
public record LatencySummary(
        long count,
        double meanUs,
        double p50Us,
        double p90Us,
        double p99Us,
        double p999Us,
        double maxUs,
        String histogram) {}
