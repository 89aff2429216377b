package io.freshet.engine.routing;

import io.freshet.engine.ChannelRight;
import io.freshet.engine.Rate;
import io.freshet.engine.channel.KnownAttributes;
import io.freshet.engine.chat.ChatEvent;
import io.freshet.engine.chat.ChatFollower;
import io.freshet.engine.chat.PostLookup;
import io.freshet.engine.chat.Resolution;
import io.freshet.engine.mailbox.CycleClock;
import io.freshet.engine.mailbox.Ownership;
import io.freshet.engine.metrics.ShardCounters;
import io.freshet.log.Durability;
import io.freshet.log.IndexReader;
import io.freshet.log.StorageConfig;
import io.freshet.log.memory.MemoryDisk;
import io.freshet.log.memory.MemoryFaults;
import io.freshet.log.memory.MemoryStorage;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.RecordFrame;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.agrona.collections.Long2ObjectHashMap;
import org.agrona.concurrent.Agent;
import org.jspecify.annotations.Nullable;

/** A shard on a log and an index in memory, whose indexer runs when the test says so, and one producer for each sender. */
final class EventShard implements Publisher, AutoCloseable {
    private final MemoryStorage storage;
    private final IndexReader index;
    private final Shard shard;
    private final CycleClock clock;
    private final Long2ObjectHashMap<Producer> producers = new Long2ObjectHashMap<>();
    private long nowNs = TimeUnit.SECONDS.toNanos(1_000);

    EventShard() {
        storage = MemoryStorage.open(
                new MemoryDisk(),
                StorageConfig.builder()
                        .shardCount(1)
                        .checkpointInterval(Duration.ofMillis(10))
                        .nanoClock(() -> nowNs)
                        .build());
        storage.index(0).addFollower(new ChatFollower());
        storage.index(0).catchUp();
        index = storage.index(0).openReader();
        clock = new CycleClock(() -> nowNs, () -> TimeUnit.NANOSECONDS.toMicros(nowNs));
        shard = new Shard(
                storage.log(0),
                storage.index(0),
                new ShardConfig(Durability.WRITTEN, 16, Long.MAX_VALUE, Long.MAX_VALUE, Rate.UNLIMITED, 0),
                new StateReads() {
                    @Override
                    public <T> void submit(
                            Function<IndexReader, T> read, Consumer<T> answer, Consumer<RuntimeException> failure) {
                        answer.accept(read.apply(index));
                    }
                },
                (batch, interest) -> {},
                clock,
                new Ownership(),
                ByteBufAllocator.DEFAULT,
                new BatchWindows(1, 0, 0),
                new ShardCounters(() -> nowNs));
    }

    private Producer producer(long channel, long sender) {
        long key = channel << 32 | sender;
        Producer known = producers.get(key);
        if (known == null) {
            shard.attach(channel, new Attachment(0, sender, 1, false, this, new Attachment.Listener() {
                @Override
                public void onAttached(
                        Producer producer,
                        int epoch,
                        long head,
                        long first,
                        int nonceCounter,
                        @Nullable KnownAttributes attributes) {
                    producers.put(key, producer);
                }

                @Override
                public void onAttachFailed(ErrorCode code) {
                    throw new AssertionError(code);
                }
            }));
            known = producers.get(key);
        }
        return known;
    }

    Resolution lookUp(PostLookup.Records log, long channel, ChatEvent event) {
        return PostLookup.lookUp(index, log, channel, List.of(event)).get(0);
    }

    /** Publishes an event with its payload; a POST that names nothing is not decided on. */
    @Nullable
    ErrorCode publish(
            long channel, ChatEvent event, byte[] payload, @Nullable Resolution found, Set<ChannelRight> rights) {
        ByteBuf frame = ByteBufAllocator.DEFAULT.directBuffer();
        try {
            RecordFrame.writeHead(frame, event.kind().code(), channel, 0, 0, 0, 0, payload.length);
            frame.writeBytes(payload);
            EventCommand command = found == null ? null : new EventCommand(event, found, Set.of(), rights, null);
            return shard.publish(producer(channel, event.sender()), frame, 0, frame.readableBytes(), command);
        } finally {
            frame.release();
        }
    }

    long committedHead(long channel, long sender) {
        return shard.committedHead(producer(channel, sender));
    }

    void commit() {
        shard.commit();
    }

    MemoryFaults faults() {
        return storage.faults(0);
    }

    void tick() {
        shard.onTick();
    }

    /** Some time passes in which the index follows the log. */
    void follow() {
        nowNs += TimeUnit.MILLISECONDS.toNanos(20);
        clock.forget();
        for (Agent agent : storage.agents()) {
            try {
                agent.doWork();
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        }
    }

    @Override
    public void onCommitted(long channel, long firstNonce, int count, long firstSequence) {
        throw new AssertionError("a receipt for nonce 0");
    }

    @Override
    public void onRefused(long channel, long firstNonce, int count, ErrorCode code, int retryAfterMs) {
        // What was taken back is told so, and the test knows.
    }

    @Override
    public void close() {
        index.close();
        shard.close();
        storage.close();
    }
}
