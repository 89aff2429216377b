package io.freshet.log.cache;

import io.freshet.log.Erasure;
import io.freshet.log.LogDocument;
import io.freshet.log.LogReader;
import io.freshet.log.MessageLog;
import io.freshet.log.document.DocumentEraser;
import io.freshet.log.document.DocumentView;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Goes through one log for many cursors and keeps what it reads: a log of tiny documents of a thousand channels is read once,
 * and not once for each of them. Stands within one segment, or at its end; what lies between two ends is never skipped.
 * Belongs to the cache's thread.
 */
public final class CachedReader implements AutoCloseable {
    private final LogReader reader;
    private final DocumentCache cache;
    private final DocumentView view = new DocumentView();
    private final DocumentEraser eraser = new DocumentEraser();
    private final List<Segment> segments = new ArrayList<>();
    private @Nullable Segment current;
    private @Nullable Segment lastRead;
    private int found = Segment.NONE;

    /** Reads with {@code reader}, which it closes, and keeps documents in {@code cache}. */
    public CachedReader(LogReader reader, DocumentCache cache) {
        this.reader = reader;
        this.cache = cache;
    }

    /** Goes before the document at this position, or the first after it; {@link MessageLog#NULL_POSITION} is the start. */
    public void goTo(long position) {
        Segment kept = covering(position);
        if (kept == null) {
            seek(position);
            kept = begin(position);
        }
        stand(kept);
    }

    /** The same for a position ahead; what was read before it is not worth memory when it is little. */
    public void skipTo(long position) {
        Segment standing = current();
        if (standing.isSmall(cache.segmentLength()) && covering(position) == null) {
            seek(position);
            standing.restart(this, position);
            lastRead = standing;
        } else {
            goTo(position);
        }
    }

    private void seek(long position) {
        if (position <= MessageLog.NULL_POSITION) {
            reader.toStart();
        } else {
            reader.seek(position);
        }
    }

    private Segment begin(long position) {
        Segment begun = cache.take(this, position);
        segments.add(begun);
        lastRead = begun;
        return begun;
    }

    private void stand(Segment segment) {
        current = segment;
        cache.used(segment);
    }

    /** The segment of which a scan from this position on finds most. */
    private @Nullable Segment covering(long position) {
        Segment best = null;
        for (int i = 0; i < segments.size(); i++) {
            Segment segment = segments.get(i);
            if (segment.covers(position) && (best == null || segment.lastPosition() > best.lastPosition())) {
                best = segment;
            }
        }
        return best;
    }

    private Segment current() {
        Segment standing = current;
        if (standing == null) {
            throw new IllegalStateException("it stands nowhere");
        }
        return standing;
    }

    /** Goes to the segment that continues the current one; false when what follows is not kept. */
    private boolean goOn() {
        Segment standing = current();
        Segment following = covering(standing.lastPosition() + 1);
        if (following == null || following == standing) {
            return false;
        }
        stand(following);
        return true;
    }

    /** Position of the last document kept before the end at which it stands after {@link #find} has found no more. */
    public long lastPosition() {
        return current().lastPosition();
    }

    /** Goes to the channel's first run kept from here on that reaches this sequence or beyond; false when there is none. */
    public boolean find(long channel, long sequence) {
        do {
            found = current().find(channel, sequence);
        } while (found == Segment.NONE && goOn());
        return found != Segment.NONE;
    }

    /** Goes to the next run of the channel that was found, as {@link #find} does. */
    public boolean findNext(long channel, long sequence) {
        found = current().following(found);
        return found != Segment.NONE || (goOn() && find(channel, sequence));
    }

    /** The document with the run that was found; a view until the next call. */
    public LogDocument foundDocument() {
        Segment segment = current();
        view.wrapKnown(segment.documentAddress(found), segment.documentLength(found));
        return view;
    }

    /** The run that was found within its document. */
    public int foundRun() {
        return current().run(found);
    }

    /** Reads the document behind what is kept and keeps it; false at the end of the log. */
    public boolean readNext() {
        Segment standing = current();
        if (lastRead != standing) {
            returnTo(standing);
        }
        if (!reader.next()) {
            return false;
        }
        LogDocument document = reader.document();
        int length = document.buffer().capacity();
        if (!standing.hasRoom(length, cache.segmentLength())) {
            standing = begin(standing.lastPosition() + 1);
        }
        standing.add(document, length, cache.segmentLength());
        stand(standing);
        return true;
    }

    /** The reader has read for another segment since; it goes behind this one's end. */
    private void returnTo(Segment segment) {
        lastRead = segment;
        if (segment.isEmpty()) {
            seek(segment.startPosition());
        } else if (reader.seek(segment.lastPosition())) {
            reader.next();
        }
    }

    /** The document that {@link #readNext} has read; a view until it is called again. */
    public LogDocument newest() {
        return reader.document();
    }

    /** Erases what is kept of these records, after they were erased in the log. */
    public void erase(long channel, Erasure erasure) {
        for (int i = 0; i < segments.size(); i++) {
            segments.get(i).erase(channel, erasure, eraser);
        }
    }

    /** The cache needs the segment's memory. */
    void forget(Segment segment) {
        segments.remove(segment);
        if (lastRead == segment) {
            lastRead = null;
        }
        if (current == segment) {
            current = null;
        }
    }

    @Override
    public void close() {
        reader.close();
    }
}
