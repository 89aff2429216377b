package io.freshet.engine.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import org.junit.jupiter.api.Test;

class ReceiveBufferTest {
    private static final int LENGTH = 1024;

    /** Has no memory while it is told so. */
    private static final class Memory extends AbstractByteBufAllocator {
        private final UnpooledByteBufAllocator system = new UnpooledByteBufAllocator(true);
        private boolean isOver;

        @Override
        protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
            return system.heapBuffer(initialCapacity, maxCapacity);
        }

        @Override
        protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
            if (isOver) {
                throw new OutOfMemoryError("as the test wants it");
            }
            return system.directBuffer(initialCapacity, maxCapacity);
        }

        @Override
        public boolean isDirectBufferPooled() {
            return false;
        }

        long usedLength() {
            return system.metric().usedDirectMemory();
        }
    }

    private final Memory memory = new Memory();
    private final ReceiveBuffer receiveBuffer = new ReceiveBuffer(memory, LENGTH);

    private ByteBuf lend() {
        return receiveBuffer.newHandle().allocate(memory);
    }

    @Test
    void shouldLendTheSameBufferAgainAndAgain() {
        ByteBuf first = lend();
        first.release();
        ByteBuf second = lend();
        assertSame(first, second);
        second.release();
        receiveBuffer.close();
        assertEquals(0, memory.usedLength());
    }

    @Test
    void shouldLeaveABufferToItsHolderAlsoWhenThereIsNoMemoryForAnother() {
        ByteBuf held = lend().writeInt(7);
        memory.isOver = true;
        assertThrows(OutOfMemoryError.class, this::lend);
        memory.isOver = false;

        ByteBuf other = lend();

        assertNotSame(held, other, "what somebody holds is not read into");
        assertEquals(1, held.refCnt());
        assertEquals(7, held.readInt());
        held.release();
        other.release();
        receiveBuffer.close();
        assertEquals(0, memory.usedLength());
    }

    @Test
    void shouldGoOnWhenItsHolderLetGoBeforeThereWasMemoryAgain() {
        ByteBuf held = lend();
        memory.isOver = true;
        assertThrows(OutOfMemoryError.class, this::lend);
        held.release();
        memory.isOver = false;

        lend().release();

        receiveBuffer.close();
        assertEquals(0, memory.usedLength());
    }
}
