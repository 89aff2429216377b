package io.freshet.engine.channel;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.freshet.engine.chat.PostLookup;
import io.freshet.engine.delivery.ReaderProxy;
import io.freshet.log.IndexReader;
import io.freshet.log.LogDocument;
import io.freshet.log.LogReader;
import io.freshet.log.MessageLog;
import io.freshet.log.Storage;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.EventKind;
import io.freshet.protocol.FrameHeader;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Looks into the logs and their indexes for what a thread belongs to. Services' thread, which may block. */
final class PostReader implements AutoCloseable {
    private final Storage storage;
    private final List<IndexReader> indexes = new ArrayList<>();
    private final List<LogReader> logs = new ArrayList<>();

    PostReader(Storage storage) {
        this.storage = storage;
    }

    /** The shard of a channel; the readers are opened by the thread that uses them, at their first use. */
    private int shardOf(long channel) {
        for (int i = indexes.size(); i < storage.shardCount(); i++) {
            indexes.add(storage.index(i).openReader());
            logs.add(storage.log(i).openReader());
        }
        return ReaderProxy.shardOf(channel, storage.shardCount());
    }

    /** Why this committed record is no post that a thread may belong to; null when it is one. */
    @Nullable
    ErrorCode refusal(long channel, long sequence) {
        int shard = shardOf(channel);
        LogReader log = logs.get(shard);
        if (PostLookup.isDeleted(indexes.get(shard), channel, sequence)) {
            return ErrorCode.POST_DELETED;
        }
        long position = indexes.get(shard).find(channel, sequence);
        if (position == MessageLog.NULL_POSITION) {
            log.toStart();
        } else {
            log.seek(position);
        }
        while (log.next()) {
            LogDocument document = log.document();
            for (int run = 0; run < document.runCount(); run++) {
                long index = sequence - document.firstSequence(run);
                if (document.channel(run) == channel && index < 0) {
                    return ErrorCode.NO_SUCH_POST; // it is kept no more
                }
                if (document.channel(run) == channel && index < document.recordCount(run)) {
                    return refusal(document, run, (int) index);
                }
            }
        }
        return ErrorCode.NO_SUCH_POST;
    }

    private static @Nullable ErrorCode refusal(LogDocument document, int run, int index) {
        int offset = document.recordOffset(run, index);
        int kind = document.buffer().getShort(offset + FrameHeader.KIND_OFFSET, LITTLE_ENDIAN) & 0xFFFF;
        int flags = document.buffer().getByte(offset + FrameHeader.FLAGS_OFFSET);
        boolean isPost = kind == EventKind.POST.code() && (flags & FrameHeader.FLAG_CHECKED) != 0;
        if (!isPost || !document.isIntact(run, index)) {
            return ErrorCode.NO_SUCH_POST;
        }
        return (flags & FrameHeader.FLAG_ERASED) == 0 ? null : ErrorCode.POST_DELETED;
    }

    /** Whether the index knows an event by which the channel says that this post has a thread. */
    boolean isThreadKnown(long channel, long post) {
        return AttributesFollower.thread(indexes.get(shardOf(channel)), channel, post) != 0;
    }

    @Override
    public void close() {
        logs.forEach(LogReader::close);
        indexes.forEach(IndexReader::close);
    }
}
