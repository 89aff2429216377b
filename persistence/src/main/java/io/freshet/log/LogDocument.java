package io.freshet.log;

import org.agrona.DirectBuffer;

/** One document as it was read: its envelope and its frames. A view, owned by its {@link LogReader}. */
public interface LogDocument {
    /** What a document holds. */
    enum Kind {
        /** Runs of records. */
        RUNS,
        /** Nothing but the start of its epoch. */
        EPOCH,
        /** One run of channel 0 with one record: the snapshot's bytes. */
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

    /**
     * Position of the last document before this one with a run of this channel, or {@link MessageLog#NULL_POSITION}. The
     * document may have been removed or lost since.
     */
    long previousPosition(int run);

    /** Holds the frames; borrowed until the reader moves. */
    DirectBuffer buffer();

    /** Where a record's bytes start in {@link #buffer}; {@code record} counts from 0 within the run. */
    int recordOffset(int run, int record);

    int recordLength(int run, int record);

    /**
     * How many records of the run, one after the other from {@code from} and below {@code to}, match their checksums.
     * Computed at each call.
     */
    int intactCount(int run, int from, int to);

    /** Whether one record's bytes match their checksums. Computed at each call. */
    default boolean isIntact(int run, int record) {
        return intactCount(run, record, record + 1) == 1;
    }
}
