package io.freshet.log;

import io.freshet.log.document.DocumentLayout;
import java.util.Arrays;
import org.agrona.DirectBuffer;

/**
 * The runs of one document, collected by a shard and read by {@link MessageLog#append}. Reused from append to append;
 * owned by the shard's thread. A <em>run</em> is consecutive records of one channel whose frames lie side by side in a
 * buffer that the caller keeps alive until the append has returned.
 */
public final class LogBatch {
    private static final int INITIAL_CAPACITY = 16;

    private int runCount;
    private int recordCount;
    private int framesLength;
    private long timeUs;
    private Durability durability = Durability.WRITTEN;
    private DirectBuffer[] buffers = new DirectBuffer[INITIAL_CAPACITY];
    private int[] offsets = new int[INITIAL_CAPACITY];
    private int[] lengths = new int[INITIAL_CAPACITY];
    private long[] channels = new long[INITIAL_CAPACITY];
    private long[] firstSequences = new long[INITIAL_CAPACITY];
    private int[] firstRecords = new int[INITIAL_CAPACITY];
    private int[] recordLengths = new int[INITIAL_CAPACITY];
    private int[] headLengths = new int[INITIAL_CAPACITY];

    /**
     * Empties the batch.
     *
     * @param timeUs the latest time stamp of its records, in microseconds since the epoch
     * @param durability the highest that any of its runs waits for: {@code SYNCED} asks for a sync at once
     */
    public void reset(long timeUs, Durability durability) {
        Arrays.fill(buffers, 0, runCount, null);
        this.timeUs = timeUs;
        this.durability = durability;
        runCount = 0;
        recordCount = 0;
        framesLength = 0;
    }

    /** Starts a run whose frames begin at {@code offset}; its records follow with {@link #addRecord}. */
    public void startRun(long channel, long firstSequence, DirectBuffer buffer, int offset) {
        if (runCount == channels.length) {
            growRuns();
        }
        buffers[runCount] = buffer;
        offsets[runCount] = offset;
        lengths[runCount] = 0;
        channels[runCount] = channel;
        firstSequences[runCount] = firstSequence;
        firstRecords[runCount] = recordCount;
        runCount++;
    }

    /**
     * Adds the next record of the run that was started last.
     *
     * @param length bytes of the record
     * @param headLength bytes of it before the payload, which has a checksum of its own
     */
    public void addRecord(int length, int headLength) {
        if (recordCount == recordLengths.length) {
            recordLengths = Arrays.copyOf(recordLengths, recordCount * 2);
            headLengths = Arrays.copyOf(headLengths, recordCount * 2);
        }
        assert headLength >= 0 && headLength <= length : headLength + " of " + length;
        recordLengths[recordCount] = length;
        headLengths[recordCount] = headLength;
        recordCount++;
        lengths[runCount - 1] += length;
        framesLength += length;
    }

    private void growRuns() {
        int capacity = runCount * 2;
        buffers = Arrays.copyOf(buffers, capacity);
        offsets = Arrays.copyOf(offsets, capacity);
        lengths = Arrays.copyOf(lengths, capacity);
        channels = Arrays.copyOf(channels, capacity);
        firstSequences = Arrays.copyOf(firstSequences, capacity);
        firstRecords = Arrays.copyOf(firstRecords, capacity);
    }

    public long timeUs() {
        return timeUs;
    }

    public Durability durability() {
        return durability;
    }

    public int runCount() {
        return runCount;
    }

    public int recordCount() {
        return recordCount;
    }

    /** Bytes of all frames. */
    public int framesLength() {
        return framesLength;
    }

    /** Bytes that the batch takes as a document: its envelope and its frames. At most {@link MessageLog#maxDocumentLength}. */
    public int documentLength() {
        return DocumentLayout.envelopeLength(runCount, recordCount) + framesLength;
    }

    public long channel(int run) {
        return channels[run];
    }

    public long firstSequence(int run) {
        return firstSequences[run];
    }

    public DirectBuffer buffer(int run) {
        return buffers[run];
    }

    public int offset(int run) {
        return offsets[run];
    }

    public int length(int run) {
        return lengths[run];
    }

    /** Index of the run's first record among all records of the batch. */
    public int firstRecord(int run) {
        return firstRecords[run];
    }

    public int recordCount(int run) {
        return (run + 1 == runCount ? recordCount : firstRecords[run + 1]) - firstRecords[run];
    }

    public int recordLength(int record) {
        return recordLengths[record];
    }

    public int headLength(int record) {
        return headLengths[record];
    }
}
