package io.freshet.engine.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.log.Durability;
import io.freshet.log.LogBatch;
import io.freshet.log.LogDocument;
import io.freshet.log.LogReader;
import io.freshet.log.MessageLog;
import io.freshet.log.StorageConfig;
import io.freshet.log.StorageException;
import io.freshet.log.chronicle.ChronicleStorage;
import io.freshet.testing.FuzzInput;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A small real log, two roll files of two channels, whose files are then overwritten, cut, mixed up or deleted as an input says. It opens in
 * time, or says by name why not; it tells when something is missing; no record is served that was not written there, byte for
 * byte; the log takes further records, and opens again with exactly what it served.
 */
public final class LogRecoveryFuzz {
    private static final int CHANNEL_COUNT = 2;
    private static final int DOCUMENTS_PER_FILE = 40;
    private static final int PAYLOAD_LENGTH = 90;
    private static final int MAX_EDITS = 6;
    private static final int NEW_CHANNEL = 9;

    /** Before it lie Chronicle's header and indexes, mostly empty: an input reaches both parts. */
    private static final int FIRST_DOCUMENT_OFFSET = 131_072;

    private static final AtomicLong NOW_MS = new AtomicLong(1_700_000_000_000L);
    private static final Map<String, byte[]> SOUND = new HashMap<>();
    private static final List<Path> FILES = write();

    private LogRecoveryFuzz() {}

    private static StorageConfig config() {
        return StorageConfig.builder()
                .shardCount(1)
                .minFreeLength(0)
                .indexMapLength(1 << 20)
                .prepareLength(64 * 1024)
                .nanoClock(() -> NOW_MS.get() * 1_000_000)
                .epochMsClock(NOW_MS::get)
                .build();
    }

    /** Writes the sound log; returns its files that are harmed, relative to its directory. */
    private static List<Path> write() {
        try {
            Path root = Files.createTempDirectory("freshet-fuzz");
            try (ChronicleStorage storage = ChronicleStorage.open(root, config())) {
                MessageLog log = storage.log(0);
                for (int channel = 1; channel <= CHANNEL_COUNT; channel++) {
                    log.attach(channel, MessageLog.NULL_POSITION);
                }
                storage.index(0).catchUp();
                for (int i = 0; i < 2 * DOCUMENTS_PER_FILE; i++) {
                    if (i == DOCUMENTS_PER_FILE) {
                        NOW_MS.addAndGet(3_600_000);
                    }
                    assertTrue(log.append(batch(1 + i % CHANNEL_COUNT, 1 + i / CHANNEL_COUNT)) > 0);
                }
            }
            try (Stream<Path> tree = Files.walk(root)) {
                for (Path file : tree.filter(Files::isRegularFile).toList()) {
                    SOUND.put(root.relativize(file).toString(), Files.readAllBytes(file));
                }
            }
            delete(root);
            return SOUND.keySet().stream()
                    .filter(name -> name.startsWith("shard-0") && !name.contains("index"))
                    .sorted()
                    .map(Path::of)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static LogBatch batch(long channel, long sequence) {
        UnsafeBuffer record = new UnsafeBuffer(ByteBuffer.allocateDirect(PAYLOAD_LENGTH));
        for (int i = 0; i < PAYLOAD_LENGTH; i++) {
            record.putByte(i, byteAt(channel, sequence, i));
        }
        LogBatch batch = new LogBatch();
        batch.reset(sequence * 1_000, Durability.WRITTEN);
        batch.startRun(channel, sequence, record, 0);
        batch.addRecord(PAYLOAD_LENGTH, Long.BYTES);
        return batch;
    }

    private static byte byteAt(long channel, long sequence, int index) {
        return (byte) (channel * 131 + sequence * 17 + index);
    }

    public static void fuzzerTestOneInput(byte[] data) {
        try {
            Path root = Files.createTempDirectory("freshet-fuzz");
            try {
                for (Map.Entry<String, byte[]> file : SOUND.entrySet()) {
                    Path path = root.resolve(file.getKey());
                    Files.createDirectories(path.getParent());
                    Files.write(path, file.getValue());
                }
                harm(root, new FuzzInput(data));
                check(root);
            } finally {
                delete(root);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void harm(Path root, FuzzInput input) throws IOException {
        for (int i = 0; i < MAX_EDITS && !input.isEmpty(); i++) {
            Path file = root.resolve(FILES.get(input.below(FILES.size())));
            if (!Files.exists(file)) {
                continue;
            }
            int choice = input.below(6);
            long length = Files.size(file);
            long offset = offset(input, length);
            try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
                bytes.seek(offset);
                switch (choice) {
                    case 0 -> bytes.write(input.take(1 + input.below(64)));
                    case 1 -> bytes.write(new byte[1 + input.nextU16()]);
                    case 2 -> bytes.setLength(offset);
                    case 3 -> move(bytes, offset, offset(input, length), 1 + input.nextU16());
                    case 4 -> {
                        int old = bytes.read();
                        bytes.seek(offset);
                        bytes.write(old ^ (1 << input.below(Byte.SIZE)));
                    }
                    default -> Files.delete(file);
                }
            }
        }
    }

    /** A place in a file: mostly where documents lie, at times in what Chronicle keeps before them. */
    private static long offset(FuzzInput input, long length) {
        int part = input.below(4);
        long at = input.nextU16();
        long base = part == 0 ? 0 : FIRST_DOCUMENT_OFFSET;
        return Math.min(length, base + (part == 1 ? at % 4_096 : at));
    }

    /** Copies a piece of the file to another place of it. */
    private static void move(RandomAccessFile bytes, long from, long to, int length) throws IOException {
        byte[] piece = new byte[(int) Math.min(length, bytes.length() - from)];
        bytes.seek(from);
        bytes.readFully(piece);
        bytes.seek(to);
        bytes.write(piece);
    }

    private static void check(Path root) throws IOException {
        Map<Long, Integer> served;
        boolean isMissing;
        try (ChronicleStorage storage = ChronicleStorage.open(root, config())) {
            MessageLog log = storage.log(0);
            served = read(log);
            isMissing = served.size() < 2 * DOCUMENTS_PER_FILE;
            assertFalse(isMissing && log.recovery().isClean(), "documents are missing, and nobody says so");
            storage.index(0).catchUp();
            log.attach(NEW_CHANNEL, MessageLog.NULL_POSITION);
            assertTrue(log.append(batch(NEW_CHANNEL, 1)) > 0, "it takes no record");
        } catch (StorageException e) {
            assertFalse(e.reason().name().isEmpty());
            return;
        }
        try (ChronicleStorage storage = ChronicleStorage.open(root, config())) {
            MessageLog log = storage.log(0);
            assertTrue(log.recovery().isClean(), () -> log.recovery().detail());
            Map<Long, Integer> again = read(log);
            assertEquals(
                    1,
                    again.entrySet().stream()
                            .filter(each -> !served.containsKey(each.getKey()))
                            .count());
            served.forEach((position, intact) -> assertEquals(intact, again.get(position)));
        }
    }

    /** By position, how many records of each document are intact; checks those. */
    private static Map<Long, Integer> read(MessageLog log) {
        Map<Long, Integer> found = new HashMap<>();
        Map<Long, Long> lastSequences = new HashMap<>();
        try (LogReader reader = log.openReader()) {
            reader.toStart();
            while (reader.next()) {
                LogDocument document = reader.document();
                for (int run = 0; document.kind() == LogDocument.Kind.RUNS && run < document.runCount(); run++) {
                    long before = lastSequences.getOrDefault(document.channel(run), 0L);
                    assertTrue(document.firstSequence(run) > before, "a sequence comes again");
                    lastSequences.put(document.channel(run), document.firstSequence(run));
                    found.merge(document.position(), intactCount(document, run), Integer::sum);
                }
            }
        }
        return found;
    }

    private static int intactCount(LogDocument document, int run) {
        int count = 0;
        for (int record = 0; record < document.recordCount(run); record++) {
            if (document.isIntact(run, record)) {
                count++;
                assertEquals(PAYLOAD_LENGTH, document.recordLength(run, record));
                int offset = document.recordOffset(run, record);
                for (int i = 0; i < PAYLOAD_LENGTH; i++) {
                    byte expected = byteAt(document.channel(run), document.firstSequence(run) + record, i);
                    assertEquals(expected, document.buffer().getByte(offset + i), "another record than was written");
                }
            }
        }
        return count;
    }

    private static void delete(Path root) throws IOException {
        try (Stream<Path> tree = Files.walk(root)) {
            for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
