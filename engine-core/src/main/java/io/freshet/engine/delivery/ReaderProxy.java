package io.freshet.engine.delivery;

import io.freshet.engine.chat.ChatEvent;
import io.freshet.engine.chat.PostLookup;
import io.freshet.engine.chat.Resolution;
import io.freshet.engine.mailbox.ReactorProxy;
import io.freshet.engine.routing.StateReads;
import io.freshet.log.Erasure;
import io.freshet.log.IndexReader;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FreshetException;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * How one reactor has the log read for it: the request goes to a {@link ColdReader}, the answer comes back through the
 * reactor's mailbox. Reactor's thread.
 */
public final class ReaderProxy {
    private final ColdReader reader;
    private final ReactorProxy reactor;
    private final int shardCount;

    public ReaderProxy(ColdReader reader, ReactorProxy reactor, int shardCount) {
        this.reader = reader;
        this.reactor = reactor;
        this.shardCount = shardCount;
    }

    /** Which shard a channel belongs to. */
    public static int shardOf(long channel, int shardCount) {
        return (int) channel & (shardCount - 1);
    }

    /**
     * Reads records on from a place, up to {@code limit}, into one chunk.
     *
     * @return false when the reader's queue has no room; then neither {@code answer} nor {@code failure} is run
     */
    boolean readChunk(
            long channel, ReadPlace place, long limit, Consumer<Chunk> answer, Consumer<RuntimeException> failure) {
        return reader.submit(reactor, shardOf(channel, shardCount), scan -> place.readOn(scan, limit), answer, failure);
    }

    /** Reads one page of history; refused early, so that pages never take the room that cursors need. */
    public void readPage(PageRequest request, Consumer<PageResult> answer, Consumer<RuntimeException> failure) {
        if (reader.isBusy()) {
            failure.accept(overloaded());
        } else {
            submit(shardOf(request.channel(), shardCount), scan -> scan.readPage(request), answer, failure);
        }
    }

    /** Finds the last sequence of a channel that is valid in an epoch before the present one. */
    public void readValidUpTo(long channel, int epoch, Consumer<Long> answer, Consumer<RuntimeException> failure) {
        submit(shardOf(channel, shardCount), scan -> scan.lastSequenceIn(channel, epoch), answer, failure);
    }

    /**
     * Has the reader erase what it keeps of records that were erased in the log; the answer comes behind everything that was
     * read before. Any thread; when it is refused, {@code failure} runs on that thread.
     */
    public void forget(long channel, Erasure erasure, Runnable answer, Consumer<RuntimeException> failure) {
        submit(
                shardOf(channel, shardCount),
                scan -> {
                    scan.forget(channel, erasure);
                    return channel;
                },
                forgotten -> answer.run(),
                failure);
    }

    /**
     * Looks up what events of one channel name; refused early, so that events never take the room that cursors need.
     *
     * @param answer gets an answer for each event, in their order
     */
    public void lookUp(
            long channel,
            List<ChatEvent> events,
            Consumer<List<Resolution>> answer,
            Consumer<RuntimeException> failure) {
        if (reader.isBusy()) {
            failure.accept(overloaded());
        } else {
            submit(
                    shardOf(channel, shardCount),
                    scan -> PostLookup.lookUp(scan.index(), scan::head, channel, events),
                    answer,
                    failure);
        }
    }

    /** The same road for a shard's own state. */
    public StateReads stateReads(int shard) {
        return new StateReads() {
            @Override
            public <T> void submit(
                    Function<IndexReader, T> read, Consumer<T> answer, Consumer<RuntimeException> failure) {
                ReaderProxy.this.submit(shard, scan -> read.apply(scan.index()), answer, failure);
            }
        };
    }

    private <T> void submit(
            int shard, Function<ShardScan, T> read, Consumer<T> answer, Consumer<RuntimeException> failure) {
        if (!reader.submit(reactor, shard, read, answer, failure)) {
            failure.accept(overloaded());
        }
    }

    /** What a client is told of a read that failed: whether the reader had no room, or the log cannot be read. */
    public static ErrorCode codeOf(RuntimeException failure) {
        boolean isBusy = failure instanceof FreshetException known && known.code() == ErrorCode.OVERLOADED;
        return isBusy ? ErrorCode.OVERLOADED : ErrorCode.CHANNEL_UNAVAILABLE;
    }

    private static RuntimeException overloaded() {
        return new FreshetException(ErrorCode.OVERLOADED, "too many reads of the log are waiting");
    }
}
