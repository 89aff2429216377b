package io.freshet.engine;

import io.freshet.client.Channel;
import io.freshet.client.ClientConfig;
import io.freshet.client.Cursor;
import io.freshet.client.FreshetClient;
import io.freshet.client.Receipt;
import io.freshet.client.Subscription;
import io.freshet.log.StorageConfig;
import io.freshet.log.memory.MemoryDisk;
import io.freshet.log.memory.MemoryStorage;
import java.net.InetSocketAddress;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.agrona.concurrent.NanoClock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends messages through a scratch engine, so that the first duty cycles of the real one do not wait for classes, native
 * libraries and the compiler. The scratch engine has its own threads and metrics and a log in memory, and it listens on a
 * loopback port for one client, whose token nobody else knows; when this ends nothing is left of it. On the thread that starts
 * the engine, before that listens.
 */
final class WarmUp {
    private static final Logger LOG = LoggerFactory.getLogger(WarmUp.class);

    /** After so many rounds little is left to be gained (see ARCHITECTURE.md). */
    private static final int ROUND_COUNT = 24;

    /** Messages of a round that are published before somebody subscribes, and so are read from the log. */
    private static final int STORED_COUNT = 64;

    private static final int LIVE_COUNT = 192;
    private static final int PAYLOAD_LENGTH = 128;
    private static final Principal CLIENT = new Principal(1, "warm-up");
    private static final Duration CLOSE_TIMEOUT = Duration.ofMillis(100);

    private final NanoClock clock;
    private final long deadlineNs;
    private int roundCount;

    private WarmUp(NanoClock clock, long deadlineNs) {
        this.clock = clock;
        this.deadlineNs = deadlineNs;
    }

    /**
     * Runs for at most the time that the configuration allows, beside the start and the end of the scratch engine. One that
     * fails costs nothing but the warmth: the engine starts without.
     *
     * @param token a secret
     * @return how many rounds were finished in time
     */
    static int run(EngineConfig config, NanoClock clock, byte[] token) {
        WarmUp warmUp = new WarmUp(clock, clock.nanoTime() + config.warmUp().toNanos());
        try (FreshetEngine scratch = FreshetEngine.start(scratch(config, token))) {
            InetSocketAddress address = scratch.addresses().get(0);
            ClientConfig toScratch = ClientConfig.builder()
                    .server(address.getHostString(), address.getPort())
                    .token(token)
                    .reconnect(false)
                    .connectTimeout(config.warmUp())
                    .closeTimeout(CLOSE_TIMEOUT)
                    .build();
            try (FreshetClient client = FreshetClient.connect(toScratch)) {
                while (warmUp.roundCount < ROUND_COUNT && warmUp.leftNs() > 0) {
                    warmUp.round(client.channel("warm-up-" + warmUp.roundCount));
                }
            }
        } catch (TimeoutException e) {
            LOG.debug("the warm-up ended at its limit of {}", config.warmUp());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            LOG.warn("the warm-up failed; the first messages will be slower", e);
        }
        return warmUp.roundCount;
    }

    private static EngineConfig scratch(EngineConfig config, byte[] token) {
        MemoryStorage storage = MemoryStorage.open(
                new MemoryDisk(), StorageConfig.builder().shardCount(1).build());
        Timeouts real = config.timeouts();
        return EngineConfig.builder()
                .storage(storage)
                .listen(Endpoint.tcp(0))
                .reactors(1)
                .durability(config.durability())
                .socketApi(config.socketApi())
                .bufferAllocator(config.bufferAllocator())
                .timeouts(real.drain(CLOSE_TIMEOUT).idleSession(Duration.ZERO))
                .authenticator(credentials -> {
                    if (!MessageDigest.isEqual(token, credentials.token())) {
                        throw Authenticator.refused();
                    }
                    return CLIENT;
                })
                .build();
    }

    private long leftNs() {
        return deadlineNs - clock.nanoTime();
    }

    /** Publishes, reads what was published from the log, and gets what is published then. */
    private void round(Channel channel) throws InterruptedException, TimeoutException {
        publish(channel, STORED_COUNT);
        CountDownLatch missing = new CountDownLatch(STORED_COUNT + LIVE_COUNT);
        Subscription subscription = await(
                channel.subscribe(Cursor.first(), record -> missing.countDown()).toCompletableFuture());
        publish(channel, LIVE_COUNT);
        if (!missing.await(leftNs(), TimeUnit.NANOSECONDS)) {
            throw new TimeoutException();
        }
        await(channel.fetchBackward(LIVE_COUNT, STORED_COUNT).toCompletableFuture());
        await(subscription.closeAsync().toCompletableFuture());
        roundCount++;
    }

    private void publish(Channel channel, int count) throws InterruptedException, TimeoutException {
        CompletableFuture<?>[] receipts = new CompletableFuture<?>[count];
        for (int i = 0; i < count; i++) {
            CompletableFuture<Receipt> receipt =
                    channel.publish(new byte[PAYLOAD_LENGTH]).toCompletableFuture();
            receipts[i] = receipt;
            if (i % 4 == 0) {
                await(receipt); // alone in its cycle, as most are
            }
        }
        await(CompletableFuture.allOf(receipts));
    }

    private <T> T await(CompletableFuture<T> answer) throws InterruptedException, TimeoutException {
        try {
            return answer.get(Math.max(0, leftNs()), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            throw new CompletionException(e.getCause());
        }
    }
}
