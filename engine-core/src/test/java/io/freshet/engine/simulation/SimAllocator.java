package io.freshet.engine.simulation;

import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.IdentityHashMap;

/** Knows every buffer that it gave and that was not released: for the memory bound, for leaks, and to bury the dead with. */
final class SimAllocator extends AbstractByteBufAllocator {
    private static final int FIRST_SWEEP_COUNT = 256;
    private static final int PLENTY = -1;

    private static final PooledByteBufAllocator POOL = new PooledByteBufAllocator(true, 0, 1, 8192, 9, 0, 0, true);

    /** By what is below a wrapper that watches for leaks, since that is used again and again. */
    private final IdentityHashMap<ByteBuf, ByteBuf> given = new IdentityHashMap<>();

    private final Fuse fuse;
    private int sweepCount = FIRST_SWEEP_COUNT;
    private int left = PLENTY;
    private int failureCount;

    SimAllocator() {
        this(new Fuse());
    }

    SimAllocator(Fuse fuse) {
        super(true);
        this.fuse = fuse;
    }

    /** Has no memory once: for the n-th buffer from now on. */
    void failAfter(int count) {
        left = count;
    }

    /** Has memory from now on. */
    void calm() {
        left = PLENTY;
    }

    /** How often there was no memory. */
    int failureCount() {
        return failureCount;
    }

    private void request() {
        fuse.step();
        if (left > 0 && --left == 0) {
            failureCount++;
            throw new OutOfMemoryError("the simulation has no memory");
        }
    }

    @Override
    public boolean isDirectBufferPooled() {
        return true;
    }

    @Override
    protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
        throw new UnsupportedOperationException("nobody asks for buffers on the heap");
    }

    @Override
    protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
        request();
        ByteBuf buffer = POOL.directBuffer(initialCapacity, maxCapacity);
        ByteBuf below = buffer.unwrap();
        given.put(below == null ? buffer : below, buffer);
        if (given.size() >= sweepCount) {
            sweep();
            sweepCount = Math.max(FIRST_SWEEP_COUNT, 2 * given.size());
        }
        return buffer;
    }

    private void sweep() {
        given.values().removeIf(buffer -> buffer.refCnt() == 0);
    }

    /** Bytes of all buffers that are not released. */
    long usedLength() {
        sweep();
        long length = 0;
        for (ByteBuf buffer : given.values()) {
            length += buffer.capacity();
        }
        return length;
    }

    /** Buffers that are not released. */
    int liveCount() {
        sweep();
        return given.size();
    }

    /** Frees what a process that was killed held. */
    void releaseAll() {
        sweep();
        given.values().forEach(buffer -> buffer.release(buffer.refCnt()));
        given.clear();
    }
}
