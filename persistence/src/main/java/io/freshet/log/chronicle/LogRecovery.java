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
import java.util.Set;
import java.util.TreeMap;
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
    private long endPosition = Long.MAX_VALUE;
    private long cutDocumentCount;
    /** A file that is trusted though nothing says where it ends, while no later document was found. */
    private Map.@Nullable Entry<Integer, Path> unknownEnd;

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
        endErasure();
        boolean isSyncFailed = state.isSyncFailed();
        if (isSyncFailed) {
            writeAgain();
        }
        String bootId = BootId.current();
        boolean wasClean = state.isClean() && saved != null;
        if (isSyncFailed || (saved != null && !wasClean && !state.isSameBoot(bootId))) {
            endPosition = findEnd();
        }
        int latestCycle = checkFiles();
        if (wasClean && state.lastPosition() != lastPosition) {
            isVisibleLost = true;
            details.add("the log does not end where it was closed");
        }
        if (saved == null && !isNew) {
            details.add("the file 'state' was missing or damaged");
        }
        boolean isEpochDue = saved == null || isVisibleLost || isSyncFailed || !(wasClean || state.isSameBoot(bootId));
        Map<Integer, Path> files = RollFiles.list(directory);
        Path lastFile = files.get(lastCycle(files));
        RollFiles.forceDirectory(directory);
        state.opened(lastPosition, lastFile);
        state.saveOpen(bootId);
        String detail = details.isEmpty() ? "" : shard + ": " + String.join("; ", details);
        if (!detail.isEmpty()) {
            LOGGER.warn("recovery of {}", detail);
        }
        return new Recovered(
                directory,
                state,
                oldestPosition(files),
                lastPosition,
                latestCycle,
                lastFile,
                isEpochDue,
                isRebuilt || saved == null,
                new RecoveryReport(documentCount, cutLength, detail, isEpochDue && !isNew));
    }

    private void endErasure() throws IOException {
        ErasureLock.prepare(shard);
        try (ErasureLock lock = ErasureLock.toErase(shard)) {
            assert lock.isHeld();
            if (new ErasureJournal(shard).redo(directory)) {
                LOGGER.info("an erasure in {} that had broken off was ended", shard);
            }
        }
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

    /** From where on nothing is to be kept of a log whose power was lost, or whose device has failed. */
    private long findEnd() throws IOException {
        Map<Integer, Path> files = RollFiles.list(directory);
        Set<String> left = state.stampedNames();
        UnsyncedTail tail = new UnsyncedTail(state.lastPosition());
        for (Map.Entry<Integer, Path> file : files.entrySet()) {
            if (state.isUnchanged(file.getValue())) {
                tail.trust(file.getKey());
                continue;
            }
            if (left.contains(file.getValue().getFileName().toString())) {
                tail.synced(file.getKey());
            }
            tail.read(file.getValue(), file.getKey());
        }
        return tail.endPosition();
    }

    /** Returns the latest cycle that the log has ever reached, as far as is known. */
    private int checkFiles() throws IOException {
        Map<Integer, Path> files = RollFiles.list(directory);
        noteMissing(files);
        Map<Integer, Path> kept = new TreeMap<>(files);
        kept.keySet().removeIf(this::isBehindEnd);
        int lastKept = lastCycle(kept);
        for (Map.Entry<Integer, Path> file : kept.entrySet()) {
            int cycle = file.getKey();
            boolean isLast = cycle == lastKept;
            if (state.isUnchanged(file.getValue()) && (state.isClean() || !isLast)) {
                trust(file);
            } else {
                check(file.getValue(), cycle, isLast);
            }
        }
        if (unknownEnd != null) { // every later file has been begun and no more
            check(unknownEnd.getValue(), unknownEnd.getKey(), false);
        }
        files.keySet().removeAll(kept.keySet());
        for (Path file : files.values()) {
            isVisibleLost = true;
            rebuilding();
            details.add(file.getFileName() + " lies behind the first document that was not on the device when the power"
                    + " was lost; it is now " + repair.setAside(file));
        }
        return Math.max(lastKept, lastCycle(files));
    }

    private boolean isBehindEnd(int cycle) {
        return RollFiles.CYCLE.toIndex(cycle, 0) >= endPosition;
    }

    private static int lastCycle(Map<Integer, Path> files) {
        return files.keySet().stream().mapToInt(Integer::intValue).max().orElse(-1);
    }

    /** Files of a cleanly closed log do not go by themselves; only the oldest are freed, and not noted then. */
    private void noteMissing(Map<Integer, Path> files) throws IOException {
        for (String name : state.stampedNames()) {
            boolean isThere = files.values().stream()
                    .anyMatch(file -> file.getFileName().toString().equals(name));
            if (state.isClean() && !isThere && !name.equals(RollFiles.METADATA)) {
                isVisibleLost = true;
                rebuilding();
                details.add(name + " is missing");
            }
        }
    }

    private void trust(Map.Entry<Integer, Path> file) {
        int cycle = file.getKey();
        lastSequences.clear();
        unknownEnd = file;
        if (firstPosition == MessageLog.NULL_POSITION) {
            firstPosition = RollFiles.CYCLE.toIndex(cycle, 0);
        }
        long closedAt = state.lastPosition();
        if (closedAt != MessageLog.NULL_POSITION && RollFiles.CYCLE.toCycle(closedAt) == cycle) {
            lastPosition = closedAt;
            unknownEnd = null;
        }
    }

    private void check(Path file, int cycle, boolean isLast) throws IOException {
        long checkedCount = documentCount;
        RollFileScan scan = RollFileScan.of(file, cycle, this::onDocument);
        long keptCount = documentCount - checkedCount;
        String name = file.getFileName().toString();
        boolean isRestForeign = scan.restLength() > 0 && !(isLast && !scan.isEnded());
        if (cutDocumentCount > 0) {
            cutBehindHole(file, cycle, keptCount, name);
        } else if (scan.salvagedCount() > 0 || !scan.isSound() || isRestForeign) {
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

    /** The log is about to lose documents: an index that knows them must not be found by a start after this one either. */
    private void rebuilding() throws IOException {
        if (!isRebuilt) {
            DataDirectory.delete(shard.resolve("index"));
            isRebuilt = true;
        }
    }

    private void rebuild(Path file, int cycle, boolean isLast, RollFileScan scan, String name) throws IOException {
        rebuilding();
        String aside = repair.rebuild(file, cycle, isLast, endPosition);
        isVisibleLost = true;
        long lost = scan.nextSequence() - scan.documentCount();
        cutLength += scan.restLength();
        details.add(name + " was damaged from byte " + scan.chainEnd() + " on: " + scan.documentCount()
                + " documents were copied to a new file, at least " + lost
                + " between them were lost; the damaged file is "
                + aside);
    }

    private void cutBehindHole(Path file, int cycle, long keptCount, String name) throws IOException {
        rebuilding();
        String aside = repair.rebuild(file, cycle, true, endPosition);
        isVisibleLost = true;
        long nextSequence = keptCount == 0 ? 0 : RollFiles.CYCLE.toSequenceNumber(lastPosition) + 1;
        String lost = nextSequence == keptCount ? "" : (nextSequence - keptCount) + " between those kept were lost, ";
        details.add(name + ": when the power was lost not all was on the device; " + cutDocumentCount
                + " documents from the first on that was not whole were cut, " + lost + "the file as it was is "
                + aside);
        cutDocumentCount = 0;
    }

    private void cut(Path file, RollFileScan scan, String name) throws IOException {
        RollFileRepair.cut(file, scan.chainEnd());
        cutLength += scan.restLength();
        isVisibleLost |= scan.isRestVisible();
        details.add(name + ": the last " + scan.restLength() + " bytes were not a whole document and were cut");
    }

    private void onDocument(DocumentView document) {
        if (document.position() >= endPosition) {
            cutDocumentCount++;
            cutLength += document.documentLength();
            return;
        }
        documentCount++;
        unknownEnd = null;
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
