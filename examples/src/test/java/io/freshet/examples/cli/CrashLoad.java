package io.freshet.examples.cli;

import io.freshet.client.Channel;
import io.freshet.client.ClientConfig;
import io.freshet.client.FreshetClient;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Semaphore;

/**
 * Publishers, each a client and a thread, that go on through every death of the server: each keeps a window of messages
 * without an answer, and its client reconnects and repeats by itself.
 */
final class CrashLoad implements AutoCloseable {
    static final int PUBLISHER_COUNT = 4;
    static final List<String> CHANNELS = List.of("lobby", "kitchen", "attic");

    private static final int WINDOW_COUNT = 32;
    private static final int MAX_PADDING_LENGTH = 2_000;
    private static final int HEAD_LENGTH = 3 * Integer.BYTES;
    private static final int UNLIMITED = Integer.MAX_VALUE / 2;

    private final CrashLedger ledger = new CrashLedger(PUBLISHER_COUNT, CHANNELS.size());
    private final List<FreshetClient> clients = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private final Semaphore allowed = new Semaphore(UNLIMITED);
    private volatile boolean isStopping;

    /** Connects to a server on the loopback address and begins. */
    CrashLoad(int port, long seed) {
        for (int publisher = 0; publisher < PUBLISHER_COUNT; publisher++) {
            int number = publisher;
            FreshetClient client =
                    FreshetClient.connect(config(port).token("p" + publisher).build());
            clients.add(client);
            threads.add(new Thread(() -> publish(client, number, new Random(seed + number)), "publisher-" + number));
        }
        threads.forEach(Thread::start);
    }

    static ClientConfig.Builder config(int port) {
        return ClientConfig.builder().server("127.0.0.1", port).backOff(Duration.ofMillis(20), Duration.ofMillis(100));
    }

    CrashLedger ledger() {
        return ledger;
    }

    /** Lets all publishers together publish so many messages from now on, as fast as they can, and then wait; as many as they like before. */
    void allow(int messageCount) {
        allowed.drainPermits();
        allowed.release(messageCount);
    }

    private void publish(FreshetClient client, int publisher, Random random) {
        Semaphore room = new Semaphore(WINDOW_COUNT);
        List<Channel> channels = CHANNELS.stream().map(client::channel).toList();
        try {
            while (!isStopping) {
                allowed.acquire();
                room.acquire();
                int channel = random.nextInt(channels.size());
                int number = ledger.publishing(publisher, channel);
                byte[] payload = payload(publisher, channel, number, random.nextInt(MAX_PADDING_LENGTH));
                channels.get(channel).publish(payload).whenComplete((receipt, problem) -> {
                    ledger.answered(publisher, channel, number, receipt, problem);
                    room.release();
                });
            }
            room.acquire(WINDOW_COUNT);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static byte[] payload(int publisher, int channel, int number, int paddingLength) {
        byte[] payload = new byte[HEAD_LENGTH + paddingLength];
        ByteBuffer.wrap(payload).putInt(publisher).putInt(channel).putInt(number);
        for (int i = HEAD_LENGTH; i < payload.length; i++) {
            payload[i] = padding(publisher, number, i);
        }
        return payload;
    }

    private static byte padding(int publisher, int number, int i) {
        return (byte) (publisher * 31 + number * 7 + i);
    }

    /** Whether every byte after the head of a message is what its publisher put there. */
    static boolean isWhole(ByteBuffer payload, int publisher, int number) {
        for (int i = HEAD_LENGTH; i < payload.limit(); i++) {
            if (payload.get(i) != padding(publisher, number, i)) {
                return false;
            }
        }
        return true;
    }

    /** Lets every message that is under way be answered, and ends the publishers; the server must run. */
    void finish() throws InterruptedException {
        isStopping = true;
        allowed.release(PUBLISHER_COUNT);
        for (Thread thread : threads) {
            thread.join();
        }
    }

    @Override
    public void close() {
        isStopping = true;
        threads.forEach(Thread::interrupt);
        clients.forEach(client -> client.closeAsync());
    }
}
