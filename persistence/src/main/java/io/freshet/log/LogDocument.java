package io.freshet.log;

import org.agrona.DirectBuffer;

/** One document as it was read: its envelope and its frames. A view, owned by its {@link LogReader}. */
public interface LogDocument {
    /** What a document holds. */
    enum Kind {
        RUNS,
        EPOCH,
        SNAPSHOT
    }

    Kind kind();

    long position();

    int epoch();

    /** The latest time stamp of its records, in microseconds since the epoch. */
    long timeUs();

    int runCount();

    long channel(int run);

    long firstSequence(int run);

    int recordCount(int run);

    /** Position of the document with this channel's previous run, or {@link MessageLog#NULL_POSITION}. */
    long previousPosition(int run);

    /** Holds the frames; borrowed until the reader moves. */
    DirectBuffer buffer();

    /** Where a record's bytes start in {@link #buffer}; {@code record} counts from 0 within the run. */
    int recordOffset(int run, int record);

    int recordLength(int run, int record);

    /** Whether the record's bytes match their checksums. Computed at each call. */
    boolean isIntact(int run, int record);
}
