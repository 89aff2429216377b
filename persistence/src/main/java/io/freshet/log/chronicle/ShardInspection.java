package io.freshet.log.chronicle;

import io.freshet.log.LogFinding;
import io.freshet.log.LogFinding.Kind;
import io.freshet.log.MessageLog;
import io.freshet.log.document.DocumentKind;
import io.freshet.log.document.DocumentView;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.agrona.collections.Long2LongHashMap;
import org.jspecify.annotations.Nullable;

/** Reads the log of one shard once, and tells what is there and what is not as it should be. Belongs to one thread. */
final class ShardInspection {
    private static final long NOT_SEEN = Long.MIN_VALUE;

    private final int shard;
    private final Path directory;
    private final Path stateFile;
    private final Path index;
    private final boolean isInUse;
    private final DataInspection.Visitor visitor;
    private final Consumer<LogFinding> findings;
    private final Long2LongHashMap lastSequences = new Long2LongHashMap(NOT_SEEN);
    private Path file;
    private boolean isWanted = true;
    private int fileCount;
    private long length;
    private long documentCount;
    private long recordCount;
    private long fillerCount;
    private long firstFiller = MessageLog.NULL_POSITION;
    private long lastPosition = MessageLog.NULL_POSITION;

    ShardInspection(
            int shard,
            Path shardDirectory,
            boolean isInUse,
            DataInspection.Visitor visitor,
            Consumer<LogFinding> findings) {
        this.shard = shard;
        this.isInUse = isInUse;
        this.visitor = visitor;
        this.findings = findings;
        directory = shardDirectory.resolve("log");
        stateFile = shardDirectory.resolve("state");
        index = shardDirectory.resolve("index");
        file = directory;
    }

    int fileCount() {
        return fileCount;
    }

    long length() {
        return length;
    }

    long documentCount() {
        return documentCount;
    }

    long recordCount() {
        return recordCount;
    }

    /** Reads all files; returns whether the visitor would take more. */
    boolean run(@Nullable ShardState state) throws IOException {
        List<Map.Entry<Integer, Path>> files =
                new ArrayList<>(RollFiles.list(directory).entrySet());
        ShardState closed = state != null && state.isClean() && !isInUse ? state : null;
        if (state == null && (!files.isEmpty() || wasOpened())) {
            find(Kind.LOST_STATE, stateFile, -1, MessageLog.NULL_POSITION, 0);
        }
        if (closed != null) {
            findMissing(closed, files.stream().map(Map.Entry::getValue).toList());
        }
        for (int i = 0; i < files.size() && isWanted; i++) {
            boolean isLast = i + 1 == files.size();
            try {
                read(files.get(i).getValue(), files.get(i).getKey(), isLast, closed != null);
            } catch (NoSuchFileException e) {
                if (!isInUse) {
                    throw e;
                }
                // Retention has freed it meanwhile; what is kept starts behind it.
                lastSequences.clear();
            }
        }
        if (closed != null && isWanted && closed.lastPosition() != lastPosition) {
            find(Kind.FALSE_END, file, -1, closed.lastPosition(), 0);
        }
        return isWanted;
    }

    /** Whether a server had the log open once: it writes the state first, and the index after it. */
    private boolean wasOpened() {
        return Files.exists(stateFile) || Files.exists(index);
    }

    private void findMissing(ShardState state, List<Path> files) {
        for (String name : state.stampedNames()) {
            Path wanted = directory.resolve(name);
            if (!name.equals(RollFiles.METADATA) && !files.contains(wanted)) {
                find(Kind.MISSING_FILE, wanted, -1, MessageLog.NULL_POSITION, 0);
            }
        }
    }

    private void read(Path rollFile, int cycle, boolean isLast, boolean isClosed) throws IOException {
        file = rollFile;
        boolean isGrowing = isLast && isInUse;
        RollFileScan scan = isGrowing
                ? RollFileScan.ofGrowing(rollFile, cycle, this::onDocument)
                : RollFileScan.of(rollFile, cycle, this::onDocument);
        fileCount++;
        length += scan.chainEnd() + scan.restLength();
        long next = RollFiles.CYCLE.toIndex(cycle, scan.chainCount());
        boolean isBroken = isGrowing
                ? RollFileScan.isBroken(rollFile, cycle, scan)
                : scan.salvagedCount() > 0 || (scan.restLength() > 0 && (!isLast || scan.isEnded() || isClosed));
        if (isBroken) {
            find(Kind.BROKEN_FILE, rollFile, scan.chainEnd(), next, scan.restLength());
        } else if (!scan.isSound()) {
            find(Kind.FALSE_INDEX, rollFile, 0, MessageLog.NULL_POSITION, 0);
        } else if (scan.restLength() > 0 && !isGrowing) {
            find(Kind.UNFINISHED_END, rollFile, scan.chainEnd(), next, scan.restLength());
        }
        findFillers();
    }

    private void onDocument(DocumentView document) {
        lastPosition = document.position();
        if (document.storedKind() == DocumentKind.FILLER) {
            firstFiller = fillerCount == 0 ? lastPosition : firstFiller;
            fillerCount++;
            return;
        }
        documentCount++;
        for (int run = 0; run < document.runCount(); run++) {
            recordCount += document.recordCount(run);
            if (document.storedKind() == DocumentKind.RUNS) {
                checkOrder(document, run);
            }
            checkRecords(document, run);
        }
        if (isWanted) {
            isWanted = visitor.onDocument(shard, document);
        }
    }

    private void checkOrder(DocumentView document, int run) {
        long channel = document.channel(run);
        long first = document.firstSequence(run);
        long last = lastSequences.put(channel, first + document.recordCount(run) - 1);
        if (last == NOT_SEEN || first == last + 1) {
            return;
        }
        boolean isJump = first > last;
        findings.accept(new LogFinding(
                isJump ? Kind.MISSING_RECORDS : Kind.REPEATED_RECORDS,
                shard,
                file,
                -1,
                document.position(),
                channel,
                isJump ? last + 1 : first,
                isJump ? first - last - 1 : last + 1 - first));
    }

    private void checkRecords(DocumentView document, int run) {
        int count = document.recordCount(run);
        for (int record = document.intactCount(run, 0, count); record < count; ) {
            int damaged = record;
            while (damaged < count && !document.isIntact(run, damaged)) {
                damaged++;
            }
            findings.accept(new LogFinding(
                    Kind.DAMAGED_RECORDS,
                    shard,
                    file,
                    -1,
                    document.position(),
                    document.channel(run),
                    document.firstSequence(run) + record,
                    damaged - record));
            record = damaged + document.intactCount(run, damaged, count);
        }
    }

    private void findFillers() {
        if (fillerCount > 0) {
            find(Kind.FILLED_DOCUMENTS, file, -1, firstFiller, fillerCount);
            fillerCount = 0;
        }
    }

    private void find(Kind kind, Path where, long offset, long position, long count) {
        findings.accept(new LogFinding(kind, shard, where, offset, position, 0, 0, count));
    }
}
