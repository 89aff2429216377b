package io.freshet.engine.delivery;

import io.freshet.engine.routing.Batch;
import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * The last batches of all channels of one reactor, bounded in bytes, oldest out first. Owned by the reactor's thread.
 *
 * <p>A batch that is evicted while connections still hold it is <em>pinned</em>: its bytes stay until the last has sent them.
 * The window keeps a reference of its own to such batches and drops it when it finds that it holds the last one, so that
 * what is pinned is counted exactly, at the price of freeing it one sweep late.
 */
final class RecentWindow {
    private final long limitBytes;
    private final ArrayDeque<ByteBuf> pinned = new ArrayDeque<>();
    private @Nullable WindowEntry oldest;
    private @Nullable WindowEntry newest;
    private long windowBytes;
    private long pinnedBytes;

    RecentWindow(long limitBytes) {
        this.limitBytes = limitBytes;
    }

    long windowBytes() {
        return windowBytes;
    }

    long pinnedBytes() {
        return pinnedBytes;
    }

    /** Keeps a batch as the newest of its feed and of all. <em>Retains</em> its frames. */
    void add(Feed feed, Batch batch) {
        batch.frames().retain();
        WindowEntry entry = new WindowEntry(feed, batch);
        WindowEntry before = newest;
        entry.older = before;
        if (before == null) {
            oldest = entry;
        } else {
            before.newer = entry;
        }
        newest = entry;
        feed.window().addLast(entry);
        windowBytes += entry.heldBytes();
        while (windowBytes > limitBytes && oldest != null) {
            evictOldest(oldest);
        }
    }

    /** Gives up everything of one feed. */
    void clear(Feed feed) {
        for (WindowEntry entry = feed.window().pollFirst();
                entry != null;
                entry = feed.window().pollFirst()) {
            evict(entry);
        }
    }

    /** Gives up the batches of one feed that begin at this sequence or before. */
    void drop(Feed feed, long sequence) {
        for (WindowEntry entry = feed.window().peekFirst();
                entry != null && entry.batch().firstSequence() <= sequence;
                entry = feed.window().peekFirst()) {
            feed.window().pollFirst();
            evict(entry);
        }
    }

    /** What is oldest of all is oldest of its feed. */
    private void evictOldest(WindowEntry entry) {
        WindowEntry first = entry.feed().window().pollFirst();
        assert first == entry;
        evict(entry);
    }

    private void evict(WindowEntry entry) {
        unlink(entry);
        windowBytes -= entry.heldBytes();
        ByteBuf frames = entry.batch().frames();
        if (frames.refCnt() == 1) {
            frames.release();
        } else {
            pinned.addLast(frames);
            pinnedBytes += frames.capacity();
        }
    }

    private void unlink(WindowEntry entry) {
        WindowEntry older = entry.older;
        WindowEntry newer = entry.newer;
        if (older == null) {
            oldest = newer;
        } else {
            older.newer = newer;
        }
        if (newer == null) {
            newest = older;
        } else {
            newer.older = older;
        }
    }

    /** Frees what nobody but the window holds any more; returns the bytes still pinned. */
    long sweepPinned() {
        for (int i = pinned.size(); i > 0; i--) {
            ByteBuf frames = pinned.removeFirst();
            if (frames.refCnt() == 1) {
                pinnedBytes -= frames.capacity();
                frames.release();
            } else {
                pinned.addLast(frames);
            }
        }
        return pinnedBytes;
    }

    /** Releases everything, when the reactor ends. */
    void close() {
        while (oldest != null) {
            evictOldest(oldest);
        }
        for (ByteBuf frames = pinned.pollFirst(); frames != null; frames = pinned.pollFirst()) {
            pinnedBytes -= frames.capacity();
            frames.release();
        }
    }
}
