package io.freshet.log.memory;

import io.freshet.log.Erasure;
import io.freshet.log.MessageLog;
import io.freshet.log.MessageLog.EpochStart;
import io.freshet.log.document.DocumentEraser;
import io.freshet.log.document.DocumentLayout;
import io.freshet.log.index.MemoryStore;
import io.freshet.log.retention.LogFile;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.IntUnaryOperator;
import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/** The stored documents of one shard and what is remembered beside them. Any thread. */
final class MemoryShard {
    /** Documents that are removed together, as a roll file is. */
    static final int DOCUMENTS_PER_FILE = 64;

    /** Position of the first document that a log ever has. */
    static final long FIRST_POSITION = 1;

    /** Positions have gaps, so that nobody takes them for a count. */
    private static final long POSITION_STEP = 3;

    private static final long FILE_SPAN = DOCUMENTS_PER_FILE * POSITION_STEP;

    volatile MemoryStore index = new MemoryStore();

    private final TreeMap<Long, byte[]> documents = new TreeMap<>();
    private final List<EpochStart> epochs = new ArrayList<>();
    private volatile Runnable stepListener = () -> {};
    private long nextPosition = FIRST_POSITION;
    private long syncedPosition = MessageLog.NULL_POSITION;
    private long freedLength;
    private boolean isClean;
    private boolean isSameBoot = true;
    private boolean isNew = true;

    synchronized long nextPosition() {
        return nextPosition;
    }

    /** Runs what a test wants to do before and after each change, such as to end the process there. */
    void stepListener(Runnable listener) {
        stepListener = listener;
        index.stepListener(listener);
    }

    synchronized void add(byte[] document) {
        stepListener.run();
        documents.put(nextPosition, document);
        nextPosition += POSITION_STEP;
        stepListener.run();
    }

    /** The first document at or after the position, or null. */
    synchronized byte @Nullable [] ceiling(long position) {
        Map.Entry<Long, byte[]> entry = documents.ceilingEntry(position);
        return entry == null ? null : entry.getValue();
    }

    synchronized boolean has(long position) {
        return documents.containsKey(position);
    }

    synchronized long firstPosition() {
        return documents.isEmpty() ? MessageLog.NULL_POSITION : documents.firstKey();
    }

    synchronized long lastPosition() {
        return documents.isEmpty() ? MessageLog.NULL_POSITION : documents.lastKey();
    }

    synchronized void synced(long position) {
        stepListener.run();
        syncedPosition = position;
        stepListener.run();
    }

    /** Removes whole files before the position, one after the other. */
    synchronized void truncateBefore(long position) {
        long kept = Math.min(position, lastPosition()) / FILE_SPAN * FILE_SPAN;
        while (!documents.isEmpty() && documents.firstKey() < kept) {
            stepListener.run();
            Map<Long, byte[]> gone = documents.headMap(endOfFile(documents.firstKey()));
            freedLength += gone.values().stream()
                    .mapToLong(document -> document.length)
                    .sum();
            gone.clear();
            stepListener.run();
        }
    }

    private static long endOfFile(long position) {
        return (position / FILE_SPAN + 1) * FILE_SPAN;
    }

    /** Bytes that {@link #truncateBefore} has removed. */
    synchronized long freedLength() {
        return freedLength;
    }

    /** What is removed together, as retention sees it. */
    synchronized List<LogFile> files() {
        List<LogFile> files = new ArrayList<>();
        UnsafeBuffer view = new UnsafeBuffer(0, 0);
        for (Long first = documents.isEmpty() ? null : documents.firstKey(); first != null; ) {
            long end = endOfFile(first);
            Map<Long, byte[]> file = documents.subMap(first, end);
            long length = 0;
            long timeUs = 0;
            for (byte[] document : file.values()) {
                length += document.length;
                view.wrap(document);
                timeUs = Math.max(timeUs, DocumentLayout.timeUs(view, 0));
            }
            boolean isLast = end > lastPosition();
            files.add(new LogFile(end, length, isLast ? Long.MAX_VALUE : timeUs / 1000));
            first = documents.ceilingKey(end);
        }
        return files;
    }

    /** Readers hold on to what they have copied or to the bytes before; the changed ones take their place at once. */
    synchronized boolean erase(long position, Erasure erasure) {
        byte[] before = documents.get(position);
        if (before == null) {
            return false;
        }
        ByteBuffer copy = ByteBuffer.allocateDirect(before.length).put(0, before);
        if (!new DocumentEraser()
                .erase(BufferUtil.address(copy), before.length, erasure, DocumentEraser.Changes.IGNORED)) {
            return false;
        }
        byte[] erased = new byte[before.length];
        copy.get(0, erased);
        stepListener.run();
        documents.put(position, erased);
        stepListener.run();
        return true;
    }

    synchronized void crash(MemoryDisk.Kept kept, boolean tornTail, IntUnaryOperator survivorCount) {
        index.recover();
        if (kept == MemoryDisk.Kept.SYNCED) {
            NavigableMap<Long, byte[]> unsynced = documents.tailMap(syncedPosition, false);
            int keptCount = survivorCount.applyAsInt(unsynced.size());
            while (unsynced.size() > keptCount) {
                unsynced.pollLastEntry();
            }
            syncedPosition = lastPosition();
            isSameBoot = false;
        }
        isClean = false;
        if (tornTail) {
            byte[] torn =
                    documents.isEmpty() ? new byte[64] : documents.lastEntry().getValue();
            documents.put(lastPosition() + 1, Arrays.copyOf(torn, torn.length / 2));
        }
    }

    /** Cuts the last document; returns its length. */
    synchronized int cutLast() {
        byte[] cut = documents.pollLastEntry().getValue();
        nextPosition = Math.max(FIRST_POSITION, lastPosition() + POSITION_STEP);
        return cut.length;
    }

    /** A storage opens it; returns whether an epoch is due. */
    synchronized boolean open() {
        nextPosition = documents.isEmpty() ? nextPosition : lastPosition() + POSITION_STEP;
        return isNew || !(isClean || isSameBoot);
    }

    /** A storage is open, and the epoch that was due has begun. */
    synchronized void opened() {
        isClean = false;
        isSameBoot = true;
        isNew = false;
    }

    synchronized void closeCleanly() {
        isClean = true;
    }

    synchronized void addEpoch(EpochStart start) {
        stepListener.run();
        epochs.replaceAll(
                epoch -> epoch.position() > start.position() ? new EpochStart(epoch.epoch(), start.position()) : epoch);
        epochs.add(start);
    }

    synchronized List<EpochStart> epochs() {
        return List.copyOf(epochs);
    }

    synchronized boolean isNew() {
        return isNew;
    }
}
