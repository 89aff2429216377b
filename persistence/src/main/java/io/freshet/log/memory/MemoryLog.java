package io.freshet.log.memory;

import io.freshet.log.Durability;
import io.freshet.log.Erasure;
import io.freshet.log.LogBatch;
import io.freshet.log.LogReader;
import io.freshet.log.LogStatistics;
import io.freshet.log.MessageLog;
import io.freshet.log.RecoveryReport;
import io.freshet.log.StorageConfig;
import io.freshet.log.document.BackLinks;
import io.freshet.log.document.DocumentKind;
import io.freshet.log.document.DocumentLayout;
import io.freshet.log.document.DocumentView;
import io.freshet.log.document.DocumentWriter;
import io.freshet.log.index.IndexedLog;
import io.freshet.log.retention.LogFile;
import io.freshet.log.retention.RetainedLog;
import io.freshet.log.retention.SnapshotQueue;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.LongSupplier;
import org.agrona.BufferUtil;
import org.agrona.DirectBuffer;

/**
 * One shard's log on a {@link MemoryDisk}. Appends, attaching and closing belong to the shard's thread; what another
 * thread may call says so in {@link MessageLog}.
 */
final class MemoryLog implements MessageLog, IndexedLog, RetainedLog {
    private final MemoryShard shard;
    private final long logId;
    private final MemoryFaults faults = new MemoryFaults();
    private final SnapshotQueue snapshots = new SnapshotQueue();
    private final BackLinks links = new BackLinks();
    private final DocumentWriter writer = new DocumentWriter(links);
    private final ByteBuffer scratch;
    private final int maxDocumentLength;
    private final LongSupplier epochMsClock;
    private final LongSupplier nanoClock;
    private final long syncIntervalNs;
    private final RecoveryReport recovery;
    private final int epoch;
    private volatile boolean isFenced;
    private volatile boolean isClosed;
    private volatile long ordinal;
    private volatile long wantedOrdinal;
    private volatile long syncedOrdinal;
    private volatile long syncedPosition = NULL_POSITION;
    private volatile LogStatistics syncs = new LogStatistics(0, 0, 0, 0, 0);
    private volatile Runnable listener = () -> {};
    private volatile long expiredBefore = NULL_POSITION;
    private volatile boolean isFreeing;
    private long lastSyncNs;

    MemoryLog(MemoryShard shard, long logId, StorageConfig config) {
        this.shard = shard;
        this.logId = logId;
        maxDocumentLength = config.maxDocumentLength();
        scratch = ByteBuffer.allocateDirect(maxDocumentLength);
        epochMsClock = config.epochMsClock();
        nanoClock = config.nanoClock();
        syncIntervalNs = config.syncIntervalNs();
        lastSyncNs = nanoClock.getAsLong();
        boolean isNew = shard.isNew();
        long documentCount = 0;
        int cutLength = 0;
        DocumentView view = new DocumentView();
        long next = 0;
        for (byte[] document = shard.ceiling(0); document != null; document = shard.ceiling(next)) {
            if (isWhole(view, document)) {
                documentCount++;
                next = view.position() + 1;
            } else {
                cutLength += shard.cutLast(); // the end of each crash that came before it was cut
            }
        }
        boolean isEpochDue = shard.open();
        recovery = new RecoveryReport(
                documentCount,
                cutLength,
                cutLength == 0 ? "" : "the last " + cutLength + " bytes were not a whole document and were cut",
                isEpochDue && !isNew);
        List<EpochStart> epochs = shard.epochs();
        int last = epochs.isEmpty() ? 0 : epochs.get(epochs.size() - 1).epoch();
        epoch = isEpochDue ? last + 1 : last;
        if (isEpochDue) {
            beginEpoch();
        }
        shard.opened();
    }

    private boolean isWhole(DocumentView view, byte[] document) {
        scratch.put(0, document);
        return view.wrap(BufferUtil.address(scratch), document.length);
    }

    private void beginEpoch() {
        long position = shard.nextPosition();
        long address = BufferUtil.address(scratch);
        writer.writeMark(address, DocumentKind.EPOCH, epoch, position, epochMsClock.getAsLong() * 1000);
        store(DocumentLayout.HEADER_LENGTH, Durability.WRITTEN);
        shard.addEpoch(new EpochStart(epoch, position));
        sync();
    }

    @Override
    public long append(LogBatch batch) {
        int length = batch.documentLength();
        long refusal = refusal(length);
        if (refusal != 0) {
            return refusal;
        }
        long position = shard.nextPosition();
        writer.writeRuns(BufferUtil.address(scratch), batch, epoch, position);
        writer.written(batch, position);
        return store(length, batch.durability());
    }

    @Override
    public long appendSnapshot(DirectBuffer snapshot, int offset, int length) {
        int documentLength = DocumentWriter.snapshotLength(length);
        long refusal = refusal(documentLength);
        if (refusal != 0) {
            return refusal;
        }
        long position = shard.nextPosition();
        long timeUs = epochMsClock.getAsLong() * 1000;
        writer.writeSnapshot(BufferUtil.address(scratch), snapshot, offset, length, epoch, position, timeUs);
        return store(documentLength, Durability.SYNCED);
    }

    private long refusal(int documentLength) {
        if (isFenced) {
            return FENCED;
        }
        if (documentLength > maxDocumentLength) {
            return TOO_LONG;
        }
        if (faults.refusal() == FENCED) {
            fence();
        }
        return faults.refusal();
    }

    private long store(int length, Durability durability) {
        byte[] document = new byte[length];
        scratch.get(0, document);
        shard.add(document);
        long now = ordinal + 1;
        ordinal = now;
        if (durability == Durability.SYNCED) {
            wantedOrdinal = now;
        }
        return now;
    }

    /** What the syncer does for this log in its duty cycle; returns the work done. */
    int doSyncWork() {
        long nowNs = nanoClock.getAsLong();
        boolean isDue = wantedOrdinal > syncedOrdinal || nowNs - lastSyncNs >= syncIntervalNs;
        if (isFenced || isClosed || faults.isSyncHeld() || ordinal == syncedOrdinal || !isDue) {
            return 0;
        }
        lastSyncNs = nowNs;
        sync();
        return 1;
    }

    @Override
    public void sync() {
        if (isFenced) {
            return;
        }
        if (faults.isSyncFailing()) {
            fence();
            return;
        }
        long startNs = nanoClock.getAsLong();
        long position;
        long reached;
        synchronized (shard) {
            reached = ordinal;
            position = shard.lastPosition();
            shard.synced(position);
        }
        timed(nanoClock.getAsLong() - startNs);
        syncedPosition = position;
        syncedOrdinal = reached;
        listener.run();
    }

    private void timed(long ns) {
        LogStatistics before = syncs;
        syncs = new LogStatistics(
                0, before.syncCount() + 1, before.syncNs() + ns, Math.max(before.longestSyncNs(), ns), 0);
    }

    void fence() {
        isFenced = true;
        listener.run();
    }

    MemoryFaults faults() {
        return faults;
    }

    @Override
    public long completed(Durability durability) {
        return durability == Durability.WRITTEN ? ordinal : syncedOrdinal;
    }

    @Override
    public boolean isFenced() {
        return isFenced;
    }

    @Override
    public void attach(long channel, long lastRunPosition) {
        links.attach(channel, lastRunPosition);
    }

    @Override
    public long detach(long channel) {
        return links.detach(channel);
    }

    @Override
    public int maxDocumentLength() {
        return maxDocumentLength;
    }

    @Override
    public int epoch() {
        return epoch;
    }

    @Override
    public List<EpochStart> epochs() {
        return shard.epochs();
    }

    @Override
    public long lastPosition() {
        return shard.lastPosition();
    }

    @Override
    public long syncedPosition() {
        return syncedPosition;
    }

    @Override
    public void completionListener(Runnable completionListener) {
        listener = completionListener;
    }

    @Override
    public LogReader openReader() {
        return new MemoryReader(shard, maxDocumentLength);
    }

    @Override
    public long truncateBefore(long position) {
        shard.truncateBefore(position);
        isFreeing = false;
        return shard.firstPosition();
    }

    @Override
    public boolean isFreeing() {
        return isFreeing;
    }

    @Override
    public LogStatistics statistics() {
        LogStatistics timed = syncs;
        return new LogStatistics(
                ordinal, timed.syncCount(), timed.syncNs(), timed.longestSyncNs(), shard.freedLength());
    }

    @Override
    public RecoveryReport recovery() {
        return recovery;
    }

    @Override
    public MessageLog log() {
        return this;
    }

    @Override
    public long logId() {
        return logId;
    }

    @Override
    public boolean isWhole() {
        return oldestPosition() <= MemoryShard.FIRST_POSITION;
    }

    @Override
    public long oldestPosition() {
        return Math.max(expiredBefore, shard.firstPosition());
    }

    @Override
    public int appendRequested() {
        return snapshots.isEmpty() ? 0 : snapshots.appendTo(this);
    }

    @Override
    public boolean hasRequested() {
        return !snapshots.isEmpty();
    }

    @Override
    public boolean erase(long position, Erasure erasure) {
        return shard.erase(position, erasure);
    }

    @Override
    public void commitErased() {}

    @Override
    public void eraseKeptAside() {}

    @Override
    public SnapshotQueue snapshots() {
        return snapshots;
    }

    @Override
    public void wakeOwner() {
        listener.run();
    }

    @Override
    public List<LogFile> files() {
        return shard.files();
    }

    @Override
    public void expireBefore(long position) {
        isFreeing = true; // before the index may be told to forget them
        expiredBefore = Math.max(expiredBefore, position);
    }

    @Override
    public void close() {
        if (!isClosed) {
            isClosed = true;
            sync();
            if (!isFenced) {
                shard.closeCleanly();
            }
            isFenced = true;
        }
    }
}
