package io.freshet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.log.StorageConfig;
import io.freshet.log.memory.MemoryDisk;
import io.freshet.log.memory.MemoryStorage;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

final class WarmUpTest {
    private static final byte[] TOKEN = {1, 2, 3};

    private final AtomicInteger askedCount = new AtomicInteger();

    private EngineConfig.Builder config() {
        return EngineConfig.builder()
                .storage(MemoryStorage.open(
                        new MemoryDisk(), StorageConfig.builder().shardCount(1).build()))
                .authenticator(credentials -> {
                    askedCount.incrementAndGet();
                    return Principal.SYSTEM;
                })
                .listen(Endpoint.tcp(0));
    }

    @Test
    void shouldLeaveNothingBehindInTheEngineThatItWarms() {
        try (FreshetEngine engine =
                FreshetEngine.start(config().warmUp(Duration.ofSeconds(20)).build())) {
            assertEquals(1, engine.metrics().sum("connections.accepted"), "the engine's own client");
            assertEquals(0, engine.metrics().sum("publishes.admitted"));
            assertEquals(0, engine.metrics().sum("channels.loaded"));
            assertEquals(0, askedCount.get(), "the application is not asked about it");
        }
    }

    @Test
    void shouldEndItsThreads() {
        Set<Thread> before = Thread.getAllStackTraces().keySet();
        EngineConfig config = config().warmUp(Duration.ofSeconds(20)).build();
        assertTrue(WarmUp.run(config, System::nanoTime, TOKEN) > 0);
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (thread.getName().startsWith("freshet-") && !before.contains(thread)) {
                assertTrue(
                        join(thread),
                        () -> thread.getName() + " still runs, beside "
                                + Thread.getAllStackTraces().keySet().stream()
                                        .map(Thread::getName)
                                        .collect(Collectors.joining(", ")));
            }
        }
    }

    private static boolean join(Thread thread) {
        try {
            thread.join(Duration.ofSeconds(20).toMillis());
            return !thread.isAlive();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void shouldEndAtItsLimit() {
        int[] looks = new int[1];
        EngineConfig limited = config().warmUp(Duration.ofSeconds(20)).build();
        WarmUp.run(limited, () -> looks[0]++ < 100 ? 0 : Duration.ofHours(1).toNanos(), TOKEN);
        assertTrue(looks[0] > 100 && looks[0] < 110, () -> "the clock was read " + looks[0] + " times");
    }

    @Test
    void shouldRefuseATimeOutsideItsRange() {
        for (Duration wrong : Set.of(Duration.ofMillis(-1), Duration.ofMinutes(2))) {
            IllegalArgumentException refusal = assertThrows(
                    IllegalArgumentException.class, () -> config().warmUp(wrong).build());
            assertTrue(String.valueOf(refusal.getMessage()).startsWith("warmUp is " + wrong), refusal::toString);
        }
    }
}
