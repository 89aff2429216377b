package io.freshet.benchmarks.jmh;

import io.freshet.protocol.FrameDecoder;
import io.freshet.protocol.RecordFrame;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
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
 * What a reactor does with the bytes of a publisher before anything is decided about them: cut one read of the socket
 * into RECORD frames, see that each is canonical and stamp it in place. The time is per record.
 *
 * <pre>{@code mvn -q -DskipTests -Pjmh -pl benchmarks -am package -Djmh.args=FrameDecoderBenchmark}</pre>
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class FrameDecoderBenchmark {
    private static final int RECORD_COUNT = 256;
    private static final int MAX_FRAME_LENGTH = 1 << 16;

    /** Bytes of each payload. */
    @Param({"16", "128", "1024"})
    public int payloadLength;

    /** Whether each read ends in the middle of a record, so that the decoder keeps its beginning for the next. */
    @Param({"false", "true"})
    public boolean isSplit;

    private ByteBuf whole;
    private ByteBuf[] reads;
    private FrameDecoder decoder;
    private long sequence;

    @Setup(Level.Trial)
    public void setUp() {
        int frameLength = RecordFrame.frameLength(payloadLength);
        whole = ByteBufAllocator.DEFAULT.directBuffer(RECORD_COUNT * frameLength);
        for (int i = 0; i < RECORD_COUNT; i++) {
            RecordFrame.writeHead(whole, 0, 1, 0, 0, 0, i + 1L, payloadLength);
            whole.writeZero(payloadLength);
        }
        int cut = isSplit ? whole.readableBytes() / 2 - frameLength / 2 : 0;
        reads = new ByteBuf[] {whole.slice(0, cut), whole.slice(cut, whole.readableBytes() - cut)};
        decoder = new FrameDecoder(
                ByteBufAllocator.DEFAULT, MAX_FRAME_LENGTH, (type, flags, kind, buffer, index, length) -> {
                    if (RecordFrame.isCanonical(buffer, index, length)) {
                        RecordFrame.stamp(buffer, index, ++sequence, 1, 2);
                    }
                });
    }

    @Benchmark
    @OperationsPerInvocation(RECORD_COUNT)
    public long decodeAndStamp() {
        for (ByteBuf read : reads) {
            decoder.onBytes(read);
        }
        return sequence;
    }

    @TearDown(Level.Trial)
    public void tearDown() {
        decoder.close();
        whole.release();
    }
}
