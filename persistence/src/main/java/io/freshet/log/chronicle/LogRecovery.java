package io.freshet.log.chronicle;

import io.freshet.log.MessageLog;
import io.freshet.log.MessageLog.EpochStart;
import io.freshet.log.RecoveryReport;
import io.freshet.log.document.DocumentView;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.agrona.collections.Long2LongHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings one shard's log into a state in which Chronicle may open it, and tells what it took. Files that look as they did
 * when they were known to be intact are trusted; every other is read whole. Used once, before the log is opened.
 */
final class LogRecovery {
    private static final Logger LOGGER = LoggerFactory.getLogger(LogRecovery.class);
    private static final long NOT_SEEN = Long.MIN_VALUE;

    private final Path shard;
    private final Path directory;
    private final RollFileRepair repair;
    private final List<String> details = new ArrayList<>();
    private final Long2LongHashMap lastSequences = new Long2LongHashMap(NOT_SEEN);
    private final @Nullable ShardState saved;
    private final ShardState state;
    private long documentCount;
    private long cutLength;
    private long firstPosition = MessageLog.NULL_POSITION;
    private long lastPosition = MessageLog.NULL_POSITION;
    private long jumpCount;
    private long damagedDocumentCount;
    private boolean isVisibleLost;
    private boolean isRebuilt;

    LogRecovery(Path shard) throws IOException {
        this.shard = shard;
        directory = shard.resolve("log");
        Files.createDirectories(directory);
        repair = new RollFileRepair(shard, directory);
        Path stateFile = shard.resolve("state");
        saved = ShardState.load(stateFile);
        state = saved != null ? saved : ShardState.create(stateFile, new SecureRandom().nextLong());
    }

    Recovered recover() throws IOException {
        repair.clear(shard.resolve("rebuild"));
        boolean isNew = saved == null && RollFiles.list(directory).isEmpty();
        clearMetadata();
        boolean isSyncFailed = state.isSyncFailed();
        if (isSyncFailed) {
            writeAgain();
        }
        checkFiles();
        boolean wasClean = state.isClean() && saved != null;
        if (wasClean && state.lastPosition() != lastPosition) {
            isVisibleLost = true;
            details.add("the log does not end where it was closed");
        }
        if (saved == null && !isNew) {
            details.add("the file 'state' was missing or damaged");
        }
        String bootId = BootId.current();
        boolean isEpochDue = saved == null || isVisibleLost || isSyncFailed || !(wasClean || state.isSameBoot(bootId));
        state.saveOpen(bootId);
        String detail = details.isEmpty() ? "" : shard + ": " + String.join("; ", details);
        if (!detail.isEmpty()) {
            LOGGER.warn("recovery of {}", detail);
        }
        Map<Integer, Path> files = RollFiles.list(directory);
        int lastCycle =
                files.keySet().stream().mapToInt(Integer::intValue).max().orElse(-1);
        return new Recovered(
                directory,
                state,
                oldestPosition(files),
                lastPosition,
                lastCycle,
                files.get(lastCycle),
                isEpochDue,
                isRebuilt || saved == null,
                new RecoveryReport(documentCount, cutLength, detail, isEpochDue && !isNew));
    }

    /** Chronicle's locks and file list: after a crash its lock may name a process that will never release it. */
    private void clearMetadata() throws IOException {
        Path metadata = directory.resolve(RollFiles.METADATA);
        if (Files.exists(metadata) && !(state.isClean() && state.isUnchanged(metadata))) {
            Files.delete(metadata);
        }
    }

    /** A sync has failed: what is read comes from memory, perhaps, and is not believed before it was written again. */
    private void writeAgain() throws IOException {
        for (Path file : RollFiles.list(directory).values()) {
            if (!state.isUnchanged(file)) {
                RollFileRepair.writeAgain(file);
                details.add("a sync had failed: " + file.getFileName() + " was written to the device again");
            }
        }
    }

    private void checkFiles() throws IOException {
        Map<Integer, Path> files = RollFiles.list(directory);
        noteMissing(files);
        int lastCycle =
                files.keySet().stream().mapToInt(Integer::intValue).max().orElse(-1);
        for (Map.Entry<Integer, Path> file : files.entrySet()) {
            int cycle = file.getKey();
            boolean isLast = cycle == lastCycle;
            if (state.isUnchanged(file.getValue()) && (state.isClean() || !isLast)) {
                trust(cycle);
            } else {
                check(file.getValue(), cycle, isLast);
            }
        }
    }

    /** Files of a cleanly closed log do not go by themselves; only the oldest are freed, and not noted then. */
    private void noteMissing(Map<Integer, Path> files) {
        for (String name : state.stampedNames()) {
            boolean isThere = files.values().stream()
                    .anyMatch(file -> file.getFileName().toString().equals(name));
            if (state.isClean() && !isThere && !name.equals(RollFiles.METADATA)) {
                isVisibleLost = true;
                isRebuilt = true;
                details.add(name + " is missing");
            }
        }
    }

    private void trust(int cycle) {
        lastSequences.clear();
        if (firstPosition == MessageLog.NULL_POSITION) {
            firstPosition = RollFiles.CYCLE.toIndex(cycle, 0);
        }
        long closedAt = state.lastPosition();
        if (closedAt != MessageLog.NULL_POSITION && RollFiles.CYCLE.toCycle(closedAt) == cycle) {
            lastPosition = closedAt;
        }
    }

    private void check(Path file, int cycle, boolean isLast) throws IOException {
        RollFileScan scan = RollFileScan.of(file, cycle, this::onDocument);
        String name = file.getFileName().toString();
        boolean isRestForeign = scan.restLength() > 0 && !(isLast && !scan.isEnded());
        if (scan.salvagedCount() > 0 || !scan.isSound() || isRestForeign) {
            rebuild(file, cycle, isLast, scan, name);
        } else if (scan.restLength() > 0 && scan.isLastUnfinished()) {
            RollFileRepair.complete(file, scan.chainEnd(), scan.restDocumentLength());
        } else if (scan.restLength() > 0) {
            cut(file, scan, name);
        } else if (!isLast && !scan.isEnded()) {
            RollFileRepair.end(file, cycle);
        }
        noteRecords(name);
        if (Files.exists(file)) {
            RollFileRepair.force(file);
            if (!isLast) {
                state.stamp(file);
            }
        }
    }

    private void rebuild(Path file, int cycle, boolean isLast, RollFileScan scan, String name) throws IOException {
        String aside = repair.rebuild(file, cycle, isLast);
        isRebuilt = true;
        isVisibleLost = true;
        long lost = scan.nextSequence() - scan.documentCount();
        cutLength += scan.restLength();
        details.add(name + " was damaged from byte " + scan.chainEnd() + " on: " + scan.documentCount()
                + " documents were copied to a new file, at least " + lost
                + " between them were lost; the damaged file is "
                + aside);
    }

    private void cut(Path file, RollFileScan scan, String name) throws IOException {
        RollFileRepair.cut(file, scan.chainEnd());
        cutLength += scan.restLength();
        isVisibleLost |= scan.isRestVisible();
        details.add(name + ": the last " + scan.restLength() + " bytes were not a whole document and were cut");
    }

    private void onDocument(DocumentView document) {
        documentCount++;
        lastPosition = document.position();
        if (firstPosition == MessageLog.NULL_POSITION) {
            firstPosition = lastPosition;
        }
        if (document.epoch() > state.epoch()) {
            state.addEpoch(new EpochStart(document.epoch(), lastPosition));
        }
        if (!document.isIntact()) {
            damagedDocumentCount++;
        }
        for (int run = 0; run < document.runCount(); run++) {
            long expected = lastSequences.get(document.channel(run));
            if (expected != NOT_SEEN && expected + 1 != document.firstSequence(run)) {
                jumpCount++;
            }
            lastSequences.put(document.channel(run), document.firstSequence(run) + document.recordCount(run) - 1);
        }
    }

    private void noteRecords(String name) {
        if (damagedDocumentCount > 0) {
            details.add(
                    name + ": " + damagedDocumentCount + " documents hold records that do not match their checksums");
            damagedDocumentCount = 0;
        }
        if (jumpCount > 0) {
            details.add(name + ": sequences jump at " + jumpCount + " places");
            jumpCount = 0;
        }
    }

    private long oldestPosition(Map<Integer, Path> files) {
        return files.isEmpty() ? MessageLog.NULL_POSITION : firstPosition;
    }
}
