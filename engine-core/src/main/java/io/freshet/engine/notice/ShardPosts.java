package io.freshet.engine.notice;

import io.freshet.log.ChannelIndex;
import io.freshet.log.IndexReader;
import io.freshet.log.LogDocument;
import io.freshet.log.LogReader;
import io.freshet.log.MessageLog;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The posts of one shard in the order of its log, behind the index. Documents that have none are not read, but for those of a time
 * of which that is not known. Belongs to the notifier's thread.
 */
final class ShardPosts implements AutoCloseable {
    private static final int NOT_FOUND = -1;

    private final MessageLog log;
    private final ChannelIndex index;
    private final InboxFollower follower;
    private final PostQueue queue;
    private final LogReader reader;
    private final LogReader lookup;
    private final IndexReader lookupIndex;
    private long position;
    /** Posts of documents up to {@link #oldUpTo} count only from this time on. */
    private final long notBeforeUs;

    private final long oldUpTo;
    /** Up to here every document is read. */
    private long unknownUpTo;
    /** Up to here this round goes. */
    private long limit = MessageLog.NULL_POSITION;

    private boolean isInOrder;

    /**
     * Goes on behind {@code progress}.
     *
     * @param notBeforeUs microseconds since 1970 UTC; posts that the index has by now count only from then on
     */
    ShardPosts(
            MessageLog log,
            ChannelIndex index,
            InboxFollower follower,
            PostQueue queue,
            long progress,
            long notBeforeUs) {
        this.log = log;
        this.index = index;
        this.follower = follower;
        this.queue = queue;
        reader = log.openReader();
        lookup = log.openReader();
        lookupIndex = index.openReader();
        position = progress;
        // What the queue did not see is between what was done and what the index had when it was opened.
        unknownUpTo = index.indexedPosition();
        oldUpTo = unknownUpTo;
        this.notBeforeUs = notBeforeUs;
    }

    /** Lets the next round go as far as the index does; whether there may be posts up to there. */
    boolean look() {
        limit = Math.max(limit, index.indexedPosition());
        unknownUpTo = Math.max(unknownUpTo, queue.lastLost());
        boolean isWorth = nextPosition() != MessageLog.NULL_POSITION;
        if (!isWorth) {
            skip();
        }
        return isWorth;
    }

    /** Where the next document lies that may have posts, within the round; or {@link MessageLog#NULL_POSITION}. */
    private long nextPosition() {
        if (position < Math.min(unknownUpTo, limit)) {
            return position + 1;
        }
        long next = queue.firstAbove(position);
        return next <= limit ? next : MessageLog.NULL_POSITION;
    }

    /** The posts of the next document of the round; null when there is none. */
    @Nullable
    List<StoredPost> next() {
        long wanted = nextPosition();
        if (wanted == MessageLog.NULL_POSITION) {
            skip();
            return null;
        }
        boolean isFollowing = isInOrder && wanted == position + 1;
        if (!isFollowing) {
            seek(wanted);
        }
        if (!reader.next() || reader.document().position() > limit) {
            isInOrder = false;
            skip();
            return null;
        }
        isInOrder = true;
        position = reader.document().position();
        return posts(reader.document());
    }

    /** Goes before the first document at or behind a position; to the start of the log when nothing was done yet. */
    private void seek(long wanted) {
        if (position == MessageLog.NULL_POSITION && wanted == position + 1) {
            reader.toStart();
        } else if (wanted == position + 1 && reader.seek(position)) {
            reader.next();
        } else {
            reader.seek(wanted);
        }
    }

    private void skip() {
        position = Math.max(position, limit);
    }

    private List<StoredPost> posts(LogDocument document) {
        List<StoredPost> posts = new ArrayList<>();
        int index = 0;
        for (int run = 0; document.kind() == LogDocument.Kind.RUNS && run < document.runCount(); run++) {
            for (int i = 0, n = document.recordCount(run); i < n; i++, index++) {
                if (StoredPost.isStored(document.buffer(), document.recordOffset(run, i))
                        && document.isIntact(run, i)) {
                    StoredPost post = StoredPost.of(document, run, i, index);
                    if (post != null && (post.postedUs() >= notBeforeUs || post.position() > oldUpTo)) {
                        posts.add(post);
                    }
                }
            }
        }
        return posts;
    }

    /** Who posted this; 0 when that is not known any more, or no post. */
    long author(long channel, long sequence) {
        int run = lookUp(channel, sequence);
        LogDocument document = lookup.document();
        return run == NOT_FOUND ? 0 : StoredPost.author(document, run, (int) (sequence - document.firstSequence(run)));
    }

    /** Whether this is a post, erased or not; false when that is not known any more. */
    boolean isPost(long channel, long sequence) {
        int run = lookUp(channel, sequence);
        if (run == NOT_FOUND) {
            return false;
        }
        LogDocument document = lookup.document();
        int record = (int) (sequence - document.firstSequence(run));
        return StoredPost.isPost(document.buffer(), document.recordOffset(run, record));
    }

    /** Goes to the document of a record; the run that it is in, or {@link #NOT_FOUND}. */
    private int lookUp(long channel, long sequence) {
        long at = lookupIndex.find(channel, sequence);
        if (at == MessageLog.NULL_POSITION || !lookup.seek(at) || !lookup.next()) {
            return NOT_FOUND;
        }
        LogDocument document = lookup.document();
        for (int run = 0; run < document.runCount(); run++) {
            long record = sequence - document.firstSequence(run);
            if (document.channel(run) == channel && record >= 0 && record < document.recordCount(run)) {
                return run;
            }
        }
        return NOT_FOUND;
    }

    /** Everything up to here was handed out. */
    long position() {
        return position;
    }

    /** Everything up to here is dealt with, durably. */
    void done(long upTo) {
        follower.done(upTo);
    }

    /** Position of the last document that there is; what is appended later has a higher one. */
    long lastPosition() {
        return log.isFenced() ? MessageLog.NULL_POSITION : log.lastPosition();
    }

    /** Whether the index knows everything up to there; a log that has failed is not waited for. */
    boolean isIndexed(long upTo) {
        return index.indexedPosition() >= upTo || log.isFenced();
    }

    @Override
    public void close() {
        reader.close();
        lookup.close();
        lookupIndex.close();
    }
}
