package io.freshet.engine;

import io.freshet.engine.routing.Batch;

/**
 * What the engine may hold in memory for delivery; all reactors together. The bound is the sum of these parts, each of which
 * is enforced where it is named:
 *
 * <pre>
 *   windowBytes     the recent window: batches kept for cursors near the head           RecentWindow
 * + pinnedBytes     batches that left the window but wait in some outbound queue        MemoryGuard
 * + outboundBytes   private copies and cold chunks in outbound queues                   MemoryGuard
 * + coldReadCount   chunks of 64 KiB under way from the log                             ColdReads
 *   x 64 KiB
 * </pre>
 *
 * One connection is given data only while its outbound bytes are below 64 KiB, and each time one batch or chunk of at most
 * 64 KiB; one chunk more may have been under way for it meanwhile, or two if it had nothing outbound when the second was asked for, so that it never holds more than 192 KiB of records. Answers
 * (receipts, and at most {@link Limits#requestCount} pages of 64 KiB) go out beside them; {@code outboundBytes} counts them too.
 * On top come what reactors have on its way to each other (4 MiB of batches from each to each other, 8 MiB of publishes from each to each
 * shard of another; {@code freshet_lanes_bytes}), the reader's cache of the log (64 MiB and its tables, taken as history is read), what the sessions themselves
 * take (a few hundred bytes each and the frame that is being received) and the batches of the present cycle; and, in the
 * kernel, 128 KiB unsent for a connection whose peer does not read (epoll and io_uring).
 *
 * @param windowBytes bytes of recent batches
 * @param pinnedBytes bytes of older batches that connections hold, above which their remainders are copied
 * @param outboundBytes bytes in the outbound queues of stuck connections, above which those that hold most are closed; they may
 *     come back and resume
 * @param coldReadCount reads of the log under way at most
 */
public record MemoryLimits(long windowBytes, long pinnedBytes, long outboundBytes, int coldReadCount) {
    /** What is used unless told otherwise. */
    public static final MemoryLimits DEFAULTS = new MemoryLimits(64L << 20, 64L << 20, 128L << 20, 64);

    public MemoryLimits {
        Checks.inRange("windowBytes", windowBytes, Batch.MAX_LENGTH, 1L << 40);
        Checks.inRange("pinnedBytes", pinnedBytes, Batch.MAX_LENGTH, 1L << 40);
        Checks.inRange("outboundBytes", outboundBytes, Batch.MAX_LENGTH, 1L << 40);
        Checks.inRange("coldReadCount", coldReadCount, 1, 1 << 16);
    }

    /** The bound on all that is counted here, in bytes; the server prints it when it starts. */
    public long totalBytes() {
        return windowBytes + pinnedBytes + outboundBytes + (long) coldReadCount * Batch.MAX_LENGTH;
    }
}
