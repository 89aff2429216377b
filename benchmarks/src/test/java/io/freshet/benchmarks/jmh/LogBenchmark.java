package io.freshet.benchmarks.jmh;

import io.freshet.log.Durability;
import io.freshet.log.IndexReader;
import io.freshet.log.LogBatch;
import io.freshet.log.LogDocument;
import io.freshet.log.LogReader;
import io.freshet.log.MessageLog;
import io.freshet.log.Storage;
import io.freshet.log.StorageConfig;
import io.freshet.log.chronicle.ChronicleStorage;
import io.freshet.log.document.DocumentView;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The stages of the log, each alone, on a Chronicle log on disk: appending a document, reading it in order, finding it by its
 * channel and sequence, and the checksums of what was read. Records have 184 bytes, 55 of them before the payload. The time is
 * per document. The log is that of {@link #DOCUMENT_COUNT} documents of 64 channels in turn; appending goes on behind them
 * and counts the page faults of new pages, which {@link #prepare} does between two invocations as the engine's agent would.
 *
 * <pre>{@code mvn -q -DskipTests -Pjmh -pl benchmarks -am package -Djmh.args="LogBenchmark -prof gc"}</pre>
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 20)
@Measurement(iterations = 20)
public class LogBenchmark {
    private static final int DOCUMENT_COUNT = 4096;
    private static final int CHANNEL_COUNT = 64;
    private static final int HEAD_LENGTH = 55;
    private static final int PAYLOAD_LENGTH = 129;
    private static final int OPERATIONS = 512;

    /** Records of a document, all of one channel. */
    @Param({"1", "16", "256"})
    public int recordCount;

    private ScratchDirectory directory;
    private Storage storage;
    private MessageLog log;
    private LogReader reader;
    private IndexReader index;
    private UnsafeBuffer frames;
    private ByteBuffer document;
    private int documentLength;
    private long lookupCount;
    private final LogBatch batch = new LogBatch();
    private final DocumentView view = new DocumentView();
    private final long[] nextSequences = new long[CHANNEL_COUNT];
    private long documentCount;

    /** Writes the log and brings the index up to it. */
    @Setup(Level.Trial)
    public void setUp() throws IOException {
        directory = ScratchDirectory.create();
        frames = new UnsafeBuffer(ByteBuffer.allocateDirect(recordCount * (HEAD_LENGTH + PAYLOAD_LENGTH)));
        open();
        for (int i = 0; i < DOCUMENT_COUNT; i++) {
            appendDocument();
        }
        storage.close();
        open();
        storage.index(0).catchUp();
        reader = log.openReader();
        index = storage.index(0).openReader();
        keepOneDocument();
    }

    private void open() {
        storage = ChronicleStorage.open(
                directory.path().resolve("data"),
                StorageConfig.builder().shardCount(1).build());
        log = storage.log(0);
        for (int channel = 0; channel < CHANNEL_COUNT; channel++) {
            log.attach(channel, MessageLog.NULL_POSITION);
        }
    }

    private void keepOneDocument() {
        reader.toStart();
        while (reader.next()) {
            LogDocument found = reader.document();
            if (found.kind() == LogDocument.Kind.RUNS) {
                documentLength = found.buffer().capacity();
                document = ByteBuffer.allocateDirect(documentLength);
                found.buffer().getBytes(0, document, 0, documentLength);
                view.wrap(BufferUtil.address(document), documentLength);
                return;
            }
        }
        throw new IllegalStateException("the log is empty");
    }

    /** Reserves and faults in what the next appends take, and stands at the start of the log. */
    @Setup(Level.Iteration)
    public void prepare() throws Exception {
        storage.agents().get(1).doWork();
        reader.toStart();
    }

    private long appendDocument() {
        int channel = (int) (documentCount++ % CHANNEL_COUNT);
        batch.reset(documentCount, Durability.WRITTEN);
        batch.startRun(channel, nextSequences[channel] + 1, frames, 0);
        for (int i = 0; i < recordCount; i++) {
            batch.addRecord(HEAD_LENGTH + PAYLOAD_LENGTH, HEAD_LENGTH);
        }
        nextSequences[channel] += recordCount;
        long ordinal = log.append(batch);
        if (ordinal <= 0) {
            throw new IllegalStateException("refused: " + ordinal);
        }
        return ordinal;
    }

    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public long append() {
        long last = 0;
        for (int i = 0; i < OPERATIONS; i++) {
            last = appendDocument();
        }
        return last;
    }

    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public long readInOrder() {
        long last = 0;
        for (int i = 0; i < OPERATIONS; i++) {
            if (!reader.next()) {
                throw new IllegalStateException("the log has ended");
            }
            last = reader.document().position();
        }
        return last;
    }

    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public long readByIndex() {
        long last = 0;
        for (int i = 0; i < OPERATIONS; i++) {
            lookupCount += 7;
            long channel = lookupCount % CHANNEL_COUNT;
            long sequence = 1 + lookupCount % (DOCUMENT_COUNT / CHANNEL_COUNT) * recordCount;
            if (!reader.seek(index.find(channel, sequence)) || !reader.next()) {
                throw new IllegalStateException("not found: " + sequence + " of " + channel);
            }
            last += reader.document().firstSequence(0);
        }
        return last;
    }

    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public int envelopeChecksum() {
        int soundCount = 0;
        for (int i = 0; i < OPERATIONS; i++) {
            soundCount += view.wrap(BufferUtil.address(document), documentLength) ? 1 : 0;
        }
        return soundCount;
    }

    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public int recordChecksums() {
        int intactCount = 0;
        for (int i = 0; i < OPERATIONS; i++) {
            intactCount += view.intactCount(0, 0, recordCount);
        }
        return intactCount;
    }

    @TearDown(Level.Trial)
    public void tearDown() throws IOException {
        reader.close();
        index.close();
        storage.close();
        directory.close();
    }
}
