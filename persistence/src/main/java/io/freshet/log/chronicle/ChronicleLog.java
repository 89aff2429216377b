package io.freshet.log.chronicle;

import io.freshet.log.Durability;
import io.freshet.log.Erasure;
import io.freshet.log.LogBatch;
import io.freshet.log.LogStatistics;
import io.freshet.log.MessageLog;
import io.freshet.log.RecoveryReport;
import io.freshet.log.StorageConfig;
import io.freshet.log.document.BackLinks;
import io.freshet.log.document.DocumentKind;
import io.freshet.log.document.DocumentLayout;
import io.freshet.log.document.DocumentWriter;
import io.freshet.log.index.IndexedLog;
import io.freshet.log.retention.LogFile;
import io.freshet.log.retention.RetainedLog;
import io.freshet.log.retention.SnapshotQueue;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.function.LongSupplier;
import net.openhft.chronicle.bytes.Bytes;
import net.openhft.chronicle.queue.ExcerptAppender;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueue;
import net.openhft.chronicle.wire.DocumentContext;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One shard's log as a Chronicle queue; a position is an index of the queue. Appends, attaching and closing belong to the
 * shard's thread; what another thread may call says so in {@link MessageLog}.
 */
final class ChronicleLog implements MessageLog, IndexedLog, RetainedLog {
    private static final Logger LOGGER = LoggerFactory.getLogger(ChronicleLog.class);

    private final Path directory;
    private final ShardState state;
    private final SingleChronicleQueue queue;
    private final ExcerptAppender appender;
    private final BackLinks links = new BackLinks();
    private final DocumentWriter writer = new DocumentWriter(links);
    private final SnapshotQueue snapshots = new SnapshotQueue();
    private final LogProgress progress;
    private final ErasureGate erasureGate = new ErasureGate();
    private final LogErasure erasure;
    private final LogSync sync;
    private final WakeSignal syncSignal;
    private final SpaceGuard space;
    private final AppendReserve reserve;
    private final RisingTime time;
    private final RecoveryReport recovery;
    private final int maxDocumentLength;
    private final LongSupplier epochMsClock;
    private int cycle = -1;
    private long ordinal;
    private long endOffset;
    private long usedLength;
    private boolean isClosed;

    /** Opens the queue after its files were recovered; raises the epoch when the recovery says so. */
    ChronicleLog(Recovered recovered, StorageConfig config, SpaceGuard space, WakeSignal syncSignal) {
        directory = recovered.directory();
        state = recovered.state();
        recovery = recovered.report();
        this.space = space;
        this.syncSignal = syncSignal;
        maxDocumentLength = config.maxDocumentLength();
        epochMsClock = config.epochMsClock();
        progress = new LogProgress();
        progress.lastPosition.set(recovered.lastPosition());
        progress.oldestPosition = recovered.oldestPosition();
        progress.file = recovered.lastFile();
        reserve = new AppendReserve(progress, space, config);
        time = new RisingTime(epochMsClock, recovered.lastCycle());
        queue = RollFiles.openQueue(directory, time);
        appender = queue.createAppender();
        appender.singleThreadedCheckDisabled(true);
        erasure = new LogErasure(directory, state, erasureGate, openReader());
        sync = new LogSync(progress, state, directory, config.syncIntervalNs(), config.nanoClock());
        if (recovered.isEpochDue()) {
            beginEpoch();
        }
        progress.firstCycle = RollFiles.CYCLE.toCycle(state.epochs().get(0).position());
    }

    private void beginEpoch() {
        int next = state.epoch() + 1;
        long position = appendMark(DocumentKind.EPOCH, next);
        state.addEpoch(new EpochStart(next, position));
        sync();
        state.save();
    }

    @Override
    public long append(LogBatch batch) {
        int length = batch.documentLength();
        long refusal = refusal(length, false);
        if (refusal != 0) {
            return refusal;
        }
        DocumentContext context = open();
        if (context == null) {
            return progress.isFenced ? FENCED : FAILED;
        }
        long position = context.index();
        writer.syncedUpTo(progress.syncedPosition);
        boolean isWritten = false;
        try {
            writer.writeRuns(claim(context, length), batch, state.epoch(), position);
            isWritten = true;
        } catch (InternalError e) {
            LOGGER.error("a page of {} cannot be written, its log is fenced", directory, e);
            progress.fence();
        } finally {
            if (!isWritten) {
                takeBack(context);
            }
        }
        if (!isWritten || !close(context)) {
            return FENCED;
        }
        writer.written(batch, position);
        return appended(position, batch.durability());
    }

    @Override
    public long appendSnapshot(DirectBuffer snapshot, int offset, int length) {
        int documentLength = DocumentWriter.snapshotLength(length);
        long refusal = refusal(documentLength, true);
        if (refusal != 0) {
            return refusal;
        }
        DocumentContext context = open();
        if (context == null) {
            return progress.isFenced ? FENCED : FAILED;
        }
        long position = context.index();
        writer.syncedUpTo(progress.syncedPosition);
        boolean isWritten = false;
        try {
            long address = claim(context, documentLength);
            writer.writeSnapshot(address, snapshot, offset, length, state.epoch(), position, nowUs());
            isWritten = true;
        } catch (InternalError e) {
            LOGGER.error("a page of {} cannot be written, its log is fenced", directory, e);
            progress.fence();
        } finally {
            if (!isWritten) {
                takeBack(context);
            }
        }
        return isWritten && close(context) ? appended(position, Durability.SYNCED) : FENCED;
    }

    private long appendMark(DocumentKind kind, int epoch) {
        DocumentContext context = Objects.requireNonNull(open(), "the log takes no document");
        long position = context.index();
        writer.writeMark(claim(context, DocumentLayout.HEADER_LENGTH), kind, epoch, position, nowUs());
        if (!close(context)) {
            throw new IllegalStateException("the log took no document");
        }
        appended(position, Durability.WRITTEN);
        return position;
    }

    /** The named refusal of a document of this length, or 0; what lets more be freed may use what others must leave free. */
    private long refusal(int documentLength, boolean isFreeing) {
        if (progress.isFenced) {
            return FENCED;
        }
        if (documentLength > maxDocumentLength) {
            return TOO_LONG;
        }
        boolean isFirst = cycle < 0 || RollFiles.CYCLE.current(time, 0) != cycle;
        return reserve.mayTake(documentLength, isFirst, usedLength, isFreeing) ? 0 : NO_SPACE;
    }

    private @Nullable DocumentContext open() {
        try {
            return appender.writingDocument();
        } catch (RuntimeException e) {
            LOGGER.warn("append to {} failed", directory, e);
            return null;
        } catch (InternalError e) {
            LOGGER.error("a page of {} cannot be written, its log is fenced", directory, e);
            progress.fence();
            return null;
        }
    }

    /** Lets go of a document that could not be written whole. */
    private void takeBack(DocumentContext context) {
        try {
            context.rollbackOnClose();
            context.close();
        } catch (RuntimeException | InternalError e) {
            LOGGER.error("append to {} could not be taken back, its log is fenced", directory, e);
            progress.fence();
        }
    }

    /** Claims the document's bytes in the mapped file before they are written, so that a rollback clears all of them. */
    private static long claim(DocumentContext context, int length) {
        Bytes<?> bytes = Objects.requireNonNull(context.wire(), "wire").bytes();
        long start = bytes.writePosition();
        long address = bytes.addressForWrite(start);
        bytes.writeSkip(length);
        return address;
    }

    /** Makes the document visible; when that fails it is unknown whether it is, and the log is fenced. */
    private boolean close(DocumentContext context) {
        try {
            endOffset = Objects.requireNonNull(context.wire(), "wire").bytes().writePosition();
            context.close();
            return true;
        } catch (RuntimeException | InternalError e) {
            LOGGER.error("append to {} broke off, its log is fenced", directory, e);
            progress.fence();
            return false;
        }
    }

    private long appended(long position, Durability durability) {
        int now = RollFiles.CYCLE.toCycle(position);
        if (now != cycle) {
            rolledTo(now);
        }
        usedLength = endOffset;
        progress.usedLength.lazySet(endOffset);
        ordinal++;
        progress.appended(ordinal, position);
        if (durability == Durability.SYNCED) {
            progress.wantedOrdinal = ordinal;
            syncSignal.wake();
        }
        return ordinal;
    }

    private void rolledTo(int now) {
        cycle = now;
        Path file = RollFiles.file(directory, now);
        Path left = progress.file;
        if (left != null && !left.equals(file)) {
            progress.leftFiles.add(new LogProgress.LeftFile(left, usedLength));
        }
        progress.usedLength.set(0);
        progress.file = file;
    }

    private long nowUs() {
        return epochMsClock.getAsLong() * 1000;
    }

    @Override
    public long completed(Durability durability) {
        return durability == Durability.WRITTEN ? ordinal : progress.syncedOrdinal;
    }

    @Override
    public boolean isFenced() {
        return progress.isFenced;
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
        return state.epoch();
    }

    @Override
    public List<EpochStart> epochs() {
        return state.epochs();
    }

    @Override
    public long lastPosition() {
        return progress.lastPosition.get();
    }

    @Override
    public long syncedPosition() {
        return progress.syncedPosition;
    }

    @Override
    public long oldestPosition() {
        return progress.oldestPosition;
    }

    @Override
    public boolean isWhole() {
        return progress.isWhole();
    }

    @Override
    public long logId() {
        return state.logId();
    }

    @Override
    public MessageLog log() {
        return this;
    }

    @Override
    public void completionListener(Runnable listener) {
        progress.listener(listener);
    }

    @Override
    public ChronicleReader openReader() {
        return new ChronicleReader(queue, erasureGate, maxDocumentLength);
    }

    @Override
    public boolean erase(long position, Erasure what) throws IOException {
        return erasure.erase(position, what);
    }

    @Override
    public void commitErased() throws IOException {
        erasure.commit();
    }

    @Override
    public void eraseKeptAside() throws IOException {
        RollFileRepair.removeAside(directory, name -> true);
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
    public SnapshotQueue snapshots() {
        return snapshots;
    }

    @Override
    public void wakeOwner() {
        progress.wakeOwner();
    }

    @Override
    public List<LogFile> files() throws IOException {
        return RollFiles.described(directory);
    }

    @Override
    public void expireBefore(long position) {
        progress.expireBefore(position);
    }

    @Override
    public boolean isFreeing() {
        return progress.isFreeing;
    }

    @Override
    public long truncateBefore(long position) throws IOException {
        long freedLength = RollFiles.removeBefore(directory, Math.min(position, lastPosition()));
        if (freedLength > 0) {
            queue.refreshDirectoryListing();
            try (ChronicleReader reader = openReader()) {
                progress.freed(freedLength, reader.firstPosition());
            }
        }
        progress.isFreeing = false;
        return progress.oldestPosition;
    }

    @Override
    public LogStatistics statistics() {
        return progress.statistics();
    }

    @Override
    public RecoveryReport recovery() {
        return recovery;
    }

    /** Forces everything appended so far. On the thread that syncs, or before there is one. */
    @Override
    public void sync() {
        sync.sync();
    }

    SpaceGuard space() {
        return space;
    }

    LogSync syncPart() {
        return sync;
    }

    FilePreparer preparePart(int prepareLength) {
        return new FilePreparer(queue, progress, prepareLength);
    }

    @Override
    public void close() {
        if (isClosed) {
            return;
        }
        isClosed = true;
        boolean isSynced = sync.sync();
        reserve.close();
        erasure.close();
        appender.close();
        queue.close();
        try {
            sync.close();
            if (isSynced) {
                Path file = progress.file;
                if (file != null) {
                    LogSync.releaseRest(file, usedLength);
                }
                state.saveClean(directory, lastPosition());
            }
        } catch (IOException | RuntimeException e) {
            LOGGER.warn("{} was not closed cleanly", directory, e);
        }
    }
}
