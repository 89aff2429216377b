package io.freshet.engine.delivery;

import io.freshet.engine.mailbox.ReactorProxy;
import io.freshet.engine.routing.StateReads;
import io.freshet.log.IndexReader;
import io.freshet.protocol.v1.GapReason;
import io.netty.buffer.Unpooled;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How one reactor has the log read for it: the request goes to a {@link ColdReader}, the answer comes back through the
 * reactor's mailbox. Reactor's thread.
 */
public final class ReaderProxy {
    private static final Logger LOG = LoggerFactory.getLogger(ReaderProxy.class);

    private final ColdReader reader;
    private final ReactorProxy reactor;
    private final int shardMask;

    public ReaderProxy(ColdReader reader, ReactorProxy reactor, int shardCount) {
        this.reader = reader;
        this.reactor = reactor;
        shardMask = shardCount - 1;
    }

    /** Which shard a channel belongs to. */
    public static int shardOf(long channel, int shardCount) {
        return (int) channel & (shardCount - 1);
    }

    /** Reads records from {@code next} on, up to {@code limit}, into one chunk. */
    void readChunk(long channel, long next, long limit, long hintPosition, Consumer<Chunk> answer) {
        submit(
                channel,
                scan -> scan.readChunk(channel, next, limit, hintPosition),
                answer,
                failure -> answer.accept(damaged(channel, next, limit)));
    }

    /** What cannot be read at all is told as a hole: a subscriber must not wait for it for ever. */
    private static Chunk damaged(long channel, long next, long limit) {
        LOG.error("records {} to {} of channel {} cannot be read", next, limit, channel);
        return new Chunk(limit - next + 1, GapReason.GAP_REASON_DAMAGED, Unpooled.EMPTY_BUFFER, 0, -1);
    }

    /** Reads one page of history. */
    public void readPage(PageRequest request, Consumer<PageResult> answer, Consumer<RuntimeException> failure) {
        submit(request.channel(), scan -> scan.readPage(request), answer, failure);
    }

    /** Finds the last sequence of a channel that is valid in an epoch before the present one. */
    public void readValidUpTo(long channel, int epoch, Consumer<Long> answer, Consumer<RuntimeException> failure) {
        submit(channel, scan -> scan.lastSequenceIn(channel, epoch), answer, failure);
    }

    /** The same road for a shard's own state. */
    public StateReads stateReads(int shard) {
        return new StateReads() {
            @Override
            public <T> void submit(
                    Function<IndexReader, T> read, Consumer<T> answer, Consumer<RuntimeException> failure) {
                reader.submit(reactor, shard, scan -> read.apply(scan.index()), answer, failure);
            }
        };
    }

    private <T> void submit(
            long channel, Function<ShardScan, T> read, Consumer<T> answer, Consumer<RuntimeException> failure) {
        reader.submit(reactor, shardOf(channel, shardMask + 1), read, answer, failure);
    }
}
