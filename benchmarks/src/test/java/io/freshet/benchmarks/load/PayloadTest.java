package io.freshet.benchmarks.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import org.agrona.BufferUtil;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PayloadTest {
    private static final int RUN = 0xCAFE_BABE;
    private static final int SLOT = 0xFFFE;
    private static final int PUBLISHER = 0x8001;
    private static final long COUNTER = 1L << 40 | 7;
    private static final long INTENDED_NS = -12_345_678_901L;

    private final ByteBuffer memory = ByteBuffer.allocateDirect(2048);
    private final long address = BufferUtil.address(memory) + 1;

    private void write(int length) {
        Payload.write(address, length, RUN, SLOT, PUBLISHER, COUNTER, INTENDED_NS);
    }

    private byte at(int index) {
        return memory.get(1 + index);
    }

    private void put(int index, int value) {
        memory.put(1 + index, (byte) value);
    }

    @Test
    void shouldReadWhatWasWritten() {
        write(128);

        assertEquals(RUN, Payload.run(address));
        assertEquals(SLOT, Payload.slot(address));
        assertEquals(PUBLISHER, Payload.publisher(address));
        assertEquals(COUNTER, Payload.counter(address));
        assertEquals(INTENDED_NS, Payload.intendedNs(address));
    }

    @ParameterizedTest
    @ValueSource(ints = {32, 33, 39, 40, 41, 63, 64, 65, 127, 128, 129, 1024})
    void shouldNoticeEveryChangedBitAndTouchNothingBehind(int length) {
        put(length, 0x5A);
        write(length);

        assertTrue(Payload.isIntact(address, length));
        assertEquals(0x5A, at(length));
        for (int bit = 0; bit < length * Byte.SIZE; bit++) {
            int index = bit / Byte.SIZE;
            byte before = at(index);
            put(index, before ^ 1 << bit % Byte.SIZE);
            assertFalse(Payload.isIntact(address, length), "bit " + bit);
            put(index, before);
        }
    }

    @Test
    void shouldNoticeExchangedWords() {
        write(128);
        for (int a = Payload.FILLER_OFFSET; a < 128; a += Long.BYTES) {
            for (int b = a + Long.BYTES; b < 128; b += Long.BYTES) {
                exchange(a, b);
                assertFalse(Payload.isIntact(address, 128), "words at " + a + " and " + b);
                exchange(a, b);
            }
        }
        assertTrue(Payload.isIntact(address, 128));
    }

    private void exchange(int a, int b) {
        long first = memory.getLong(1 + a);
        memory.putLong(1 + a, memory.getLong(1 + b));
        memory.putLong(1 + b, first);
    }

    @Test
    void shouldNoticeThatThePayloadWasCutOrIsOfZeros() {
        write(128);

        assertFalse(Payload.isIntact(address, 120));
        assertFalse(Payload.isIntact(address, 127));
        memory.put(1, new byte[128]);
        assertFalse(Payload.isIntact(address, 128));
    }

    @Test
    void shouldFillEachMessageOtherwise() {
        write(64);
        long first = memory.getLong(1 + Payload.FILLER_OFFSET);
        Payload.write(address, 64, RUN, SLOT, PUBLISHER, COUNTER + 1, INTENDED_NS);

        assertNotEquals(first, memory.getLong(1 + Payload.FILLER_OFFSET));
    }
}
