package io.freshet.log.cache;

import io.freshet.log.Erasure;
import io.freshet.log.LogDocument;
import io.freshet.log.document.DocumentEraser;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;
import org.agrona.BufferUtil;
import org.agrona.collections.Long2LongHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Consecutive documents of one log, copied one behind the other, and for each channel the chain of its runs among them.
 * Everything that the log has between {@link #startPosition} and {@link #lastPosition} is here. Belongs to the cache's thread.
 */
final class Segment {
    static final int NONE = -1;
    private static final int INITIAL_CAPACITY = 256;

    /** A segment with less than this part of its room in use is small. */
    private static final int SMALL_SHARE = 8;

    /** When it was used last, as the cache counts. */
    long lastUse;

    private @Nullable CachedReader owner;
    private ByteBuffer bytes = ByteBuffer.allocate(0);
    private long address;
    private int length;
    private long startPosition;
    private long lastPosition;

    /** Channel to its number here; the first and the last of its runs lie under that number. */
    private final Long2LongHashMap channels = new Long2LongHashMap(NONE);

    private int[] firstRuns = new int[INITIAL_CAPACITY];
    private int[] lastRuns = new int[INITIAL_CAPACITY];
    private int runCount;
    private int[] documentOffsets = new int[INITIAL_CAPACITY];
    private int[] documentLengths = new int[INITIAL_CAPACITY];
    private int[] runs = new int[INITIAL_CAPACITY];
    private int[] followingRuns = new int[INITIAL_CAPACITY];
    private long[] endSequences = new long[INITIAL_CAPACITY];

    void restart(CachedReader newOwner, long position) {
        owner = newOwner;
        startPosition = position;
        lastPosition = position - 1;
        length = 0;
        runCount = 0;
        if (!channels.isEmpty()) {
            channels.clear();
        }
    }

    CachedReader owner() {
        return Objects.requireNonNull(owner, "a segment of nobody");
    }

    /** Position of its last document; one less than where it starts when it is empty. */
    long lastPosition() {
        return lastPosition;
    }

    /** Whether a scan from this position on can begin here. */
    boolean covers(long position) {
        return startPosition <= position && position <= lastPosition + 1;
    }

    boolean isEmpty() {
        return length == 0;
    }

    boolean isSmall(int segmentLength) {
        return length < segmentLength / SMALL_SHARE;
    }

    long startPosition() {
        return startPosition;
    }

    boolean hasRoom(int documentLength, int segmentLength) {
        return length == 0 || length + documentLength <= segmentLength;
    }

    /** Copies the document that follows the last; one that is longer than a whole segment gets more memory. */
    void add(LogDocument document, int documentLength, int segmentLength) {
        if (length + documentLength > bytes.capacity()) {
            bytes = ByteBuffer.allocateDirect(Math.max(segmentLength, documentLength));
            address = BufferUtil.address(bytes);
        }
        document.buffer().getBytes(0, bytes, length, documentLength);
        if (document.kind() == LogDocument.Kind.RUNS) {
            for (int run = 0, n = document.runCount(); run < n; run++) {
                long end = document.firstSequence(run) + document.recordCount(run);
                addRun(document.channel(run), end, run, documentLength);
            }
        }
        length += documentLength;
        lastPosition = document.position();
    }

    private void addRun(long channel, long endSequence, int run, int documentLength) {
        if (runCount == runs.length) {
            grow();
        }
        int added = runCount++;
        documentOffsets[added] = length;
        documentLengths[added] = documentLength;
        runs[added] = run;
        followingRuns[added] = NONE;
        endSequences[added] = endSequence;
        int number = (int) channels.get(channel);
        if (number == NONE) {
            number = channels.size();
            channels.put(channel, number);
            firstRuns[number] = added;
        } else {
            followingRuns[lastRuns[number]] = added;
        }
        lastRuns[number] = added;
    }

    /** There are never more channels than runs. */
    private void grow() {
        int capacity = runCount * 2;
        firstRuns = Arrays.copyOf(firstRuns, capacity);
        lastRuns = Arrays.copyOf(lastRuns, capacity);
        documentOffsets = Arrays.copyOf(documentOffsets, capacity);
        documentLengths = Arrays.copyOf(documentLengths, capacity);
        runs = Arrays.copyOf(runs, capacity);
        followingRuns = Arrays.copyOf(followingRuns, capacity);
        endSequences = Arrays.copyOf(endSequences, capacity);
    }

    /** The channel's first entry that reaches this sequence or beyond, or {@link #NONE}. */
    int find(long channel, long sequence) {
        int number = (int) channels.get(channel);
        int entry = number == NONE ? NONE : firstRuns[number];
        while (entry != NONE && endSequences[entry] <= sequence) {
            entry = followingRuns[entry];
        }
        return entry;
    }

    /** Erases records of a channel in the documents that are kept; what is erased already stays as it is. */
    void erase(long channel, Erasure erasure, DocumentEraser eraser) {
        for (int entry = find(channel, 0); entry != NONE; entry = following(entry)) {
            eraser.erase(documentAddress(entry), documentLength(entry), erasure, DocumentEraser.Changes.IGNORED);
        }
    }

    int following(int entry) {
        return followingRuns[entry];
    }

    long documentAddress(int entry) {
        return address + documentOffsets[entry];
    }

    int documentLength(int entry) {
        return documentLengths[entry];
    }

    /** The entry's run within its document. */
    int run(int entry) {
        return runs[entry];
    }
}
