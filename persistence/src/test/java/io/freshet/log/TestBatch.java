package io.freshet.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** Builds batches whose records say which channel and sequence they are, and checks documents for them. */
public final class TestBatch {
    /** Head of a test record: channel and sequence. */
    public static final int HEAD_LENGTH = 16;

    private final LogBatch batch = new LogBatch();
    private final UnsafeBuffer frames = new UnsafeBuffer(ByteBuffer.allocateDirect(2 << 20));
    private int used;

    public TestBatch reset(long timeUs, Durability durability) {
        batch.reset(timeUs, durability);
        used = 0;
        return this;
    }

    /** Adds a run of records with payloads of this length. */
    public TestBatch run(long channel, long firstSequence, int recordCount, int payloadLength) {
        batch.startRun(channel, firstSequence, frames, used);
        for (int i = 0; i < recordCount; i++) {
            used += putRecord(frames, used, channel, firstSequence + i, payloadLength);
            batch.addRecord(HEAD_LENGTH + payloadLength, HEAD_LENGTH);
        }
        return this;
    }

    public LogBatch batch() {
        return batch;
    }

    private static int putRecord(UnsafeBuffer out, int offset, long channel, long sequence, int payloadLength) {
        out.putLong(offset, channel);
        out.putLong(offset + 8, sequence);
        for (int i = 0; i < payloadLength; i++) {
            out.putByte(offset + HEAD_LENGTH + i, (byte) (channel * 31 + sequence + i));
        }
        return HEAD_LENGTH + payloadLength;
    }

    /** One record in a document of its own. */
    public static LogBatch single(long channel, long sequence, Durability durability) {
        return new TestBatch()
                .reset(sequence * 1000, durability)
                .run(channel, sequence, 1, 40)
                .batch();
    }

    /** Checks that every record of the document is what was put there. */
    public static void assertWhole(LogDocument document) {
        for (int run = 0; run < document.runCount(); run++) {
            for (int record = 0; record < document.recordCount(run); record++) {
                assertRecord(document, run, record);
            }
        }
    }

    private static void assertRecord(LogDocument document, int run, int record) {
        assertTrue(document.isIntact(run, record));
        DirectBuffer buffer = document.buffer();
        int offset = document.recordOffset(run, record);
        long channel = document.channel(run);
        long sequence = document.firstSequence(run) + record;
        assertEquals(channel, buffer.getLong(offset));
        assertEquals(sequence, buffer.getLong(offset + 8));
        for (int i = 0; i < document.recordLength(run, record) - HEAD_LENGTH; i++) {
            assertEquals((byte) (channel * 31 + sequence + i), buffer.getByte(offset + HEAD_LENGTH + i));
        }
    }
}
