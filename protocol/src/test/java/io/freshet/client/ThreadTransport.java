package io.freshet.client;

import io.netty.buffer.ByteBufAllocator;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;

/** A client's thread that is a thread, and nothing else. */
final class ThreadTransport implements ClientTransport {
    private final LinkedBlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();
    private final Thread thread = new Thread(this::work, "client-of-a-test");
    private volatile boolean isStopped;

    ThreadTransport() {
        thread.setDaemon(true);
        thread.start();
    }

    private void work() {
        try {
            while (!isStopped) {
                tasks.take().run();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** What is executed afterwards is rejected. Within a task. */
    void stop() {
        isStopped = true;
    }

    void join() throws InterruptedException {
        thread.join(10_000);
    }

    @Override
    public void execute(Runnable task) {
        if (isStopped) {
            throw new RejectedExecutionException("stopped");
        }
        tasks.add(task);
    }

    @Override
    public boolean isClientThread() {
        return Thread.currentThread() == thread;
    }

    @Override
    public void connect(Attempt attempt) {
        throw new UnsupportedOperationException("connects to nothing");
    }

    @Override
    public Cancellation schedule(Runnable task, long delayNs) {
        throw new UnsupportedOperationException("has no clock");
    }

    @Override
    public long nanoTime() {
        throw new UnsupportedOperationException("has no clock");
    }

    @Override
    public ByteBufAllocator allocator() {
        return ByteBufAllocator.DEFAULT;
    }

    @Override
    public void close() {
        stop();
    }
}
