package io.freshet.client;

import io.netty.buffer.ByteBufAllocator;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Holds what is to run on the client's thread until a test runs it. */
final class HeldTransport implements ClientTransport {
    private final Queue<Runnable> held = new ConcurrentLinkedQueue<>();

    /** Whether the client's thread has been asked to do something. */
    boolean isHolding() {
        return !held.isEmpty();
    }

    /** Runs what is held now. */
    void runHeld() {
        Runnable task = held.poll();
        if (task != null) {
            task.run();
        }
    }

    @Override
    public void execute(Runnable task) {
        held.add(task);
    }

    @Override
    public void connect(Attempt attempt) {
        // Nobody answers.
    }

    @Override
    public boolean isClientThread() {
        return false;
    }

    @Override
    public Cancellation schedule(Runnable task, long delayNs) {
        return () -> {};
    }

    @Override
    public long nanoTime() {
        return 0;
    }

    @Override
    public ByteBufAllocator allocator() {
        return ByteBufAllocator.DEFAULT;
    }

    @Override
    public void close() {}
}
