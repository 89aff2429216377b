package io.freshet.engine.routing;

import io.freshet.engine.mailbox.CycleClock;
import io.freshet.engine.metrics.ShardCounter;
import io.freshet.engine.metrics.ShardCounters;
import io.freshet.log.LogBatch;
import io.freshet.log.MessageLog;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FrameHeader;
import io.freshet.protocol.RecordFrame;
import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way of a shard's batches through its log: open, closed, appended, committed. Owned by the shard's thread.
 *
 * <p>Until the append has returned, sequences and nonces are tentative: a refused append takes both back. What failed in a
 * way that leaves open what was kept fences the shard: nothing is admitted any more, and who waits is told that the
 * outcome is unknown.
 */
final class ShardWriter {
    private static final Logger LOG = LoggerFactory.getLogger(ShardWriter.class);

    /** Bytes of frames after which a document is full; far below what the log can take, so that a cycle stays short. */
    private static final int DOCUMENT_LENGTH = 4 * Batch.MAX_LENGTH;

    /** Bytes that may wait for a sync; above it publishers are not read from. */
    private static final long AWAITING_LIMIT_BYTES = 16 << 20;

    /** Receipts kept for later batches: as many as a cycle of busy channels needs. */
    private static final int SPARE_RECEIPTS = 1024;

    private final MessageLog log;
    private final ShardConfig config;
    private final CommitListener commitListener;
    private final CycleClock clock;
    private final ShardCounters counters;
    private final List<Sequencer> withOpenBatch = new ArrayList<>();
    private final List<Batch> toAppend = new ArrayList<>();
    private final ArrayDeque<Batch> awaiting = new ArrayDeque<>();
    private final ArrayDeque<Receipts> spareReceipts = new ArrayDeque<>();
    private final LogBatch document = new LogBatch();
    private final BatchWindows windows;
    private final Endings endings;
    private long documentNumber;
    private long awaitingBytes;
    private long heldNs;
    private boolean isFenced;

    ShardWriter(
            MessageLog log,
            ShardConfig config,
            CommitListener commitListener,
            BatchWindows windows,
            Endings endings,
            CycleClock clock,
            ShardCounters counters) {
        this.clock = clock;
        this.counters = counters;
        this.log = log;
        this.config = config;
        this.commitListener = commitListener;
        this.windows = windows;
        this.endings = endings;
    }

    /** Empty receipts for a new batch. */
    Receipts newReceipts() {
        Receipts spare = spareReceipts.pollLast();
        return spare == null ? new Receipts() : spare;
    }

    private void spare(Receipts told) {
        told.clear();
        if (spareReceipts.size() < SPARE_RECEIPTS) {
            spareReceipts.addLast(told);
        }
    }

    /** This channel has an open batch now, which the next commit takes. */
    void opened(Sequencer sequencer) {
        withOpenBatch.add(sequencer);
    }

    /** This batch is full; its channel goes on with another. */
    void closed(Batch batch) {
        toAppend.add(batch);
    }

    /** Appends what was admitted and hands on what is committed; returns how many batches moved. */
    int commit(long nowNs) {
        closeBatches(nowNs);
        int workCount = toAppend.size();
        if (workCount > 0) {
            long startNs = clock.readNs();
            append();
            counters.appends().record(clock.readNs() - startNs);
        }
        workCount += log.appendRequested();
        if (!awaiting.isEmpty()) {
            workCount += handOn();
        }
        if (!isFenced && log.isFenced()) {
            fence();
        }
        counters.set(ShardCounter.AWAITING_BYTES, awaitingBytes);
        return workCount;
    }

    /** Closes every open batch, but for those whose channel's batch window is open. */
    private void closeBatches(long nowNs) {
        int kept = 0;
        heldNs = 0;
        for (int i = 0, n = withOpenBatch.size(); i < n; i++) {
            Sequencer sequencer = withOpenBatch.get(i);
            long leftNs = isFenced ? 0 : windows.leftNs(sequencer.interest(), nowNs);
            if (leftNs > 0) {
                heldNs = Math.max(heldNs, leftNs);
                withOpenBatch.set(kept++, sequencer);
            } else {
                toAppend.add(sequencer.closeBatch());
            }
        }
        counters.add(ShardCounter.HELD, kept);
        while (withOpenBatch.size() > kept) {
            withOpenBatch.remove(withOpenBatch.size() - 1);
        }
    }

    /** How long after the last {@link #commit} the batches that it kept open may wait; 0 when there are none. */
    long heldNs() {
        return heldNs;
    }

    private void append() {
        int from = 0;
        while (from < toAppend.size()) {
            int to = collect(from);
            long ordinal = appendDocument();
            if (ordinal <= 0) {
                closeAll();
                takeBack(from, ordinal);
                break;
            }
            counters.add(ShardCounter.APPENDED_BYTES, document.documentLength());
            counters.add(ShardCounter.BATCHES, to - from);
            long position = log.lastPosition();
            long recordCount = 0;
            for (int i = from; i < to; i++) {
                Batch batch = toAppend.get(i);
                batch.appended(ordinal, position);
                recordCount += batch.count();
                awaiting.addLast(batch);
                awaitingBytes += batch.frames().capacity();
            }
            counters.add(ShardCounter.ADMITTED, recordCount);
            from = to;
        }
        toAppend.clear();
    }

    /** What the log throws, a fault in its mapped file for example, leaves open what was kept. */
    private long appendDocument() {
        if (isFenced) {
            return MessageLog.FENCED;
        }
        try {
            return log.append(document);
        } catch (RuntimeException | InternalError e) {
            LOG.error("an append failed, its shard is fenced", e);
            isFenced = true;
            return MessageLog.FENCED;
        }
    }

    /** Puts batches into the document until it is full or would hold a channel twice; returns the first left out. */
    private int collect(int from) {
        documentNumber++;
        document.reset(latestTimestampUs(from), config.durability());
        int i = from;
        while (i < toAppend.size()) {
            Batch batch = toAppend.get(i);
            boolean isFull = i > from && document.framesLength() + batch.length() > DOCUMENT_LENGTH;
            if (isFull || !batch.sequencer().enterDocument(documentNumber)) {
                break;
            }
            addRun(batch, batch.sequencer().view());
            i++;
        }
        return i;
    }

    /** Stamps may be ahead of a clock that was set back, and a restart learns from the document where they stood. */
    private long latestTimestampUs(int from) {
        long latestUs = Long.MIN_VALUE;
        for (int i = from; i < toAppend.size(); i++) {
            latestUs = Math.max(latestUs, toAppend.get(i).lastTimestampUs());
        }
        return latestUs;
    }

    private void addRun(Batch batch, UnsafeBuffer view) {
        ByteBuf frames = batch.frames();
        view.wrap(frames.memoryAddress() + frames.readerIndex(), batch.length());
        document.startRun(batch.channel(), batch.firstSequence(), view, 0);
        int at = frames.readerIndex();
        for (int i = 0, n = batch.count(); i < n; i++) {
            int frameLength = (int) FrameHeader.frameLength(frames, at);
            document.addRecord(frameLength, RecordFrame.payloadOffset(frames, at, frameLength));
            at += frameLength;
        }
    }

    private int handOn() {
        long completed = log.completed(config.durability());
        int count = 0;
        for (Batch batch = awaiting.peekFirst();
                batch != null && batch.ordinal() <= completed;
                batch = awaiting.peekFirst()) {
            removeFirst();
            handOn(batch);
            count++;
        }
        return count;
    }

    private void handOn(Batch batch) {
        try {
            boolean isLeft = batch.sequencer().committed(batch);
            batch.receipts().committed(batch.channel());
            spare(batch.takeReceipts());
            commitListener.onCommitted(batch, batch.sequencer().interest());
            if (isLeft) {
                endings.add(batch.sequencer());
            }
        } finally {
            batch.release();
        }
    }

    private void removeFirst() {
        awaitingBytes -= awaiting.removeFirst().frames().capacity();
    }

    /** Undoes every batch from this one on, newest first, so that numbers and nonces are as if they had never come. */
    private void takeBack(int from, long refusal) {
        boolean isUnknown = refusal == MessageLog.FENCED; // then also of what was appended nobody knows
        ErrorCode code = refusal == MessageLog.NO_SPACE
                ? ErrorCode.STORAGE_FULL
                : isUnknown ? ErrorCode.OUTCOME_UNKNOWN : ErrorCode.APPEND_FAILED;
        for (int i = toAppend.size() - 1; i >= from; i--) {
            toAppend.get(i).receipts().undo();
            toAppend.get(i).sequencer().undo();
        }
        for (int i = from; i < toAppend.size(); i++) {
            Sequencer sequencer = toAppend.get(i).sequencer();
            refuse(toAppend.get(i), code, isUnknown ? sequencer.committedHead() : sequencer.appendedHead());
        }
    }

    /** Refuses what is in a batch, and the repeats of its channel that are above a sequence. */
    private void refuse(Batch batch, ErrorCode code, long aboveSequence) {
        batch.receipts().refused(batch.channel(), code);
        spare(batch.takeReceipts());
        batch.sequencer().refuseRepeats(aboveSequence, code);
        batch.release();
    }

    private void fence() {
        isFenced = true;
        while (!awaiting.isEmpty()) {
            Batch batch = awaiting.getFirst();
            removeFirst();
            refuse(batch, ErrorCode.OUTCOME_UNKNOWN, batch.sequencer().committedHead());
        }
    }

    boolean isFenced() {
        return isFenced;
    }

    /** Whether so much waits for a sync that no more should be admitted. */
    boolean isFull() {
        return awaitingBytes > AWAITING_LIMIT_BYTES;
    }

    /** Whether the log has completed an append that {@link #commit} has not handed on yet, or asks for one of its own. */
    boolean hasCompleted() {
        Batch next = awaiting.peekFirst();
        boolean isCompleted = next != null && (next.ordinal() <= log.completed(config.durability()) || log.isFenced());
        return isCompleted || log.hasRequested();
    }

    /** Whether something admitted is not committed yet. */
    boolean isBusy() {
        return !withOpenBatch.isEmpty() || !toAppend.isEmpty() || !awaiting.isEmpty();
    }

    private void closeAll() {
        heldNs = 0;
        for (Sequencer sequencer : withOpenBatch) {
            toAppend.add(sequencer.closeBatch());
        }
        withOpenBatch.clear();
    }

    /** Lets go of what was not committed, when the reactor ends: nobody is left to be told. */
    void close() {
        closeAll();
        toAppend.forEach(Batch::release);
        toAppend.clear();
        awaiting.forEach(Batch::release);
        awaiting.clear();
    }
}
