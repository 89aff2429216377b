package io.freshet.log;

/**
 * Reads documents in order, one at a time, each copied into a buffer of the reader. Belongs to one thread. It sees every
 * document that was appended, committed or not: who reads for others bounds it by what is committed.
 */
public interface LogReader extends AutoCloseable {
    /** Goes before the oldest document kept. */
    void toStart();

    /**
     * Goes before the document at {@code position}, so that {@link #next} reads it; when it is not there, before the
     * first document kept after that position.
     *
     * @return whether the document at exactly this position is there
     */
    boolean seek(long position);

    /**
     * Reads the next document; false at the end of the log. A document whose envelope is damaged is skipped; one that has
     * a sound envelope is given also when records in it are not intact.
     */
    boolean next();

    /** The document read last; a view that changes with {@link #next}. */
    LogDocument document();

    @Override
    void close();
}
