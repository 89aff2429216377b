package io.freshet.log.document;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.log.Durability;
import io.freshet.log.LogBatch;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class DocumentLayoutTest {
    /** One run of channel 5 from sequence 9: a record of head 0102 and payload 030405, one of head 06 without payload. */
    private static final String DOCUMENT = "46525348" // magic
            + "df7444f0" // checksum of the envelope
            + "01010000" // version 1, kind RUNS
            + "78000000" // envelope length: 48 + 40 + 2 * 16
            + "06000000" // frames length
            + "07000000" // epoch
            + "0100000000000000" // position
            + "0200000000000000" // time
            + "01000000" // run count
            + "02000000" // record count
            + "0500000000000000" // channel
            + "0900000000000000" // first sequence
            + "ffffffffffffffff" // no earlier document
            + "78000000" // frames offset
            + "06000000" // frames length
            + "02000000" // record count
            + "00000000" // first record
            + "78000000" // first record: offset
            + "02000000" // head length
            + "529ff803" // CRC32C of 0102
            + "c91631f1" // CRC32C of 030405
            + "7d000000" // second record: offset
            + "01000000" // head length
            + "b9b4dc74" // CRC32C of 06
            + "00000000" // CRC32C of nothing
            + "010203040506";

    private final ByteBuffer memory = ByteBuffer.allocateDirect(4096);
    private final BackLinks links = new BackLinks();
    private final DocumentWriter writer = new DocumentWriter(links);
    private final DocumentView view = new DocumentView();

    private byte[] write() {
        LogBatch batch = new LogBatch();
        batch.reset(2, Durability.WRITTEN);
        batch.startRun(5, 9, new UnsafeBuffer(new byte[] {0, 1, 2, 3, 4, 5, 6}), 1);
        batch.addRecord(5, 2);
        batch.addRecord(1, 1);
        links.attach(5, -1);
        writer.writeRuns(BufferUtil.address(memory), batch, 7, 1);
        byte[] document = new byte[batch.documentLength()];
        memory.get(0, document);
        return document;
    }

    @Test
    void shouldLieInBytesAsTheSpecificationSays() {
        assertArrayEquals(
                HexFormat.of().parseHex(DOCUMENT), write(), () -> HexFormat.of().formatHex(write()));
    }

    @Test
    void shouldNoticeEveryChangedByteOfTheEnvelope() {
        byte[] document = write();
        int envelopeLength = DocumentLayout.envelopeLength(1, 2);
        for (int i = 0; i < envelopeLength; i++) {
            memory.put(i, (byte) (document[i] ^ 0x10));
            assertFalse(view.wrap(BufferUtil.address(memory), document.length), "byte " + i);
            memory.put(i, document[i]);
        }
        assertTrue(view.wrap(BufferUtil.address(memory), document.length));
        assertFalse(view.wrap(BufferUtil.address(memory), document.length - 1));
    }

    @Test
    void shouldNoticeEveryChangedByteOfARecord() {
        byte[] document = write();
        assertTrue(view.wrap(BufferUtil.address(memory), document.length));
        assertTrue(view.isIntact());
        for (int i = DocumentLayout.envelopeLength(1, 2); i < document.length; i++) {
            memory.put(i, (byte) (document[i] ^ 1));
            assertFalse(view.isIntact(), "byte " + i);
            memory.put(i, document[i]);
        }
    }

    @Test
    void shouldLinkARunToTheLastDocumentOfItsChannel() {
        LogBatch batch = new LogBatch();
        batch.reset(2, Durability.WRITTEN);
        batch.startRun(5, 9, new UnsafeBuffer(new byte[1]), 0);
        batch.addRecord(1, 1);
        links.attach(5, 33);
        writer.writeRuns(BufferUtil.address(memory), batch, 1, 44);
        writer.written(batch, 44);
        assertTrue(view.wrap(BufferUtil.address(memory), batch.documentLength()));
        assertEquals(33, view.previousPosition(0));
        assertEquals(44, links.detach(5));
    }

    @Test
    void shouldTellUpToWhereTheLogWasSynced() {
        assertEquals(-1, syncedPosition(-1, 44), "nothing is known");
        assertEquals(43, syncedPosition(43, 44));
        assertEquals(0, syncedPosition(0, 0xFFFF));
        assertEquals(-1, syncedPosition(0, 0x10000), "too far away");
        assertEquals(-1, syncedPosition(44, 44));
    }

    private long syncedPosition(long synced, long position) {
        writer.syncedUpTo(synced);
        writer.writeMark(BufferUtil.address(memory), DocumentKind.EPOCH, 1, position, 2);
        assertTrue(view.wrap(BufferUtil.address(memory), DocumentLayout.HEADER_LENGTH));
        return view.syncedPosition();
    }
}
