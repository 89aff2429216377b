package io.freshet.engine.channel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.client.Channel;
import io.freshet.client.Receipt;
import io.freshet.engine.delivery.ReaderProxy;
import io.freshet.log.Durability;
import io.freshet.log.LogBatch;
import io.freshet.log.MessageLog;
import io.freshet.log.StorageConfig;
import io.freshet.log.index.Indexer;
import io.freshet.log.index.ShardIndex;
import io.freshet.log.memory.MemoryDisk;
import io.freshet.log.memory.MemoryStorage;
import io.freshet.protocol.EventKind;
import io.freshet.protocol.FrameHeader;
import io.freshet.protocol.RecordFrame;
import io.freshet.protocol.v1.ChannelAttributes;
import io.freshet.protocol.v1.ChannelKind;
import io.freshet.protocol.v1.ThreadParent;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is published for a deleted channel, when, and how often, in one thread on a clock of its own. */
class DeletedChannelsTest {
    private static final int SHARDS = 2;
    private static final long STEP_NS = TimeUnit.MILLISECONDS.toNanos(100);

    private final List<String> published = new ArrayList<>();
    private final List<CompletableFuture<Receipt>> receipts = new ArrayList<>();
    private long nowNs = 1;
    private MemoryStorage storage;
    private DeletedChannels agent;
    private long parent;
    private long thread;

    @BeforeEach
    void open() {
        storage = MemoryStorage.open(
                new MemoryDisk(),
                StorageConfig.builder()
                        .shardCount(SHARDS)
                        .syncInterval(Duration.ofMillis(10))
                        .checkpointInterval(Duration.ofMillis(10))
                        .nanoClock(() -> nowNs)
                        .build());
        for (int i = 0; i < SHARDS; i++) {
            storage.index(i).addFollower(new AttributesFollower());
            storage.index(i).catchUp();
        }
        agent = new DeletedChannels(storage, this::channel, () -> nowNs);
        agent.onStart();
        parent = storage.channels().findOrCreate("room");
        do {
            thread = storage.channels().findOrCreate("~thread/" + parent + "/" + (thread + 1));
        } while (shardOf(thread) == shardOf(parent));
        for (long each : new long[] {parent, thread}) {
            storage.log(shardOf(each)).attach(each, MessageLog.NULL_POSITION);
        }
    }

    @AfterEach
    void close() {
        agent.onClose();
        storage.close();
    }

    private static int shardOf(long channel) {
        return ReaderProxy.shardOf(channel, SHARDS);
    }

    private Channel channel(String name) {
        return (Channel) Proxy.newProxyInstance(
                Channel.class.getClassLoader(), new Class<?>[] {Channel.class}, (proxy, method, arguments) -> {
                    published.add(EventKind.of((int) arguments[0]) + " " + name);
                    receipts.add(new CompletableFuture<>());
                    return receipts.get(receipts.size() - 1);
                });
    }

    private void append(long channel, long sequence, ChannelAttributes attributes) {
        byte[] payload = attributes.toByteArray();
        ByteBuf frame = Unpooled.buffer();
        RecordFrame.writeHead(frame, EventKind.ATTRIBUTES.code(), channel, sequence, 1, 0, 0, payload.length);
        frame.setByte(FrameHeader.FLAGS_OFFSET, FrameHeader.FLAG_CHECKED);
        int head = frame.writerIndex();
        frame.writeBytes(payload);
        LogBatch batch = new LogBatch();
        batch.reset(1, Durability.WRITTEN);
        batch.startRun(channel, sequence, new UnsafeBuffer(frame.array()), 0);
        batch.addRecord(frame.writerIndex(), head);
        assertTrue(storage.log(shardOf(channel)).append(batch) > 0);
    }

    private static ChannelAttributes.Builder deleted() {
        return ChannelAttributes.newBuilder().setDeleted(true);
    }

    private ChannelAttributes.Builder ofThread() {
        return ChannelAttributes.newBuilder()
                .setKind(ChannelKind.CHANNEL_KIND_THREAD)
                .setParent(ThreadParent.newBuilder().setChannel(parent).setPost(1));
    }

    /** Goes on for a second, during which only these of the storage's agents run. */
    private void pass(List<Agent> running) throws Exception {
        for (int i = 0; i < TimeUnit.SECONDS.toNanos(1) / STEP_NS; i++) {
            nowNs += STEP_NS;
            for (Agent each : running) {
                each.doWork();
            }
            agent.doWork();
        }
    }

    private void pass() throws Exception {
        pass(storage.agents());
    }

    @Test
    void shouldDeleteTheThreadsBeforeItEmptiesTheChannel() throws Exception {
        append(thread, 1, ofThread().build());
        append(parent, 1, deleted().build());
        pass();
        assertEquals(List.of("ATTRIBUTES " + storage.channels().name(thread)), published);

        append(thread, 2, ofThread().setDeleted(true).build());
        receipts.get(0).complete(new Receipt(thread, 2));
        pass();
        assertEquals(
                Set.of("EXPIRY room", "EXPIRY " + storage.channels().name(thread)),
                Set.copyOf(published.subList(1, published.size())));
        assertEquals(3, published.size());
    }

    @Test
    void shouldWaitForTheThreadsOfAnotherShardWhoseIndexIsBehind() throws Exception {
        append(thread, 1, ofThread().build());
        append(parent, 1, deleted().build());
        Agent indexer = new Indexer(List.of((ShardIndex) storage.index(shardOf(parent))));
        pass(List.of(storage.agents().get(0), indexer)); // what syncs, and one index
        assertEquals(List.of(), published);

        pass();
        assertEquals(List.of("ATTRIBUTES " + storage.channels().name(thread)), published);
    }

    @Test
    void shouldPublishOnceWhatIsKeptAndAgainOnlyWhatIsNot() throws Exception {
        append(parent, 1, deleted().build());
        pass();
        receipts.get(0).completeExceptionally(new IllegalStateException("on purpose"));
        for (int i = 0; i < 3; i++) {
            pass();
        }
        assertEquals(List.of("EXPIRY room", "EXPIRY room"), published);

        receipts.get(1).complete(new Receipt(parent, 2));
        for (int i = 0; i < 20; i++) {
            pass();
        }
        assertEquals(2, published.size(), "the index is slow, and nothing has failed");
    }
}
