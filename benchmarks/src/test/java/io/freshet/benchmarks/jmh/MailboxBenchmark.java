package io.freshet.benchmarks.jmh;

import io.freshet.engine.mailbox.Mailbox;
import io.freshet.engine.mailbox.ReactorProxy;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What a message to another reactor costs, both ends on one thread and the reactor awake: 256 offers to the data lane, which
 * are then drained. Time per message.
 *
 * <pre>{@code mvn -q -DskipTests -Pjmh -pl benchmarks -am package -Djmh.args="MailboxBenchmark -prof gc"}</pre>
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class MailboxBenchmark {
    private static final int MESSAGE_COUNT = 256;

    private Mailbox mailbox;
    private ReactorProxy proxy;
    private Runnable message;
    private long ran;

    @Setup(Level.Trial)
    public void setUp() {
        mailbox = new Mailbox(MESSAGE_COUNT, MESSAGE_COUNT);
        proxy = new ReactorProxy(mailbox, () -> {});
        message = () -> ran++;
    }

    @Benchmark
    @OperationsPerInvocation(MESSAGE_COUNT)
    public long offerAndDrain() {
        for (int i = 0; i < MESSAGE_COUNT; i++) {
            if (!proxy.offerData(message)) {
                throw new IllegalStateException("no room for message " + i);
            }
        }
        mailbox.drain(MESSAGE_COUNT);
        return ran;
    }
}
