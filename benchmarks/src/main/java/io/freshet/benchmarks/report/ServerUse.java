package io.freshet.benchmarks.report;

/**
 * What the server's process used in the measured part of a run, all its threads together. A cost per operation is 0 when
 * there was no such operation.
 *
 * @param cpuS time on a processor, of user and kernel together
 * @param residentBytes resident memory at the end
 * @param residentGrowthBytes resident memory at the end less that before the first connection
 * @param kernelSocketBytes the kernel's memory for TCP buffers on the whole machine at the end
 * @param writesPerS writes to sockets a second, as the server counts them or else as the system counts write calls, 0 when
 *     neither tells
 * @param deliveriesPerWrite deliveries for each of them, 0 when neither tells
 * @param allocatedBytes bytes allocated on the heap, -1 when it is not known
 * @param allocatedBytesPerDelivery of them for each delivery, 0 when it is not known
 */
public record ServerUse(
        double cpuS,
        double cpuNsPerDelivery,
        double cpuNsPerPublish,
        double cpuNsPerClient,
        long residentBytes,
        long residentGrowthBytes,
        long kernelSocketBytes,
        double writesPerS,
        double deliveriesPerWrite,
        long allocatedBytes,
        long gcCount,
        long gcTimeMs,
        double allocatedBytesPerDelivery) {}
