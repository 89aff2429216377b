package io.freshet.engine.delivery;

import com.google.protobuf.ByteString;
import io.freshet.engine.channel.PageThreads;
import io.freshet.engine.chat.PageViews;
import io.freshet.log.IndexReader;
import io.freshet.log.MessageLog;
import io.freshet.protocol.FrameHeader;
import io.freshet.protocol.RecordFrame;
import io.freshet.protocol.v1.Gap;
import io.freshet.protocol.v1.PostView;
import io.freshet.protocol.v1.ThreadView;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.agrona.collections.IntArrayList;
import org.jspecify.annotations.Nullable;

/**
 * Adds to a page what has become of its posts: from the index, at one position, and from the records between that and the head, which
 * the index may not have yet. Owned by the reader's thread.
 */
final class ViewedPages {
    /** Records above the index's position that are read at most: what a channel gets in the second that the index may lag. */
    private static final int FOLLOWED_COUNT = 2_048;

    /** Bytes of them at most, one chunk more excepted: the reader is everybody's. */
    private static final int FOLLOWED_LENGTH = 1024 * 1024;

    /** Bytes of the views of one page at most, one longer view excepted. */
    private static final int VIEWS_LENGTH = 64 * 1024;

    /** Edits that are read for one page at most: each is a search in the log. */
    private static final int EDIT_COUNT = 128;

    private final ShardScan scan;
    private final ThreadViews threadViews;

    /** @param threadViews of whatever shard */
    ViewedPages(ShardScan scan, ThreadViews threadViews) {
        this.scan = scan;
        this.threadViews = threadViews;
    }

    /** What the index tells, of one moment. */
    private record Known(PageViews views, PageThreads threads) {
        boolean isEmpty() {
            return views.isEmpty() && threads.isEmpty();
        }
    }

    /** The page, cut where its views would take too much, with them. */
    PageResult withViews(PageRequest request, PageResult page, long first, long reached) {
        IndexReader index = scan.index();
        Known known = index.together(() -> new Known(
                PageViews.read(index, request.channel(), first, reached, request.viewer()),
                PageThreads.read(index, request.channel(), first, reached)));
        int followed = follow(known, request);
        if (known.isEmpty()) {
            return new PageResult(
                    page.records(), page.gaps(), page.nextSequence(), List.of(), known.views.upTo(), followed);
        }
        return new Viewing(request, page, known, followed).page();
    }

    /** Returns how many bytes that were. */
    private int follow(Known known, PageRequest request) {
        PageViews views = known.views;
        long at = views.upTo() + 1;
        long last = Math.min(request.head(), views.upTo() + FOLLOWED_COUNT);
        long hint = MessageLog.NULL_POSITION;
        int length = 0;
        while (at <= last && length < FOLLOWED_LENGTH) {
            Chunk chunk = scan.readChunk(request.channel(), at, last, hint);
            try {
                length += chunk.frames().readableBytes();
                views.follow(chunk.frames());
                known.threads.follow(chunk.frames());
                at += chunk.gapCount() + chunk.count();
                hint = chunk.lastPosition();
            } finally {
                chunk.frames().release();
            }
        }
        views.followedUpTo(at - 1);
        return length;
    }

    /** One page and its views. */
    private final class Viewing {
        private final PageRequest request;
        private final PageResult plain;
        private final PageViews views;
        private final PageThreads threads;
        private final ByteBuf frames;
        private final int followedLength;
        /** Where the page's frames begin, and the end of the last. */
        private final IntArrayList offsets = new IntArrayList();

        private final List<PostView> found = new ArrayList<>();
        private int length;
        private int editCount;

        Viewing(PageRequest request, PageResult plain, Known known, int followedLength) {
            this.request = request;
            this.plain = plain;
            views = known.views;
            threads = known.threads;
            this.followedLength = followedLength;
            frames = Unpooled.wrappedBuffer(plain.records().asReadOnlyByteBuffer());
            int at = 0;
            while (at < frames.readableBytes()) {
                offsets.addInt(at);
                at += (int) FrameHeader.frameLength(frames, at);
            }
            offsets.addInt(at);
        }

        /** Forward from its first record, backward from its last, as far as there is room. */
        PageResult page() {
            int count = offsets.size() - 1;
            int taken = 0;
            while (taken < count && take(sequence(request.isBackward() ? count - 1 - taken : taken))) {
                taken++;
            }
            if (request.isBackward()) {
                Collections.reverse(found);
            }
            if (taken == count) {
                return new PageResult(
                        plain.records(), plain.gaps(), plain.nextSequence(), found, views.upTo(), followedLength);
            }
            return request.isBackward() ? from(count - taken) : upTo(taken);
        }

        private PageResult from(int frame) {
            long next = sequence(frame - 1);
            List<Gap> gaps = plain.gaps().stream()
                    .filter(gap -> gap.getFirstSequence() > next)
                    .toList();
            ByteString records = plain.records().substring(offsets.getInt(frame));
            return new PageResult(records, gaps, next, found, views.upTo(), followedLength);
        }

        private PageResult upTo(int frame) {
            long next = sequence(frame);
            List<Gap> gaps = plain.gaps().stream()
                    .filter(gap -> gap.getFirstSequence() < next)
                    .toList();
            ByteString records = plain.records().substring(0, offsets.getInt(frame));
            return new PageResult(records, gaps, next, found, views.upTo(), followedLength);
        }

        private long sequence(int frame) {
            return RecordFrame.sequence(frames, offsets.getInt(frame));
        }

        /** Adds what has become of this record; false when there is no room for that, and the page is to end before it. */
        private boolean take(long sequence) {
            ThreadView thread = thread(sequence);
            if (!views.isChanged(sequence) && thread == null) {
                return true;
            }
            long edit = views.lastEdit(sequence);
            if (edit != 0 && ++editCount > EDIT_COUNT) {
                return false;
            }
            PostView view = view(sequence, edit, thread);
            length += view.getSerializedSize();
            if (length > VIEWS_LENGTH && !found.isEmpty()) {
                return false;
            }
            found.add(view);
            return true;
        }

        private PostView view(long sequence, long edit, @Nullable ThreadView thread) {
            PostView view = views.isChanged(sequence)
                    ? views.view(sequence, edit == 0 ? ByteString.EMPTY : edit(edit))
                    : PostView.newBuilder().setSequence(sequence).build();
            return thread == null ? view : view.toBuilder().setThread(thread).build();
        }

        private @Nullable ThreadView thread(long sequence) {
            long thread = threads.of(sequence);
            return thread == 0 ? null : threadViews.view(thread, threads.titleOf(sequence));
        }

        /** The whole frame of an edit; empty when its content cannot be read any more. */
        private ByteString edit(long sequence) {
            for (int i = 0; i < offsets.size() - 1; i++) {
                if (sequence(i) == sequence) {
                    return readable(frames, offsets.getInt(i), offsets.getInt(i + 1));
                }
            }
            Chunk chunk = scan.readChunk(request.channel(), sequence, sequence, MessageLog.NULL_POSITION);
            try {
                return readable(chunk.frames(), 0, chunk.frames().readableBytes());
            } finally {
                chunk.frames().release();
            }
        }

        private static ByteString readable(ByteBuf buffer, int start, int end) {
            boolean isThere = end > start && (FrameHeader.flags(buffer, start) & FrameHeader.FLAG_ERASED) == 0;
            return isThere ? ByteString.copyFrom(buffer.nioBuffer(start, end - start)) : ByteString.EMPTY;
        }
    }
}
