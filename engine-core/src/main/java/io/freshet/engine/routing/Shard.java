package io.freshet.engine.routing;

import io.freshet.engine.mailbox.CycleClock;
import io.freshet.engine.mailbox.Ownership;
import io.freshet.log.ChannelIndex;
import io.freshet.log.Durability;
import io.freshet.log.LogBatch;
import io.freshet.log.MessageLog;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FrameHeader;
import io.freshet.protocol.RecordFrame;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.agrona.collections.Long2ObjectHashMap;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A fixed slice of the channel space with one log and one order. Owned by one reactor's thread.
 *
 * <p>{@link #publish} admits a record into the open batch of its channel; {@link #commit}, once per duty cycle, appends
 * every batch and hands on what the log reports as committed. Until the append has returned, sequence and nonce are
 * tentative: a refused append takes both back. What failed in a way that leaves open what was kept fences the shard.
 */
public final class Shard {
    /** Bytes of frames after which a document is full; far below what the log can take, so that a cycle stays short. */
    private static final int DOCUMENT_LENGTH = 4 * Batch.MAX_LENGTH;

    private static final int EVICTIONS_PER_TICK = 256;

    private final MessageLog log;
    private final ChannelIndex index;
    private final ShardConfig config;
    private final StateReads stateReads;
    private final CommitListener commitListener;
    private final CycleClock clock;
    private final Ownership owner;
    private final ByteBufAllocator allocator;
    private final Long2ObjectHashMap<Sequencer> sequencers = new Long2ObjectHashMap<>();
    private final Long2ObjectHashMap<List<Attachment>> loading = new Long2ObjectHashMap<>();
    private final List<Sequencer> evictionOrder = new ArrayList<>();
    private final List<Sequencer> withOpenBatch = new ArrayList<>();
    private final List<Batch> toAppend = new ArrayList<>();
    private final ArrayDeque<Appended> written = new ArrayDeque<>();
    private final ArrayDeque<Appended> syncing = new ArrayDeque<>();
    private final LogBatch document = new LogBatch();
    private long documentNumber;
    private int evictionCursor;
    private boolean isFenced;

    public Shard(
            MessageLog log,
            ChannelIndex index,
            ShardConfig config,
            StateReads stateReads,
            CommitListener commitListener,
            CycleClock clock,
            Ownership owner,
            ByteBufAllocator allocator) {
        this.log = log;
        this.index = index;
        this.config = config;
        this.stateReads = stateReads;
        this.commitListener = commitListener;
        this.clock = clock;
        this.owner = owner;
        this.allocator = allocator;
    }

    /** Gives a session the use of a channel; answers through the attachment's listener, at once or after a load. */
    public void attach(long channel, Attachment attachment) {
        assert owner.isHeld();
        Sequencer sequencer = sequencers.get(channel);
        if (sequencer != null) {
            attach(sequencer, attachment);
            return;
        }
        List<Attachment> waiting = loading.get(channel);
        if (waiting != null) {
            waiting.add(attachment);
            return;
        }
        waiting = new ArrayList<>();
        waiting.add(attachment);
        loading.put(channel, waiting);
        long olderThanUs = clock.nowUs() - config.nonceMemoryUs();
        stateReads.submit(
                reader -> ChannelLoader.load(reader, channel, config.windowCount(), olderThanUs),
                loaded -> onLoaded(channel, loaded),
                failure -> onLoadFailed(channel));
    }

    private void onLoaded(long channel, LoadedChannel loaded) {
        Sequencer sequencer = new Sequencer(channel, config.durability(), loaded, clock.nowNs());
        log.attach(channel, loaded.lastPosition);
        sequencers.put(channel, sequencer);
        evictionOrder.add(sequencer);
        for (Attachment attachment : waiting(channel)) {
            attach(sequencer, attachment);
        }
    }

    private void onLoadFailed(long channel) {
        for (Attachment attachment : waiting(channel)) {
            attachment.listener().onAttachFailed(ErrorCode.CHANNEL_UNAVAILABLE);
        }
    }

    private List<Attachment> waiting(long channel) {
        List<Attachment> waiting = loading.remove(channel);
        return waiting == null ? List.of() : waiting;
    }

    private void attach(Sequencer sequencer, Attachment attachment) {
        if (attachment.isSubscriber()) {
            sequencer.addInterest(attachment.reactor());
        }
        Producer producer = sequencer.attach(
                attachment.publisher(), attachment.sender(), attachment.instance(), config.windowCount());
        attachment
                .listener()
                .onAttached(
                        producer,
                        log.epoch(),
                        sequencer.committedHead(),
                        sequencer.firstSequence(),
                        producer.nonces().lastCounter());
    }

    /** Ends a session's use of a channel. */
    public void detach(Producer producer) {
        assert owner.isHeld();
        producer.sequencer().detach(producer, clock.nowNs());
    }

    /** The committed head of a producer's channel. */
    public long committedHead(Producer producer) {
        assert owner.isHeld();
        return producer.sequencer().committedHead();
    }

    /** Tells a producer's publisher that one publish was refused. */
    public void refuse(Producer producer, long nonce, ErrorCode code) {
        assert owner.isHeld();
        producer.publisher().onRefused(producer.sequencer().channel(), nonce, 1, code);
    }

    /** A reactor has no subscriber of this channel any more. */
    public void removeInterest(long channel, int reactor) {
        assert owner.isHeld();
        Sequencer sequencer = sequencers.get(channel);
        if (sequencer != null) {
            sequencer.removeInterest(reactor);
        }
    }

    /**
     * Admits one canonical record frame. <em>Borrows</em> the buffer: the bytes are copied into the channel's batch.
     *
     * @return null when it was admitted, or is a repeat that is or will be answered with its original sequence; otherwise
     *     why it was refused, and then nothing has changed
     */
    public @Nullable ErrorCode publish(Producer producer, ByteBuf in, int frameIndex, int frameLength) {
        assert owner.isHeld();
        if (isFenced) {
            return ErrorCode.CHANNEL_UNAVAILABLE;
        }
        long nonce = RecordFrame.nonce(in, frameIndex);
        if (nonce != 0) {
            if ((int) (nonce >>> 32) != producer.instance()) {
                return ErrorCode.WRONG_INSTANCE;
            }
            if (!producer.nonces().isNext((int) nonce)) {
                return answerRepeat(producer, nonce);
            }
        }
        admit(producer, nonce, in, frameIndex, frameLength);
        return null;
    }

    private @Nullable ErrorCode answerRepeat(Producer producer, long nonce) {
        if (!producer.nonces().isRepeat((int) nonce)) {
            return ErrorCode.NONCE_JUMP;
        }
        long sequence = producer.nonces().sequenceOf((int) nonce);
        if (sequence == NonceWindow.FORGOTTEN) {
            return ErrorCode.NONCE_FORGOTTEN;
        }
        Sequencer sequencer = producer.sequencer();
        if (sequence <= sequencer.committedHead()) {
            producer.publisher().onCommitted(sequencer.channel(), nonce, 1, sequence);
        } else {
            sequencer.joinRepeat(producer, nonce, sequence);
        }
        return null;
    }

    private void admit(Producer producer, long nonce, ByteBuf in, int frameIndex, int frameLength) {
        Sequencer sequencer = producer.sequencer();
        Batch batch = batchWithRoom(sequencer, frameLength);
        long sequence = sequencer.nextSequence();
        long timestampUs = sequencer.timestampUs(clock.nowUs());
        ByteBuf frames = batch.frames();
        int at = frames.writerIndex();
        frames.writeBytes(in, frameIndex, frameLength);
        frames.setByte(at + FrameHeader.FLAGS_OFFSET, 0);
        RecordFrame.stamp(frames, at, sequence, timestampUs, producer.sender());
        batch.added();
        if (nonce != 0) {
            producer.nonces().accept((int) nonce, sequence, timestampUs);
            batch.receipts().add(producer, nonce, sequence);
        }
    }

    private Batch batchWithRoom(Sequencer sequencer, int frameLength) {
        Batch batch = sequencer.openBatch();
        if (batch != null && batch.hasRoom(frameLength)) {
            return batch;
        }
        if (batch == null) {
            withOpenBatch.add(sequencer);
        } else {
            toAppend.add(sequencer.closeBatch());
        }
        return sequencer.startBatch(allocator, frameLength);
    }

    /** Appends what was admitted and hands on what is committed; returns how many batches moved. */
    public int commit() {
        assert owner.isHeld();
        for (int i = 0, n = withOpenBatch.size(); i < n; i++) {
            toAppend.add(withOpenBatch.get(i).closeBatch());
        }
        withOpenBatch.clear();
        int workCount = toAppend.size();
        append();
        workCount += handOn(written, Durability.WRITTEN);
        if (!syncing.isEmpty()) {
            workCount += handOn(syncing, Durability.SYNCED);
        }
        if (!isFenced && log.isFenced()) {
            fence();
        }
        return workCount;
    }

    private void append() {
        int from = 0;
        while (from < toAppend.size()) {
            int to = collect(from);
            long ordinal = log.append(document);
            if (ordinal <= 0) {
                takeBack(from, ordinal);
                break;
            }
            for (int i = from; i < to; i++) {
                Batch batch = toAppend.get(i);
                sequencer(batch).appended(batch);
                (batch.durability() == Durability.WRITTEN ? written : syncing).addLast(new Appended(ordinal, batch));
            }
            from = to;
        }
        toAppend.clear();
    }

    /** Puts batches into the document until it is full or would hold a channel twice; returns the first left out. */
    private int collect(int from) {
        documentNumber++;
        document.reset(clock.nowUs(), config.durability());
        int i = from;
        while (i < toAppend.size()) {
            Batch batch = toAppend.get(i);
            boolean isFull = i > from && document.framesLength() + batch.length() > DOCUMENT_LENGTH;
            if (isFull || !sequencer(batch).enterDocument(documentNumber)) {
                break;
            }
            addRun(batch, sequencer(batch).view());
            i++;
        }
        return i;
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

    private int handOn(ArrayDeque<Appended> waiting, Durability durability) {
        long completed = log.completed(durability);
        int count = 0;
        for (Appended next = waiting.peekFirst();
                next != null && next.ordinal <= completed;
                next = waiting.peekFirst()) {
            waiting.removeFirst();
            Batch batch = next.batch;
            Sequencer sequencer = sequencer(batch);
            sequencer.committed(batch);
            batch.receipts().committed(batch.channel());
            commitListener.onCommitted(batch, sequencer.interest());
            batch.release();
            count++;
        }
        return count;
    }

    /** Undoes every batch from this one on, newest first, so that numbers and nonces are as if they had never come. */
    private void takeBack(int from, long refusal) {
        ErrorCode code = refusal == MessageLog.NO_SPACE
                ? ErrorCode.STORAGE_FULL
                : refusal == MessageLog.FENCED ? ErrorCode.OUTCOME_UNKNOWN : ErrorCode.APPEND_FAILED;
        for (int i = toAppend.size() - 1; i >= from; i--) {
            toAppend.get(i).receipts().undo();
        }
        for (int i = from; i < toAppend.size(); i++) {
            Batch batch = toAppend.get(i);
            Sequencer sequencer = sequencer(batch);
            sequencer.undo();
            batch.receipts().refused(batch.channel(), code);
            sequencer.refuseRepeats(sequencer.appendedHead(), code);
            batch.release();
        }
    }

    private void fence() {
        isFenced = true;
        giveUp(written);
        giveUp(syncing);
    }

    private void giveUp(ArrayDeque<Appended> waiting) {
        for (Appended next = waiting.pollFirst(); next != null; next = waiting.pollFirst()) {
            Batch batch = next.batch;
            Sequencer sequencer = sequencer(batch);
            batch.receipts().refused(batch.channel(), ErrorCode.OUTCOME_UNKNOWN);
            sequencer.refuseRepeats(sequencer.committedHead(), ErrorCode.OUTCOME_UNKNOWN);
            batch.release();
        }
    }

    private Sequencer sequencer(Batch batch) {
        Sequencer sequencer = sequencers.get(batch.channel());
        assert sequencer != null;
        return sequencer;
    }

    /** Whether the log has completed an append that {@link #commit} has not handed on yet. */
    public boolean hasCompleted() {
        Appended next = syncing.peekFirst();
        return next != null && (next.ordinal <= log.completed(Durability.SYNCED) || log.isFenced());
    }

    /** Whether something admitted is not committed yet. */
    public boolean isBusy() {
        return !withOpenBatch.isEmpty() || !toAppend.isEmpty() || !written.isEmpty() || !syncing.isEmpty();
    }

    /** Lets go of idle channels and expired nonces, a few at a time; called about once a second. */
    public void onTick() {
        assert owner.isHeld();
        long nonceOlderThanUs = clock.nowUs() - config.nonceMemoryUs();
        long idleSinceNs = clock.nowNs() - config.idleChannelNs();
        long indexed = index.indexedPosition();
        for (int i = 0, n = Math.min(EVICTIONS_PER_TICK, evictionOrder.size()); i < n; i++) {
            if (evictionCursor >= evictionOrder.size()) {
                evictionCursor = 0;
            }
            Sequencer sequencer = evictionOrder.get(evictionCursor);
            sequencer.expireNonces(nonceOlderThanUs);
            if (sequencer.isIdleSince(idleSinceNs) && evict(sequencer, indexed)) {
                int last = evictionOrder.size() - 1;
                evictionOrder.set(evictionCursor, evictionOrder.get(last));
                evictionOrder.remove(last);
            } else {
                evictionCursor++;
            }
        }
    }

    /** Evicts a channel once the index knows all of it, so that loading it again finds all of it. */
    private boolean evict(Sequencer sequencer, long indexedPosition) {
        long lastPosition = log.detach(sequencer.channel());
        if (lastPosition > indexedPosition) {
            log.attach(sequencer.channel(), lastPosition);
            return false;
        }
        sequencers.remove(sequencer.channel());
        return true;
    }

    /** How many channels' states are in memory. */
    public int loadedChannelCount() {
        return sequencers.size();
    }

    private record Appended(long ordinal, Batch batch) {}
}
