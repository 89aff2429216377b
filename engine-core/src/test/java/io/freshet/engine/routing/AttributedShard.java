package io.freshet.engine.routing;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.freshet.engine.Rate;
import io.freshet.engine.channel.AttributesFollower;
import io.freshet.engine.channel.KnownAttributes;
import io.freshet.engine.mailbox.CycleClock;
import io.freshet.engine.mailbox.Ownership;
import io.freshet.engine.metrics.ShardCounters;
import io.freshet.log.Durability;
import io.freshet.log.IndexReader;
import io.freshet.log.LogDocument;
import io.freshet.log.LogReader;
import io.freshet.log.Storage;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.EventKind;
import io.freshet.protocol.FrameHeader;
import io.freshet.protocol.RecordFrame;
import io.freshet.protocol.v1.ChannelAttributes;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Function;
import org.agrona.concurrent.Agent;
import org.jspecify.annotations.Nullable;

/** A shard over a storage of either kind, one channel of which several principals use, until it is opened anew. */
final class AttributedShard implements AutoCloseable {
    static final long CHANNEL = 4;
    static final long IDLE_NS = 1_000_000_000;

    private static final int WINDOW = 16;
    private static final long MEMORY_US = 60_000_000;
    private static final int AGENT_TURNS = 4;

    final Shard shard;
    private final Storage storage;
    private final IndexReader reader;
    private final CycleClock clock;
    private final Map<Long, Producer> producers = new HashMap<>();
    private final List<Long> ended = new ArrayList<>();
    private final List<String> refused = new ArrayList<>();
    private long nowUs;
    private int lastInstance;

    /** What somebody was told who came to use the channel. */
    record Told(
            @Nullable ErrorCode refusal,
            long head,
            @Nullable KnownAttributes attributes) {}

    AttributedShard(Storage storage, long nowUs, int lastInstance) {
        this.storage = storage;
        this.nowUs = nowUs;
        this.lastInstance = lastInstance;
        clock = new CycleClock(() -> this.nowUs * 1_000, () -> this.nowUs);
        storage.index(0).addFollower(new NonceFollower(WINDOW, MEMORY_US, () -> this.nowUs * 1_000));
        storage.index(0).addFollower(new AttributesFollower());
        storage.index(0).catchUp();
        reader = storage.index(0).openReader();
        StateReads reads = new StateReads() {
            @Override
            public <T> void submit(
                    Function<IndexReader, T> read, Consumer<T> answer, Consumer<RuntimeException> failure) {
                answer.accept(read.apply(reader));
            }
        };
        shard = new Shard(
                storage.log(0),
                storage.index(0),
                new ShardConfig(Durability.WRITTEN, WINDOW, MEMORY_US, IDLE_NS, Rate.UNLIMITED, 0),
                reads,
                (batch, interest) -> {},
                clock,
                new Ownership(),
                ByteBufAllocator.DEFAULT,
                new BatchWindows(1, 0, 0),
                new ShardCounters(() -> 1));
    }

    long nowUs() {
        return nowUs;
    }

    int lastInstance() {
        return lastInstance;
    }

    void pass(long us) {
        nowUs += us;
        clock.forget();
    }

    /** Who came before as the same principal stays known as one who may publish no more. */
    Told attach(long principal, boolean needsAttributes) {
        Told[] told = new Told[1];
        shard.attach(
                CHANNEL,
                new Attachment(
                        0,
                        principal,
                        ++lastInstance,
                        false,
                        needsAttributes,
                        publisher(principal),
                        new Attachment.Listener() {
                            @Override
                            public void onAttached(
                                    Producer producer,
                                    int epoch,
                                    long head,
                                    long first,
                                    int nonceCounter,
                                    @Nullable KnownAttributes attributes) {
                                Producer earlier = producers.put(principal, producer);
                                if (earlier != null) {
                                    shard.detach(earlier);
                                }
                                told[0] = new Told(null, head, attributes);
                            }

                            @Override
                            public void onAttachFailed(ErrorCode code) {
                                told[0] = new Told(code, 0, null);
                            }
                        }));
        return told[0];
    }

    private Publisher publisher(long principal) {
        return new Publisher() {
            @Override
            public void onCommitted(long channel, long firstNonce, int count, long firstSequence) {}

            @Override
            public void onRefused(long channel, long firstNonce, int count, ErrorCode code, int retryAfterMs) {
                refused.add(principal + " " + code);
            }

            @Override
            public void onEnded(long channel) {
                ended.add(principal);
                shard.detach(Objects.requireNonNull(producers.remove(principal)));
            }
        };
    }

    List<Long> attached() {
        return producers.keySet().stream().sorted().toList();
    }

    /** Who was told that the channel is over, since this was asked last. */
    List<Long> ended() {
        List<Long> all = ended.stream().sorted().toList();
        ended.clear();
        return all;
    }

    void detachAll() {
        producers.values().forEach(shard::detach);
        producers.clear();
    }

    /** Publishes without a nonce, so that what is refused needs no repeat. */
    @Nullable
    ErrorCode publish(long principal, int kind, byte[] payload) {
        ByteBuf frame = ByteBufAllocator.DEFAULT.directBuffer();
        RecordFrame.writeHead(frame, kind, CHANNEL, 0, 0, 0, 0, payload.length);
        frame.writeBytes(payload);
        try {
            return shard.publish(Objects.requireNonNull(producers.get(principal)), frame, 0, frame.readableBytes());
        } finally {
            frame.release();
        }
    }

    /** What the log says that the channel is, read from its beginning. */
    @Nullable
    KnownAttributes inLog() throws Exception {
        KnownAttributes last = null;
        try (LogReader log = storage.log(0).openReader()) {
            log.toStart();
            while (log.next()) {
                LogDocument document = log.document();
                for (int run = 0; run < document.runCount(); run++) {
                    for (int i = 0; i < document.recordCount(run); i++) {
                        KnownAttributes found = attributes(document, run, i);
                        last = found == null ? last : found;
                    }
                }
            }
        }
        return last;
    }

    private static @Nullable KnownAttributes attributes(LogDocument document, int run, int i) throws Exception {
        int at = document.recordOffset(run, i);
        boolean isOne =
                document.buffer().getShort(at + FrameHeader.KIND_OFFSET, LITTLE_ENDIAN) == EventKind.ATTRIBUTES.code()
                        && document.buffer().getByte(at + FrameHeader.FLAGS_OFFSET) == FrameHeader.FLAG_CHECKED;
        if (!isOne) {
            return null;
        }
        byte[] payload = new byte
                [document.recordLength(run, i)
                        - RecordFrame.payloadOffset(
                                io.netty.buffer.Unpooled.wrappedBuffer(bytes(document, run, i)),
                                0,
                                document.recordLength(run, i))];
        document.buffer().getBytes(at + document.recordLength(run, i) - payload.length, payload);
        return new KnownAttributes(document.firstSequence(run) + i, ChannelAttributes.parseFrom(payload));
    }

    private static byte[] bytes(LogDocument document, int run, int i) {
        byte[] frame = new byte[document.recordLength(run, i)];
        document.buffer().getBytes(document.recordOffset(run, i), frame);
        return frame;
    }

    void runAgents() throws Exception {
        for (int i = 0; i < AGENT_TURNS; i++) {
            for (Agent agent : storage.agents()) {
                agent.doWork();
            }
        }
    }

    Storage storage() {
        return storage;
    }

    /** Lets go of what belongs to the process. */
    void abandon() {
        shard.close();
    }

    @Override
    public void close() {
        shard.close();
        reader.close();
        storage.close();
    }
}
