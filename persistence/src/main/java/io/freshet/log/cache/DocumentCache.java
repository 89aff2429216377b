package io.freshet.log.cache;

import java.util.ArrayList;
import java.util.List;

/**
 * The memory in which the readers of several logs keep documents: a stated number of segments, of which the one that was
 * not used for longest is emptied for the next. Memory is taken as it is first needed. Belongs to one thread, with its
 * readers.
 */
public final class DocumentCache {
    private final int segmentCount;
    private final int segmentLength;
    private final List<Segment> segments = new ArrayList<>();
    private long useCount;

    /**
     * @param segmentCount segments of all readers together, at least 2
     * @param segmentLength bytes of documents in each; its tables take less than that once more
     */
    public DocumentCache(int segmentCount, int segmentLength) {
        this.segmentCount = segmentCount;
        this.segmentLength = segmentLength;
    }

    int segmentLength() {
        return segmentLength;
    }

    /** An empty segment, which may have been another reader's until now. */
    Segment take(CachedReader owner, long startPosition) {
        Segment taken;
        if (segments.size() < segmentCount) {
            taken = new Segment();
            segments.add(taken);
        } else {
            taken = segments.get(0);
            for (Segment segment : segments) {
                if (segment.lastUse < taken.lastUse) {
                    taken = segment;
                }
            }
            taken.owner().forget(taken);
        }
        taken.restart(owner, startPosition);
        used(taken);
        return taken;
    }

    void used(Segment segment) {
        segment.lastUse = ++useCount;
    }
}
