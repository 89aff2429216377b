package io.freshet.engine;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.freshet.client.Channel;
import io.freshet.client.ClientConfig;
import io.freshet.client.Cursor;
import io.freshet.client.FreshetClient;
import io.freshet.client.SignalHandler;
import io.freshet.client.SignalState;
import io.freshet.client.Signals;
import io.freshet.client.Subscription;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FrameType;
import io.freshet.protocol.FreshetException;
import io.freshet.protocol.SignalFrame;
import io.freshet.protocol.v1.Count;
import io.freshet.protocol.v1.Error;
import io.freshet.protocol.v1.Ping;
import io.freshet.protocol.v1.Pong;
import io.freshet.protocol.v1.Said;
import io.freshet.protocol.v1.Signal;
import io.freshet.protocol.v1.Welcome;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Over real sockets, with one reactor and with two: what is said and not kept reaches everybody who watches, summed. */
@Timeout(60)
class SignalsTest {
    private static final String SHOW = "show";
    private static final long VIEWER = 100;

    @TempDir
    private Path directory;

    private final AtomicLong forbidden = new AtomicLong();
    private final List<FreshetClient> clients = new ArrayList<>();

    /** Started by each test. */
    @SuppressWarnings("NullAway.Init")
    private FreshetEngine engine;

    private void start(int reactorCount) {
        engine = FreshetEngine.start(EngineConfig.builder()
                .dataDirectory(directory.resolve("data"))
                .listen(Endpoint.tcp(0))
                .reactors(reactorCount)
                .authenticator(credentials -> {
                    String name = new String(credentials.token(), UTF_8);
                    return new Principal(Long.parseLong(name), "user-" + name);
                })
                .accessPolicy((principal, channel, exists) -> access(principal))
                .build());
    }

    private Access access(Principal principal) {
        return forbidden.get() == principal.id() ? Access.NONE : principal.id() == VIEWER ? Access.READ : Access.ALL;
    }

    private FreshetClient client(long principal) {
        InetSocketAddress address = engine.addresses().get(0);
        FreshetClient client = FreshetClient.connect(ClientConfig.builder()
                .server(address.getHostString(), address.getPort())
                .token(Long.toString(principal))
                .build());
        clients.add(client);
        return client;
    }

    @AfterEach
    void close() {
        clients.forEach(FreshetClient::close);
        if (engine != null) {
            engine.close();
        }
    }

    /** Keeps what it is told. */
    private static final class Watcher implements SignalHandler {
        final BlockingQueue<SignalState> states = new LinkedBlockingQueue<>();
        final BlockingQueue<String> said = new LinkedBlockingQueue<>();
        final BlockingQueue<FreshetException> refused = new LinkedBlockingQueue<>();
        final BlockingQueue<FreshetException> ended = new LinkedBlockingQueue<>();

        @Override
        public void onState(SignalState state) {
            states.add(state);
        }

        @Override
        public void onSaid(long sender, int kind, byte[] body) {
            said.add(sender + " " + kind + " " + new String(body, UTF_8));
        }

        @Override
        public void onRefused(FreshetException cause) {
            refused.add(cause);
        }

        @Override
        public void onEnd(FreshetException cause) {
            ended.add(cause);
        }

        SignalState until(Predicate<SignalState> condition) throws InterruptedException {
            SignalState state;
            do {
                state = states.poll(20, TimeUnit.SECONDS);
                assertTrue(state != null, "what was waited for has not come");
            } while (!condition.test(state));
            return state;
        }
    }

    private static Watcher watch(Signals signals) {
        Watcher watcher = new Watcher();
        signals.watch(watcher).toCompletableFuture().join();
        return watcher;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void shouldTellEverybodyTheSameTotalOfWhatManyCount(int reactorCount) throws InterruptedException {
        start(reactorCount);
        List<Signals> all = new ArrayList<>();
        List<Watcher> watchers = new ArrayList<>();
        for (int i = 1; i <= 6; i++) {
            all.add(client(i).channel(SHOW).signals());
            watchers.add(watch(all.get(i - 1)));
        }
        for (int round = 0; round < 1000; round++) {
            for (Signals signals : all) {
                signals.count("hearts", 3);
            }
            all.get(0).count("claps", 1);
        }
        for (Watcher watcher : watchers) {
            long[] last = {0};
            watcher.until(state -> {
                assertTrue(state.total("hearts") >= last[0], "a total never falls");
                last[0] = state.total("hearts");
                return last[0] == 18_000 && state.total("claps") == 1000;
            });
        }
        assertTrue(engine.metrics().sum("signal.frames") < 200, "one total a tick, not one a heart");
        assertEquals(19_000, engine.metrics().sum("signal.increments"));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void shouldSayWhoIsWritingAndHowManyThereAre(int reactorCount) throws InterruptedException {
        start(reactorCount);
        Signals reading = client(1).channel(SHOW).signals();
        Watcher watcher = watch(reading);
        Channel channel = client(2).channel(SHOW);
        Subscription subscription = channel.subscribe(Cursor.live(), record -> {})
                .toCompletableFuture()
                .join();
        watcher.until(state -> state.occupancy() == 1);
        channel.signals().typing(true);
        SignalState state = watcher.until(each -> each.typistCount() == 1);
        assertEquals(List.of(2L), state.typists());
        channel.signals().typing(false);
        watcher.until(each -> each.typistCount() == 0);

        channel.signals().typing(true);
        watcher.until(each -> each.typistCount() == 1);
        subscription.close();
        watcher.until(each -> each.typistCount() == 0 && each.occupancy() == 0);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void shouldHandOnWhatApplicationsSay(int reactorCount) throws InterruptedException {
        start(reactorCount);
        Watcher watcher = watch(client(1).channel(SHOW).signals());
        client(2).channel(SHOW).signals().say(7, "hello".getBytes(UTF_8));
        assertEquals("2 7 hello", watcher.said.poll(20, TimeUnit.SECONDS));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void shouldKeepWhatWasCountedWhenTheServerEndsInOrder(int reactorCount) throws InterruptedException {
        start(reactorCount);
        client(1).channel(SHOW).signals().count("hearts", 40);
        client(2).channel(SHOW).signals().count("hearts", 2);
        clients.forEach(FreshetClient::close);
        clients.clear();
        engine.close();

        start(reactorCount);
        Watcher watcher = watch(client(3).channel(SHOW).signals());
        assertEquals(42, watcher.until(state -> state.total("hearts") > 0).total("hearts"));
        client(1).channel(SHOW).signals().count("hearts", 1);
        watcher.until(state -> state.total("hearts") == 43);
    }

    @Test
    void shouldLetViewersAddToCountersThatAreThereAndMakeNone() throws InterruptedException {
        start(2);
        client(1).channel(SHOW).open().toCompletableFuture().join();
        Signals viewer = client(VIEWER).channel(SHOW).signals();
        Watcher watcher = watch(viewer);
        viewer.count("hearts", 5);
        client(1).channel(SHOW).signals().count("claps", 1);
        watcher.until(state -> state.total("claps") == 1);
        viewer.count("claps", 2);
        assertEquals(
                0, watcher.until(state -> state.total("claps") == 3).total("hearts"), "no counter of a viewer's own");
        viewer.typing(true);
        assertEquals(
                ErrorCode.FORBIDDEN,
                Objects.requireNonNull(watcher.refused.poll(20, TimeUnit.SECONDS))
                        .code());
    }

    @Test
    void shouldTellNothingMoreOnceTheRightIsTakenBack() throws InterruptedException {
        start(2);
        Watcher watcher = watch(client(1).channel(SHOW).signals());
        Signals other = client(2).channel(SHOW).signals();
        Watcher staying = watch(other);
        forbidden.set(1L);
        engine.revoke(1, SHOW).toCompletableFuture().join();
        int toldCount = watcher.states.size();
        other.count("hearts", 1);
        staying.until(state -> state.total("hearts") == 1);
        assertEquals(
                ErrorCode.REVOKED,
                Objects.requireNonNull(watcher.ended.poll(20, TimeUnit.SECONDS)).code());
        assertTrue(watcher.states.stream().noneMatch(state -> state.total("hearts") > 0), "told of what came after");
        assertTrue(watcher.states.size() <= toldCount);
        assertEquals(1, engine.metrics().sum("signal.watchers"));
    }

    @Test
    void shouldRefuseEachBadSignalWithItsCodeAndGoOn() throws IOException {
        start(1);
        try (RawConnection raw = new RawConnection(engine)) {
            raw.hello();
            raw.send(
                    FrameType.CONNECT,
                    RawConnection.connectFrame()
                            .setToken(ByteString.copyFromUtf8("1"))
                            .build());
            raw.read(FrameType.WELCOME, Welcome.parser());
            Signal.Builder typing = Signal.newBuilder().setTyping(true);
            assertRefused(raw, typing.setChannel(1).build(), ErrorCode.NOT_OPEN);
            long channel = raw.open(SHOW).getChannel();
            Signal none = Signal.newBuilder().setChannel(channel).build();
            assertRefused(raw, none, ErrorCode.INVALID_ARGUMENT);
            assertRefused(raw, count(none, "hearts", 0), ErrorCode.INVALID_ARGUMENT);
            assertRefused(raw, count(none, "hearts", SignalFrame.MAX_MORE + 1), ErrorCode.INVALID_ARGUMENT);
            assertRefused(raw, count(none, "hearts", -1), ErrorCode.INVALID_ARGUMENT);
            assertRefused(raw, count(none, "", 1), ErrorCode.INVALID_ARGUMENT);
            assertRefused(raw, count(none, "h".repeat(33), 1), ErrorCode.INVALID_ARGUMENT);
            assertRefused(raw, count(none, "h\u0000", 1), ErrorCode.INVALID_ARGUMENT);
            Said.Builder tooLong = Said.newBuilder().setBody(ByteString.copyFrom(new byte[257]));
            assertRefused(raw, none.toBuilder().addSaid(tooLong).build(), ErrorCode.INVALID_ARGUMENT);
            Signal.Builder many = none.toBuilder();
            for (int i = 0; i < 17; i++) {
                many.addCounts(Count.newBuilder().setName("c" + i).setMore(1));
            }
            assertRefused(raw, many.build(), ErrorCode.INVALID_ARGUMENT);
            Signal all = many.removeCounts(16).build();
            assertRefused(raw, all.toBuilder().addSaid(tooLong).build(), ErrorCode.INVALID_ARGUMENT);
            assertRefused(
                    raw,
                    all.toBuilder()
                            .setCounts(15, Count.newBuilder().setName("h\u0000").setMore(1))
                            .build(),
                    ErrorCode.INVALID_ARGUMENT);
            raw.send(FrameType.SIGNAL, none.toBuilder().setWatch(true).build());
            assertEquals(0, raw.read(FrameType.SIGNAL, Signal.parser()).getCountsCount(), "nothing of those was taken");
            raw.send(FrameType.SIGNAL, all);
            assertRefused(raw, count(none, "one-more", 1), ErrorCode.TOO_MANY_COUNTERS);
            while (raw.read(FrameType.SIGNAL, Signal.parser()).getCountsCount() < 16) {
                // until the tick is over
            }
            assertRefused(raw, count(none, "one-more", 1), ErrorCode.TOO_MANY_COUNTERS);
            raw.send(FrameType.PING, Ping.getDefaultInstance());
            raw.read(FrameType.PONG, Pong.parser());
        }
    }

    private static Signal count(Signal none, String name, long more) {
        return none.toBuilder()
                .addCounts(Count.newBuilder().setName(name).setMore(more))
                .build();
    }

    private static void assertRefused(RawConnection raw, Signal signal, ErrorCode code) throws IOException {
        raw.send(FrameType.SIGNAL, signal);
        Error error = raw.readError();
        assertEquals(code.number(), error.getCode(), signal::toString);
        assertTrue(error.getSignal());
        assertEquals(signal.getChannel(), error.getChannel());
    }

    @Test
    void shouldTellWhoSignalsTooFastWhenToComeAgain() throws IOException {
        start(1);
        try (RawConnection raw = new RawConnection(engine)) {
            raw.hello();
            raw.send(
                    FrameType.CONNECT,
                    RawConnection.connectFrame()
                            .setToken(ByteString.copyFromUtf8("1"))
                            .build());
            raw.read(FrameType.WELCOME, Welcome.parser());
            long channel = raw.open(SHOW).getChannel();
            Signal one = count(Signal.newBuilder().setChannel(channel).build(), "hearts", 1);
            for (int i = 0; i < 1000; i++) {
                raw.send(FrameType.SIGNAL, one);
            }
            Error error = raw.readError();
            assertEquals(ErrorCode.SIGNAL_RATE.number(), error.getCode());
            assertTrue(error.getSignal() && error.getRetryAfterMs() > 0);
            raw.send(FrameType.PING, Ping.newBuilder().setToken(5).build());
            RawConnection.Frame frame = raw.read();
            int toldCount = 0;
            while (frame.type() == FrameType.ERROR) {
                toldCount++;
                frame = raw.read();
            }
            assertEquals(FrameType.PONG, frame.type());
            assertTrue(toldCount < 100, "one answer a tick, not one a signal");
            assertTrue(engine.metrics().sum("signals.refused") >= 500);
        }
    }
}
