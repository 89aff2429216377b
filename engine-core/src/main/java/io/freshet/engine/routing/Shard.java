package io.freshet.engine.routing;

import io.freshet.engine.channel.KnownAttributes;
import io.freshet.engine.channel.KnownChannel;
import io.freshet.engine.channel.Succession;
import io.freshet.engine.mailbox.CycleClock;
import io.freshet.engine.mailbox.Ownership;
import io.freshet.engine.metrics.ShardCounter;
import io.freshet.engine.metrics.ShardCounters;
import io.freshet.log.ChannelIndex;
import io.freshet.log.MessageLog;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.EventKind;
import io.freshet.protocol.FrameHeader;
import io.freshet.protocol.RecordFrame;
import io.freshet.protocol.v1.ChannelAttributes;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.agrona.collections.Long2ObjectHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A fixed slice of the channel space with one log and one order. Owned by one reactor's thread.
 *
 * <p>{@link #publish} admits a record into the open batch of its channel; {@link #commit}, once per duty cycle, appends
 * every batch and hands on what the log reports as committed (see {@link ShardWriter}). A channel's state is loaded at its
 * first use and evicted when nobody has used it for a while.
 */
public final class Shard {
    private static final long MS_NS = TimeUnit.MILLISECONDS.toNanos(1);

    private final MessageLog log;
    private final ShardConfig config;
    private final StateReads stateReads;
    private final CycleClock clock;
    private final Ownership owner;
    private final ByteBufAllocator allocator;
    private final Long2ObjectHashMap<Sequencer> sequencers = new Long2ObjectHashMap<>();
    private final Long2ObjectHashMap<List<Attachment>> loading = new Long2ObjectHashMap<>();
    private final ShardWriter writer;
    private final ShardCounters counters;
    private final ChannelPaces paces;
    private final Evictions evictions;
    private final ShardEvents events;
    private final Endings endings = new Endings();
    private int retryAfterMs;

    public Shard(
            MessageLog log,
            ChannelIndex index,
            ShardConfig config,
            StateReads stateReads,
            CommitListener commitListener,
            CycleClock clock,
            Ownership owner,
            ByteBufAllocator allocator,
            BatchWindows windows,
            ShardCounters counters) {
        this.log = log;
        this.counters = counters;
        this.config = config;
        this.stateReads = stateReads;
        paces = new ChannelPaces(config, clock);
        evictions = new Evictions(log, index, config, clock, counters, sequencers, stateReads);
        events = new ShardEvents(index, counters);
        writer = new ShardWriter(log, config, commitListener, windows, endings, clock, counters);
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
        stateReads.submit(
                reader -> ChannelLoader.load(reader, channel, config.windowCount(), config.nonceMemoryUs()),
                loaded -> onLoaded(channel, loaded),
                failure -> onLoadFailed(channel));
    }

    private void onLoaded(long channel, LoadedChannel loaded) {
        Sequencer sequencer = new Sequencer(channel, loaded, clock.nowNs());
        sequencer.pace(paces.of(sequencer));
        log.attach(channel, loaded.lastPosition);
        sequencers.put(channel, sequencer);
        counters.add(ShardCounter.CHANNEL_LOADS, 1);
        counters.set(ShardCounter.CHANNELS, sequencers.size());
        evictions.loaded(sequencer);
        for (Attachment attachment : waiting(channel)) {
            attach(sequencer, attachment);
        }
    }

    private void onLoadFailed(long channel) {
        counters.add(ShardCounter.CHANNEL_LOAD_FAILURES, 1);
        for (Attachment attachment : waiting(channel)) {
            attachment.listener().onAttachFailed(ErrorCode.CHANNEL_UNAVAILABLE);
        }
    }

    /**
     * Gives a channel a slow mode of its own, until the engine ends; 0 for none. Who has published before may publish at once.
     *
     * @return false when too many channels have one of their own
     */
    public boolean slowMode(long channel, long intervalNs) {
        assert owner.isHeld();
        boolean isTaken = paces.slowMode(channel, intervalNs);
        Sequencer sequencer = sequencers.get(channel);
        if (isTaken && sequencer != null) {
            sequencer.pace(paces.of(sequencer));
        }
        return isTaken;
    }

    private List<Attachment> waiting(long channel) {
        List<Attachment> waiting = loading.remove(channel);
        return waiting == null ? List.of() : waiting;
    }

    private void attach(Sequencer sequencer, Attachment attachment) {
        if (!sequencer.isThereFor(attachment)) {
            attachment.listener().onAttachFailed(ErrorCode.UNKNOWN_CHANNEL);
            return;
        }
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
                        producer.nonces().lastCounter(),
                        sequencer.knownAttributes());
    }

    /** Ends a session's use of a channel. */
    public void detach(Producer producer) {
        assert owner.isHeld();
        producer.detached();
        producer.sequencer().detach(producer, clock.nowNs());
    }

    /** The committed head of a producer's channel; of one that is over 0. */
    public long committedHead(Producer producer) {
        assert owner.isHeld();
        KnownAttributes attributes = producer.sequencer().knownAttributes();
        return attributes != null && attributes.isDeleted()
                ? 0
                : producer.sequencer().committedHead();
    }

    /**
     * Answers with what a channel is, at once or after a read of its state. When that cannot be read, {@code failure} runs
     * instead.
     */
    public void look(long channel, Consumer<KnownChannel> answer, Consumer<RuntimeException> failure) {
        assert owner.isHeld();
        Sequencer sequencer = sequencers.get(channel);
        if (sequencer == null) {
            stateReads.submit(reader -> ChannelLoader.look(reader, channel), answer, failure);
        } else {
            answer.accept(new KnownChannel(sequencer.committedHead(), sequencer.knownAttributes()));
        }
    }

    /** What a channel whose state is in memory is at the moment; null of any other. */
    public @Nullable ChannelNow now(long channel) {
        assert owner.isHeld();
        return sequencers.get(channel);
    }

    /** Answers with the last number given in a channel, at once or after a read of its state; with 0 when that fails. */
    public void lastSequence(long channel, LongConsumer answer) {
        assert owner.isHeld();
        Sequencer sequencer = sequencers.get(channel);
        if (sequencer != null) {
            answer.accept(sequencer.head());
            return;
        }
        stateReads.submit(
                reader -> ChannelLoader.lastSequence(reader, channel), answer::accept, failure -> answer.accept(0));
    }

    /** Tells a producer's publisher that its publish, the last one given, was refused. */
    public void refuse(Producer producer, long nonce, ErrorCode code) {
        assert owner.isHeld();
        producer.publisher().onRefused(producer.sequencer().channel(), nonce, 1, code, retryAfterMs);
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
        return publish(producer, in, frameIndex, frameLength, null);
    }

    /**
     * The same of an event that is to be decided on.
     *
     * @param command what it says; null for a record that is taken as it is, a POST of which the session has looked at the payload
     *     among them
     */
    public @Nullable ErrorCode publish(
            Producer producer, ByteBuf in, int frameIndex, int frameLength, @Nullable EventCommand command) {
        assert owner.isHeld();
        retryAfterMs = 0;
        if (writer.isFenced()) {
            return ErrorCode.CHANNEL_UNAVAILABLE;
        }
        if (!producer.isValid()) {
            return ErrorCode.NOT_OPEN;
        }
        if (writer.isFull()) {
            return ErrorCode.OVERLOADED;
        }
        long nonce = RecordFrame.nonce(in, frameIndex);
        if (nonce != 0) {
            if ((int) (nonce >>> 32) != producer.instance()) {
                return ErrorCode.WRONG_INSTANCE;
            }
            if (!producer.nonces().isNext((int) nonce)) {
                return answerRepeat(producer, nonce);
            }
            if (producer.isWindowFull(config.windowCount())) {
                return ErrorCode.TOO_MANY_IN_FLIGHT;
            }
        }
        int kind = FrameHeader.kind(in, frameIndex);
        ErrorCode refusal = closed(producer, kind);
        if (refusal == null && kind == EventKind.ATTRIBUTES.code()) {
            return change(producer, nonce, in, frameIndex, frameLength);
        }
        if (refusal == null && command != null) {
            refusal = events.refusal(producer.sequencer(), command);
        }
        if (refusal == null) {
            refusal = tooFast(producer, command);
        }
        if (refusal != null) {
            return refusal;
        }
        Batch batch = batchWithRoom(producer.sequencer(), frameLength);
        if (batch == null) {
            return ErrorCode.OVERLOADED;
        }
        admit(batch, producer, nonce, in, frameIndex, frameLength);
        if (command != null) {
            events.admitted(producer.sequencer(), command);
        }
        return null;
    }

    /** Why the channel, being what it is, takes no such record; null when it does. */
    private @Nullable ErrorCode closed(Producer producer, int kind) {
        AttributeHistory attributes = producer.sequencer().attributes();
        if (attributes == null) {
            return null;
        }
        if (attributes.takePaceChange()) {
            producer.sequencer().pace(paces.of(producer.sequencer()));
        }
        return attributes.refusal(kind, producer.sender());
    }

    /** Admits a record that says what the channel is from now on. Nobody waits for a slow mode to change it. */
    private @Nullable ErrorCode change(Producer producer, long nonce, ByteBuf in, int frameIndex, int frameLength) {
        Sequencer sequencer = producer.sequencer();
        AttributeHistory attributes = sequencer.attributes();
        ChannelAttributes next = Succession.read(in, frameIndex, frameLength);
        ErrorCode refusal = Succession.refusal(
                next, attributes == null ? null : attributes.latest(), sequencer.head(), producer.sender());
        if (refusal != null || next == null) {
            return refusal;
        }
        Batch batch = batchWithRoom(sequencer, frameLength);
        if (batch == null) {
            return ErrorCode.OVERLOADED;
        }
        admit(batch, producer, nonce, in, frameIndex, frameLength);
        sequencer.admitted(new KnownAttributes(sequencer.head(), next));
        counters.add(ShardCounter.CHANNEL_CHANGES, 1);
        return null;
    }

    private @Nullable ErrorCode tooFast(Producer producer, @Nullable EventCommand command) {
        ChannelPace pace = producer.sequencer().pace();
        if (pace == null) {
            return null;
        }
        boolean isSlowed = command == null || command.event().kind() == EventKind.POST;
        ErrorCode tooFast = pace.take(producer.sender(), isSlowed, clock.nowNs());
        if (tooFast != null) {
            retryAfterMs = (int) Math.min(Integer.MAX_VALUE, (pace.waitNs() + MS_NS - 1) / MS_NS);
        }
        return tooFast;
    }

    /** When to come again after the last refusal; 0 where the code alone says it. */
    public int retryAfterMs() {
        return retryAfterMs;
    }

    private @Nullable ErrorCode answerRepeat(Producer producer, long nonce) {
        if (!producer.nonces().isRepeat((int) nonce)) {
            return ErrorCode.NONCE_JUMP;
        }
        long sequence = producer.nonces().sequenceOf((int) nonce);
        if (sequence == NonceWindow.FORGOTTEN) {
            return ErrorCode.NONCE_FORGOTTEN;
        }
        counters.add(ShardCounter.REPEATED, 1);
        Sequencer sequencer = producer.sequencer();
        if (sequence <= sequencer.committedHead()) {
            producer.publisher().onCommitted(sequencer.channel(), nonce, 1, sequence);
        } else if (producer.isWindowFull(config.windowCount())) {
            return ErrorCode.TOO_MANY_IN_FLIGHT;
        } else {
            sequencer.joinRepeat(producer, nonce, sequence);
        }
        return null;
    }

    /** The batch has room, so that nothing from here on can fail and leave a number without its record. */
    private void admit(Batch batch, Producer producer, long nonce, ByteBuf in, int frameIndex, int frameLength) {
        Sequencer sequencer = producer.sequencer();
        long sequence = sequencer.nextSequence();
        long timestampUs = sequencer.timestampUs(clock.nowUs());
        ByteBuf frames = batch.frames();
        int at = frames.writerIndex();
        frames.writeBytes(in, frameIndex, frameLength);
        RecordFrame.stamp(frames, at, sequence, timestampUs, producer.sender());
        frames.setByte(
                at + FrameHeader.FLAGS_OFFSET,
                AttributeHistory.flags(FrameHeader.kind(in, frameIndex), producer.sender()));
        batch.added(timestampUs);
        if (nonce != 0) {
            sequencer.accept(producer, nonce, sequence, timestampUs);
            producer.owed();
            batch.receipts().add(producer, nonce, sequence);
        }
    }

    /** The open batch with its buffer grown, or a new one; null, and nothing has changed, when there is no memory for it. */
    private @Nullable Batch batchWithRoom(Sequencer sequencer, int frameLength) {
        try {
            Batch batch = sequencer.openBatch();
            if (batch != null && batch.hasRoom(frameLength)) {
                batch.frames().ensureWritable(frameLength);
                return batch;
            }
            ByteBuf frames = sequencer.newFrames(allocator, frameLength);
            if (batch == null) {
                writer.opened(sequencer);
            } else {
                writer.closed(sequencer.closeBatch());
            }
            return sequencer.startBatch(frames, writer.newReceipts());
        } catch (OutOfMemoryError e) { // Netty's, of direct memory
            counters.add(ShardCounter.NO_MEMORY, 1);
            return null;
        }
    }

    /** Appends what was admitted and hands on what is committed; returns how many batches moved. */
    public int commit() {
        assert owner.isHeld();
        int workCount = writer.commit(clock.nowNs());
        if (!endings.isEmpty()) {
            int endedCount = endings.doWork();
            counters.add(ShardCounter.CHANNEL_ENDINGS, endedCount);
            workCount += endedCount;
        }
        return workCount;
    }

    /** How long after the last {@link #commit} the batches that it kept open may wait; 0 when there are none. */
    public long heldNs() {
        return writer.heldNs();
    }

    /** Whether so much waits for a sync that publishers should not be read from. */
    public boolean isFull() {
        return writer.isFull();
    }

    /** Whether the log has completed an append that {@link #commit} has not handed on yet, or asks for one of its own. */
    public boolean hasCompleted() {
        return writer.hasCompleted() || !endings.isEmpty();
    }

    /** Whether something admitted is not committed yet. */
    public boolean isBusy() {
        return writer.isBusy();
    }

    /** Releases what was not committed, when the reactor ends. */
    public void close() {
        writer.close();
    }

    /** Lets go of what nobody needs, a little at a time; called about once a second. */
    public void onTick() {
        assert owner.isHeld();
        events.onTick();
        evictions.onTick();
    }

    /** How many channels' states are in memory. */
    public int loadedChannelCount() {
        return sequencers.size();
    }
}
