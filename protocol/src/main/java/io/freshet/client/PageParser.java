package io.freshet.client;

import com.google.protobuf.ByteString;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FrameHeader;
import io.freshet.protocol.FrameType;
import io.freshet.protocol.ProtocolException;
import io.freshet.protocol.v1.PostView;
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
     * @throws ProtocolException when its bytes are not ascending records of its channel, or what it tells of posts is not about any
     */
    static Page parse(io.freshet.protocol.v1.Page message) {
        List<StoredRecord> records = records(message.getChannel(), message.getRecords());
        List<PostState> posts = new ArrayList<>();
        long lastSequence = 0;
        for (PostView view : message.getViewsList()) {
            if (view.getSequence() <= lastSequence) {
                throw malformed("a view of the post " + view.getSequence() + " after that of " + lastSequence);
            }
            lastSequence = view.getSequence();
            posts.add(post(message.getChannel(), view));
        }
        return new Page(records, message.getNextSequence(), posts, message.getViewsUpTo());
    }

    private static PostState post(long channel, PostView view) {
        List<StoredRecord> edit = records(channel, view.getEdit());
        if (edit.size() > 1) {
            throw malformed("a view of the post " + view.getSequence() + " with " + edit.size() + " edits");
        }
        return new PostState(
                view.getSequence(),
                view.getEditedUs(),
                edit.isEmpty() ? null : edit.get(0),
                view.getDeleted(),
                view.getPinned(),
                view.getReactionsList().stream()
                        .map(each -> new PostState.ReactionCount(each.getReaction(), each.getCount(), each.getOwn()))
                        .toList(),
                view.hasThread() ? ThreadState.of(view.getThread()) : null);
    }

    /** The records that stand behind each other in these bytes. */
    static List<StoredRecord> records(long channel, ByteString bytes) {
        ByteBuf frames = Unpooled.wrappedBuffer(bytes.asReadOnlyByteBuffer());
        List<StoredRecord> records = new ArrayList<>();
        RecordView view = new RecordView();
        int index = 0;
        int end = frames.readableBytes();
        long lastSequence = 0;
        while (index < end) {
            int frameLength = checkedLength(frames, index, end);
            StoredRecord record = view.wrap(frames, index, frameLength).copy();
            view.clear();
            if (record.channel() != channel || record.sequence() <= lastSequence) {
                throw malformed("a record of channel " + record.channel() + " with sequence " + record.sequence()
                        + " after " + lastSequence + " in a page of channel " + channel);
            }
            lastSequence = record.sequence();
            records.add(record);
            index += frameLength;
        }
        return records;
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
