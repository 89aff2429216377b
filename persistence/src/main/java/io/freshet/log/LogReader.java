package io.freshet.log;

/**
 * Reads documents in order, one at a time, each copied into a buffer of the reader. Belongs to one thread. It sees every
 * document that was appended, committed or not: who reads for others bounds it by what is committed.
 */
public interface LogReader extends AutoCloseable {
    /** Goes before the oldest document kept. */
    void toStart();

    /**
     * Goes before the document at {@code position}, so that {@link #next} reads it; when it is no longer kept, before
     * the oldest.
     *
     * @return whether the document at exactly this position is there
     */
    boolean seek(long position);

    /** Reads the next document, skipping what is damaged beyond its envelope; false at the end of the log. */
    boolean next();

    /** The document read last; a view that changes with {@link #next}. */
    LogDocument document();

    @Override
    void close();
}
