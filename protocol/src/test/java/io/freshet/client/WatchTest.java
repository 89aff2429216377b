package io.freshet.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FrameType;
import io.freshet.protocol.FreshetException;
import io.freshet.protocol.v1.Error;
import io.freshet.protocol.v1.Open;
import io.freshet.protocol.v1.Opened;
import io.freshet.protocol.v1.Signal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Phaser;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who watches a channel is told of it, also by a server that has not heard everything. */
@Timeout(60)
class WatchTest {
    private Fixture fixture = Fixture.welcomed();
    private final List<String> told = new ArrayList<>();

    /** Notes what it is told. */
    private final SignalHandler handler = new SignalHandler() {
        @Override
        public void onState(SignalState state) {
            told.add("occupancy " + state.occupancy());
        }

        @Override
        public void onRefused(FreshetException cause) {
            told.add("refused " + cause.code());
        }

        @Override
        public void onEnd(FreshetException cause) {
            told.add("end " + cause.code());
        }
    };

    @AfterEach
    void end() {
        fixture.end();
    }

    private ScriptedServer server() {
        return fixture.server();
    }

    private CompletableFuture<Void> watch(Channel channel) {
        CompletableFuture<Void> begun = channel.signals().watch(handler).toCompletableFuture();
        fixture.transport.run();
        return begun;
    }

    private Signal expectSignal() {
        return server().expect(FrameType.SIGNAL, Signal.parser());
    }

    private void tell(long channel, int occupancy) {
        server().send(
                        FrameType.SIGNAL,
                        Signal.newBuilder()
                                .setChannel(channel)
                                .setOccupancy(occupancy)
                                .build());
    }

    private void refuse(long channel, ErrorCode code, int retryAfterMs) {
        server().send(
                        FrameType.ERROR,
                        Error.newBuilder()
                                .setCode(code.number())
                                .setChannel(channel)
                                .setSignal(true)
                                .setRetryAfterMs(retryAfterMs)
                                .build());
    }

    /** Opens every channel, and hears so many watches of those that come; of the others the first is told. */
    private int serve(int heardCount, Map<String, Integer> ids) {
        int watchCount = 0;
        ScriptedServer.Received frame;
        while ((frame = server().poll()) != null) {
            if (frame.type() == FrameType.OPEN) {
                Open open = frame.as(Open.parser());
                int id = ids.computeIfAbsent(open.getName(), name -> ids.size() + 1);
                server().send(
                                FrameType.OPENED,
                                Opened.newBuilder()
                                        .setRequest(open.getRequest())
                                        .setChannel(id)
                                        .setName(open.getName())
                                        .setEpoch(1)
                                        .setFirst(1)
                                        .setMaySubscribe(true)
                                        .build());
            } else {
                Signal signal = frame.as(Signal.parser());
                assertTrue(signal.getWatch());
                watchCount++;
                if (watchCount <= heardCount) {
                    tell(signal.getChannel(), 1);
                } else if (watchCount == heardCount + 1) {
                    refuse(signal.getChannel(), ErrorCode.SIGNAL_RATE, 10);
                }
            }
        }
        return watchCount;
    }

    @Test
    void shouldAskAgainForEachWatchThatTheServerHasNotHeard() {
        fixture.end();
        fixture = new Fixture();
        server().welcomes(welcome -> welcome.setMaxOpenChannels(1000));
        Map<String, Integer> ids = new HashMap<>();
        List<CompletableFuture<Void>> begun = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            begun.add(watch(fixture.client().channel("c" + i)));
        }
        assertEquals(300, serve(200, ids));
        assertEquals(200, begun.stream().filter(CompletableFuture::isDone).count());
        fixture.passMs(10);
        assertEquals(1, serve(1, ids), "the one that was told comes when it may");
        fixture.passMs(990);
        assertEquals(99, serve(99, ids));
        assertTrue(begun.stream().allMatch(CompletableFuture::isDone));
        fixture.passMs(10_000);
        server().expectNothing();

        told.clear();
        server().drop();
        fixture.passMs(10_000);
        server().welcomes(welcome -> welcome.setMaxOpenChannels(1000));
        assertEquals(300, serve(200, ids));
        fixture.passMs(1000);
        assertEquals(100, serve(100, ids));
        assertEquals(300, told.stream().filter("occupancy 1"::equals).count(), "each is told on the new session");
        fixture.passMs(10_000);
        server().expectNothing();
    }

    @Test
    void shouldKeepTheWatchOfAReaderWhoMayNotWrite() {
        CompletableFuture<Void> begun = watch(fixture.channel());
        fixture.channel().signals().typing(true);
        fixture.transport.run();
        server().opens(5, opened -> opened.setMayPublish(false));
        Signal watch = expectSignal();
        assertTrue(watch.getWatch());
        assertFalse(watch.hasTyping(), "in a frame of its own");
        assertTrue(expectSignal().getTyping());
        refuse(5, ErrorCode.FORBIDDEN, 0);
        fixture.transport.run();
        assertFalse(begun.isDone());
        tell(5, 1);
        tell(5, 2);
        fixture.transport.run();
        assertTrue(begun.isDone() && !begun.isCompletedExceptionally());
        assertEquals(List.of("refused FORBIDDEN", "occupancy 1", "occupancy 2"), told);
    }

    @Test
    void shouldEndTheWatchOfWhoMayNotRead() {
        CompletableFuture<Void> begun = watch(fixture.channel());
        server().opens(5, opened -> opened.setMaySubscribe(false));
        assertTrue(expectSignal().getWatch());
        refuse(5, ErrorCode.FORBIDDEN, 0);
        fixture.transport.run();
        Fixture.assertFailed(ErrorCode.FORBIDDEN, begun);
        fixture.passMs(5000);
        server().expectNothing();
        assertEquals(List.of(), told);
    }

    @Test
    void shouldSayOnceThatItWatchesNoMore() {
        CompletableFuture<Void> begun = watch(fixture.channel());
        server().opens(5);
        assertTrue(expectSignal().getWatch());
        fixture.channel().signals().unwatch();
        Signal enough = expectSignal();
        assertTrue(enough.hasWatch() && !enough.getWatch());
        Fixture.assertFailed(ErrorCode.CLIENT_CLOSED, begun);
        tell(5, 1);
        fixture.passMs(5000);
        server().expectNothing();
        assertEquals(List.of(), told);
    }

    @Test
    void shouldNotLoseThatSomebodyHasStoppedWriting() throws InterruptedException {
        SignalOutbox outbox = (SignalOutbox) fixture.channel().signals();
        outbox.typing(true); // from now on the client's thread, which does not run here, is told already
        int roundCount = 20_000;
        Phaser rounds = new Phaser(2);
        Thread user = new Thread(() -> {
            for (int i = 0; i < roundCount; i++) {
                outbox.typing(true);
                rounds.arriveAndAwaitAdvance();
                outbox.typing(false);
                rounds.arriveAndAwaitAdvance();
                rounds.arriveAndAwaitAdvance();
            }
        });
        user.start();
        int lostCount = 0;
        for (int i = 0; i < roundCount; i++) {
            rounds.arriveAndAwaitAdvance();
            Boolean meanwhile = outbox.takeTyping();
            rounds.arriveAndAwaitAdvance();
            Boolean after = outbox.takeTyping();
            rounds.arriveAndAwaitAdvance();
            lostCount += Boolean.FALSE.equals(meanwhile) || Boolean.FALSE.equals(after) ? 0 : 1;
        }
        user.join();
        assertEquals(0, lostCount);
    }
}
