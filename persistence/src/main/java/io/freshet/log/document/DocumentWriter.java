package io.freshet.log.document;

import static io.freshet.log.document.DocumentLayout.*;

import io.freshet.log.LogBatch;
import io.freshet.log.MessageLog;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Writes documents straight into the off-heap memory that they stay in: the frames are copied once and checked where
 * they were copied to. Belongs to the thread that appends; allocates nothing.
 */
public final class DocumentWriter {
    private final AddressWindow window = new AddressWindow();
    private final UnsafeBuffer out = new UnsafeBuffer(0, 0);
    private final BackLinks links;
    private long syncedPosition = MessageLog.NULL_POSITION;

    public DocumentWriter(BackLinks links) {
        this.links = links;
    }

    /** What the documents to come say of what is on the device: everything up to this position. */
    public void syncedUpTo(long position) {
        syncedPosition = position;
    }

    /**
     * Writes the batch as the document at {@code position} to {@code batch.documentLength()} bytes at {@code address}.
     * The channels' back-links stay as they are until {@link #written}.
     */
    public void writeRuns(long address, LogBatch batch, int epoch, long position) {
        int runCount = batch.runCount();
        int envelopeLength = envelopeLength(runCount, batch.recordCount());
        point(address, envelopeLength + batch.framesLength());
        int framesOffset = envelopeLength;
        for (int run = 0; run < runCount; run++) {
            int length = batch.length(run);
            out.putBytes(framesOffset, batch.buffer(run), batch.offset(run), length);
            putRun(batch, run, framesOffset);
            putRecords(batch, run, framesOffset);
            framesOffset += length;
        }
        putHeader(
                DocumentKind.RUNS,
                epoch,
                position,
                batch.timeUs(),
                runCount,
                batch.recordCount(),
                batch.framesLength());
    }

    /** Moves the back-links of the batch's channels to its document, once that is in the log. */
    public void written(LogBatch batch, long position) {
        for (int run = 0; run < batch.runCount(); run++) {
            links.moved(batch.channel(run), position);
        }
    }

    /** Writes a document without runs to {@link DocumentLayout#HEADER_LENGTH} bytes at {@code address}. */
    public void writeMark(long address, DocumentKind kind, int epoch, long position, long timeUs) {
        point(address, HEADER_LENGTH);
        putHeader(kind, epoch, position, timeUs, 0, 0, 0);
    }

    /** Writes a snapshot as one run with one record of channel 0; {@link #snapshotLength} bytes. Borrows the buffer. */
    public void writeSnapshot(
            long address, DirectBuffer snapshot, int offset, int length, int epoch, long position, long timeUs) {
        int framesOffset = envelopeLength(1, 1);
        point(address, framesOffset + length);
        out.putBytes(framesOffset, snapshot, offset, length);
        putRunFields(0, 0, 0, MessageLog.NULL_POSITION, framesOffset, length, 1, 0);
        putRecord(recordOffset(1, 0), framesOffset, length, 0);
        putHeader(DocumentKind.SNAPSHOT, epoch, position, timeUs, 1, 1, length);
    }

    /** Bytes of the document with a snapshot of {@code length} bytes. */
    public static int snapshotLength(int length) {
        return envelopeLength(1, 1) + length;
    }

    private void point(long address, int length) {
        out.wrap(address, length);
        window.point(address);
    }

    private void putRun(LogBatch batch, int run, int framesOffset) {
        putRunFields(
                run,
                batch.channel(run),
                batch.firstSequence(run),
                links.previous(batch.channel(run)),
                framesOffset,
                batch.length(run),
                batch.recordCount(run),
                batch.firstRecord(run));
    }

    private void putRunFields(
            int run,
            long channel,
            long firstSequence,
            long previousPosition,
            int framesOffset,
            int framesLength,
            int recordCount,
            int firstRecord) {
        int at = runOffset(run);
        out.putLong(at + RUN_CHANNEL_OFFSET, channel, ORDER);
        out.putLong(at + RUN_FIRST_SEQUENCE_OFFSET, firstSequence, ORDER);
        out.putLong(at + RUN_PREVIOUS_POSITION_OFFSET, previousPosition, ORDER);
        out.putInt(at + RUN_FRAMES_OFFSET_OFFSET, framesOffset, ORDER);
        out.putInt(at + RUN_FRAMES_LENGTH_OFFSET, framesLength, ORDER);
        out.putInt(at + RUN_RECORD_COUNT_OFFSET, recordCount, ORDER);
        out.putInt(at + RUN_FIRST_RECORD_OFFSET, firstRecord, ORDER);
    }

    private void putRecords(LogBatch batch, int run, int framesOffset) {
        int offset = framesOffset;
        int first = batch.firstRecord(run);
        int end = first + batch.recordCount(run);
        for (int record = first; record < end; record++) {
            int length = batch.recordLength(record);
            putRecord(recordOffset(batch.runCount(), record), offset, length, batch.headLength(record));
            offset += length;
        }
    }

    private void putRecord(int at, int offset, int length, int headLength) {
        out.putInt(at + RECORD_OFFSET_OFFSET, offset, ORDER);
        out.putInt(at + RECORD_HEAD_LENGTH_OFFSET, headLength, ORDER);
        out.putInt(at + RECORD_HEAD_CHECKSUM_OFFSET, window.checksum(offset, headLength), ORDER);
        out.putInt(
                at + RECORD_PAYLOAD_CHECKSUM_OFFSET, window.checksum(offset + headLength, length - headLength), ORDER);
    }

    private void putHeader(
            DocumentKind kind, int epoch, long position, long timeUs, int runCount, int recordCount, int framesLength) {
        int envelopeLength = envelopeLength(runCount, recordCount);
        out.putInt(MAGIC_OFFSET, MAGIC, ORDER);
        out.putInt(VERSION_OFFSET, VERSION | kind.code() << 8 | syncedDistance(position) << 16, ORDER);
        out.putInt(ENVELOPE_LENGTH_OFFSET, envelopeLength, ORDER);
        out.putInt(FRAMES_LENGTH_OFFSET, framesLength, ORDER);
        out.putInt(EPOCH_OFFSET, epoch, ORDER);
        out.putLong(POSITION_OFFSET, position, ORDER);
        out.putLong(TIME_US_OFFSET, timeUs, ORDER);
        out.putInt(RUN_COUNT_OFFSET, runCount, ORDER);
        out.putInt(RECORD_COUNT_OFFSET, recordCount, ORDER);
        out.putInt(CHECKSUM_OFFSET, window.checksum(VERSION_OFFSET, envelopeLength - VERSION_OFFSET), ORDER);
    }

    private int syncedDistance(long position) {
        long distance = position - syncedPosition;
        boolean isTold = syncedPosition != MessageLog.NULL_POSITION && distance > 0 && distance <= MAX_SYNCED_DISTANCE;
        return isTold ? (int) distance : 0;
    }
}
