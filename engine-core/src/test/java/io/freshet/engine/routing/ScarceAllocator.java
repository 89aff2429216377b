package io.freshet.engine.routing;

import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledUnsafeDirectByteBuf;

/** Has no memory once: for the n-th buffer, or the n-th time that one grows. */
public final class ScarceAllocator extends AbstractByteBufAllocator {
    private static final int NEVER = -1;

    private int left = NEVER;

    /** Fails the next request but so many. */
    public void failAfter(int count) {
        left = count + 1;
    }

    /** Whether it has failed as it was told. */
    boolean hasFailed() {
        return left == 0;
    }

    private void request() {
        if (left > 0 && --left == 0) {
            throw new OutOfMemoryError("as the test wants it");
        }
    }

    @Override
    public boolean isDirectBufferPooled() {
        return false;
    }

    @Override
    protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
        throw new UnsupportedOperationException("nobody asks for buffers on the heap");
    }

    @Override
    protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
        request();
        return new UnpooledUnsafeDirectByteBuf(this, initialCapacity, maxCapacity) {
            @Override
            public ByteBuf capacity(int newCapacity) {
                if (newCapacity > capacity()) {
                    request();
                }
                return super.capacity(newCapacity);
            }
        };
    }
}
