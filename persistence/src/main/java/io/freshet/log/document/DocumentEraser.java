package io.freshet.log.document;

import static io.freshet.log.document.DocumentLayout.CHECKSUM_OFFSET;
import static io.freshet.log.document.DocumentLayout.ENVELOPE_LENGTH_OFFSET;
import static io.freshet.log.document.DocumentLayout.ORDER;
import static io.freshet.log.document.DocumentLayout.RECORD_HEAD_CHECKSUM_OFFSET;
import static io.freshet.log.document.DocumentLayout.RECORD_HEAD_LENGTH_OFFSET;
import static io.freshet.log.document.DocumentLayout.RECORD_PAYLOAD_CHECKSUM_OFFSET;
import static io.freshet.log.document.DocumentLayout.VERSION_OFFSET;

import io.freshet.log.Erasure;
import io.freshet.log.LogDocument;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Erases records of a document where it lies in memory: marks them, zeroes their payloads but for what is to be kept, renews their checksums and that of
 * the envelope. The document keeps its length. Belongs to one thread; nobody else may look at the memory meanwhile.
 */
public final class DocumentEraser {
    private final AddressWindow window = new AddressWindow();
    private final UnsafeBuffer buffer = new UnsafeBuffer(0, 0);
    private final DocumentView view = new DocumentView();

    /** Takes each stretch of bytes that may have changed, in the order in which they are best written elsewhere as well. */
    @FunctionalInterface
    public interface Changes {
        void onChange(int offset, int length);

        /** For who does not ask. */
        Changes IGNORED = (offset, length) -> {};
    }

    /**
     * Erases what is to be erased in the document of {@code length} bytes at {@code address}, whose envelope must be intact.
     *
     * @return whether anything was not erased before
     */
    public boolean erase(long address, int length, Erasure erasure, Changes changes) {
        buffer.wrap(address, length);
        window.point(address);
        view.wrapKnown(address, length);
        boolean isChanged = false;
        for (int run = 0; view.kind() == LogDocument.Kind.RUNS && run < view.runCount(); run++) {
            for (int record = 0, n = view.recordCount(run); record < n; record++) {
                if (erasure.isTarget(
                        view.channel(run), view.firstSequence(run) + record, buffer, view.recordOffset(run, record))) {
                    isChanged |= erase(run, record, erasure, changes);
                }
            }
        }
        if (isChanged) {
            int envelopeLength = buffer.getInt(ENVELOPE_LENGTH_OFFSET, ORDER);
            int checksum = window.checksum(VERSION_OFFSET, envelopeLength - VERSION_OFFSET);
            buffer.putInt(CHECKSUM_OFFSET, checksum, ORDER);
            changes.onChange(CHECKSUM_OFFSET, Integer.BYTES);
        }
        return isChanged;
    }

    /** A head that did not match its checksum before does not match it afterwards: its record stays damaged. */
    private boolean erase(int run, int record, Erasure erasure, Changes changes) {
        int entry = view.entry(run, record);
        int start = view.recordOffset(run, record);
        int headLength = buffer.getInt(entry + RECORD_HEAD_LENGTH_OFFSET, ORDER);
        int payload = start + headLength;
        int payloadLength = view.recordLength(run, record) - headLength;
        int headChecksum = buffer.getInt(entry + RECORD_HEAD_CHECKSUM_OFFSET, ORDER);
        int payloadChecksum = buffer.getInt(entry + RECORD_PAYLOAD_CHECKSUM_OFFSET, ORDER);
        boolean isHeadIntact = headChecksum == window.checksum(start, headLength);
        int headBefore = window.checksum(start, headLength);
        byte[] kept = erasure.kept(buffer, start, headLength, view.recordLength(run, record));
        boolean isErased = isErased(payload, payloadLength, kept);
        erasure.mark(buffer, start, headLength);
        buffer.setMemory(payload, payloadLength, (byte) 0);
        buffer.putBytes(payload, kept);
        int headAfter = window.checksum(start, headLength);
        int newPayloadChecksum = window.checksum(payload, payloadLength);
        if (isErased && headAfter == headBefore && newPayloadChecksum == payloadChecksum) {
            return false;
        }
        if (isHeadIntact) {
            buffer.putInt(entry + RECORD_HEAD_CHECKSUM_OFFSET, headAfter, ORDER);
        }
        buffer.putInt(entry + RECORD_PAYLOAD_CHECKSUM_OFFSET, newPayloadChecksum, ORDER);
        changes.onChange(start, headLength);
        changes.onChange(payload, payloadLength);
        changes.onChange(entry + RECORD_HEAD_CHECKSUM_OFFSET, 2 * Integer.BYTES);
        return true;
    }

    private boolean isErased(int offset, int length, byte[] kept) {
        for (int i = 0; i < length; i++) {
            if (buffer.getByte(offset + i) != (i < kept.length ? kept[i] : 0)) {
                return false;
            }
        }
        return true;
    }
}
