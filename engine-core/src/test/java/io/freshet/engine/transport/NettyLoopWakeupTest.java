package io.freshet.engine.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.freshet.engine.EngineConfig.SocketApi;
import io.freshet.engine.mailbox.Mailbox;
import io.freshet.engine.mailbox.ReactorProxy;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.uring.IoUring;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * An offer that falls between a look into the mailbox and the wait must end the wait. The loop waits for an hour, so a
 * single lost wake-up stops the exchange; the offers come one at a time, each at the moment when the loop has just drained its
 * mailbox and goes to wait.
 */
class NettyLoopWakeupTest {
    private static final int ROUNDS = 100_000;
    private static final long WAIT_NS = TimeUnit.HOURS.toNanos(1);

    @ParameterizedTest
    @EnumSource(names = {"EPOLL", "IO_URING", "NIO"})
    @Timeout(60)
    void shouldNeverLoseAWakeup(SocketApi socketApi) throws InterruptedException {
        assumeTrue(isAvailable(socketApi), socketApi + " cannot be used on this machine");
        Mailbox mailbox = new Mailbox(16, 16);
        NettyLoop loop = new NettyLoop(socketApi, mailbox::isEmpty, UnpooledByteBufAllocator.DEFAULT);
        ReactorProxy proxy = new ReactorProxy(mailbox, loop::wakeup);
        AtomicBoolean isStopped = new AtomicBoolean();
        CountDownLatch ended = new CountDownLatch(1);
        Thread reactor = new Thread(() -> {
            loop.claim();
            while (!isStopped.get()) {
                loop.poll(mailbox.isEmpty() ? WAIT_NS : 0);
                mailbox.drain(16);
            }
            loop.close();
            ended.countDown();
        });
        reactor.start();
        Semaphore answered = new Semaphore(0);
        AtomicInteger count = new AtomicInteger();

        for (int i = 0; i < ROUNDS; i++) {
            proxy.offerData(() -> {
                count.incrementAndGet();
                answered.release();
            });
            assertTrue(answered.tryAcquire(10, TimeUnit.SECONDS), "lost after " + i + " rounds");
            for (int spin = i % 64; spin > 0; spin--) {
                Thread.onSpinWait();
            }
        }

        assertEquals(ROUNDS, count.get());
        proxy.offerControl(() -> isStopped.set(true));
        assertTrue(ended.await(10, TimeUnit.SECONDS));
    }

    private static boolean isAvailable(SocketApi socketApi) {
        return switch (socketApi) {
            case EPOLL -> Epoll.isAvailable();
            case IO_URING -> IoUring.isAvailable();
            case NIO, AUTO -> true;
        };
    }
}
