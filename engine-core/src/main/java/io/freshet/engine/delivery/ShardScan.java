package io.freshet.engine.delivery;

import com.google.protobuf.ByteString;
import io.freshet.log.ChannelIndex;
import io.freshet.log.ChannelTail;
import io.freshet.log.IndexReader;
import io.freshet.log.LogDocument;
import io.freshet.log.LogReader;
import io.freshet.log.MessageLog;
import io.freshet.protocol.v1.Gap;
import io.freshet.protocol.v1.GapReason;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads one channel after another from one shard's log. Owned by the reader's thread.
 *
 * <p>A scan starts where the cursor's last read ended, or where the index says, and goes forward through the documents. When
 * the channel does not turn up for a while, the index is asked where it goes on.
 */
final class ShardScan implements AutoCloseable {
    /** Bytes of records in one chunk at most (one longer record excepted, which there is not). */
    static final int CHUNK_LENGTH = 64 * 1024;

    /** Documents of other channels that are passed before the index is asked again. */
    private static final int PATIENCE = 64;

    private final MessageLog log;
    private final LogReader reader;
    private final IndexReader index;
    private final ByteBufAllocator allocator;
    private final ChannelTail tail = new ChannelTail();

    private long channel;
    private long next;
    private long limit;
    private long gapCount;
    private GapReason gapReason = GapReason.GAP_REASON_UNSPECIFIED;
    private int count;
    private long lastPosition;

    ShardScan(MessageLog log, ChannelIndex index, ByteBufAllocator allocator) {
        this.log = log;
        this.reader = log.openReader();
        this.index = index.openReader();
        this.allocator = allocator;
    }

    IndexReader index() {
        return index;
    }

    /** Reads records from {@code first} on, up to {@code last}, until a chunk is full or something is missing. */
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
            scan(frames, hintPosition);
        } catch (RuntimeException e) {
            frames.release();
            throw e;
        }
        return new Chunk(gapCount, gapReason, trimmed(frames), count, lastPosition);
    }

    private void scan(ByteBuf frames, long hintPosition) {
        if (next > limit) {
            return;
        }
        seek(hintPosition);
        int passedCount = 0;
        while (next <= limit && reader.next()) {
            LogDocument document = reader.document();
            int run = runOf(document);
            if (run >= 0) {
                passedCount = 0;
                if (!take(document, run, frames)) {
                    return;
                }
            } else if (++passedCount == PATIENCE) {
                passedCount = 0;
                jump(document.position());
            }
        }
        if (count == 0 && next <= limit) {
            missing(limit + 1, GapReason.GAP_REASON_DAMAGED);
        }
    }

    private void seek(long hintPosition) {
        long position = hintPosition == MessageLog.NULL_POSITION ? index.find(channel, next) : hintPosition;
        if (position == MessageLog.NULL_POSITION) {
            reader.toStart();
        } else {
            reader.seek(position);
        }
    }

    private void jump(long fromPosition) {
        long position = index.find(channel, next);
        if (position > fromPosition) {
            reader.seek(position);
        }
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
            missing(Math.min(firstSequence, limit + 1), GapReason.GAP_REASON_DAMAGED);
        }
        int recordCount = document.recordCount(run);
        for (int i = (int) (next - firstSequence); i < recordCount && next <= limit; i++) {
            if (!document.isIntact(run, i)) {
                if (count > 0) {
                    return false;
                }
                missing(next + 1, GapReason.GAP_REASON_DAMAGED);
                continue;
            }
            int length = document.recordLength(run, i);
            if (frames.readableBytes() + length > CHUNK_LENGTH) {
                return false;
            }
            int at = frames.writerIndex();
            document.buffer().getBytes(document.recordOffset(run, i), frames.internalNioBuffer(at, length), length);
            frames.writerIndex(at + length);
            lastPosition = document.position();
            count++;
            next++;
        }
        return true;
    }

    private void missing(long upTo, GapReason reason) {
        gapCount += upTo - next;
        gapReason = reason;
        next = upTo;
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
                    return page(request, first, reached, frames, gaps);
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
        return new PageResult(ByteString.copyFrom(frames.nioBuffer()), gaps, hasMore ? following : 0);
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
        reader.close();
        index.close();
    }
}
