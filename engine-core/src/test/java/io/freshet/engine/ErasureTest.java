package io.freshet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.client.Channel;
import io.freshet.client.ClientConfig;
import io.freshet.client.Cursor;
import io.freshet.client.FreshetClient;
import io.freshet.client.Page;
import io.freshet.client.Receipt;
import io.freshet.client.StoredRecord;
import io.freshet.log.RecoveryReport;
import io.freshet.log.StorageConfig;
import io.freshet.log.chronicle.ChronicleStorage;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FreshetException;
import io.freshet.protocol.v1.ErasedSequences;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is erased is gone: from the disk, from memory, for who reads later and for who reads at the time. */
@Timeout(120)
class ErasureTest {
    private static final String SECRET = "nobody is ever to read this again";

    @TempDir
    private Path directory;

    private FreshetEngine start() {
        return FreshetEngine.start(EngineConfig.builder()
                .storage(ChronicleStorage.open(
                        directory.resolve("data"),
                        StorageConfig.builder()
                                .minFreeLength(0)
                                .syncInterval(Duration.ofMillis(5))
                                .checkpointInterval(Duration.ofMillis(5))
                                .build()))
                .listen(Endpoint.tcp(0))
                .reactors(2)
                .build());
    }

    private static FreshetClient connect(FreshetEngine engine) {
        return FreshetClient.connect(ClientConfig.builder()
                .server("127.0.0.1", engine.addresses().get(0).getPort())
                .build());
    }

    private static <T> T await(CompletionStage<T> stage) {
        return stage.toCompletableFuture().orTimeout(60, TimeUnit.SECONDS).join();
    }

    private static String secret(long number) {
        return SECRET + " " + number + ".";
    }

    /** Files of the data directory in which the bytes lie. */
    private List<Path> filesWith(String text) throws IOException {
        byte[] wanted = text.getBytes(StandardCharsets.UTF_8);
        List<Path> found = new ArrayList<>();
        try (Stream<Path> tree = Files.walk(directory)) {
            for (Path file : tree.filter(Files::isRegularFile).toList()) {
                if (contains(file, wanted)) {
                    found.add(file);
                }
            }
        }
        return found;
    }

    static boolean contains(Path file, byte[] wanted) throws IOException {
        ByteBuffer window = ByteBuffer.allocate(1 << 20);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            for (long at = 0; at < channel.size(); at += window.capacity() - wanted.length) {
                channel.read(window.clear(), at);
                String piece = new String(window.array(), 0, window.position(), StandardCharsets.ISO_8859_1);
                if (piece.contains(new String(wanted, StandardCharsets.ISO_8859_1))) {
                    return true;
                }
            }
        }
        return false;
    }

    private static void assertErased(StoredRecord record, int length) {
        assertTrue(record.isErased(), "record " + record.sequence() + " is not marked");
        assertEquals(length, record.payload().length);
        for (byte each : record.payload()) {
            assertEquals(0, each);
        }
    }

    @Test
    void shouldLeaveNothingOfTheContentInAnyFileOrMemory() throws IOException {
        try (FreshetEngine engine = start();
                FreshetClient client = connect(engine)) {
            Channel channel = client.channel("room");
            for (int i = 1; i <= 20; i++) {
                assertEquals(i, await(channel.publish(secret(i))).sequence());
            }
            await(channel.fetchForward(1, 20));
            assertFalse(filesWith(secret(7)).isEmpty(), "the search finds what is there");
            Receipt receipt = await(engine.erase("room", 7, 9, 9, 21, 1000));
            assertEquals(21, receipt.sequence());
            assertEquals(List.of(), filesWith(secret(7)));
            assertEquals(List.of(), filesWith(secret(9)));
            assertFalse(filesWith(secret(8)).isEmpty());
            assertEquals(2, engine.metrics().sum("erased.records"));
            assertEquals(0, engine.metrics().sum("erasures.pending"));
            check(await(channel.fetchForward(1, 20)).records());
            List<StoredRecord> heard = new ArrayList<>();
            CountDownLatch all = new CountDownLatch(20);
            try (FreshetClient late = connect(engine)) {
                await(late.channel("room").subscribe(Cursor.last(21), record -> {
                    if (record.sequence() <= 20) {
                        heard.add(record.copy());
                        all.countDown();
                    }
                }));
                assertTrue(all.await(30, TimeUnit.SECONDS));
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            check(heard);
        }
        try (FreshetEngine again = start();
                FreshetClient client = connect(again)) {
            check(await(client.channel("room").fetchForward(1, 20)).records());
            assertTrue(again.recoveryReports().stream().allMatch(report -> report.isClean()));
        }
    }

    private static void check(List<StoredRecord> records) {
        assertEquals(20, records.size());
        for (StoredRecord record : records) {
            int number = (int) record.sequence();
            if (number == 7 || number == 9) {
                assertErased(record, secret(number).length());
            } else {
                assertEquals(secret(number), new String(record.payload(), StandardCharsets.UTF_8));
            }
        }
    }

    @Test
    void shouldLeaveNothingInWhatWasKeptAsideUnderAnyName() throws IOException {
        try (FreshetEngine engine = start()) {
            Channel channel = engine.channel("room");
            await(channel.publish("anything"));
            List<Path> aside = new ArrayList<>();
            for (RecoveryReport ignored : engine.recoveryReports()) {
                Path damaged = Files.createDirectory(directory.resolve("data/shard-" + aside.size() + "/damaged"));
                aside.add(Files.createFile(damaged.resolve("19991231-23L.cq4.damaged-2")));
            }
            await(engine.erase("room", 1));
            assertEquals(
                    aside.size() - 1, aside.stream().filter(Files::exists).count(), "of the other shards it stays");
        }
    }

    @Test
    void shouldCountARecordOnceThatIsErasedAgainBesideOthersOfItsBatch() {
        int count = 60;
        try (FreshetEngine engine = start()) {
            Channel channel = engine.channel("room");
            List<CompletionStage<Receipt>> receipts = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                receipts.add(channel.publish("anything"));
            }
            receipts.forEach(ErasureTest::await);
            await(engine.erase(
                    "room", LongStream.rangeClosed(1, count / 2).map(i -> 2 * i).toArray()));
            await(engine.erase("room", LongStream.rangeClosed(1, count).toArray()));
            assertEquals(count, engine.metrics().sum("erased.records"));
        }
    }

    @Test
    void shouldNeverShowATornRecordToWhoReadsMeanwhile() throws Exception {
        int count = 400;
        String padding = "x".repeat(2000);
        try (FreshetEngine engine = start();
                FreshetClient client = connect(engine);
                FreshetClient reading = connect(engine)) {
            Channel channel = client.channel("room");
            for (int i = 1; i <= count; i++) {
                await(channel.publish(secret(i) + padding));
            }
            AtomicBoolean isDone = new AtomicBoolean();
            AtomicReference<Throwable> failure = new AtomicReference<>();
            Map<Long, Boolean> erased = new ConcurrentHashMap<>();
            Thread reader = new Thread(() -> {
                try {
                    while (!isDone.get()) {
                        for (long from = 1; from <= count; ) {
                            boolean[] wasErased = new boolean[count + 2];
                            erased.keySet().forEach(sequence -> wasErased[(int) (long) sequence] = true);
                            Page page = await(reading.channel("room").fetchForward(from, 50));
                            assertFalse(page.records().isEmpty());
                            assertEquals(from, page.records().get(0).sequence());
                            for (StoredRecord record : page.records()) {
                                checkOne(record, padding, count, wasErased);
                            }
                            from += page.records().size();
                        }
                    }
                } catch (Throwable e) {
                    failure.set(e);
                }
            });
            reader.start();
            for (long i = 1; i <= count; i += 8) {
                long first = i;
                await(engine.erase("room", LongStream.range(first, first + 4).toArray()));
                LongStream.range(first, first + 4).forEach(sequence -> erased.put(sequence, true));
                await(channel.publish("more"));
                if (failure.get() != null) {
                    break;
                }
            }
            isDone.set(true);
            reader.join();
            if (failure.get() != null) {
                throw new AssertionError(failure.get());
            }
            assertEquals(200, engine.metrics().sum("erased.records"));
        }
        assertEquals(List.of(), filesWith(secret(1)));
    }

    private static void checkOne(StoredRecord record, String padding, int count, boolean[] wasErased) {
        if (record.sequence() > count) {
            return;
        }
        String whole = secret(record.sequence()) + padding;
        if (record.isErased()) {
            assertErased(record, whole.length());
        } else {
            assertFalse(wasErased[(int) record.sequence()], record.sequence() + " is shown after it was erased");
            assertEquals(whole, new String(record.payload(), StandardCharsets.UTF_8));
        }
    }

    @Test
    void shouldDoWhatWasAskedForBeforeTheEngineEnded() throws IOException {
        CompletionStage<Receipt> asked;
        try (FreshetEngine engine = start()) {
            await(engine.channel("room").publish(secret(1)));
            asked = engine.erase("room", 1);
        }
        boolean isKept = asked.handle((receipt, failure) -> failure == null || isToBeDone(failure))
                .toCompletableFuture()
                .join();
        try (FreshetEngine again = start()) {
            boolean isStored =
                    await(again.channel("room").fetchForward(1, 10)).records().size() == 2;
            assertTrue(isStored || !isKept, "the event is in the log when the answer says so");
            await(again.erase("room", 2));
            assertEquals(isStored, filesWith(secret(1)).isEmpty());
        }
    }

    private static boolean isToBeDone(Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        return cause instanceof FreshetException refusal && refusal.code() == ErrorCode.SHUTTING_DOWN;
    }

    @Test
    void shouldTakeNoErasureFromAClient() throws IOException {
        try (FreshetEngine engine = start();
                FreshetClient client = connect(engine)) {
            Channel channel = client.channel("room");
            await(channel.publish(secret(1)));
            byte[] forged = ErasedSequences.newBuilder().addSequence(1).build().toByteArray();
            await(channel.publish(240, forged));
            await(channel.publish(secret(3)));
            await(engine.erase("room", 3));
            assertFalse(filesWith(secret(1)).isEmpty());
            assertEquals(List.of(), filesWith(secret(3)));
        }
    }
}
