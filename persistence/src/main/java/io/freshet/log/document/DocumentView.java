package io.freshet.log.document;

import static io.freshet.log.document.DocumentLayout.*;

import io.freshet.log.LogDocument;
import io.freshet.log.MessageLog;
import java.util.Objects;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/** Shows the document that lies in a piece of off-heap memory. Belongs to one thread; allocates nothing. */
public final class DocumentView implements LogDocument {
    private final AddressWindow window = new AddressWindow();
    private final UnsafeBuffer buffer = new UnsafeBuffer(0, 0);
    private @Nullable DocumentKind kind;
    private int runCount;

    /**
     * Looks at the bytes; the memory is borrowed until the next call.
     *
     * @return whether an envelope with the right checksum and consistent lengths starts there and the document ends
     *     within {@code length} bytes; otherwise the view must not be used
     */
    public boolean wrap(long address, int length) {
        kind = null;
        buffer.wrap(address, length);
        window.point(address);
        if (length < HEADER_LENGTH || buffer.getInt(MAGIC_OFFSET, ORDER) != MAGIC) {
            return false;
        }
        int envelopeLength = buffer.getInt(ENVELOPE_LENGTH_OFFSET, ORDER);
        long framesLength = buffer.getInt(FRAMES_LENGTH_OFFSET, ORDER);
        if (envelopeLength < HEADER_LENGTH || framesLength < 0 || envelopeLength + framesLength > length) {
            return false;
        }
        if (buffer.getInt(CHECKSUM_OFFSET, ORDER) != window.checksum(VERSION_OFFSET, envelopeLength - VERSION_OFFSET)) {
            return false;
        }
        runCount = buffer.getInt(RUN_COUNT_OFFSET, ORDER);
        kind = buffer.getByte(VERSION_OFFSET) == VERSION ? DocumentKind.of(buffer.getByte(KIND_OFFSET)) : null;
        return kind != null;
    }

    /** Looks at bytes of a document that was wrapped before, wherever they lie now, without a check of its envelope. */
    public void wrapKnown(long address, int length) {
        buffer.wrap(address, length);
        window.point(address);
        runCount = buffer.getInt(RUN_COUNT_OFFSET, ORDER);
        kind = DocumentKind.of(buffer.getByte(KIND_OFFSET));
    }

    /** Bytes of the whole document. */
    public int documentLength() {
        return (int) DocumentLayout.documentLength(buffer, 0);
    }

    public DocumentKind storedKind() {
        return Objects.requireNonNull(kind, "no document");
    }

    /** Position up to which the log was on the device when this document was written, or {@code NULL_POSITION}. */
    public long syncedPosition() {
        int distance = buffer.getShort(SYNCED_DISTANCE_OFFSET, ORDER) & MAX_SYNCED_DISTANCE;
        return distance == 0 ? MessageLog.NULL_POSITION : position() - distance;
    }

    /** Whether every record matches its checksums. */
    public boolean isIntact() {
        for (int run = 0; run < runCount; run++) {
            int count = recordCount(run);
            if (intactCount(run, 0, count) < count) {
                return false;
            }
        }
        return true;
    }

    @Override
    public Kind kind() {
        return Objects.requireNonNull(storedKind().shown(), "not shown");
    }

    @Override
    public long position() {
        return DocumentLayout.position(buffer, 0);
    }

    @Override
    public int epoch() {
        return buffer.getInt(EPOCH_OFFSET, ORDER);
    }

    @Override
    public long timeUs() {
        return buffer.getLong(TIME_US_OFFSET, ORDER);
    }

    @Override
    public int runCount() {
        return runCount;
    }

    @Override
    public long channel(int run) {
        return buffer.getLong(runOffset(run) + RUN_CHANNEL_OFFSET, ORDER);
    }

    @Override
    public long firstSequence(int run) {
        return buffer.getLong(runOffset(run) + RUN_FIRST_SEQUENCE_OFFSET, ORDER);
    }

    @Override
    public int recordCount(int run) {
        return buffer.getInt(runOffset(run) + RUN_RECORD_COUNT_OFFSET, ORDER);
    }

    @Override
    public long previousPosition(int run) {
        return buffer.getLong(runOffset(run) + RUN_PREVIOUS_POSITION_OFFSET, ORDER);
    }

    @Override
    public DirectBuffer buffer() {
        return buffer;
    }

    @Override
    public int recordOffset(int run, int record) {
        return buffer.getInt(entry(run, record) + RECORD_OFFSET_OFFSET, ORDER);
    }

    @Override
    public int recordLength(int run, int record) {
        int at = runOffset(run);
        int end = record + 1 < buffer.getInt(at + RUN_RECORD_COUNT_OFFSET, ORDER)
                ? recordOffset(run, record + 1)
                : buffer.getInt(at + RUN_FRAMES_OFFSET_OFFSET, ORDER)
                        + buffer.getInt(at + RUN_FRAMES_LENGTH_OFFSET, ORDER);
        return end - recordOffset(run, record);
    }

    @Override
    public int intactCount(int run, int from, int to) {
        int at = runOffset(run);
        int end = buffer.getInt(at + RUN_FRAMES_OFFSET_OFFSET, ORDER)
                + buffer.getInt(at + RUN_FRAMES_LENGTH_OFFSET, ORDER);
        boolean isLast = to == buffer.getInt(at + RUN_RECORD_COUNT_OFFSET, ORDER);
        int entry = entry(run, from);
        int offset = buffer.getInt(entry + RECORD_OFFSET_OFFSET, ORDER);
        for (int record = from; record < to; record++) {
            int nextEntry = entry + RECORD_LENGTH;
            boolean isEnd = isLast && record + 1 == to;
            int nextOffset = isEnd ? end : buffer.getInt(nextEntry + RECORD_OFFSET_OFFSET, ORDER);
            int payload = offset + buffer.getInt(entry + RECORD_HEAD_LENGTH_OFFSET, ORDER);
            if (buffer.getInt(entry + RECORD_HEAD_CHECKSUM_OFFSET, ORDER) != window.checksum(offset, payload - offset)
                    || buffer.getInt(entry + RECORD_PAYLOAD_CHECKSUM_OFFSET, ORDER)
                            != window.checksum(payload, nextOffset - payload)) {
                return record - from;
            }
            entry = nextEntry;
            offset = nextOffset;
        }
        return to - from;
    }

    int entry(int run, int record) {
        int first = buffer.getInt(runOffset(run) + RUN_FIRST_RECORD_OFFSET, ORDER);
        return DocumentLayout.recordOffset(runCount, first + record);
    }
}
