package io.freshet.log.chronicle;

import io.freshet.log.retention.LogFile;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import net.openhft.chronicle.bytes.SyncMode;
import net.openhft.chronicle.core.time.TimeProvider;
import net.openhft.chronicle.queue.RollCycle;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueue;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueueBuilder;
import net.openhft.chronicle.queue.rollcycles.LargeRollCycles;

/**
 * How a queue is cut into files, in one place. A file holds an hour: retention frees whole files, recovery checks files
 * that changed, and a sync touches one, so that a day would be coarse; and one hour takes 2^32 documents.
 */
final class RollFiles {
    static final RollCycle CYCLE = LargeRollCycles.LARGE_HOURLY;
    static final String METADATA = "metadata.cq4t";

    /**
     * Bytes that are mapped at once. A document takes at most a quarter of it, the part by which two blocks overlap; the
     * more, the rarer an append waits for the next mapping. Files are sparse, so it costs address space only.
     */
    static final long BLOCK_LENGTH = 64L << 20;

    private static final String SUFFIX = ".cq4";
    private static final DateTimeFormatter NAME = DateTimeFormatter.ofPattern("yyyyMMdd-HH'L'");

    static {
        // Chronicle reads these once, at its first use: no announcement, no statistics sent, no disk checker thread.
        System.setProperty("chronicle.announcer.disable", "true");
        System.setProperty("chronicle.analytics.disable", "true");
        System.setProperty("chronicle.disk.monitor.disable", "true");
    }

    private RollFiles() {}

    /**
     * Opens the queue of one shard. Chronicle is to sync nothing itself: with its sync mode on, whoever lets go of a block,
     * the appender too, waits for the whole of it; with any other its {@code sync()} is not durable.
     */
    static SingleChronicleQueue openQueue(Path directory, TimeProvider time) {
        return SingleChronicleQueueBuilder.binary(directory)
                .rollCycle(CYCLE)
                .blockSize(BLOCK_LENGTH)
                .syncMode(SyncMode.NONE)
                .timeProvider(time)
                .build();
    }

    static Path file(Path directory, int cycle) {
        Instant start = Instant.ofEpochMilli((long) cycle * CYCLE.lengthInMillis());
        return directory.resolve(NAME.format(LocalDateTime.ofInstant(start, ZoneOffset.UTC)) + SUFFIX);
    }

    /** The roll files of a queue by cycle, oldest first; files of other names are passed over. */
    static Map<Integer, Path> list(Path directory) throws IOException {
        Map<Integer, Path> files = new TreeMap<>();
        if (Files.isDirectory(directory)) {
            try (Stream<Path> entries = Files.list(directory)) {
                entries.filter(file -> isRollFile(file.getFileName().toString()))
                        .forEach(file -> files.put(cycle(file.getFileName().toString()), file));
            }
        }
        return files;
    }

    private static boolean isRollFile(String name) {
        try {
            return name.endsWith(SUFFIX) && cycle(name) >= 0;
        } catch (DateTimeParseException e) {
            return false;
        }
    }

    private static int cycle(String name) {
        LocalDateTime start = LocalDateTime.parse(name.substring(0, name.length() - SUFFIX.length()), NAME);
        return (int) (start.toInstant(ZoneOffset.UTC).toEpochMilli() / CYCLE.lengthInMillis());
    }

    /** The roll files as retention sees them. */
    static List<LogFile> described(Path directory) throws IOException {
        List<LogFile> files = new ArrayList<>();
        for (Map.Entry<Integer, Path> file : list(directory).entrySet()) {
            int next = file.getKey() + 1;
            files.add(new LogFile(
                    CYCLE.toIndex(next, 0),
                    RollFileFormat.usedLength(file.getValue()),
                    (long) next * CYCLE.lengthInMillis()));
        }
        return files;
    }

    /**
     * Removes the files before the one of a position, the oldest first, so that an end in the middle leaves no hole, and what was kept aside of
     * them, or of others of their time that went when they were damaged.
     *
     * @return bytes that were in use in them
     */
    static long removeBefore(Path directory, long position) throws IOException {
        int keptCycle = CYCLE.toCycle(position);
        long length = 0;
        RollFileRepair.removeAside(directory, name -> {
            int end = name.indexOf(SUFFIX) + SUFFIX.length();
            return name.contains(SUFFIX)
                    && isRollFile(name.substring(0, end))
                    && cycle(name.substring(0, end)) < keptCycle;
        });
        for (Map.Entry<Integer, Path> file : list(directory).entrySet()) {
            if (file.getKey() < keptCycle) {
                length += RollFileFormat.usedLength(file.getValue());
                Files.delete(file.getValue());
            }
        }
        if (length > 0) {
            forceDirectory(directory);
        }
        return length;
    }

    /** Makes a new, renamed or removed entry of the directory durable. */
    static void forceDirectory(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
