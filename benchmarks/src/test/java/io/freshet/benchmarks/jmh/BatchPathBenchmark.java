package io.freshet.benchmarks.jmh;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
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
 * The whole way of a batch within the engine: the bytes of 256 acknowledged publishes of 128 bytes enter a session in one
 * read, one duty cycle admits, deduplicates, stamps, appends them to a Chronicle log on disk, acknowledges them and offers them
 * to every subscriber. Everything is the engine's own code but the sockets: a connection here counts the bytes that it
 * is offered and lets them go, so what the kernel and Netty take per write is not in the figure. The storage's agents run on
 * threads of their own, as in production. The time is per publish; divide by the subscribers for the time per delivery.
 * An iteration is so short that the page cache takes what it writes: a longer one would measure the disk.
 *
 * <pre>{@code mvn -q -DskipTests -Pjmh -pl benchmarks -am package -Djmh.args="BatchPathBenchmark -prof gc"}</pre>
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 40)
@Measurement(iterations = 20)
public class BatchPathBenchmark {
    private static final int RECORD_COUNT = 256;
    private static final int PAYLOAD_LENGTH = 128;
    private static final int CYCLE_COUNT = 500;

    /** Subscribers of the one channel. */
    @Param({"0", "1", "100"})
    public int subscriberCount;

    private InlineEngine engine;
    private InlineEngine.Publisher publisher;

    @Setup(Level.Trial)
    public void setUp() throws IOException {
        engine = new InlineEngine();
        for (int i = 0; i < subscriberCount; i++) {
            engine.subscribe("hot");
        }
        publisher = engine.publisher("hot", RECORD_COUNT, PAYLOAD_LENGTH);
    }

    @Benchmark
    @OperationsPerInvocation(RECORD_COUNT * CYCLE_COUNT)
    public long publishAndFanOut() {
        for (int i = 0; i < CYCLE_COUNT; i++) {
            publisher.send();
            engine.cycle();
        }
        return publisher.acknowledgedLength();
    }

    /** Also checks what was measured: that every subscriber got every byte. */
    @TearDown(Level.Trial)
    public void tearDown() throws IOException {
        engine.checkDelivered(publisher.sentLength());
        engine.close();
    }
}
