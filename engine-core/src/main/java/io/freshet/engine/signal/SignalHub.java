package io.freshet.engine.signal;

import io.freshet.engine.channel.KnownAttributes;
import io.freshet.engine.channel.KnownChannel;
import io.freshet.engine.routing.ChannelNow;
import io.freshet.engine.routing.Shard;
import io.freshet.engine.routing.StateReads;
import io.freshet.protocol.FrameHeader;
import io.freshet.protocol.FrameType;
import io.freshet.protocol.Frames;
import io.freshet.protocol.SignalFrame;
import io.freshet.protocol.v1.ChannelTotals;
import io.freshet.protocol.v1.Count;
import io.freshet.protocol.v1.Said;
import io.freshet.protocol.v1.Signal;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import org.agrona.collections.Long2LongHashMap;
import org.jspecify.annotations.Nullable;

/**
 * One channel at its owner: what all reactors' sessions have said, merged, and what holds now. Owned by the shard's thread.
 *
 * <p>A frame says everything that holds, so that whoever misses one needs only the next. What the counters stood at before this process is
 * read at the first use; until then what comes is summed, and no counter is told.
 */
final class SignalHub {
    private static final int HINT_TICKS = 10;
    private static final long NOT_KNOWN = -1;

    private final long channel;
    private final Shard shard;
    private final int[] occupancies;
    private final SavedTotals saved;
    private final Standing standing;
    private final TypingList typing = new TypingList();
    private final List<Said> said = new ArrayList<>(0);
    private CounterTable counters = new CounterTable();
    /** Counted while it was not known what there is, by those who make no counters, or under names that are not to be made. */
    private final CounterTable unmade = new CounterTable();

    private @Nullable CounterNames names;
    private List<String> listed = List.of();
    /** Reactors that were told {@link #names}, one bit each; and those that are to be told. */
    private long informed;

    private long uninformed;
    private boolean isLoading;
    private boolean isLoaded;
    private int occupancy;
    private int recordsPerSecond;
    private long headBefore = NOT_KNOWN;
    private int tickCount;
    /** One bit for each reactor on which somebody watches. */
    private long watching;
    /** Of these, those that have not got the last frame. */
    private long missing;

    private boolean isTypingChanged;
    /** Somebody was writing, as those who watch were told last. */
    private boolean wasTyping;

    private boolean isChanged;

    /** Whether {@link ShardSignals} looks at it each tick. */
    boolean isActive;

    SignalHub(long channel, int reactor, int reactorCount, Shard shard, ByteBufAllocator allocator, long nowNs) {
        this.channel = channel;
        this.shard = shard;
        occupancies = new int[reactorCount];
        standing = new Standing(channel);
        saved = new SavedTotals(channel, reactor, shard, allocator, this::totals, nowNs);
    }

    long channel() {
        return channel;
    }

    /** Adds what a reactor has collected; returns how many signals of it could not be taken. */
    int take(ChannelSums sums, long nowNs) {
        if (sums.hasOccupancy()) {
            occupancy += sums.occupancy() - occupancies[sums.reactor];
            occupancies[sums.reactor] = sums.occupancy();
            isChanged = true;
        }
        if (sums.hasWatch()) {
            long bit = 1L << sums.reactor;
            watching = sums.isWatched() ? watching | bit : watching & ~bit;
            missing = sums.isWatched() ? missing | bit : missing & ~bit;
            uninformed |= sums.isWatched() ? bit : 0;
            if (watching == 0) {
                forgetPace();
            }
        }
        int droppedCount = takeTyping(sums.typing(), nowNs);
        for (Said one : sums.said()) {
            if (said.size() < SignalFrame.SAID_COUNT) {
                said.add(one);
            } else {
                droppedCount++;
            }
        }
        return droppedCount + takeCounters(sums);
    }

    private int takeCounters(ChannelSums sums) {
        if (sums.counters.isEmpty() && sums.unmade.isEmpty()) {
            return 0;
        }
        if (names == null || !names.equals(sums.known)) {
            uninformed |= 1L << sums.reactor;
        }
        look();
        int droppedCount = 0;
        for (Counter counter : sums.counters.counters()) {
            droppedCount += count(counter) ? 0 : 1;
        }
        for (Counter counter : sums.unmade.counters()) {
            droppedCount += count(counter) ? 0 : 1;
        }
        return droppedCount;
    }

    /** Adds to a counter that there is, or that is made now; false when it is neither. */
    private boolean count(Counter added) {
        String name = added.name();
        boolean isMaking = added.isMade() && (listed.isEmpty() || listed.contains(name));
        if (isMaking || counters.has(name)) {
            if (!counters.add(added, false)) {
                return false;
            }
            if (isLoaded) {
                isChanged = true;
                saved.changed();
            }
            return true;
        }
        return !isLoaded && unmade.add(added, true);
    }

    /** Looks which counters can be made, as the channel's attributes say while its state is in memory. */
    private void look() {
        if (shard.now(channel) != null) {
            shard.look(channel, this::looked, failure -> {});
        }
    }

    private void looked(KnownChannel now) {
        KnownAttributes attributes = now.attributes();
        listed = attributes == null ? List.of() : attributes.message().getLive().getCountersList();
    }

    /** What reactors are to know of the counters; null while that is not known. */
    @Nullable
    CounterNames names() {
        return names;
    }

    /** Reactors that do not know {@link #names}, one bit each. */
    long uninformed() {
        return uninformed;
    }

    /** Whether a reactor was told of them. */
    void informed(int reactor, boolean isTold) {
        long bit = 1L << reactor;
        informed |= bit;
        uninformed = isTold ? uninformed & ~bit : uninformed | bit;
    }

    private void name() {
        if (!isLoaded || (counters.isEmpty() && uninformed == 0 && names == null)) {
            return;
        }
        CounterNames before = names;
        boolean isSame = before != null
                && before.made().size() == counters.counters().size()
                && before.listed().equals(listed);
        if (!isSame) {
            names = new CounterNames(
                    counters.counters().stream().map(Counter::name).toList(), listed);
            uninformed |= informed | watching;
        }
    }

    private void forgetPace() {
        recordsPerSecond = 0;
        headBefore = NOT_KNOWN;
        tickCount = 0;
    }

    private int takeTyping(@Nullable Long2LongHashMap changes, long nowNs) {
        if (changes == null) {
            return 0;
        }
        int droppedCount = 0;
        Long2LongHashMap.EntryIterator all = changes.entrySet().iterator();
        while (all.hasNext()) {
            all.next();
            long principal = all.getLongKey();
            if (all.getLongValue() != ChannelSums.IS_TYPING) {
                isTypingChanged |= typing.end(principal);
            } else if (typing.isFullFor(principal)) {
                droppedCount++;
            } else {
                isTypingChanged |= typing.begin(principal, nowNs);
            }
        }
        return droppedCount;
    }

    /** Whether what the counters stood at is needed and not known; then it is read from now on. */
    boolean beginsToLoad() {
        if (isLoaded || isLoading || (!hasCounted() && watching == 0 && uninformed == 0)) {
            return false;
        }
        isLoading = true;
        return true;
    }

    private boolean hasCounted() {
        return !counters.isEmpty() || !unmade.isEmpty();
    }

    /** What the counters stood at before; returns the names for which there is no room, or which may not be made. */
    int loaded(ChannelTotals before) {
        CounterTable counted = counters;
        counters = new CounterTable();
        for (ChannelTotals.Total total : before.getTotalsList()) {
            counters.make(total.getNameBytes().toByteArray()).add(total.getTotal());
        }
        isLoading = false;
        isLoaded = true;
        isChanged = true;
        int droppedCount = 0;
        look();
        for (Counter counter : counted.counters()) {
            droppedCount += count(counter) ? 0 : 1;
        }
        for (Counter counter : unmade.counters()) {
            droppedCount += count(counter) ? 0 : 1;
        }
        unmade.clear();
        return droppedCount;
    }

    /** It could not be read: another time. */
    void notLoaded() {
        isLoading = false;
    }

    /** Whether something is to be done for it in the coming ticks. */
    boolean needsTicks() {
        return watching != 0
                || !typing.isEmpty()
                || !said.isEmpty()
                || isLoading
                || !saved.isSaved()
                || uninformed != 0
                || (!isLoaded && hasCounted());
    }

    /** Whether it can be made anew without anybody noticing: what it counted is where it would be read from. */
    boolean isUnused() {
        return !needsTicks() && occupancy == 0 && (counters.isEmpty() || shard.now(channel) == null);
    }

    boolean isSaved() {
        return saved.isSaved() && !isLoading && (isLoaded || !hasCounted());
    }

    /** See {@link SavedTotals#settle}. */
    boolean settle() {
        return !isLoading && (isLoaded || !hasCounted()) && saved.settle();
    }

    long savedCount() {
        return saved.savedCount();
    }

    /** Reactors that are to be told something, one bit each; after {@link #advance}. */
    long told() {
        return isChanged || isTypingChanged || !said.isEmpty() ? watching : missing;
    }

    /** What a tick does by itself: those who were writing, the hint of the pace, the counters' event. */
    void advance(long nowNs, StateReads reads) {
        isTypingChanged |= typing.expire(nowNs);
        if (watching != 0) {
            if (++tickCount % HINT_TICKS == 0) {
                hint();
                look();
            }
            isChanged |= standing.advance(shard.now(channel), reads);
        }
        name();
        saved.onTick(nowNs);
    }

    private void hint() {
        ChannelNow now = shard.now(channel);
        long head = now == null ? -1 : now.committedHead();
        long since = head < 0 || headBefore < 0 ? 0 : head - headBefore;
        headBefore = head;
        int rounded = PaceHint.round(since);
        if (rounded != recordsPerSecond) {
            recordsPerSecond = rounded;
            isChanged = true;
        }
    }

    /** This tick's frames. The caller owns them; {@link #sent} is to follow. */
    SignalFrames frames(ByteBufAllocator allocator) {
        Signal.Builder signal =
                Signal.newBuilder().setChannel(channel).setOccupancy(occupancy).setRecordsPerSecond(recordsPerSecond);
        if (isLoaded) {
            for (Counter counter : counters.counters()) {
                signal.addCounts(Count.newBuilder().setName(counter.name()).setTotal(counter.value()));
            }
        }
        typing.writeTo(signal);
        standing.writeTo(signal);
        ByteBuf state = encode(allocator, signal.build());
        if (said.isEmpty()) {
            long sole = isTypingChanged && !wasTyping && !isChanged && missing == 0 ? typing.sole() : 0;
            return new SignalFrames(channel, state, null, sole);
        }
        try {
            return new SignalFrames(
                    channel, encode(allocator, signal.addAllSaid(said).build()), state, 0);
        } catch (OutOfMemoryError e) {
            state.release();
            throw e;
        }
    }

    private static ByteBuf encode(ByteBufAllocator allocator, Signal signal) {
        ByteBuf frame = allocator.directBuffer(FrameHeader.LENGTH + signal.getSerializedSize());
        Frames.write(frame, FrameType.SIGNAL, signal);
        return frame;
    }

    /** The tick's frames have gone to all who are to be told but these. */
    void sent(long refused) {
        missing = refused & watching;
        isChanged = false;
        isTypingChanged = false;
        wasTyping = !typing.isEmpty();
        said.clear();
    }

    /** A reactor had no room for the tick's frames after all. */
    void missed(int reactor) {
        missing |= (1L << reactor) & watching;
    }

    /** Nobody is to be told of what an application said. */
    void unheard() {
        said.clear();
        if (watching == 0) {
            isChanged = false;
            isTypingChanged = false;
        }
    }

    private byte[] totals() {
        ChannelTotals.Builder totals = ChannelTotals.newBuilder();
        for (Counter counter : counters.counters()) {
            totals.addTotals(
                    ChannelTotals.Total.newBuilder().setName(counter.name()).setTotal(counter.value()));
        }
        return totals.build().toByteArray();
    }
}
