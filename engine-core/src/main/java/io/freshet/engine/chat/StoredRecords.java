package io.freshet.engine.chat;

import com.google.protobuf.ByteString;
import io.freshet.log.ChannelIndex;
import io.freshet.log.IndexReader;
import io.freshet.log.LogDocument;
import io.freshet.log.LogReader;
import io.freshet.log.MessageLog;
import io.freshet.protocol.FrameHeader;

/** Single records of one shard, where its index says. Belongs to one thread, which may block. */
final class StoredRecords implements AutoCloseable {
    private final LogReader reader;
    private final IndexReader index;

    StoredRecords(MessageLog log, ChannelIndex index) {
        reader = log.openReader();
        this.index = index.openReader();
    }

    IndexReader index() {
        return index;
    }

    /** The whole frame of an indexed record; empty when it is kept no more, was erased or is damaged. */
    ByteString frame(long channel, long sequence) {
        long position = index.find(channel, sequence);
        if (position == MessageLog.NULL_POSITION || !reader.seek(position) || !reader.next()) {
            return ByteString.EMPTY;
        }
        LogDocument document = reader.document();
        if (document.kind() != LogDocument.Kind.RUNS) {
            return ByteString.EMPTY;
        }
        for (int run = 0; run < document.runCount(); run++) {
            long record = sequence - document.firstSequence(run);
            if (document.channel(run) == channel && record >= 0 && record < document.recordCount(run)) {
                return frame(document, run, (int) record);
            }
        }
        return ByteString.EMPTY;
    }

    private static ByteString frame(LogDocument document, int run, int record) {
        int offset = document.recordOffset(run, record);
        boolean isErased =
                (document.buffer().getByte(offset + FrameHeader.FLAGS_OFFSET) & FrameHeader.FLAG_ERASED) != 0;
        if (isErased || !document.isIntact(run, record)) {
            return ByteString.EMPTY;
        }
        byte[] frame = new byte[document.recordLength(run, record)];
        document.buffer().getBytes(offset, frame);
        return ByteString.copyFrom(frame);
    }

    @Override
    public void close() {
        reader.close();
        index.close();
    }
}
