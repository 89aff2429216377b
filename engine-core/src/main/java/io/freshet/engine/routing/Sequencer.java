package io.freshet.engine.routing;

import io.freshet.engine.Principal;
import io.freshet.engine.channel.KnownAttributes;
import io.freshet.engine.chat.PinBoard;
import io.freshet.engine.chat.RecentEvents;
import io.freshet.protocol.ErrorCode;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * One channel's order: what number comes next, the batch that is open, and who has published what. Owned by the shard's
 * thread.
 *
 * <p>Three heads: {@code head} is the last number given, {@code appendedHead} the last that the log has taken,
 * {@code committedHead} the last that may be seen. They are equal when the channel is quiet.
 */
final class Sequencer implements ChannelNow {
    private static final int MIN_BATCH_CAPACITY = 256;

    /** A batch is given room for the longest of late, which is forgotten by this part with each. */
    private static final int FORGET_PART = 8;

    /** In a tick so many are looked at, and so that all have their turn within this count of ticks. */
    private static final int EXPIRIES_PER_TICK = 256;

    private static final int TICKS_PER_ROUND = 60;

    private final long channel;
    private final Map<NonceKey, NonceWindow> windows;
    private final ArrayDeque<NonceKey> expiryOrder;
    private final List<Repeat> repeats = new ArrayList<>();
    private final long loadedHead;
    private final UnsafeBuffer view = new UnsafeBuffer(0, 0);
    private long firstSequence;
    private long head;
    private long appendedHead;
    private long committedHead;
    private long lastTimeUs;
    private long lastPosition;
    private long interest;
    private int producerCount;
    private int capacityHint = MIN_BATCH_CAPACITY;
    private long documentNumber;
    private long lastUsedNs;
    private @Nullable Batch open;
    /** Null where the channel takes records as fast as they come. */
    private @Nullable ChannelPace pace;
    /** Null where no checked event was published since the channel was loaded. */
    private @Nullable RecentEvents recentEvents;
    /** Null where nothing says what the channel is. */
    private @Nullable AttributeHistory attributes;
    /** The newest of those who use it, linked through themselves. */
    private @Nullable Producer users;

    Sequencer(long channel, LoadedChannel loaded, long nowNs) {
        this.channel = channel;
        firstSequence = loaded.firstSequence;
        loadedHead = loaded.lastSequence;
        head = loadedHead;
        appendedHead = head;
        committedHead = head;
        lastTimeUs = loaded.lastTimeUs;
        lastPosition = loaded.lastPosition;
        windows = new HashMap<>(loaded.windows);
        expiryOrder = new ArrayDeque<>(windows.keySet());
        windows.values().forEach(NonceWindow::expires);
        lastUsedNs = nowNs;
        attributes = loaded.attributes == null ? null : new AttributeHistory(loaded.attributes);
    }

    long channel() {
        return channel;
    }

    @Override
    public long firstSequence() {
        return firstSequence;
    }

    /** The last number given. */
    long head() {
        return head;
    }

    /** What was before this sequence is kept no more. */
    void keptFrom(long sequence) {
        firstSequence = Math.max(firstSequence, sequence);
    }

    @Override
    public long committedHead() {
        return committedHead;
    }

    /** One bit for each reactor that has subscribers. */
    long interest() {
        return interest;
    }

    void addInterest(int reactor) {
        interest |= 1L << reactor;
    }

    void removeInterest(int reactor) {
        interest &= ~(1L << reactor);
    }

    /** A wrapper that the shard may point at the frames of this channel's batch while it appends. */
    UnsafeBuffer view() {
        return view;
    }

    /** Marks that the document under construction has a run of this channel; false when it had one already. */
    boolean enterDocument(long number) {
        boolean isFirst = documentNumber != number;
        documentNumber = number;
        return isFirst;
    }

    Producer attach(Publisher publisher, long sender, int instance, int windowCount) {
        NonceWindow window =
                windows.computeIfAbsent(new NonceKey(sender, instance), key -> new NonceWindow(windowCount));
        Producer producer = new Producer(this, publisher, sender, instance, window);
        window.hold(producer);
        producerCount++;
        Producer newest = users;
        producer.next = newest;
        if (newest != null) {
            newest.previous = producer;
        }
        users = producer;
        return producer;
    }

    /** Ends a session's use; of an instance that has never published nothing stays. */
    void detach(Producer producer, long nowNs) {
        NonceWindow window = producer.nonces();
        window.letGo(producer);
        if (window.holderCount() == 0 && !window.isExpiring()) {
            windows.remove(new NonceKey(producer.sender(), producer.instance()));
        }
        producerCount--;
        unlink(producer);
        lastUsedNs = nowNs;
    }

    private void unlink(Producer producer) {
        Producer next = producer.next;
        Producer previous = producer.previous;
        if (next != null) {
            next.previous = previous;
        }
        if (previous != null) {
            previous.next = next;
        } else if (users == producer) {
            users = next;
        }
        producer.next = null;
        producer.previous = null;
    }

    /** One of those who use it and may no more, each once; it is still to be detached. Null when there is none. */
    @Nullable
    Producer takeLeaving() {
        Producer user = users;
        while (user != null && (attributes == null || attributes.mayStay(user.sender()))) {
            user = user.next;
        }
        if (user != null) {
            unlink(user);
        }
        return user;
    }

    /** What the channel is; null where nothing says so. */
    @Nullable
    AttributeHistory attributes() {
        return attributes;
    }

    /** What the channel is as of its committed head; null where nothing says so. */
    @Override
    public @Nullable KnownAttributes knownAttributes() {
        return attributes == null ? null : attributes.committed();
    }

    @Override
    public Pins follow(PinBoard pins) {
        RecentEvents recent = recentEvents();
        if (!recent.reachBackTo(pins)) {
            return Pins.UNKNOWN;
        }
        boolean isChanged = recent.follow(pins, committedHead);
        boolean isShorter = pins.expireBefore(firstSequence);
        return isChanged || isShorter ? Pins.CHANGED : Pins.AS_BEFORE;
    }

    /** Whether this sender may know of the channel. The engine itself may say what concerns a deleted one, and follow none. */
    boolean isThereFor(Attachment attachment) {
        KnownAttributes known = knownAttributes();
        if (known == null) {
            return !attachment.needsAttributes() || attachment.sender() == Principal.SYSTEM.id();
        }
        return known.admits(attachment.sender()) && !(known.isDeleted() && attachment.isSubscriber());
    }

    void watch(Consumer<@Nullable KnownAttributes> watcher) {
        if (attributes == null) {
            attributes = new AttributeHistory(null);
        }
        attributes.watch(watcher);
    }

    void unwatch(Consumer<@Nullable KnownAttributes> watcher) {
        if (attributes != null) {
            attributes.unwatch(watcher);
        }
    }

    /** The record that was given the last number says what the channel is. */
    void admitted(KnownAttributes next) {
        if (attributes == null) {
            attributes = new AttributeHistory(null);
        }
        attributes.admitted(next);
    }

    /** Remembers the next nonce of an instance, from the first one on until it has expired. */
    void accept(Producer producer, long nonce, long sequence, long timeUs) {
        NonceWindow window = producer.nonces();
        window.accept((int) nonce, sequence, timeUs);
        if (!window.isExpiring()) {
            window.expires();
            expiryOrder.addLast(new NonceKey(producer.sender(), producer.instance()));
        }
    }

    /** Instances whose nonces are remembered, or may be. */
    int instanceCount() {
        return windows.size();
    }

    /** Forgets instances that have no session and that the index has forgotten; looks at a few at each call. */
    void expireNonces(ForgottenNonces forgotten) {
        boolean isIndexed = head == appendedHead && forgotten.isIndexed(lastPosition);
        int size = expiryOrder.size();
        for (int i = Math.min(EXPIRIES_PER_TICK + size / TICKS_PER_ROUND, size); i > 0; i--) {
            NonceKey key = expiryOrder.removeFirst();
            NonceWindow window = windows.get(key);
            if (window == null) {
                continue;
            }
            if (window.holderCount() == 0 && isIndexed) {
                window.unused(forgotten.nowUs());
            }
            if (forgotten.isForgotten(window.usedUs())) {
                windows.remove(key);
            } else {
                expiryOrder.addLast(key);
            }
        }
    }

    boolean isIdleSince(long olderThanNs) {
        return producerCount == 0
                && interest == 0
                && head == committedHead
                && lastUsedNs - olderThanNs < 0
                && (pace == null || pace.isIdle());
    }

    /** How fast it may take records; null when it may as fast as they come. */
    @Nullable
    ChannelPace pace() {
        return pace;
    }

    void pace(@Nullable ChannelPace other) {
        pace = other;
    }

    /** The checked events of late; what was there when the channel was loaded, the index knows. */
    RecentEvents recentEvents() {
        RecentEvents recent = recentEvents;
        if (recent == null) {
            recent = new RecentEvents(loadedHead);
            recentEvents = recent;
        }
        return recent;
    }

    /** The open batch, when it has room. */
    @Nullable
    Batch openBatch() {
        return open;
    }

    /** A buffer for a batch that begins with a frame of this length; the caller owns it. */
    ByteBuf newFrames(ByteBufAllocator allocator, int frameLength) {
        return allocator.directBuffer(Math.max(capacityHint, frameLength), Batch.MAX_LENGTH);
    }

    /** Opens a batch. <em>Transfers</em> the frames. */
    Batch startBatch(ByteBuf frames, Receipts receipts) {
        assert open == null;
        Batch batch = new Batch(this, head + 1, frames, receipts);
        open = batch;
        return batch;
    }

    /** Takes the open batch away, to be appended. */
    Batch closeBatch() {
        Batch batch = open;
        assert batch != null;
        open = null;
        int forgotten = capacityHint - capacityHint / FORGET_PART;
        capacityHint = Math.max(MIN_BATCH_CAPACITY, Math.min(Batch.MAX_LENGTH, Math.max(forgotten, batch.length())));
        return batch;
    }

    /** Gives the next sequence, tentatively. */
    long nextSequence() {
        return ++head;
    }

    /** The time stamp for a record admitted now: never before an earlier one's. */
    long timestampUs(long nowUs) {
        lastTimeUs = Math.max(lastTimeUs, nowUs);
        return lastTimeUs;
    }

    /** The time stamp of the last record. */
    long lastTimeUs() {
        return lastTimeUs;
    }

    void appended(Batch batch) {
        appendedHead = batch.lastSequence();
        lastPosition = batch.position();
        if (recentEvents != null) {
            recentEvents.appended(batch.position(), batch.firstSequence(), batch.lastSequence());
        }
    }

    /** Takes back every number that the log has not taken. */
    void undo() {
        head = appendedHead;
        if (recentEvents != null) {
            recentEvents.undo(head);
        }
        if (attributes != null) {
            attributes.undo(head);
        }
    }

    /** What is in this batch may be seen; whether some who use the channel may no more with that. */
    boolean committed(Batch batch) {
        committedHead = batch.lastSequence();
        answerRepeats();
        return attributes != null && attributes.committed(committedHead);
    }

    /** A publish came again while it was still in flight: it is answered when the first is. */
    void joinRepeat(Producer producer, long nonce, long sequence) {
        producer.owed();
        repeats.add(new Repeat(producer, nonce, sequence));
    }

    private void answerRepeats() {
        if (repeats.isEmpty()) {
            return;
        }
        repeats.removeIf(repeat -> {
            boolean isCommitted = repeat.sequence <= committedHead;
            if (isCommitted) {
                repeat.producer.answered(1);
                repeat.producer.publisher().onCommitted(channel, repeat.nonce, 1, repeat.sequence);
            }
            return isCommitted;
        });
    }

    /** Refuses repeats of what was taken back, or of everything that is not committed. */
    void refuseRepeats(long aboveSequence, ErrorCode code) {
        repeats.removeIf(repeat -> {
            boolean isRefused = repeat.sequence > aboveSequence;
            if (isRefused) {
                repeat.producer.answered(1);
                repeat.producer.publisher().onRefused(channel, repeat.nonce, 1, code, 0);
            }
            return isRefused;
        });
    }

    long appendedHead() {
        return appendedHead;
    }

    private record Repeat(Producer producer, long nonce, long sequence) {}
}
