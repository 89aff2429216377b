package io.freshet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.freshet.client.Channel;
import io.freshet.client.Receipt;
import io.freshet.protocol.FrameType;
import io.freshet.protocol.v1.Cursor;
import io.freshet.protocol.v1.Opened;
import io.freshet.protocol.v1.Record;
import io.netty.channel.epoll.Epoll;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Subscribers stop reading, each at another moment, while the channel runs on; the engine's memory stays within its bound
 * at every moment; and each of them, when it wakes, gets every message.
 */
class StalledReadersTest {
    private static final int READERS = 40;
    private static final int ROUNDS = 40;
    private static final int PER_ROUND = 300;
    private static final int PAYLOAD_LENGTH = 1000;

    @TempDir
    private Path directory;

    /** Reads in turn while it is awake. */
    private static final class Reader {
        final RawConnection connection;
        long next;

        Reader(FreshetEngine engine, long afterSequence) throws IOException {
            connection = new RawConnection(engine);
            connection.connect();
            Cursor.After after =
                    Cursor.After.newBuilder().setSequence(afterSequence).build();
            Opened opened =
                    connection.open("flood", Cursor.newBuilder().setAfter(after).build());
            next = afterSequence + 1;
            assertEquals(next, opened.getNext());
        }

        void readUpTo(long sequence) throws IOException {
            while (next <= sequence) {
                RawConnection.Frame frame = connection.read();
                if (frame.type() == FrameType.RECORD) {
                    assertEquals(next++, frame.body(Record.parser()).getSequence());
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 4194304", "1, 262144", "2, 262144"})
    void shouldStayWithinItsMemoryAndLoseNothing(int reactorCount, long pinnedBytes) throws IOException {
        MemoryLimits memory = new MemoryLimits(1 << 20, pinnedBytes, 64 << 20, 8);
        EngineConfig config = EngineConfig.builder()
                .dataDirectory(directory.resolve("data"))
                .listen(Endpoint.tcp(0))
                .reactors(reactorCount)
                .memory(memory)
                .build();
        try (FreshetEngine engine = FreshetEngine.start(config)) {
            List<Reader> readers = new ArrayList<>();
            for (int i = 0; i < READERS; i++) {
                readers.add(new Reader(engine, 0));
            }
            Channel channel = engine.channel("flood");
            for (int round = 0; round < ROUNDS; round++) {
                publish(channel, round);
                for (int i = 0; i < READERS; i++) {
                    if (round < i) { // reader i stalls from round i on
                        readers.get(i).readUpTo((long) (round + 1) * PER_ROUND);
                    }
                }
                MemoryUse use = engine.memoryUse();
                assertTrue(use.windowBytes() <= memory.windowBytes(), () -> use + " over " + memory);
                assertTrue(use.pinnedBytes() <= pinnedBytes + (1 << 20), () -> use + " over " + memory);
                assertTrue(use.outboundBytes() <= READERS * 2L * 96 * 1024, () -> "outbound: " + use);
            }
            for (Reader reader : readers) {
                reader.readUpTo((long) ROUNDS * PER_ROUND);
                reader.connection.close();
            }
            assertTrue(pinnedBytes > 1 << 20 || engine.metrics().sum("compacted.connections") > 0);
        }
    }

    @Test
    void shouldCloseWhoeverHoldsTooMuchAndLetThemResume() throws IOException {
        MemoryLimits memory = new MemoryLimits(1 << 20, 1 << 20, 64 * 1024, 8);
        EngineConfig config = EngineConfig.builder()
                .dataDirectory(directory.resolve("data"))
                .listen(Endpoint.tcp(0))
                .memory(memory)
                .build();
        try (FreshetEngine engine = FreshetEngine.start(config)) {
            List<Reader> readers = List.of(new Reader(engine, 0), new Reader(engine, 0), new Reader(engine, 0));
            Channel channel = engine.channel("flood");
            for (int round = 0; round < ROUNDS; round++) {
                publish(channel, round);
            }
            long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
            while (engine.memoryUse().outboundBytes() > memory.outboundBytes()) {
                assertTrue(System.nanoTime() < deadlineNs, () -> engine.memoryUse() + " over " + memory);
            }
            int closedCount = 0;
            for (Reader reader : readers) {
                closedCount += resumeUntilWhole(engine, reader);
            }
            assertTrue(closedCount > 0, "nobody was closed");
            assertEquals(closedCount, engine.metrics().sum("connections.closed", Map.of("reason", "slow_consumer")));
        }
    }

    /** What the kernel takes for a peer that does not read is memory of the server's machine as well. */
    @Test
    void shouldLeaveLittleWithTheKernelForWhoDoesNotRead() throws IOException {
        assumeTrue(Epoll.isAvailable(), "the JDK's own sockets cannot be told how much may be unsent");
        EngineConfig config = EngineConfig.builder()
                .dataDirectory(directory.resolve("data"))
                .listen(Endpoint.tcp(0))
                .build();
        try (FreshetEngine engine = FreshetEngine.start(config)) {
            Reader reader = new Reader(engine, 0);
            Channel channel = engine.channel("flood");
            for (int round = 0; round < ROUNDS; round++) {
                publish(channel, round);
            }
            double takenBytes = engine.metrics().sum("delivered");
            assertTrue(takenBytes < 1 << 20, () -> takenBytes + " of " + ROUNDS * PER_ROUND * PAYLOAD_LENGTH);
            reader.readUpTo((long) ROUNDS * PER_ROUND);
            reader.connection.close();
        }
    }

    /**
     * Reads to the end, as often as that takes: where the bound is smaller than what one reader may hold, also one that
     * catches up can be the one that holds most. Returns how often the connection was closed.
     */
    private static int resumeUntilWhole(FreshetEngine engine, Reader first) throws IOException {
        Reader reader = first;
        for (int closedCount = 0; ; closedCount++) {
            try (reader.connection) {
                reader.readUpTo((long) ROUNDS * PER_ROUND);
                return closedCount;
            } catch (EOFException | SocketException e) {
                reader = new Reader(engine, reader.next - 1);
            }
        }
    }

    private static void publish(Channel channel, int round) {
        ArrayDeque<CompletableFuture<Receipt>> receipts = new ArrayDeque<>();
        for (int i = 0; i < PER_ROUND; i++) {
            receipts.add(channel.publish(new byte[PAYLOAD_LENGTH]).toCompletableFuture());
        }
        long first = (long) round * PER_ROUND + 1;
        for (long sequence = first; !receipts.isEmpty(); sequence++) {
            assertEquals(
                    sequence,
                    receipts.removeFirst()
                            .orTimeout(30, TimeUnit.SECONDS)
                            .join()
                            .sequence());
        }
    }
}
