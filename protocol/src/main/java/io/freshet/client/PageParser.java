package io.freshet.client;

import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FrameHeader;
import io.freshet.protocol.FrameType;
import io.freshet.protocol.ProtocolException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;

/** Reads the whole RECORD frames that a PAGE carries. */
final class PageParser {
    private PageParser() {}

    /**
     * The page, its records copied.
     *
     * @throws ProtocolException when its bytes are not ascending records of its channel
     */
    static Page parse(io.freshet.protocol.v1.Page message) {
        ByteBuf frames = Unpooled.wrappedBuffer(message.getRecords().asReadOnlyByteBuffer());
        List<StoredRecord> records = new ArrayList<>();
        RecordView view = new RecordView();
        int index = 0;
        int end = frames.readableBytes();
        long lastSequence = 0;
        while (index < end) {
            int frameLength = checkedLength(frames, index, end);
            StoredRecord record = view.wrap(frames, index, frameLength).copy();
            view.clear();
            if (record.channel() != message.getChannel() || record.sequence() <= lastSequence) {
                throw malformed("a record of channel " + record.channel() + " with sequence " + record.sequence()
                        + " after " + lastSequence + " in a page of channel " + message.getChannel());
            }
            lastSequence = record.sequence();
            records.add(record);
            index += frameLength;
        }
        return new Page(records, message.getNextSequence());
    }

    private static int checkedLength(ByteBuf frames, int index, int end) {
        if (end - index < FrameHeader.LENGTH) {
            throw malformed("a page that ends within a header");
        }
        long frameLength = FrameHeader.frameLength(frames, index);
        if (frameLength < FrameHeader.LENGTH || frameLength > end - index) {
            throw malformed("a frame of " + frameLength + " bytes where a page has " + (end - index) + " left");
        }
        if (FrameHeader.typeCode(frames, index) != FrameType.RECORD.code()) {
            throw malformed("a frame of type " + FrameHeader.typeCode(frames, index) + " in a page");
        }
        return (int) frameLength;
    }

    private static ProtocolException malformed(String message) {
        return new ProtocolException(ErrorCode.MALFORMED, message);
    }
}
