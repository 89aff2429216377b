package io.freshet.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FrameType;
import io.freshet.protocol.FreshetException;
import io.freshet.protocol.v1.Open;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/** A client on a {@link ManualTransport}, and what it has told so far. */
final class Fixture implements ConnectionListener {
    static final long SEED = 42;

    final ManualTransport transport = new ManualTransport();
    final List<String> events = new ArrayList<>();
    /** Why connections ended, in words. */
    final List<String> causes = new ArrayList<>();

    final CompletableFuture<FreshetClient> connecting;
    private int instance;

    Fixture() {
        this(config -> config);
    }

    Fixture(UnaryOperator<ClientConfig.Builder> settings) {
        ClientConfig config = settings.apply(ClientConfig.builder()
                        .token("secret")
                        .clientName("test")
                        .connectTimeout(Duration.ofSeconds(10))
                        .closeTimeout(Duration.ofSeconds(5))
                        .backOff(Duration.ofMillis(100), Duration.ofSeconds(10))
                        .random(new SplittableRandom(SEED))
                        .listener(this))
                .build();
        connecting = FreshetClient.connectAsync(config, transport).toCompletableFuture();
        transport.run();
    }

    /** A fixture whose client is welcomed. */
    static Fixture welcomed() {
        Fixture fixture = new Fixture();
        fixture.instance = fixture.server().welcomes().getInstance();
        return fixture;
    }

    static Fixture welcomed(UnaryOperator<ClientConfig.Builder> settings) {
        Fixture fixture = new Fixture(settings);
        fixture.instance = fixture.server().welcomes().getInstance();
        return fixture;
    }

    ScriptedServer server() {
        return transport.server();
    }

    FreshetClient client() {
        return connecting.join();
    }

    Channel channel() {
        return client().channel("a");
    }

    int instance() {
        return instance;
    }

    /** Loses the connection, and gets the next one welcomed. */
    ScriptedServer reconnect() {
        server().drop();
        return nextWelcome();
    }

    ScriptedServer nextWelcome() {
        int count = transport.connections.size();
        passMs(10_000);
        assertTrue(transport.connections.size() > count, "the client has not connected again");
        assertEquals(instance, server().welcomes().getInstance());
        return server();
    }

    /** Reconnects, and returns the cursor with which the client then opens its channel. */
    io.freshet.protocol.v1.Cursor reconnectedCursor() {
        return reconnect().expect(FrameType.OPEN, Open.parser()).getCursor();
    }

    void passMs(long deltaMs) {
        transport.advance(TimeUnit.MILLISECONDS.toNanos(deltaMs));
    }

    /** Publishes to channel a, and lets the client work. */
    CompletableFuture<Receipt> publish(String text) {
        CompletableFuture<Receipt> receipt = channel().publish(text).toCompletableFuture();
        transport.run();
        return receipt;
    }

    /** Subscribes to channel a; what the handler is told goes to {@link #events}. */
    CompletableFuture<Subscription> subscribe(Cursor from) {
        CompletableFuture<Subscription> subscription =
                channel().subscribe(from, recorder()).toCompletableFuture();
        transport.run();
        return subscription;
    }

    /** {@link #subscribe}, for tests that do not look at the subscription. */
    void follow(Cursor from) {
        assertFalse(subscribe(from).isCompletedExceptionally());
    }

    RecordHandler recorder() {
        return new RecordHandler() {
            @Override
            public void onRecord(ReceivedRecord record) {
                events.add(record.sequence() + " " + record.text());
            }

            @Override
            public void onGap(long firstSequence, long count, GapReason reason) {
                events.add("gap " + firstSequence + " " + count + " " + reason);
            }

            @Override
            public void onRewind(int epoch, long validUpTo) {
                events.add("rewind " + epoch + " " + validUpTo);
            }

            @Override
            public void onEnd(FreshetException cause) {
                events.add("end " + cause.code());
            }
        };
    }

    void expectEvents(String... expected) {
        assertEquals(List.of(expected), events);
        events.clear();
    }

    @Override
    public void onConnected() {
        events.add("connected");
    }

    @Override
    public void onDisconnected(FreshetException cause, boolean willReconnect) {
        events.add("disconnected " + cause.code() + " " + willReconnect);
        causes.add(String.valueOf(cause.getMessage()));
    }

    /** Closes the client without waiting, and checks that nothing is left of it. */
    void end() {
        if (connecting.isDone() && !connecting.isCompletedExceptionally()) {
            CompletableFuture<Void> closed = client().closeAsync().toCompletableFuture();
            passMs(6_000);
            assertTrue(closed.isDone(), "close has not completed");
        }
        passMs(20_000);
        assertTrue(transport.isClosed(), "the transport was not closed");
        assertEquals(0, transport.timerCount(), "timers are left");
        assertEquals(0, transport.usedBytes(), "bytes of buffers are left");
    }

    /** The failure of a stage that has one. */
    static FreshetException failure(CompletionStage<?> stage) {
        CompletableFuture<?> future = stage.toCompletableFuture();
        assertTrue(future.isDone(), "not complete");
        try {
            Object value = future.join();
            throw new AssertionError("succeeded with " + value);
        } catch (CompletionException e) {
            return (FreshetException) Objects.requireNonNull(e.getCause());
        }
    }

    static void assertFailed(ErrorCode code, CompletionStage<?> stage) {
        assertEquals(code, failure(stage).code());
    }
}
