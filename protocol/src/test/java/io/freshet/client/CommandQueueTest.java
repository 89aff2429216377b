package io.freshet.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FreshetException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class CommandQueueTest {
    private final FreshetException end = new FreshetException(ErrorCode.CLIENT_CLOSED, "of the test");

    @Test
    void shouldWakeTheClientOnceForManyCommands() {
        ManualTransport transport = new ManualTransport();
        AtomicInteger drainCount = new AtomicInteger();
        CommandQueue[] made = new CommandQueue[1];
        CommandQueue queue = new CommandQueue(8, transport, () -> {
            drainCount.incrementAndGet();
            made[0].drain(100);
        });
        made[0] = queue;
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            int number = i;
            queue.offer(new Request<Integer>(queue, request -> {
                order.add(number);
                request.succeed(number);
            }));
        }
        transport.run();
        assertEquals(1, drainCount.get());
        assertEquals(List.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9), order);
    }

    /** Many threads offer while the queue ends: each future completes, whichever side of the end it falls on. */
    @Test
    void shouldCompleteEveryFutureWhenItEndsWhileThreadsOffer() throws Exception {
        for (int round = 0; round < 200; round++) {
            offerWhileItEnds(3, 50);
        }
    }

    private void offerWhileItEnds(int threadCount, int commandCount) throws Exception {
        ThreadTransport transport = new ThreadTransport();
        CommandQueue[] made = new CommandQueue[1];
        AtomicBoolean isEnded = new AtomicBoolean();
        CommandQueue queue = new CommandQueue(10_000, transport, () -> {
            if (isEnded.get()) {
                made[0].end(end);
            } else {
                made[0].drain(7);
                made[0].wake();
            }
        });
        made[0] = queue;
        List<CompletableFuture<Integer>> futures = java.util.Collections.synchronizedList(new ArrayList<>());
        CountDownLatch offered = new CountDownLatch(threadCount);
        for (int i = 0; i < threadCount; i++) {
            new Thread(() -> {
                        for (int k = 0; k < commandCount; k++) {
                            Request<Integer> request = new Request<>(queue, each -> each.succeed(1));
                            futures.add(request);
                            queue.offer(request);
                        }
                        offered.countDown();
                    })
                    .start();
        }
        transport.execute(() -> {
            isEnded.set(true);
            queue.end(end);
            transport.stop();
        });
        assertTrue(offered.await(10, TimeUnit.SECONDS));
        transport.join();
        for (CompletableFuture<Integer> future : futures) {
            assertTrue(future.isDone(), "a future is not complete");
        }
        assertEquals(threadCount * commandCount, futures.size());
    }
}
