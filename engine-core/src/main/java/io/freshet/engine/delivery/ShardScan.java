package io.freshet.engine.delivery;

import com.google.protobuf.ByteString;
import io.freshet.engine.chat.PostLookup;
import io.freshet.log.ChannelIndex;
import io.freshet.log.ChannelTail;
import io.freshet.log.Erasure;
import io.freshet.log.IndexReader;
import io.freshet.log.LogDocument;
import io.freshet.log.MessageLog;
import io.freshet.log.cache.CachedReader;
import io.freshet.log.cache.DocumentCache;
import io.freshet.protocol.FrameHeader;
import io.freshet.protocol.RecordFrame;
import io.freshet.protocol.v1.Gap;
import io.freshet.protocol.v1.GapReason;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads one channel after another from one shard's log. Owned by the reader's thread.
 *
 * <p>A scan starts where the cursor's last read ended, or where the index says, and goes forward through the documents: first
 * those that earlier scans have left in memory (see {@link CachedReader}), then further ones. When the channel does not turn up
 * for a while there are two ways on. The index can be asked where it goes on, which costs a search in the log for each record
 * of a rare channel; or the documents between can be read, which pays when other cursors want them too. Which it is, is decided
 * by an allowance of bytes: what other scans found in memory adds to it, what was read for nothing is taken off it.
 */
final class ShardScan implements AutoCloseable {
    /** Bytes of records in one chunk at most (one longer record excepted, which there is not). */
    static final int CHUNK_LENGTH = 64 * 1024;

    /** Bytes of documents that are read for one chunk at most: a few records each for many channels, and no long wait for others. */
    private static final int SCAN_LENGTH = 4 * 1024 * 1024;

    /** Documents of other channels that are passed before the index is asked. */
    private static final int PATIENCE = 64;

    /** And so many bytes of them. */
    private static final int PATIENCE_LENGTH = 64 * 1024;

    /** What a document costs beside its bytes, in bytes that could be read in that time. */
    private static final int DOCUMENT_COST = 256;

    /** What a search in the log costs, likewise: some 7 microseconds. So much is saved by each run found in memory. */
    private static final int SEARCH_COST = 16 * 1024;

    /** Enough for some whole scans. Once it is used up there is none before it is whole again. */
    private static final long ALLOWANCE = 16L * SCAN_LENGTH;

    private final MessageLog log;
    private final CachedReader documents;
    private final IndexReader index;
    private final ByteBufAllocator allocator;
    private final ChannelTail tail = new ChannelTail();
    private final ViewedPages viewed;
    private long allowance = ALLOWANCE;
    private boolean isReadingOn = true;

    private long channel;
    private long next;
    private long limit;
    private long gapCount;
    private GapReason gapReason = GapReason.GAP_REASON_UNSPECIFIED;
    private int count;
    private int readLength;
    private long lastPosition;

    /** @param threads of whatever shard */
    ShardScan(
            MessageLog log, ChannelIndex index, DocumentCache cache, ByteBufAllocator allocator, ThreadViews threads) {
        this.log = log;
        viewed = new ViewedPages(this, threads);
        documents = new CachedReader(log.openReader(), cache);
        this.index = index.openReader();
        this.allocator = allocator;
    }

    IndexReader index() {
        return index;
    }

    /**
     * Reads records from {@code first} on, up to {@code last}, until a chunk is full, something is missing or enough was read;
     * then the chunk may be empty, and its position says how far the search has come.
     */
    Chunk readChunk(long forChannel, long first, long last, long hintPosition) {
        channel = forChannel;
        next = first;
        limit = last;
        gapCount = 0;
        gapReason = GapReason.GAP_REASON_UNSPECIFIED;
        count = 0;
        lastPosition = MessageLog.NULL_POSITION;
        if (index.tail(channel, tail) && tail.firstSequence > next) {
            missing(Math.min(tail.firstSequence, limit + 1), GapReason.GAP_REASON_EXPIRED);
        }
        ByteBuf frames = allocator.directBuffer(CHUNK_LENGTH);
        try {
            if (next <= limit) {
                documents.goTo(hintPosition == MessageLog.NULL_POSITION ? index.find(channel, next) : hintPosition);
                readLength = 0;
                while (takeKept(frames) && readOn(frames)) {
                    // It went on where the index says.
                }
            }
            return new Chunk(gapCount, gapReason, trimmed(frames), count, lastPosition);
        } catch (Throwable e) {
            frames.release();
            throw e;
        }
    }

    /**
     * Takes what earlier scans have left in memory; false when the chunk is to end: it is full, or others have read ahead of
     * this cursor, and the next who finds nothing more there reads on for all.
     */
    private boolean takeKept(ByteBuf frames) {
        boolean isFound = documents.find(channel, next);
        boolean isAhead = isFound;
        while (isFound && next <= limit) {
            if (!take(documents.foundDocument(), documents.foundRun(), frames)) {
                return false;
            }
            allow(SEARCH_COST);
            isFound = documents.findNext(channel, next);
        }
        if (next <= limit && isAhead && lastPosition < documents.lastPosition()) {
            lastPosition = documents.lastPosition();
            return false;
        }
        return next <= limit;
    }

    /** Reads further documents until the chunk is to end; true when it went on elsewhere, where something may be kept. */
    private boolean readOn(ByteBuf frames) {
        int passedCount = 0;
        int passedLength = 0;
        while (next <= limit) {
            if (readLength >= SCAN_LENGTH) {
                lastPosition = documents.lastPosition();
                return false;
            }
            if (!documents.readNext()) {
                if (count == 0) {
                    lost(limit + 1);
                }
                return false;
            }
            LogDocument document = documents.newest();
            readLength += document.buffer().capacity();
            int run = runOf(document);
            if (run < 0) {
                passedCount++;
                passedLength += document.buffer().capacity();
                if (passedCount < PATIENCE && passedLength < PATIENCE_LENGTH) {
                    continue;
                }
                if (skips(passedCount * DOCUMENT_COST + passedLength)) {
                    return true;
                }
            } else if (!take(document, run, frames)) {
                return false;
            }
            passedCount = 0;
            passedLength = 0;
        }
        return false;
    }

    /** After documents of this cost were passed: goes where the index says, unless what comes is better read. */
    private boolean skips(int passedCost) {
        if (isReadingOn) {
            allowance -= passedCost;
            isReadingOn = allowance > 0;
            return false;
        }
        long position = index.find(channel, next);
        if (position <= documents.lastPosition()) {
            return false;
        }
        documents.skipTo(position);
        allow(SEARCH_COST / 8);
        return true;
    }

    private void allow(int more) {
        allowance = Math.min(ALLOWANCE, allowance + more);
        isReadingOn |= allowance == ALLOWANCE;
    }

    /** The run of this document that reaches {@code next} or beyond, or -1. */
    private int runOf(LogDocument document) {
        if (document.kind() != LogDocument.Kind.RUNS) {
            return -1;
        }
        for (int run = 0, n = document.runCount(); run < n; run++) {
            if (document.channel(run) == channel && document.firstSequence(run) + document.recordCount(run) > next) {
                return run;
            }
        }
        return -1;
    }

    /** Copies what the run has; false when the chunk is to end here. */
    private boolean take(LogDocument document, int run, ByteBuf frames) {
        long firstSequence = document.firstSequence(run);
        if (firstSequence > next) {
            if (count > 0) {
                return false;
            }
            lost(Math.min(firstSequence, limit + 1));
            if (next < firstSequence) {
                return false;
            }
        }
        int from = (int) (next - firstSequence);
        int end = (int) Math.min(document.recordCount(run), limit + 1 - firstSequence);
        while (from < end) {
            int to = fittingEnd(document, run, from, end, CHUNK_LENGTH - frames.readableBytes());
            int intactCount = document.intactCount(run, from, to);
            copy(document, run, from, intactCount, frames);
            from += intactCount;
            if (from < to) {
                if (count > 0) {
                    return false;
                }
                if (!missing(next + 1, GapReason.GAP_REASON_DAMAGED)) {
                    return false;
                }
                from++;
            } else if (to < end) {
                return false;
            }
        }
        return true;
    }

    /** Behind the last record that still fits, from {@code from} on and below {@code end}. */
    private static int fittingEnd(LogDocument document, int run, int from, int end, int room) {
        int start = document.recordOffset(run, from);
        int last = end - 1;
        if (document.recordOffset(run, last) + document.recordLength(run, last) - start <= room) {
            return end;
        }
        int to = from;
        while (to < last && document.recordOffset(run, to + 1) - start <= room) {
            to++;
        }
        return to;
    }

    private void copy(LogDocument document, int run, int from, int recordCount, ByteBuf frames) {
        if (recordCount == 0) {
            return;
        }
        int last = from + recordCount - 1;
        int start = document.recordOffset(run, from);
        int length = document.recordOffset(run, last) + document.recordLength(run, last) - start;
        int at = frames.writerIndex();
        document.buffer().getBytes(start, frames.internalNioBuffer(at, length), length);
        frames.writerIndex(at + length);
        lastPosition = document.position();
        count += recordCount;
        next += recordCount;
    }

    /**
     * The log has nothing between {@code next} and here: the index says whether that has expired (it forgets before files go), and
     * what has not is damaged.
     */
    private void lost(long upTo) {
        if (index.tail(channel, tail) && tail.firstSequence > next) {
            missing(Math.min(tail.firstSequence, upTo), GapReason.GAP_REASON_EXPIRED);
        }
        if (next < upTo) {
            missing(upTo, GapReason.GAP_REASON_DAMAGED);
        }
    }

    /** Adds to the chunk's gap; false when that is of another reason, and the chunk is to end before this one. */
    private boolean missing(long upTo, GapReason reason) {
        if (gapCount > 0 && gapReason != reason) {
            return false;
        }
        gapCount += upTo - next;
        gapReason = reason;
        next = upTo;
        return true;
    }

    /** Few bytes do not hold on to a whole chunk's memory. <em>Transfers</em> in and out. */
    private ByteBuf trimmed(ByteBuf frames) {
        int length = frames.readableBytes();
        if (length > CHUNK_LENGTH / 4) {
            return frames;
        }
        ByteBuf copy = allocator.directBuffer(Math.max(length, 1)).writeBytes(frames);
        frames.release();
        return copy;
    }

    /** Reads a page. Backward pages end at {@code from}, so that they shrink from their beginning until they fit. */
    PageResult readPage(PageRequest request) {
        long last =
                request.isBackward() ? request.from() : Math.min(request.from() + request.limit() - 1, request.head());
        long first = request.isBackward() ? Math.max(request.first(), last - request.limit() + 1) : request.from();
        while (true) {
            List<Gap> gaps = new ArrayList<>();
            ByteBuf frames = allocator.directBuffer(CHUNK_LENGTH);
            try {
                long reached = readRange(request.channel(), first, last, frames, gaps);
                if (reached == last || !request.isBackward()) {
                    PageResult page = page(request, first, reached, frames, gaps);
                    return request.hasViews() ? viewed.withViews(request, page, first, reached) : page;
                }
            } finally {
                frames.release();
            }
            first = last - (last - first) / 2;
        }
    }

    /** Reads chunks until the range is whole or a page is full; returns the last sequence that is in it. */
    private long readRange(long forChannel, long first, long last, ByteBuf frames, List<Gap> gaps) {
        long at = first;
        long hint = MessageLog.NULL_POSITION;
        while (at <= last) {
            Chunk chunk = readChunk(forChannel, at, last, hint);
            try {
                if (chunk.gapCount() > 0) {
                    gaps.add(gap(forChannel, at, chunk));
                    at += chunk.gapCount();
                }
                if (frames.readableBytes() + chunk.frames().readableBytes() > CHUNK_LENGTH) {
                    break;
                }
                frames.writeBytes(chunk.frames());
                at += chunk.count();
                hint = chunk.lastPosition();
            } finally {
                chunk.frames().release();
            }
        }
        return at - 1;
    }

    /** The head of one record; null when it is not kept, or damaged. */
    PostLookup.@Nullable RecordHead head(long ofChannel, long sequence) {
        long hint = MessageLog.NULL_POSITION;
        while (true) {
            Chunk chunk = readChunk(ofChannel, sequence, sequence, hint);
            ByteBuf frames = chunk.frames();
            try {
                if (chunk.count() > 0) {
                    int at = frames.readerIndex();
                    return new PostLookup.RecordHead(
                            FrameHeader.kind(frames, at),
                            FrameHeader.flags(frames, at),
                            RecordFrame.sender(frames, at));
                }
                if (chunk.gapCount() > 0) {
                    return null;
                }
                hint = chunk.lastPosition();
            } finally {
                frames.release();
            }
        }
    }

    private static Gap gap(long channel, long first, Chunk chunk) {
        return Gap.newBuilder()
                .setChannel(channel)
                .setFirstSequence(first)
                .setCount(chunk.gapCount())
                .setReason(chunk.gapReason())
                .build();
    }

    private static PageResult page(PageRequest request, long first, long reached, ByteBuf frames, List<Gap> gaps) {
        long following = request.isBackward() ? first - 1 : reached + 1;
        boolean hasMore = request.isBackward() ? following >= request.first() : following <= request.head();
        return PageResult.plain(ByteString.copyFrom(frames.nioBuffer()), gaps, hasMore ? following : 0);
    }

    /** Erases what is kept in memory of records that were erased in the log. */
    void forget(long ofChannel, Erasure erasure) {
        documents.erase(ofChannel, erasure);
    }

    /** The last sequence of the channel in documents of this epoch or an older one. */
    long lastSequenceIn(long forChannel, int epoch) {
        for (MessageLog.EpochStart start : log.epochs()) {
            if (start.epoch() > epoch) {
                return index.lastSequenceBefore(forChannel, start.position());
            }
        }
        return Long.MAX_VALUE;
    }

    @Override
    public void close() {
        documents.close();
        index.close();
    }
}
