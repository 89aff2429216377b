package io.freshet.engine.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.log.Durability;
import io.freshet.log.LogBatch;
import io.freshet.log.LogDocument;
import io.freshet.log.MessageLog;
import io.freshet.log.StorageConfig;
import io.freshet.log.chronicle.ChronicleStorage;
import io.freshet.testing.FuzzInput;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.agrona.concurrent.UnsafeBuffer;

/** The files of a small real log, two roll files of two channels, and what was written there; and how an input harms them. */
final class SoundLog {
    static final int CHANNEL_COUNT = 2;
    static final int DOCUMENT_COUNT = 80;

    private static final int DOCUMENTS_PER_FILE = DOCUMENT_COUNT / 2;
    private static final int PAYLOAD_LENGTH = 90;
    private static final int MAX_EDITS = 6;

    /** Before it lie Chronicle's header and indexes, mostly empty: an input reaches both parts. */
    private static final int FIRST_DOCUMENT_OFFSET = 131_072;

    private final AtomicLong nowMs = new AtomicLong(1_700_000_000_000L);
    private final Map<Path, Content> contents = new TreeMap<>();
    private final Set<Path> touched = new HashSet<>();
    private final Path[] harmed;

    /** A file: its bytes up to the last one that is not zero, and its length, of which the system stores no more. */
    private static final class Content {
        private final byte[] head;
        private final long length;

        private Content(byte[] head, long length) {
            this.head = head;
            this.length = length;
        }

        static Content of(Path file, long maxSlackLength) throws IOException {
            byte[] bytes = Files.readAllBytes(file);
            int end = bytes.length;
            while (end > 0 && bytes[end - 1] == 0) {
                end--;
            }
            return new Content(Arrays.copyOf(bytes, end), end + Math.min(bytes.length - end, maxSlackLength));
        }

        void write(Path file) throws IOException {
            Files.write(file, head);
            try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
                bytes.setLength(length);
            }
        }
    }

    /**
     * Writes the log, and forgets where that was.
     *
     * @param maxSlackLength zeros at the end of a file at most; Chronicle leaves most of a block of 64 MiB, which takes long to read
     */
    SoundLog(long maxSlackLength) throws IOException {
        Path root = Files.createTempDirectory("freshet-fuzz");
        write(root);
        try (Stream<Path> tree = Files.walk(root)) {
            for (Path file : tree.filter(Files::isRegularFile).toList()) {
                contents.put(root.relativize(file), Content.of(file, maxSlackLength));
            }
        }
        delete(root);
        harmed = contents.keySet().stream()
                .filter(name -> name.toString().startsWith("shard-0")
                        && !name.toString().contains("index"))
                .toArray(Path[]::new);
    }

    private void write(Path root) {
        try (ChronicleStorage storage = ChronicleStorage.open(root, config())) {
            MessageLog log = storage.log(0);
            for (int channel = 1; channel <= CHANNEL_COUNT; channel++) {
                log.attach(channel, MessageLog.NULL_POSITION);
            }
            storage.index(0).catchUp();
            for (int i = 0; i < DOCUMENT_COUNT; i++) {
                if (i == DOCUMENTS_PER_FILE) {
                    nowMs.addAndGet(3_600_000);
                }
                assertTrue(log.append(batch(1 + i % CHANNEL_COUNT, 1 + i / CHANNEL_COUNT)) > 0);
            }
        }
    }

    StorageConfig config() {
        return StorageConfig.builder()
                .shardCount(1)
                .minFreeLength(0)
                .indexMapLength(1 << 20)
                .prepareLength(64 * 1024)
                .nanoClock(() -> nowMs.get() * 1_000_000)
                .epochMsClock(nowMs::get)
                .build();
    }

    static LogBatch batch(long channel, long sequence) {
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

    /** How many records of a run match their checksums. Each of them is what was written there, byte for byte. */
    static int intactCount(LogDocument document, int run) {
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

    /** Writes the sound files. */
    void restore(Path root) throws IOException {
        for (Map.Entry<Path, Content> file : contents.entrySet()) {
            Path path = root.resolve(file.getKey());
            Files.createDirectories(path.getParent());
            file.getValue().write(path);
        }
        touched.clear();
    }

    /** Writes those files again that were harmed since. */
    void mend(Path root) throws IOException {
        for (Path file : touched) {
            Content content = contents.get(file);
            if (content != null) {
                content.write(root.resolve(file));
            }
        }
        touched.clear();
    }

    /** Overwrites, cuts, mixes up or deletes as the input says. */
    void harm(Path root, FuzzInput input) throws IOException {
        for (int i = 0; i < MAX_EDITS && !input.isEmpty(); i++) {
            Path name = harmed[input.below(harmed.length)];
            Path file = root.resolve(name);
            touched.add(name);
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

    static void delete(Path root) throws IOException {
        try (Stream<Path> tree = Files.walk(root)) {
            for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
