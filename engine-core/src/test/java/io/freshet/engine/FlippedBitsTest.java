package io.freshet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.client.ClientConfig;
import io.freshet.client.Cursor;
import io.freshet.client.FreshetClient;
import io.freshet.client.GapReason;
import io.freshet.client.Receipt;
import io.freshet.client.ReceivedRecord;
import io.freshet.client.RecordHandler;
import io.freshet.log.StorageConfig;
import io.freshet.log.chronicle.ChronicleStorage;
import io.freshet.log.document.DocumentLayout;
import io.freshet.log.document.DocumentView;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.agrona.BufferUtil;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Bits of a real roll file turn over while a server runs: subscribers over a socket get a gap for exactly the records that were
 * hit, nothing false, and every other record, at once and after a restart. The last document stays whole: a log whose end does not match
 * is cut there, which is another promise.
 */
@Timeout(120)
class FlippedBitsTest {
    private static final int ROUND_COUNT = 60;
    private static final int RECORDS_PER_ROUND = 5;
    private static final int FLIP_COUNT = 12;
    private static final List<String> NAMES = List.of("one", "two");

    @TempDir
    private Path directory;

    /** Where the documents lie that were hit: none is hit twice, which could heal it. */
    private final Set<Integer> chosen = new TreeSet<>();

    /** What one subscription got. */
    private static final class Heard implements RecordHandler {
        private final TreeMap<Long, String> records = new TreeMap<>();
        private final TreeSet<Long> damaged = new TreeSet<>();
        private final AtomicReference<String> trouble = new AtomicReference<>();
        private final CompletableFuture<Void> whole = new CompletableFuture<>();
        private final long last;

        Heard(long last) {
            this.last = last;
        }

        @Override
        public void onRecord(ReceivedRecord record) {
            records.put(record.sequence(), record.text());
            reached(record.sequence());
        }

        @Override
        public void onGap(long firstSequence, long count, GapReason reason) {
            if (reason != GapReason.DAMAGED) {
                trouble.set("a gap of " + reason);
            }
            for (long sequence = firstSequence; sequence < firstSequence + count; sequence++) {
                damaged.add(sequence);
            }
            reached(firstSequence + count - 1);
        }

        private void reached(long sequence) {
            if (sequence >= last) {
                whole.complete(null);
            }
        }
    }

    private FreshetEngine start() {
        return FreshetEngine.start(EngineConfig.builder()
                .storage(ChronicleStorage.open(
                        directory.resolve("data"),
                        StorageConfig.builder().shardCount(1).minFreeLength(0).build()))
                .listen(Endpoint.tcp(0))
                .reactors(1)
                .build());
    }

    private static FreshetClient connect(FreshetEngine engine) {
        return FreshetClient.connect(ClientConfig.builder()
                .server("127.0.0.1", engine.addresses().get(0).getPort())
                .build());
    }

    private static String text(String channel, long sequence) {
        return "record " + sequence + " of " + channel + ", " + "-".repeat((int) (sequence * 7 % 200));
    }

    /** Fills two channels, several records in a document; returns their ids by name. */
    private Map<Long, String> fill() {
        Map<Long, String> names = new TreeMap<>();
        try (FreshetEngine engine = start();
                FreshetClient client = connect(engine)) {
            for (int round = 0; round < ROUND_COUNT; round++) {
                List<CompletableFuture<Receipt>> receipts = new ArrayList<>();
                for (int i = 1; i <= RECORDS_PER_ROUND; i++) {
                    for (String name : NAMES) {
                        receipts.add(client.channel(name)
                                .publish(text(name, (long) round * RECORDS_PER_ROUND + i))
                                .toCompletableFuture());
                    }
                }
                for (int i = 0; i < receipts.size(); i++) {
                    Receipt receipt =
                            receipts.get(i).orTimeout(30, TimeUnit.SECONDS).join();
                    names.put(receipt.channel(), NAMES.get(i % NAMES.size()));
                }
            }
        }
        return names;
    }

    private Path rollFile() throws IOException {
        try (Stream<Path> files = Files.list(directory.resolve("data/shard-0/log"))) {
            return files.filter(file -> file.toString().endsWith("L.cq4"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    /** Turns bits over in random documents, but for those that end a channel; adds what of each channel is hit, by its id. */
    private void flip(Map<Long, Set<Long>> hit, Random random) throws IOException {
        try (FileChannel channel = FileChannel.open(rollFile(), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer bytes = ByteBuffer.allocateDirect((int) channel.size());
            channel.read(bytes, 0);
            List<Integer> offsets = documents(bytes);
            long last = (long) ROUND_COUNT * RECORDS_PER_ROUND;
            for (int enough = chosen.size() + FLIP_COUNT; chosen.size() < enough; ) {
                int offset = offsets.get(random.nextInt(offsets.size()));
                DocumentView view = wrapped(bytes, offset);
                boolean isEnd = false;
                for (int run = 0; run < view.runCount(); run++) {
                    isEnd |= view.firstSequence(run) + view.recordCount(run) > last;
                }
                if (!isEnd && chosen.add(offset)) {
                    flipOne(view, offset, channel, hit, random);
                }
            }
        }
    }

    private static List<Integer> documents(ByteBuffer bytes) {
        List<Integer> offsets = new ArrayList<>();
        DocumentView view = new DocumentView();
        for (int at = 0; at + DocumentLayout.HEADER_LENGTH < bytes.capacity(); at += 4) {
            if (bytes.getInt(at) == Integer.reverseBytes(DocumentLayout.MAGIC)
                    && view.wrap(BufferUtil.address(bytes) + at, bytes.capacity() - at)
                    && view.runCount() > 0) {
                offsets.add(at);
            }
        }
        return offsets;
    }

    private static DocumentView wrapped(ByteBuffer bytes, int offset) {
        DocumentView view = new DocumentView();
        assertTrue(view.wrap(BufferUtil.address(bytes) + offset, bytes.capacity() - offset));
        return view;
    }

    private static void flipOne(
            DocumentView view, int offset, FileChannel channel, Map<Long, Set<Long>> hit, Random random)
            throws IOException {
        int at;
        if (random.nextInt(3) == 0) {
            at = random.nextInt(view.recordOffset(0, 0));
            for (int run = 0; run < view.runCount(); run++) {
                for (int i = 0; i < view.recordCount(run); i++) {
                    hit.computeIfAbsent(view.channel(run), channelId -> new TreeSet<>())
                            .add(view.firstSequence(run) + i);
                }
            }
        } else {
            int run = random.nextInt(view.runCount());
            int record = random.nextInt(view.recordCount(run));
            at = view.recordOffset(run, record) + random.nextInt(view.recordLength(run, record));
            hit.computeIfAbsent(view.channel(run), channelId -> new TreeSet<>()).add(view.firstSequence(run) + record);
        }
        ByteBuffer one = ByteBuffer.allocate(1);
        channel.read(one, offset + at);
        one.put(0, (byte) (one.get(0) ^ 1 << random.nextInt(8)));
        channel.write(one.rewind(), offset + at);
    }

    private static void check(FreshetEngine engine, Map<Long, String> names, Map<Long, Set<Long>> hit) {
        long last = (long) ROUND_COUNT * RECORDS_PER_ROUND;
        try (FreshetClient client = connect(engine)) {
            for (Map.Entry<Long, String> each : names.entrySet()) {
                String name = each.getValue();
                Heard heard = new Heard(last);
                client.channel(name)
                        .subscribe(Cursor.first(), heard)
                        .toCompletableFuture()
                        .orTimeout(30, TimeUnit.SECONDS)
                        .join();
                heard.whole.orTimeout(30, TimeUnit.SECONDS).join();
                assertEquals(null, heard.trouble.get());
                assertEquals(hit.getOrDefault(each.getKey(), Set.of()), heard.damaged, "of " + name);
                assertEquals(last - heard.damaged.size(), heard.records.size());
                heard.records.forEach((sequence, text) -> assertEquals(text(name, sequence), text));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void shouldTellExactlyWhatWasHitWhileItRunsAndAfterARestart(long seed) throws IOException {
        Map<Long, String> names = fill();
        Map<Long, Set<Long>> hit = new TreeMap<>();
        Random random = new Random(seed);
        try (FreshetEngine engine = start()) {
            flip(hit, random);
            check(engine, names, hit);
            check(engine, names, hit);
        }
        flip(hit, random);
        try (FreshetEngine again = start()) {
            assertTrue(
                    again.recoveryReports().stream().anyMatch(report -> !report.isClean()), "the damage is reported");
            check(again, names, hit);
        }
    }
}
