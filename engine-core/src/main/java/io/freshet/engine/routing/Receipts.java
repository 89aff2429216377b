package io.freshet.engine.routing;

import io.freshet.protocol.ErrorCode;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What a batch owes its publishers: runs of consecutive nonces with consecutive sequences, in the order of admission.
 * Owned by the shard's thread.
 */
final class Receipts {
    private static final int INITIAL_CAPACITY = 4;

    private @Nullable Producer[] producers = new @Nullable Producer[INITIAL_CAPACITY];
    private long[] firstNonces = new long[INITIAL_CAPACITY];
    private long[] firstSequences = new long[INITIAL_CAPACITY];
    private int[] counts = new int[INITIAL_CAPACITY];
    private int size;

    void add(Producer producer, long nonce, long sequence) {
        int last = size - 1;
        if (last >= 0
                && producers[last] == producer
                && firstNonces[last] + counts[last] == nonce
                && firstSequences[last] + counts[last] == sequence) {
            counts[last]++;
            return;
        }
        if (size == counts.length) {
            grow();
        }
        producers[size] = producer;
        firstNonces[size] = nonce;
        firstSequences[size] = sequence;
        counts[size] = 1;
        size++;
    }

    private void grow() {
        int capacity = size * 2;
        producers = Arrays.copyOf(producers, capacity);
        firstNonces = Arrays.copyOf(firstNonces, capacity);
        firstSequences = Arrays.copyOf(firstSequences, capacity);
        counts = Arrays.copyOf(counts, capacity);
    }

    void committed(long channel) {
        for (int i = 0; i < size; i++) {
            producer(i).answered(counts[i]);
            producer(i).publisher().onCommitted(channel, firstNonces[i], counts[i], firstSequences[i]);
        }
    }

    void refused(long channel, ErrorCode code) {
        for (int i = 0; i < size; i++) {
            producer(i).answered(counts[i]);
            producer(i).publisher().onRefused(channel, firstNonces[i], counts[i], code, 0);
        }
    }

    /** Takes the nonces back from their windows, newest first. */
    void undo() {
        for (int i = size - 1; i >= 0; i--) {
            producer(i).nonces().undo((int) firstNonces[i]);
        }
    }

    /** Forgets everything, to serve another batch. */
    void clear() {
        Arrays.fill(producers, 0, size, null);
        size = 0;
    }

    private Producer producer(int i) {
        Producer producer = producers[i];
        assert producer != null;
        return producer;
    }
}
