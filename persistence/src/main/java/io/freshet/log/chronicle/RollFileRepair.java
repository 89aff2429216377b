package io.freshet.log.chronicle;

import io.freshet.log.document.BackLinks;
import io.freshet.log.document.DocumentKind;
import io.freshet.log.document.DocumentLayout;
import io.freshet.log.document.DocumentView;
import io.freshet.log.document.DocumentWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.stream.Stream;
import net.openhft.chronicle.bytes.Bytes;
import net.openhft.chronicle.queue.ExcerptAppender;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueue;
import net.openhft.chronicle.wire.DocumentContext;
import org.agrona.UnsafeApi;

/**
 * Makes a roll file whole again while no queue is open on it: cuts or completes its tail in place, or writes what can be
 * read of it into a new file. Every document keeps its position, fillers stand where one was lost, so that back-links,
 * epochs and the files after it stay true. Belongs to the thread that recovers.
 */
final class RollFileRepair {
    private final Path shard;
    private final Path directory;

    /** For the roll files in {@code log} of a shard's directory. */
    RollFileRepair(Path shard, Path directory) {
        this.shard = shard;
        this.directory = directory;
    }

    /** Cuts everything from {@code offset} on. */
    static void cut(Path file, long offset) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(offset);
            channel.force(true);
        }
    }

    /** Writes the header of a document that is whole but for it. */
    static void complete(Path file, long offset, int length) throws IOException {
        writeHeader(file, offset, length);
    }

    /** Ends a file that another follows. */
    static void end(Path file, int cycle) throws IOException {
        RollFileScan scan = RollFileScan.of(file, cycle, document -> {});
        if (!scan.isEnded()) {
            writeHeader(file, scan.chainEnd(), RollFileFormat.END_OF_FILE);
        }
    }

    private static void writeHeader(Path file, long offset, int value) throws IOException {
        ByteBuffer header = ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        header.putInt(value).flip();
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.write(header, offset);
            channel.force(true);
        }
    }

    /**
     * Replaces the file by one with the documents that can be read of it, or removes it when there are none. The damaged
     * one is kept in {@code damaged/}; the name it has there is returned.
     *
     * @param isLast whether it is the file that is appended to; any other is ended, or readers would wait at its end
     * @param endPosition documents from here on are left out
     */
    String rebuild(Path file, int cycle, boolean isLast, long endPosition) throws IOException {
        Path workshop = shard.resolve("rebuild");
        clear(workshop);
        Files.createDirectories(workshop);
        long written = copyDocuments(file, cycle, workshop, endPosition);
        Path aside = keepAside(file);
        if (written > 0) {
            Path rebuilt = RollFiles.file(workshop, cycle);
            if (!isLast) {
                end(rebuilt, cycle);
            }
            force(rebuilt);
            Files.move(rebuilt, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } else {
            Files.delete(file);
        }
        Files.deleteIfExists(directory.resolve(RollFiles.METADATA));
        RollFiles.forceDirectory(directory);
        clear(workshop);
        Files.deleteIfExists(workshop);
        return name(aside);
    }

    /** Takes a file out of the log; returns the name that it has then. */
    String setAside(Path file) throws IOException {
        Path aside = keepAside(file);
        Files.delete(file);
        Files.deleteIfExists(directory.resolve(RollFiles.METADATA));
        RollFiles.forceDirectory(directory);
        return name(aside);
    }

    private static String name(Path aside) {
        return "damaged/" + aside.getFileName();
    }

    /** Removes what a rebuild that broke off has left. */
    void clear(Path workshop) throws IOException {
        if (Files.isDirectory(workshop)) {
            for (Path file : RollFiles.list(workshop).values()) {
                Files.delete(file);
            }
            Files.deleteIfExists(workshop.resolve(RollFiles.METADATA));
        }
    }

    private long copyDocuments(Path file, int cycle, Path workshop, long endPosition) throws IOException {
        long startMs = (long) cycle * RollFiles.CYCLE.lengthInMillis();
        try (SingleChronicleQueue queue = RollFiles.openQueue(workshop, () -> startMs);
                ExcerptAppender appender = queue.createAppender()) {
            Copy copy = new Copy(appender, cycle);
            RollFileScan.of(file, cycle, document -> {
                if (document.position() < endPosition) {
                    copy.onDocument(document);
                }
            });
            return copy.nextSequence;
        }
    }

    /**
     * Writes the documents of a file that is appended to meanwhile into one of the same name in another directory, each at
     * its position; returns the scan that found them.
     */
    static RollFileScan copyGrowing(Path file, int cycle, Path to) throws IOException {
        long startMs = (long) cycle * RollFiles.CYCLE.lengthInMillis();
        try (SingleChronicleQueue queue = RollFiles.openQueue(to, () -> startMs);
                ExcerptAppender appender = queue.createAppender()) {
            return RollFileScan.ofGrowing(file, cycle, new Copy(appender, cycle)::onDocument);
        }
    }

    /** Removes what was kept aside under such names; {@code directory} is the one with the roll files. */
    static void removeAside(Path directory, Predicate<String> isGone) throws IOException {
        Path damaged = directory.resolveSibling("damaged");
        if (!Files.isDirectory(damaged)) {
            return;
        }
        List<Path> aside;
        try (Stream<Path> entries = Files.list(damaged)) {
            aside = entries.filter(file -> isGone.test(file.getFileName().toString()))
                    .toList();
        }
        for (Path file : aside) {
            Files.delete(file);
        }
        RollFiles.forceDirectory(damaged);
    }

    private Path keepAside(Path file) throws IOException {
        Path damaged = shard.resolve("damaged");
        Files.createDirectories(damaged);
        Path aside = damaged.resolve(file.getFileName() + ".damaged");
        for (int number = 2; Files.exists(aside); number++) {
            aside = damaged.resolve(file.getFileName() + ".damaged-" + number);
        }
        try {
            Files.createLink(aside, file);
        } catch (IOException | UnsupportedOperationException e) {
            Files.copy(file, aside);
        }
        RollFiles.forceDirectory(damaged);
        return aside;
    }

    /** Writes every block that holds something over itself, and forces it: only then is on the device what is read. */
    static void writeAgain(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            SparseCopy.copy(channel, channel);
            channel.force(true);
        }
    }

    /** Makes sure that what was found in the file stays. */
    static void force(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
    }

    /** Appends documents as they are, and fillers up to each. */
    private static final class Copy {
        private final ExcerptAppender appender;
        private final int cycle;
        private final DocumentWriter writer = new DocumentWriter(new BackLinks());
        private long nextSequence;

        Copy(ExcerptAppender appender, int cycle) {
            this.appender = appender;
            this.cycle = cycle;
        }

        void onDocument(DocumentView document) {
            long sequence = RollFiles.CYCLE.toSequenceNumber(document.position());
            while (nextSequence < sequence) {
                fill(document.epoch(), document.timeUs());
            }
            int length = document.documentLength();
            try (DocumentContext context = appender.writingDocument()) {
                Bytes<?> bytes = Objects.requireNonNull(context.wire(), "wire").bytes();
                long address = bytes.addressForWrite(bytes.writePosition());
                bytes.writeSkip(length);
                UnsafeApi.copyMemory(document.buffer().addressOffset(), address, length);
            }
            nextSequence++;
        }

        private void fill(int epoch, long timeUs) {
            try (DocumentContext context = appender.writingDocument()) {
                Bytes<?> bytes = Objects.requireNonNull(context.wire(), "wire").bytes();
                long address = bytes.addressForWrite(bytes.writePosition());
                bytes.writeSkip(DocumentLayout.HEADER_LENGTH);
                long position = RollFiles.CYCLE.toIndex(cycle, nextSequence);
                writer.writeMark(address, DocumentKind.FILLER, epoch, position, timeUs);
            }
            nextSequence++;
        }
    }
}
