package io.freshet.examples.demo;

import io.freshet.client.ClientConfig;
import io.freshet.client.ClientRuntime;
import io.freshet.client.Cursor;
import io.freshet.client.FreshetClient;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Speakers and listeners against one server, each over a connection of its own. Owned by the thread that made it.
 * {@link #status} and {@link #summary} say how it goes in one line.
 */
public final class Demo implements AutoCloseable {
    private static final int CONNECTING_AT_ONCE_COUNT = 64;
    private static final long DRAIN_TIMEOUT_NS = 10_000_000_000L;
    private static final long DRAIN_POLL_NS = 5_000_000;

    private final LongSupplier clockNs = System::nanoTime;
    private final Measurements measurements = new Measurements();
    private final List<FreshetClient> clients = new ArrayList<>();
    private final List<Speaker> speakers = new ArrayList<>();
    private final List<Listener> listeners = new ArrayList<>();
    private final StatusLine statusLine = new StatusLine(measurements);
    private final ClientRuntime runtime;
    private final InetSocketAddress server;
    private final DemoOptions options;
    private volatile @Nullable Throwable failure;
    private @Nullable Pacer pacer;
    private @Nullable Thread pacerThread;

    private Demo(InetSocketAddress server, DemoOptions options) {
        this.server = server;
        this.options = options;
        this.runtime = ClientRuntime.create(Math.max(1, Runtime.getRuntime().availableProcessors() / 2));
    }

    /** Connects everybody and lets them speak what the chatter says. */
    public static Demo start(InetSocketAddress server, DemoOptions options, Chatter chatter, RandomGenerator random)
            throws InterruptedException, ExecutionException {
        Demo demo = new Demo(server, options);
        try {
            demo.connectSpeakers();
            demo.connectListeners();
        } catch (InterruptedException | ExecutionException | RuntimeException e) {
            demo.close();
            throw e;
        }
        demo.speak(chatter, random);
        return demo;
    }

    private void connectSpeakers() throws InterruptedException, ExecutionException {
        for (FreshetClient client : connect("speaker", options.speakerCount())) {
            speakers.add(
                    new Speaker(client, options.channelName(speakers.size()), measurements, cause -> failure = cause));
        }
    }

    private void connectListeners() throws InterruptedException, ExecutionException {
        List<CompletableFuture<?>> subscribed = new ArrayList<>();
        for (FreshetClient client : connect("listener", options.listenerCount())) {
            Listener listener = new Listener(options.channelName(listeners.size()), speakers, measurements, clockNs);
            listeners.add(listener);
            subscribed.add(client.channel(listener.channelName())
                    .subscribe(Cursor.live(), listener)
                    .toCompletableFuture());
        }
        CompletableFuture.allOf(subscribed.toArray(CompletableFuture<?>[]::new)).get();
    }

    /** Connects this many clients, a bounded number at a time. */
    private List<FreshetClient> connect(String role, int count) throws InterruptedException, ExecutionException {
        List<FreshetClient> connected = new ArrayList<>();
        List<CompletableFuture<FreshetClient>> connecting = new ArrayList<>();
        for (int i = 1; i <= count; i++) {
            ClientConfig config = ClientConfig.builder()
                    .server(server.getHostString(), server.getPort())
                    .token(role + "-" + i)
                    .clientName("freshet-demo")
                    .runtime(runtime)
                    .build();
            connecting.add(FreshetClient.connectAsync(config).toCompletableFuture());
            if (connecting.size() == CONNECTING_AT_ONCE_COUNT || i == count) {
                for (CompletableFuture<FreshetClient> each : connecting) {
                    connected.add(each.get());
                    clients.add(connected.get(connected.size() - 1));
                }
                connecting.clear();
            }
        }
        return connected;
    }

    private void speak(Chatter chatter, RandomGenerator random) {
        pacer = new Pacer(speakers, options.messagesPerSecond(), chatter, random, clockNs);
        pacerThread = new Thread(pacer, "freshet-demo-pacer");
        pacerThread.setDaemon(true);
        pacerThread.start();
        statusLine.begin(clockNs.getAsLong());
    }

    /** What went wrong, or null. */
    public @Nullable Throwable failure() {
        return failure;
    }

    /** Rates and latencies since the last call, in one line. */
    public String status() {
        return statusLine.interval(clients.size(), clockNs.getAsLong());
    }

    /** Rates and latencies of the whole demo, in one line. */
    public String summary() {
        return statusLine.whole(clockNs.getAsLong());
    }

    /**
     * Ends the speaking and waits until everything said is acknowledged and heard.
     *
     * @return whether every listener heard every message once, in order
     */
    public boolean finish() throws InterruptedException {
        stopSpeaking();
        long deadlineNs = clockNs.getAsLong() + DRAIN_TIMEOUT_NS;
        while (!isDrained() && clockNs.getAsLong() - deadlineNs < 0 && failure == null) {
            LockSupport.parkNanos(DRAIN_POLL_NS);
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
        }
        return failure == null && isDrained() && listeners.stream().allMatch(Listener::isWhole);
    }

    private boolean isDrained() {
        return speakers.stream().allMatch(Speaker::isAnswered)
                && listeners.stream()
                        .allMatch(listener -> speakers.stream()
                                .filter(speaker -> speaker.channelName().equals(listener.channelName()))
                                .allMatch(speaker -> listener.lastSequence() >= speaker.lastSequence()));
    }

    private void stopSpeaking() throws InterruptedException {
        if (pacer != null && pacerThread != null) {
            pacer.stop();
            pacerThread.join();
        }
    }

    /** Stops speaking and closes every connection. */
    @Override
    public void close() {
        try {
            stopSpeaking();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        CompletableFuture.allOf(clients.stream()
                        .map(client -> client.closeAsync().toCompletableFuture())
                        .toArray(CompletableFuture<?>[]::new))
                .join();
        runtime.close();
    }
}
