package io.freshet.benchmarks.jmh;

import io.freshet.log.Durability;
import io.freshet.log.LogBatch;
import io.freshet.log.MessageLog;
import io.freshet.log.Storage;
import io.freshet.log.StorageConfig;
import io.freshet.log.chronicle.ChronicleStorage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.Agent;
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
 * What the indexer's thread pays for a document of one run: it reads {@link #DOCUMENT_COUNT} of them that were appended and
 * synced before, remembers where each run lies, and writes one checkpoint of them all. Each is of the next of {@link
 * #channelCount} channels; the more channels, the more blocks a checkpoint has. The time is per document; without a sync, since
 * the checkpoint's pages are written back by the kernel.
 *
 * <pre>{@code mvn -q -DskipTests -Pjmh -pl benchmarks -am package -Djmh.args="IndexBenchmark -prof gc"}</pre>
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 20)
@Measurement(iterations = 20)
public class IndexBenchmark {
    private static final int DOCUMENT_COUNT = 8192;
    private static final int HEAD_LENGTH = 55;
    private static final int RECORD_LENGTH = 184;
    private static final int SYNCER = 0;
    private static final int PREPARER = 1;
    private static final int INDEXER = 2;

    /** Channels that are written to in turn. */
    @Param({"1", "64", "1000"})
    public int channelCount;

    private ScratchDirectory directory;
    private Storage storage;
    private MessageLog log;
    private Agent syncer;
    private Agent indexer;
    private long[] nextSequences;
    private long documentCount;
    private final UnsafeBuffer frame = new UnsafeBuffer(ByteBuffer.allocateDirect(RECORD_LENGTH));
    private final LogBatch batch = new LogBatch();

    @Setup(Level.Trial)
    public void setUp() throws IOException {
        directory = ScratchDirectory.create();
        storage = ChronicleStorage.open(
                directory.path().resolve("data"),
                StorageConfig.builder()
                        .shardCount(1)
                        .checkpointRunCount(DOCUMENT_COUNT)
                        .checkpointInterval(Duration.ofMinutes(1))
                        .build());
        log = storage.log(0);
        storage.index(0).catchUp();
        syncer = storage.agents().get(SYNCER);
        indexer = storage.agents().get(INDEXER);
        nextSequences = new long[channelCount];
        for (int channel = 0; channel < channelCount; channel++) {
            log.attach(channel, MessageLog.NULL_POSITION);
        }
    }

    /** Appends and syncs what the next iteration indexes. */
    @Setup(Level.Iteration)
    public void append() throws Exception {
        storage.agents().get(PREPARER).doWork();
        for (int i = 0; i < DOCUMENT_COUNT; i++) {
            int channel = (int) (documentCount++ % channelCount);
            batch.reset(documentCount, i + 1 == DOCUMENT_COUNT ? Durability.SYNCED : Durability.WRITTEN);
            batch.startRun(channel, ++nextSequences[channel], frame, 0);
            batch.addRecord(RECORD_LENGTH, HEAD_LENGTH);
            if (log.append(batch) <= 0) {
                throw new IllegalStateException("refused");
            }
        }
        while (log.syncedPosition() != log.lastPosition()) {
            syncer.doWork();
        }
    }

    @Benchmark
    @OperationsPerInvocation(DOCUMENT_COUNT)
    public long indexDocument() throws Exception {
        long last = log.lastPosition();
        while (storage.index(0).indexedPosition() != last) {
            indexer.doWork();
        }
        return last;
    }

    @TearDown(Level.Trial)
    public void tearDown() throws IOException {
        storage.close();
        directory.close();
    }
}
