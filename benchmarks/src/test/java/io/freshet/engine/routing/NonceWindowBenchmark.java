package io.freshet.engine.routing;

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
 * What one publish costs the memory of nonces: to see that its counter is the next and to remember it, or to find the sequence
 * of one that came before. {@code run} is how many counters of the publisher got consecutive sequences before somebody else's
 * came between: with 1 each is a range of its own. Here because {@link NonceWindow} is seen by its package alone. Steady state
 * allocates nothing.
 *
 * <pre>{@code mvn -q -DskipTests -Pjmh -pl benchmarks -am package -Djmh.args="NonceWindowBenchmark -prof gc"}</pre>
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class NonceWindowBenchmark {
    private static final int WINDOW_COUNT = 1024;
    private static final int COUNT = 256;

    /** Counters in a row that got sequences in a row. */
    @Param({"1", "256"})
    public int run;

    private NonceWindow window;
    private int counter;
    private long sequence;

    /** Fills the window beyond what it remembers. */
    @Setup(Level.Trial)
    public void setUp() {
        window = new NonceWindow(WINDOW_COUNT);
        for (int i = 0; i < 8 * WINDOW_COUNT; i++) {
            acceptNext();
        }
    }

    private void acceptNext() {
        int next = counter + 1;
        if (!window.isNext(next)) {
            throw new IllegalStateException("not the next: " + next);
        }
        sequence += next % run == 0 ? 2 : 1;
        window.accept(next, sequence, sequence);
        counter = next;
    }

    @Benchmark
    @OperationsPerInvocation(COUNT)
    public long accept() {
        for (int i = 0; i < COUNT; i++) {
            acceptNext();
        }
        return window.lastCounter();
    }

    @Benchmark
    @OperationsPerInvocation(COUNT)
    public long findRepeat() {
        long sum = 0;
        for (int i = 0; i < COUNT; i++) {
            int repeated = counter - i;
            if (!window.isRepeat(repeated)) {
                throw new IllegalStateException("not known: " + repeated);
            }
            sum += window.sequenceOf(repeated);
        }
        return sum;
    }

    /** Also checks what was measured. */
    @TearDown(Level.Trial)
    public void tearDown() {
        if (window.lastCounter() != counter || window.sequenceOf(counter) != sequence) {
            throw new IllegalStateException("the last counter is not where it was put");
        }
    }
}
