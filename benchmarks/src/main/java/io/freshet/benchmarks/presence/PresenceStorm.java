package io.freshet.benchmarks.presence;

import io.freshet.client.ClientConfig;
import io.freshet.client.ClientRuntime;
import io.freshet.client.FreshetClient;
import io.freshet.protocol.v1.PresenceUpdate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.agrona.concurrent.NanoClock;
import org.jspecify.annotations.Nullable;

/**
 * What presence costs a server when everybody of one group comes, and comes back, within a few seconds: users who are all in the group and all look at its first fifty
 * members. The same users without a word of presence are what to compare with.
 */
public final class PresenceStorm implements AutoCloseable {
    private static final String GROUP = "storm";
    private static final int WINDOW_COUNT = 50;
    private static final long STEP_NS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long PATIENCE_S = 120;

    private final Plan plan;
    private final NanoClock clock;
    private final ThreadTimes threads;
    private final ClientRuntime runtime = ClientRuntime.create(1);
    private final List<@Nullable FreshetClient> clients = new ArrayList<>();
    private final AtomicLong pushCount = new AtomicLong();
    private final AtomicLong pushBytes = new AtomicLong();
    private final AtomicLong failureCount = new AtomicLong();

    /**
     * What is to be done.
     *
     * @param config how a user connects; the token comes on top
     * @param pid the server's process on this machine, 0 when it is not known
     * @param spreadNs over which the users come
     * @param isPresent whether they say and ask anything of presence
     */
    public record Plan(
            Supplier<ClientConfig.Builder> config, long pid, int userCount, long spreadNs, boolean isPresent) {}

    /** One in which nobody has come yet. */
    public PresenceStorm(Plan plan, NanoClock clock) {
        this.plan = plan;
        this.clock = clock;
        threads = new ThreadTimes(plan.pid());
    }

    /** Has everybody come, stay for a while, and come back on new connections; returns when everybody has an answer. */
    public void run(Consumer<StormPhase> listener) throws InterruptedException {
        listener.accept(measured("all come", () -> spread(this::come)));
        listener.accept(measured("they stay", () -> pauseUntil(clock.nanoTime() + plan.spreadNs())));
        listener.accept(measured("all come back", () -> spread(this::comeBack)));
        listener.accept(measured("they stay", () -> pauseUntil(clock.nanoTime() + plan.spreadNs())));
    }

    private interface Part {
        void run() throws InterruptedException;
    }

    private StormPhase measured(String name, Part part) throws InterruptedException {
        Map<String, Long> before = threads.read();
        long pushesBefore = pushCount.get();
        long bytesBefore = pushBytes.get();
        long failuresBefore = failureCount.get();
        long beginNs = clock.nanoTime();
        part.run();
        long durationNs = clock.nanoTime() - beginNs;
        Map<String, Long> busyNs = new HashMap<>();
        threads.read().forEach((thread, ns) -> busyNs.put(thread, ns - before.getOrDefault(thread, 0L)));
        return new StormPhase(
                name,
                durationNs,
                pushCount.get() - pushesBefore,
                pushBytes.get() - bytesBefore,
                failureCount.get() - failuresBefore,
                busyNs);
    }

    /** Has each user take a step, evenly over the time that there is, and waits for all. */
    private void spread(IntFunction<CompletionStage<Boolean>> step) throws InterruptedException {
        long beginNs = clock.nanoTime();
        List<CompletableFuture<?>> all = new ArrayList<>();
        for (int i = 0; i < plan.userCount(); i++) {
            pauseUntil(beginNs + plan.spreadNs() * i / plan.userCount());
            all.add(step.apply(i)
                    .toCompletableFuture()
                    .handle((isThere, failure) -> failure == null || failureCount.incrementAndGet() > 0));
        }
        CompletableFuture.allOf(all.toArray(new CompletableFuture<?>[0]))
                .orTimeout(PATIENCE_S, TimeUnit.SECONDS)
                .join();
    }

    private void pauseUntil(long timeNs) throws InterruptedException {
        while (clock.nanoTime() - timeNs < 0) {
            LockSupport.parkNanos(Math.min(STEP_NS, timeNs - clock.nanoTime()));
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
        }
    }

    private CompletionStage<Boolean> come(int index) {
        ClientConfig config = plan.config()
                .get()
                .token("user-" + index)
                .connectTimeout(Duration.ofSeconds(30))
                .runtime(runtime)
                .build();
        return FreshetClient.connectAsync(config).thenCompose(client -> {
            put(index, client);
            return plan.isPresent() ? look(client) : CompletableFuture.completedStage(true);
        });
    }

    private CompletionStage<Boolean> look(FreshetClient client) {
        client.onPush(PresenceUpdate.getDefaultInstance(), update -> {
            pushCount.incrementAndGet();
            pushBytes.addAndGet(update.getSerializedSize());
        });
        return client.presence()
                .enter(Set.of(GROUP))
                .thenCompose(refused -> client.presence().watch(GROUP, 0, WINDOW_COUNT, Set.of(), view -> {}))
                .thenApply(watch -> true);
    }

    private CompletionStage<Boolean> comeBack(int index) {
        FreshetClient leaving = put(index, null);
        return leaving == null ? come(index) : leaving.closeAsync().thenCompose(closed -> come(index));
    }

    private @Nullable FreshetClient put(int index, @Nullable FreshetClient client) {
        synchronized (clients) {
            while (clients.size() <= index) {
                clients.add(null);
            }
            return clients.set(index, client);
        }
    }

    /** Has everybody go. */
    @Override
    public void close() {
        List<CompletableFuture<Void>> leaving = new ArrayList<>();
        synchronized (clients) {
            for (FreshetClient client : clients) {
                if (client != null) {
                    leaving.add(client.closeAsync().toCompletableFuture());
                }
            }
            clients.clear();
        }
        CompletableFuture.allOf(leaving.toArray(new CompletableFuture<?>[0]))
                .orTimeout(PATIENCE_S, TimeUnit.SECONDS)
                .handle((nothing, failure) -> failure == null) // who cannot say goodbye goes without
                .join();
        runtime.close();
    }
}
