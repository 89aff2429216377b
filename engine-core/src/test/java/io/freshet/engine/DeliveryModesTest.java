package io.freshet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.client.Delivery;
import io.freshet.client.FreshetClient;
import io.freshet.client.GapReason;
import io.freshet.client.ReceivedRecord;
import io.freshet.client.RecordHandler;
import io.freshet.protocol.FrameType;
import io.freshet.protocol.v1.Cursor;
import io.freshet.protocol.v1.DeliveryMode;
import io.freshet.protocol.v1.Gap;
import io.freshet.protocol.v1.Opened;
import io.freshet.protocol.v1.Record;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Over real sockets: who does not read, or wants less, is told exactly what it did not get, and gets the newest. */
class DeliveryModesTest {
    private static final int MESSAGE_COUNT = 3000;

    @TempDir
    private Path directory;

    private FreshetEngine engine;

    @BeforeEach
    void start() {
        engine = FreshetEngine.start(EngineConfig.builder()
                .dataDirectory(directory.resolve("data"))
                .listen(Endpoint.tcp(0))
                .reactors(2)
                .build());
    }

    @AfterEach
    void close() {
        engine.close();
    }

    @ParameterizedTest
    @CsvSource({"DELIVERY_MODE_LATEST, 0, 16384", "DELIVERY_MODE_SAMPLED, 100, 4096", "DELIVERY_MODE_SAMPLED, 1000, 16"
    })
    void shouldTellExactlyWhatAReaderThatDoesNotReadMisses(DeliveryMode mode, int rate, int payloadLength)
            throws IOException {
        try (RawConnection raw = new RawConnection(engine)) {
            raw.connect();
            raw.send(
                    FrameType.OPEN,
                    RawConnection.openFrame("lobby")
                            .setCursor(Cursor.newBuilder().setLive(Cursor.Live.getDefaultInstance()))
                            .setMode(mode)
                            .setRate(rate)
                            .build());
            long next = raw.read(FrameType.OPENED, Opened.parser()).getNext();
            publish(payloadLength);

            long skipped = 0;
            RawConnection.Frame frame;
            do {
                frame = raw.read();
                if (frame.type() == FrameType.GAP) {
                    Gap gap = frame.body(Gap.parser());
                    assertEquals(next, gap.getFirstSequence());
                    next += gap.getCount();
                    skipped += gap.getCount();
                } else {
                    assertEquals(FrameType.RECORD, frame.type());
                    assertEquals(next++, frame.body(Record.parser()).getSequence());
                }
            } while (next <= MESSAGE_COUNT);
            assertEquals(FrameType.RECORD, frame.type(), "the newest is delivered");
            assertTrue(skipped > 0);
            double counted = engine.metrics().sum("gap.records", Map.of("reason", "skipped"));
            assertEquals(skipped, (long) counted);
        }
    }

    private void publish(int payloadLength) {
        CompletableFuture<?>[] receipts = new CompletableFuture<?>[MESSAGE_COUNT];
        for (int i = 0; i < MESSAGE_COUNT; i++) {
            receipts[i] =
                    engine.channel("lobby").publish(new byte[payloadLength]).toCompletableFuture();
        }
        CompletableFuture.allOf(receipts).join();
    }

    @Test
    void shouldTellAClientOfTheLibraryWhatItDoesNotGet() throws Exception {
        CompletableFuture<Long> newest = new CompletableFuture<>();
        try (FreshetClient client =
                engine.connect(new Principal(5, "ann")).toCompletableFuture().join()) {
            Counting handler = new Counting(newest);
            client.channel("lobby")
                    .subscribe(io.freshet.client.Cursor.first(), Delivery.sampled(20), handler)
                    .toCompletableFuture()
                    .join();
            publish(16);
            assertEquals(MESSAGE_COUNT, newest.get(20, TimeUnit.SECONDS));
            assertTrue(handler.recordCount < MESSAGE_COUNT);
        }
    }

    /** Counts what is delivered and what is told to be missing; on the client's thread. */
    private static final class Counting implements RecordHandler {
        private final CompletableFuture<Long> newest;
        private volatile long recordCount;
        private long total;

        Counting(CompletableFuture<Long> newest) {
            this.newest = newest;
        }

        @Override
        @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes
        public void onRecord(ReceivedRecord record) {
            recordCount++;
            total++;
            if (record.sequence() == MESSAGE_COUNT) {
                newest.complete(total);
            }
        }

        @Override
        public void onGap(long firstSequence, long count, GapReason reason) {
            assertEquals(GapReason.SKIPPED, reason);
            total += count;
        }
    }
}
