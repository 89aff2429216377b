package io.freshet.engine.channel;

import com.google.protobuf.InvalidProtocolBufferException;
import io.freshet.log.IndexReader;
import io.freshet.protocol.EventKind;
import io.freshet.protocol.FrameHeader;
import io.freshet.protocol.RecordFrame;
import io.freshet.protocol.v1.ThreadStarted;
import io.netty.buffer.ByteBuf;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which posts within a range of a channel have a thread: first what the index tells, then what the events after that say. Belongs to
 * the thread that reads.
 */
public final class PageThreads {
    /** A thread's channel, and its title at first if that is known. */
    private record Started(long thread, String title) {}

    private final long first;
    private final long last;
    private final Map<Long, Started> threads = new TreeMap<>();

    private PageThreads(long first, long last) {
        this.first = first;
        this.last = last;
    }

    /** Reads the threads of the posts between these, both included. The index stays the caller's. */
    public static PageThreads read(IndexReader index, long channel, long first, long last) {
        PageThreads threads = new PageThreads(first, last);
        AttributesFollower.threads(
                index, channel, first, last, (post, thread) -> threads.threads.put(post, new Started(thread, "")));
        return threads;
    }

    public boolean isEmpty() {
        return threads.isEmpty();
    }

    /** The channel of this post's thread; 0 when it has none. */
    public long of(long post) {
        Started started = threads.get(post);
        return started == null ? 0 : started.thread;
    }

    /** What the channel has said of the thread's title, as far as that was read from its events; empty otherwise. */
    public String titleOf(long post) {
        Started started = threads.get(post);
        return started == null ? "" : started.title;
    }

    /** Takes the starts of threads among whole RECORD frames. Borrows the buffer. */
    public void follow(ByteBuf frames) {
        int at = frames.readerIndex();
        while (at < frames.writerIndex()) {
            int length = (int) FrameHeader.frameLength(frames, at);
            if (FrameHeader.kind(frames, at) == EventKind.THREAD.code()
                    && (FrameHeader.flags(frames, at) & FrameHeader.FLAG_CHECKED) != 0) {
                follow(frames, at, length);
            }
            at += length;
        }
    }

    private void follow(ByteBuf frames, int at, int length) {
        ThreadStarted started = started(frames, at, length);
        if (started != null && started.getPost() >= first && started.getPost() <= last) {
            threads.put(started.getPost(), new Started(started.getChannel(), started.getTitle()));
        }
    }

    /** Null when its content is gone. */
    private static @Nullable ThreadStarted started(ByteBuf frames, int at, int length) {
        int start = RecordFrame.payloadOffset(frames, at, length);
        try {
            return ThreadStarted.parseFrom(frames.nioBuffer(at + start, length - start));
        } catch (InvalidProtocolBufferException e) {
            return null;
        }
    }
}
