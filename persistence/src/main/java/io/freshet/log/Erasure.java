package io.freshet.log;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * Which records are to be erased, and how one is marked. Called on the thread that erases; the log itself knows only which bytes
 * of a record are its head and which its payload.
 */
public interface Erasure {
    /** All of the payload is zero. */
    byte[] NOTHING = {};

    /**
     * Whether this record is to be erased. Called for each record of a document that is there, erased before or not. Borrows the
     * buffer.
     *
     * @param offset where the record starts
     */
    boolean isTarget(long channel, long sequence, DirectBuffer record, int offset);

    /**
     * Marks the head of a record as erased; it keeps its length. To mark it again changes nothing. Borrows the buffer.
     *
     * @param offset where the record starts
     * @param headLength bytes of it before the payload
     */
    void mark(MutableDirectBuffer record, int offset, int headLength);

    /**
     * With what the payload begins from then on, at most as long as it is; the rest is zero. Asked before {@link #mark}; of a record that was erased before it says the
     * same again. Borrows the buffer.
     *
     * @param offset where the record starts
     * @param headLength bytes of it before the payload
     * @param length bytes of the record
     */
    default byte[] kept(DirectBuffer record, int offset, int headLength, int length) {
        return NOTHING;
    }
}
