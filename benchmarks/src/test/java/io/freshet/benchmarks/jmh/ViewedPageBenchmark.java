package io.freshet.benchmarks.jmh;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import io.freshet.engine.chat.ChatFollower;
import io.freshet.engine.delivery.ColdReader;
import io.freshet.engine.delivery.PageRequest;
import io.freshet.engine.delivery.PageResult;
import io.freshet.engine.delivery.ReaderProxy;
import io.freshet.engine.mailbox.Mailbox;
import io.freshet.engine.mailbox.ReactorProxy;
import io.freshet.log.Durability;
import io.freshet.log.LogBatch;
import io.freshet.log.MessageLog;
import io.freshet.log.Storage;
import io.freshet.log.StorageConfig;
import io.freshet.log.chronicle.ChronicleStorage;
import io.freshet.protocol.EventKind;
import io.freshet.protocol.FrameHeader;
import io.freshet.protocol.RecordFrame;
import io.freshet.protocol.v1.Content;
import io.freshet.protocol.v1.Edit;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.UnsafeBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A page of 50 records, read backward from anywhere in a channel of {@link #RECORD_COUNT}, as the reader's thread makes it: plain, and
 * with what has become of its posts. One record in a hundred is an edit of a post before it.
 *
 * <pre>{@code mvn -q -DskipTests -Pjmh -pl benchmarks -am package -Djmh.args="ViewedPageBenchmark -prof gc"}</pre>
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class ViewedPageBenchmark {
    private static final int RECORD_COUNT = 1_000_000;
    private static final int DOCUMENT_COUNT = RECORD_COUNT / 100;
    private static final int PAGE_COUNT = 50;
    private static final int SYNCER = 0;
    private static final int PREPARER = 1;
    private static final long CHANNEL = 4;
    private static final String TEXT = "a message of the length that people write to each other, more or less";

    private final Random random = new Random(1);
    private ScratchDirectory directory;
    private Storage storage;
    private ColdReader reader;
    private ReaderProxy proxy;
    private Mailbox mailbox;
    private PageResult answer = PageResult.plain(ByteString.EMPTY, List.of(), 0);

    @Setup(Level.Trial)
    public void setUp() throws Exception {
        directory = ScratchDirectory.create();
        storage = ChronicleStorage.open(
                directory.path().resolve("data"),
                StorageConfig.builder().shardCount(1).build());
        write();
        while (storage.log(0).syncedPosition() != storage.log(0).lastPosition()) {
            storage.agents().get(SYNCER).doWork();
        }
        storage.index(0).addFollower(new ChatFollower());
        storage.index(0).catchUp();
        mailbox = new Mailbox(64, 1024);
        reader = new ColdReader(storage, PooledByteBufAllocator.DEFAULT, 1024, () -> {});
        reader.onStart();
        proxy = new ReaderProxy(reader, new ReactorProxy(mailbox, () -> {}), 1);
    }

    private void write() throws Exception {
        MessageLog log = storage.log(0);
        log.attach(CHANNEL, MessageLog.NULL_POSITION);
        ByteBuf frames = PooledByteBufAllocator.DEFAULT.directBuffer(64 * 1024);
        LogBatch batch = new LogBatch();
        int count = RECORD_COUNT / DOCUMENT_COUNT;
        for (int i = 0; i < DOCUMENT_COUNT; i++) {
            long first = (long) i * count + 1;
            frames.clear();
            int[] lengths = new int[count];
            for (int record = 0; record < count; record++) {
                lengths[record] = append(frames, first + record);
            }
            batch.reset(i + 1L, i + 1 == DOCUMENT_COUNT ? Durability.SYNCED : Durability.WRITTEN);
            batch.startRun(CHANNEL, first, new UnsafeBuffer(frames.memoryAddress(), frames.readableBytes()), 0);
            for (int length : lengths) {
                batch.addRecord(length, RecordFrame.MIN_LENGTH);
            }
            if (log.append(batch) <= 0) {
                throw new IllegalStateException("refused");
            }
            if (i % 256 == 0) {
                storage.agents().get(PREPARER).doWork();
            }
        }
        frames.release();
    }

    /** The last record of each hundred is an edit; its target is one of those before. */
    private int append(ByteBuf frames, long sequence) {
        boolean isEdit = sequence % 100 == 0;
        Content content = Content.newBuilder().setText(TEXT).build();
        MessageLite body = isEdit
                ? Edit.newBuilder()
                        .setTarget(sequence - 1 - random.nextInt((int) Math.min(98, sequence - 1)))
                        .setContent(content)
                        .build()
                : content;
        EventKind kind = isEdit ? EventKind.EDIT : EventKind.POST;
        byte[] payload = body.toByteArray();
        int start = frames.writerIndex();
        RecordFrame.writeHead(frames, kind.code(), CHANNEL, sequence, sequence, sequence % 100, 0, payload.length);
        frames.writeBytes(payload);
        frames.setByte(start + FrameHeader.FLAGS_OFFSET, FrameHeader.FLAG_CHECKED);
        return frames.writerIndex() - start;
    }

    private PageResult page(boolean hasViews) {
        long from = (long) PAGE_COUNT + random.nextInt(RECORD_COUNT - PAGE_COUNT);
        PageRequest request = new PageRequest(CHANNEL, from, RECORD_COUNT, 1, true, PAGE_COUNT, hasViews, 7);
        proxy.readPage(request, page -> answer = page, failure -> {
            throw failure;
        });
        reader.doWork();
        mailbox.drain(Integer.MAX_VALUE);
        return answer;
    }

    @Benchmark
    public PageResult plain() {
        return page(false);
    }

    @Benchmark
    public PageResult viewed() {
        return page(true);
    }

    @TearDown(Level.Trial)
    public void tearDown() throws IOException {
        reader.onClose();
        storage.close();
        directory.close();
    }
}
