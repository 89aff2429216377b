package io.freshet.engine.channel;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import com.google.protobuf.InvalidProtocolBufferException;
import io.freshet.engine.chat.PostLookup;
import io.freshet.engine.delivery.ReaderProxy;
import io.freshet.log.ChannelTail;
import io.freshet.log.IndexReader;
import io.freshet.log.LogDocument;
import io.freshet.log.LogReader;
import io.freshet.log.MessageLog;
import io.freshet.log.Storage;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.EventKind;
import io.freshet.protocol.FrameHeader;
import io.freshet.protocol.RecordFrame;
import io.freshet.protocol.v1.Deletion;
import io.freshet.protocol.v1.ThreadStarted;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Looks into the indexes, and into the end of the logs that these may not show yet, for what a thread belongs to. Services' thread,
 * which may block.
 */
final class PostReader implements AutoCloseable {
    private final Storage storage;
    private final List<IndexReader> indexes = new ArrayList<>();
    private final List<LogReader> logs = new ArrayList<>();
    private final ChannelTail tail = new ChannelTail();

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
        IndexReader index = indexes.get(shard);
        long indexed = indexed(index, channel);
        if (PostLookup.isDeleted(index, channel, sequence)
                || isSaid(shard, channel, indexed, EventKind.DELETE, sequence)) {
            return ErrorCode.POST_DELETED;
        }
        LogReader log = goTo(shard, channel, sequence);
        while (log.next()) {
            LogDocument document = log.document();
            for (int run = 0; run < document.runCount(); run++) {
                long record = sequence - document.firstSequence(run);
                if (document.channel(run) == channel && record < 0) {
                    return ErrorCode.NO_SUCH_POST; // it is kept no more
                }
                if (document.channel(run) == channel && record < document.recordCount(run)) {
                    return refusal(document, run, (int) record);
                }
            }
        }
        return ErrorCode.NO_SUCH_POST;
    }

    private static @Nullable ErrorCode refusal(LogDocument document, int run, int record) {
        if (!document.isIntact(run, record) || !isChecked(document, run, record, EventKind.POST)) {
            return ErrorCode.NO_SUCH_POST;
        }
        int flags = document.buffer().getByte(document.recordOffset(run, record) + FrameHeader.FLAGS_OFFSET);
        return (flags & FrameHeader.FLAG_ERASED) == 0 ? null : ErrorCode.POST_DELETED;
    }

    /** Whether the channel says already that this post has a thread. */
    boolean isThreadSaid(long channel, long post) {
        int shard = shardOf(channel);
        IndexReader index = indexes.get(shard);
        long indexed = indexed(index, channel);
        return AttributesFollower.thread(index, channel, post) != 0
                || isSaid(shard, channel, indexed, EventKind.THREAD, post);
    }

    /** The last sequence that whatever is read of the index from now on has in it. */
    private long indexed(IndexReader index, long channel) {
        return index.tail(channel, tail) ? tail.lastSequence : 0;
    }

    private LogReader goTo(int shard, long channel, long sequence) {
        long position = indexes.get(shard).find(channel, sequence);
        LogReader log = logs.get(shard);
        if (position == MessageLog.NULL_POSITION) {
            log.toStart();
        } else {
            log.seek(position);
        }
        return log;
    }

    /** Whether an event of this kind above a sequence is about the post: there are as many as the index may lag behind. */
    private boolean isSaid(int shard, long channel, long above, EventKind kind, long post) {
        LogReader log = goTo(shard, channel, above + 1);
        while (log.next()) {
            LogDocument document = log.document();
            for (int run = 0; run < document.runCount(); run++) {
                for (int i = 0; document.channel(run) == channel && i < document.recordCount(run); i++) {
                    if (document.firstSequence(run) + i > above
                            && isChecked(document, run, i, kind)
                            && document.isIntact(run, i)
                            && post(document, run, i, kind) == post) {
                        return true;
                    }
                }
            }
        }
        return false;
    }

    private static boolean isChecked(LogDocument document, int run, int record, EventKind kind) {
        int offset = document.recordOffset(run, record);
        return (document.buffer().getShort(offset + FrameHeader.KIND_OFFSET, LITTLE_ENDIAN) & 0xFFFF) == kind.code()
                && (document.buffer().getByte(offset + FrameHeader.FLAGS_OFFSET) & FrameHeader.FLAG_CHECKED) != 0;
    }

    /** Which post a deletion or the start of a thread is about; 0 when its content is gone. */
    private static long post(LogDocument document, int run, int record, EventKind kind) {
        byte[] frame = new byte[document.recordLength(run, record)];
        document.buffer().getBytes(document.recordOffset(run, record), frame);
        ByteBuf in = Unpooled.wrappedBuffer(frame);
        int start = RecordFrame.payloadOffset(in, 0, frame.length);
        ByteBuffer payload = ByteBuffer.wrap(frame, start, frame.length - start);
        try {
            return kind == EventKind.DELETE
                    ? Deletion.parseFrom(payload).getTarget()
                    : ThreadStarted.parseFrom(payload).getPost();
        } catch (InvalidProtocolBufferException e) {
            return 0;
        }
    }

    @Override
    public void close() {
        logs.forEach(LogReader::close);
        indexes.forEach(IndexReader::close);
    }
}
