package io.freshet.benchmarks.load;

import io.freshet.benchmarks.load.Meter.Tally;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The load threads of a run. The first of them is the leader: it runs the {@link Flow}, publishes, and has its share of the
 * subscribers; the others only have their share. Owned by the leader's thread.
 *
 * <p>Each thread counts for itself, at no cost to the others. When it is to be known what all of them together have counted, they
 * stand still for that moment, so that the sums are exact.
 */
final class LoadTeam {
    private static final long LOOK_MS = 100;

    private final List<LoadLoop> loops = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private final ThreadMXBean times = ManagementFactory.getThreadMXBean();
    private volatile @Nullable Throwable failure;
    private boolean isStill;

    /** @param loop makes the loop of the thread with this number */
    LoadTeam(int threadCount, IntFunction<LoadLoop> loop) {
        for (int i = 0; i < threadCount; i++) {
            loops.add(loop.apply(i));
            if (i > 0) {
                loops.get(i).follow(loops.get(0));
            }
        }
    }

    LoadLoop leader() {
        return loops.get(0);
    }

    int size() {
        return loops.size();
    }

    /** Which thread has the subscriber that is made as the {@code index}th. */
    LoadLoop receiver(int index) {
        return loops.get(index % loops.size());
    }

    /** Starts the threads. Of whoever started the run. */
    void start(Flow flow) {
        add(() -> lead(flow));
        for (LoadLoop loop : loops.subList(1, loops.size())) {
            add(loop::run);
        }
        threads.forEach(Thread::start);
    }

    private void add(Runnable work) {
        Thread thread = new Thread(() -> guard(work), "freshet-load-" + threads.size());
        thread.setDaemon(true);
        threads.add(thread);
    }

    private void guard(Runnable work) {
        try {
            work.run();
        } catch (RuntimeException | Error e) {
            failure = failure == null ? e : failure;
        }
    }

    /** The leader's loop closes last, so that whoever has something to tell it always can. */
    private void lead(Flow flow) {
        try {
            leader().lead(flow, () -> failure == null);
        } finally {
            loops.forEach(LoadLoop::end);
            threads.subList(1, threads.size()).forEach(LoadTeam::awaitEnd);
            leader().close();
        }
    }

    private static void awaitEnd(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whether a thread runs. Any thread. */
    boolean isAlive() {
        return threads.stream().anyMatch(Thread::isAlive);
    }

    /**
     * Waits until every thread has ended. Of whoever started the run.
     *
     * @throws IllegalStateException when one has failed
     */
    void join() throws InterruptedException {
        for (Thread thread : threads) {
            thread.join();
        }
        Throwable cause = failure;
        if (cause != null) {
            throw new IllegalStateException("the load generator failed: " + cause, cause);
        }
    }

    /** Does something while the other threads do nothing. */
    void standStill(Runnable work) {
        if (isStill || loops.size() == 1) {
            work.run();
            return;
        }
        CountDownLatch standing = new CountDownLatch(loops.size() - 1);
        CountDownLatch over = new CountDownLatch(1);
        for (LoadLoop loop : loops.subList(1, loops.size())) {
            loop.execute(() -> {
                standing.countDown();
                await(over);
            });
        }
        isStill = true;
        try {
            await(standing);
            work.run();
        } finally {
            isStill = false;
            over.countDown();
        }
    }

    private void await(CountDownLatch latch) {
        try {
            while (!latch.await(LOOK_MS, TimeUnit.MILLISECONDS)) {
                if (failure != null) {
                    throw new IllegalStateException("another load thread has failed");
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    /** What all have counted up to now, and timed since the last call. While they stand still. */
    Tally take() {
        Tally sum = leader().meter().take();
        for (LoadLoop loop : loops.subList(1, loops.size())) {
            sum = sum.plus(loop.meter().take());
        }
        return sum;
    }

    /** The time that each thread has spent on a processor, in nanoseconds. */
    List<Long> cpuNs() {
        return threads.stream()
                .map(thread -> Math.max(0, times.getThreadCpuTime(thread.getId())))
                .toList();
    }

    /** Messages that have arrived or were found lost, as each thread told it at the end of its last turn. */
    long arrivedCount() {
        return loops.stream().mapToLong(loop -> loop.meter().toldArrivedCount()).sum();
    }

    /** Bytes that have arrived, likewise. */
    long arrivedBytes() {
        return loops.stream().mapToLong(loop -> loop.meter().toldBytes()).sum();
    }

    /** Of all threads; while they stand still. */
    List<Subscription> subscriptions() {
        List<Subscription> all = new ArrayList<>();
        loops.forEach(loop -> all.addAll(loop.subscriptions()));
        return all;
    }

    /** Why connections failed, and how many each. After the end. */
    Map<String, Integer> failures() {
        Map<String, Integer> all = new TreeMap<>();
        loops.forEach(loop -> loop.failures().forEach((reason, count) -> all.merge(reason, count, Integer::sum)));
        return all;
    }
}
