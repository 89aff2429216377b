package io.freshet.log.chronicle;

import io.freshet.log.MessageLog;
import io.freshet.log.MessageLog.EpochStart;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * What is remembered of a shard beside its log: whether it was closed cleanly and on which run of the machine it was
 * open, its epochs, and which roll files were found intact and how they looked then. All of it can be had from the log
 * again, at the price of reading it whole and a new epoch. One small text file, replaced atomically. Belongs to
 * the thread that opens and closes the log, apart from {@link #epochs} and, while the log is open, {@link #sealed}.
 */
final class ShardState {
    private static final String TITLE = "freshet shard state, version 1";

    /** How a roll file looked when it was known to be intact. */
    record Stamp(long length, long modifiedNs) {
        static Stamp of(Path file) throws IOException {
            FileTime modified = Files.getLastModifiedTime(file);
            return new Stamp(Files.size(file), modified.to(TimeUnit.NANOSECONDS));
        }
    }

    private final Path file;
    private final Map<String, Stamp> stamps = new HashMap<>();
    private volatile List<EpochStart> epochs = List.of();
    private long logId;
    private String bootId = "";
    private boolean isClean;
    private boolean isSyncFailed;
    private long lastPosition = MessageLog.NULL_POSITION;

    private ShardState(Path file) {
        this.file = file;
    }

    /** The state of a new or forgotten log. */
    static ShardState create(Path file, long logId) {
        ShardState state = new ShardState(file);
        state.logId = logId;
        return state;
    }

    /** The state as it was saved last; null when there is none or it is damaged. */
    static @Nullable ShardState load(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            return null;
        }
        String text = Files.readString(file, StandardCharsets.ISO_8859_1);
        int end = text.lastIndexOf("checksum=");
        if (end < 0
                || !text.startsWith(TITLE)
                || !text.substring(end).strip().equals(checksum(text.substring(0, end)))) {
            return null;
        }
        ShardState state = new ShardState(file);
        List<EpochStart> epochs = new ArrayList<>();
        text.substring(0, end).lines().skip(1).forEach(line -> state.take(line, epochs));
        state.epochs = List.copyOf(epochs);
        return state;
    }

    private void take(String line, List<EpochStart> into) {
        int equals = line.indexOf('=');
        String value = line.substring(equals + 1);
        List<String> words = List.of(value.split(" ", -1));
        switch (line.substring(0, equals)) {
            case "log-id" -> logId = Long.parseUnsignedLong(value, 16);
            case "boot-id" -> bootId = value;
            case "clean" -> isClean = Boolean.parseBoolean(value);
            case "sync-failed" -> isSyncFailed = Boolean.parseBoolean(value);
            case "last-position" -> lastPosition = Long.parseLong(value);
            case "epoch" -> into.add(new EpochStart(Integer.parseInt(words.get(0)), Long.parseLong(words.get(1))));
            case "file" ->
                stamps.put(words.get(0), new Stamp(Long.parseLong(words.get(1)), Long.parseLong(words.get(2))));
            default -> throw new IllegalStateException("unknown line in " + file + ": " + line);
        }
    }

    long logId() {
        return logId;
    }

    boolean isClean() {
        return isClean;
    }

    /** Whether the machine has run on since the state was saved; false when that cannot be told. */
    boolean isSameBoot(String currentBootId) {
        return !currentBootId.isEmpty() && currentBootId.equals(bootId);
    }

    /** Whether a sync failed since the log was opened, so that what is read may not be on the device. */
    boolean isSyncFailed() {
        return isSyncFailed;
    }

    /** Position of the last document when all of the log was last known to be on the device: opened, or cleanly closed. */
    long lastPosition() {
        return lastPosition;
    }

    int epoch() {
        List<EpochStart> all = epochs;
        return all.isEmpty() ? 0 : all.get(all.size() - 1).epoch();
    }

    /** Any thread. */
    List<EpochStart> epochs() {
        return epochs;
    }

    /** Adds an epoch; earlier ones whose first document was lost start where it does, so that positions rise. */
    void addEpoch(EpochStart start) {
        List<EpochStart> all = new ArrayList<>();
        for (EpochStart earlier : epochs) {
            all.add(new EpochStart(earlier.epoch(), Math.min(earlier.position(), start.position())));
        }
        all.add(start);
        epochs = List.copyOf(all);
    }

    /** Whether the file looks as it did when it was last known to be intact. */
    synchronized boolean isUnchanged(Path rollFile) throws IOException {
        return Stamp.of(rollFile).equals(stamps.get(rollFile.getFileName().toString()));
    }

    /** Names of the files that were known to be intact. */
    synchronized Set<String> stampedNames() {
        return Set.copyOf(stamps.keySet());
    }

    synchronized void stamp(Path rollFile) throws IOException {
        stamps.put(rollFile.getFileName().toString(), Stamp.of(rollFile));
    }

    /** Notes durably that the log has left this file and all of it is on the device. On the thread that syncs. */
    synchronized void sealed(Path rollFile) throws IOException {
        stamp(rollFile);
        save();
    }

    /**
     * Takes note, to be saved, that the log is opened with all of it on the device.
     *
     * @param lastFile that is appended to, so that how it looks proves nothing from now on
     */
    synchronized void opened(long position, @Nullable Path lastFile) {
        lastPosition = position;
        if (lastFile != null) {
            stamps.remove(lastFile.getFileName().toString());
        }
    }

    /** Notes durably that the log is open on this run of the machine. */
    synchronized void saveOpen(String currentBootId) {
        bootId = currentBootId;
        isClean = false;
        isSyncFailed = false;
        save();
    }

    /** Notes durably, if it can, that a sync has failed. On the thread that syncs. */
    synchronized void saveSyncFailed() {
        isSyncFailed = true;
        save();
    }

    /** Notes durably that the log was closed with all of it on the device. */
    synchronized void saveClean(Path directory, long position) throws IOException {
        isClean = true;
        lastPosition = position;
        stamps.clear();
        for (Path rollFile : RollFiles.list(directory).values()) {
            stamp(rollFile);
        }
        Path metadata = directory.resolve(RollFiles.METADATA);
        if (Files.exists(metadata)) {
            stamp(metadata);
        }
        save();
    }

    synchronized void save() {
        StringBuilder text = new StringBuilder(TITLE).append('\n');
        line(text, "log-id", Long.toHexString(logId));
        line(text, "boot-id", bootId);
        line(text, "clean", Boolean.toString(isClean));
        if (isSyncFailed) {
            line(text, "sync-failed", "true");
        }
        line(text, "last-position", Long.toString(lastPosition));
        epochs.forEach(epoch -> line(text, "epoch", epoch.epoch() + " " + epoch.position()));
        stamps.forEach((name, stamp) -> line(text, "file", name + " " + stamp.length + " " + stamp.modifiedNs));
        text.append(checksum(text.toString())).append('\n');
        try {
            DurableFile.replace(file, text.toString());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file, e);
        }
    }

    private static void line(StringBuilder text, String name, String value) {
        text.append(name).append('=').append(value).append('\n');
    }

    private static String checksum(String text) {
        CRC32C crc = new CRC32C();
        crc.update(text.getBytes(StandardCharsets.ISO_8859_1));
        return "checksum=" + Long.toHexString(crc.getValue());
    }
}
