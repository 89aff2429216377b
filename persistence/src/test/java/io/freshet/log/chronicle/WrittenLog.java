package io.freshet.log.chronicle;

import io.freshet.log.Durability;
import io.freshet.log.MessageLog;
import io.freshet.log.TestBatch;
import io.freshet.log.TestClock;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A data directory with one shard, two channels with a name and three roll files, closed cleanly. */
final class WrittenLog {
    static final int DOCUMENTS_PER_FILE = 200;
    static final int FILE_COUNT = 3;
    static final List<String> NAMES = List.of("lobby", "kitchen");

    final TestClock clock = new TestClock();
    final Path root;
    final List<Path> files;
    final List<Stored> documents = new ArrayList<>();

    /** A document: its position, and where it lies in which file, header included. */
    record Stored(long position, Path file, long start, long end) {}

    WrittenLog(Path root) throws IOException {
        this.root = root;
        try (ChronicleStorage storage = open()) {
            MessageLog log = storage.log(0);
            for (String name : NAMES) {
                log.attach(storage.channels().findOrCreate(name), MessageLog.NULL_POSITION);
            }
            storage.index(0).catchUp();
            TestBatch batch = new TestBatch();
            int count = FILE_COUNT * DOCUMENTS_PER_FILE;
            for (int i = 0; i < count; i++) {
                log.append(batch.reset(i, Durability.WRITTEN)
                        .run(1 + i % 2, 1 + i / 2, 1, 20 + i % 700)
                        .batch());
                if ((i + 1) % DOCUMENTS_PER_FILE == 0 && i + 1 < count) {
                    clock.advanceMs(3_600_000);
                }
            }
        }
        files = List.copyOf(RollFiles.list(logDirectory()).values());
        for (var file : RollFiles.list(logDirectory()).entrySet()) {
            locate(file.getValue(), file.getKey());
        }
    }

    ChronicleStorage open() {
        return open(root);
    }

    ChronicleStorage open(Path other) {
        return ChronicleStorage.open(other, clock.config().build());
    }

    Path logDirectory() {
        return root.resolve("shard-0/log");
    }

    /** The document with this number, from 0; the first one of all begins the epoch. */
    Stored document(int number) {
        return documents.get(number + 1);
    }

    private void locate(Path file, int cycle) throws IOException {
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "r")) {
            long at = 0;
            for (int sequence = 0; ; ) {
                bytes.seek(at);
                int header = Integer.reverseBytes(bytes.readInt());
                if (header == 0 || header == RollFileFormat.END_OF_FILE) {
                    return;
                }
                long end = at + Integer.BYTES + (header & RollFileFormat.LENGTH_MASK);
                if ((header & RollFileFormat.METADATA_BIT) == 0) {
                    documents.add(new Stored(RollFiles.CYCLE.toIndex(cycle, sequence++), file, at, end));
                }
                at = RollFileFormat.aligned(end);
            }
        }
    }

    static void overwrite(Path file, long offset, byte... bytes) throws IOException {
        try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
            out.seek(offset);
            out.write(bytes);
        }
    }

    /** Flips every bit of one byte. */
    static void flip(Path file, long offset) throws IOException {
        try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
            out.seek(offset);
            int was = out.read();
            out.seek(offset);
            out.write(~was);
        }
    }
}
