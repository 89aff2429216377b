package io.freshet.client;

import static io.freshet.client.Fixture.assertFailed;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FrameType;
import io.freshet.protocol.v1.GoAway;
import io.freshet.protocol.v1.Ping;
import io.freshet.protocol.v1.Pong;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Heartbeat, going away, back-off, and the end in every state. */
final class LifeCycleTest {
    private static Fixture beating() {
        Fixture fixture = new Fixture();
        fixture.server().welcomes(welcome -> welcome.setHeartbeatMs(1_000));
        return fixture;
    }

    // ---- heartbeat

    @Test
    void shouldPingWhenNothingWasSentForOneInterval() {
        Fixture fixture = beating();
        fixture.passMs(999);
        fixture.server().expectNothing();
        fixture.passMs(1);
        fixture.server().expect(FrameType.PING, Ping.parser());
        fixture.server().send(FrameType.PONG, Pong.getDefaultInstance());
        fixture.passMs(999);
        fixture.server().expectNothing();
        fixture.passMs(1);
        fixture.server().expect(FrameType.PING, Ping.parser());
        fixture.end();
    }

    @Test
    void shouldNotPingWhileItSendsOtherThings() {
        Fixture fixture = beating();
        for (int i = 0; i < 10; i++) {
            fixture.passMs(500);
            fixture.server().send(FrameType.PING, Ping.newBuilder().setToken(i).build());
            assertEquals(
                    i, fixture.server().expect(FrameType.PONG, Pong.parser()).getToken());
        }
        fixture.server().expectNothing();
        fixture.end();
    }

    @Test
    void shouldReconnectWhenNothingIsReceivedForTwoIntervals() {
        Fixture fixture = beating();
        fixture.passMs(1_999);
        assertFalse(fixture.server().isAborted());
        fixture.passMs(1);
        assertTrue(fixture.server().isAborted());
        fixture.expectEvents("connected", "disconnected DISCONNECTED true");
        fixture.end();
    }

    @Test
    void shouldGiveTheServerMoreTimeWhenItsOwnThreadWasBusy() {
        Fixture fixture = beating();
        fixture.transport.stall(TimeUnit.SECONDS.toNanos(60));
        fixture.passMs(1);
        assertFalse(fixture.server().isAborted());
        fixture.passMs(1_000);
        assertTrue(fixture.server().isAborted());
        fixture.end();
    }

    // ---- going away

    @Test
    void shouldLeaveOnceEverythingIsAnsweredAndComeBackInItsSlot() {
        Fixture fixture = Fixture.welcomed();
        fixture.follow(Cursor.first());
        fixture.server().opens(3, opened -> opened.setNext(1));
        var before = fixture.publish("a");
        fixture.server().expectPublishes("1:a");
        fixture.server().send(FrameType.GOAWAY, goAway(5_000, 7_000));
        var after = fixture.publish("b");
        fixture.server().expectNothing();
        fixture.server().record(3, 1, "a");
        fixture.passMs(1_000);
        assertFalse(fixture.server().isAborted());
        fixture.server().published(3, fixture.instance(), 1, 1, 1);
        assertTrue(before.isDone());
        assertFalse(after.isDone());
        assertTrue(fixture.server().isAborted());
        fixture.expectEvents("connected", "1 a", "disconnected SHUTTING_DOWN true");
        fixture.passMs(6_999);
        assertEquals(1, fixture.transport.attemptsNs.size());
        fixture.passMs(1);
        assertEquals(2, fixture.transport.attemptsNs.size());
        fixture.server().welcomes();
        fixture.server().opens(3, opened -> opened.setNext(2).setNonceCounter(1));
        fixture.server().expectPublishes("2:b");
        fixture.end();
    }

    @Test
    void shouldLeaveAtOnceWhenNothingIsUnderWay() {
        Fixture fixture = Fixture.welcomed();
        fixture.server().send(FrameType.GOAWAY, goAway(5_000, 0));
        assertTrue(fixture.server().isAborted());
        fixture.expectEvents("connected", "disconnected SHUTTING_DOWN true");
        fixture.end();
    }

    @Test
    void shouldLeaveUnansweredWhenTheDrainTimeIsOver() {
        Fixture fixture = Fixture.welcomed();
        var sent = fixture.publish("a");
        fixture.server().opens(3);
        fixture.server().send(FrameType.GOAWAY, goAway(5_000, 0));
        fixture.passMs(4_999);
        assertFalse(fixture.server().isAborted());
        fixture.passMs(1);
        assertTrue(fixture.server().isAborted());
        fixture.expectEvents("connected", "disconnected SHUTTING_DOWN true");
        assertFalse(sent.isDone());
        fixture.end();
    }

    private static GoAway goAway(int drainMs, int retryAfterMs) {
        return GoAway.newBuilder()
                .setDrainMs(drainMs)
                .setRetryAfterMs(retryAfterMs)
                .build();
    }

    // ---- back-off

    @Test
    void shouldWaitRandomlyWithinABoundThatDoubles() {
        Fixture fixture = Fixture.welcomed();
        fixture.transport.reachable(false);
        fixture.server().drop();
        fixture.passMs(200_000);
        List<Long> attemptsNs = fixture.transport.attemptsNs;
        assertTrue(attemptsNs.size() > 12, "attempts: " + attemptsNs.size());
        long boundNs = TimeUnit.MILLISECONDS.toNanos(100);
        for (int i = 1; i < attemptsNs.size(); i++) {
            long waitNs = attemptsNs.get(i) - attemptsNs.get(i - 1);
            assertTrue(waitNs <= boundNs, "wait " + i + " of " + waitNs + " ns, seed " + Fixture.SEED);
            boundNs = Math.min(2 * boundNs, TimeUnit.SECONDS.toNanos(10));
        }
        fixture.end();
    }

    @Test
    void shouldSpreadClientsThatAreCutOffTogether() {
        HashSet<Long> waits = new HashSet<>();
        for (int seed = 0; seed < 100; seed++) {
            BackOff backOff = new BackOff(1_000_000, 8_000_000, new java.util.SplittableRandom(seed));
            for (int i = 0; i < 3; i++) {
                assertEquals(1_000_000L << i, backOff.boundNs());
                waits.add(backOff.nextNs());
            }
            backOff.nextNs();
            assertEquals(8_000_000, backOff.boundNs());
            backOff.reset();
            assertEquals(1_000_000, backOff.boundNs());
        }
        assertTrue(waits.size() > 290, "different waits: " + waits.size());
    }

    @Test
    void shouldBeginWithShortWaitsAgainAfterAConnectionThatLasted() {
        Fixture fixture = Fixture.welcomed();
        fixture.transport.reachable(false);
        fixture.server().drop();
        fixture.passMs(60_000);
        fixture.transport.reachable(true);
        fixture.nextWelcome();
        fixture.passMs(11_000);
        int count = fixture.transport.attemptsNs.size();
        fixture.server().drop();
        fixture.passMs(100);
        assertEquals(count + 1, fixture.transport.attemptsNs.size());
        fixture.end();
    }

    @Test
    void shouldHonourTheTimeThatAnErrorAsksFor() {
        Fixture fixture = Fixture.welcomed();
        fixture.server().error(ErrorCode.SLOW_CONSUMER, 0, 4_000);
        fixture.server().drop();
        fixture.expectEvents("connected", "disconnected SLOW_CONSUMER true");
        fixture.passMs(3_999);
        assertEquals(1, fixture.transport.attemptsNs.size());
        fixture.passMs(1);
        assertEquals(2, fixture.transport.attemptsNs.size());
        fixture.end();
    }

    @Test
    void shouldGiveUpAfterTheConfiguredNumberOfAttempts() {
        Fixture fixture = Fixture.welcomed(config -> config.maxReconnects(3));
        var receipt = fixture.publish("a");
        fixture.transport.reachable(false);
        fixture.server().drop();
        fixture.passMs(60_000);
        assertEquals(4, fixture.transport.attemptsNs.size());
        assertFailed(ErrorCode.DISCONNECTED, receipt);
        fixture.expectEvents("connected", "disconnected DISCONNECTED true", "disconnected DISCONNECTED false");
        fixture.end();
    }

    @Test
    void shouldEndWithItsConnectionWhenItMustNotReconnect() {
        Fixture fixture = Fixture.welcomed(config -> config.reconnect(false));
        fixture.follow(Cursor.live());
        fixture.server().opens(3, opened -> opened.setNext(1));
        fixture.server().drop();
        fixture.expectEvents("connected", "disconnected DISCONNECTED false", "end DISCONNECTED");
        fixture.end();
    }

    @Test
    void shouldTakeAHandshakeThatHangsForAFailedAttempt() {
        Fixture fixture = Fixture.welcomed();
        fixture.server().drop();
        fixture.passMs(100);
        fixture.server().hello();
        fixture.passMs(20_000);
        assertTrue(fixture.transport.connections.get(1).isAborted());
        assertTrue(fixture.transport.connections.size() > 2);
        fixture.end();
    }

    // ---- close

    @Test
    void shouldSendWhatIsPendingAndWaitForItsReceiptsBeforeItCloses() {
        Fixture fixture = Fixture.welcomed();
        var receipt = fixture.channel().publish("a").toCompletableFuture();
        var closed = fixture.client().closeAsync().toCompletableFuture();
        fixture.server().opens(3);
        fixture.server().expectPublishes("1:a");
        assertFailed(ErrorCode.CLIENT_CLOSED, fixture.channel().publish("late"));
        assertFailed(ErrorCode.CLIENT_CLOSED, fixture.channel().open());
        assertFalse(closed.isDone());
        fixture.server().published(3, fixture.instance(), 1, 1, 1);
        assertEquals(1, receipt.join().sequence());
        assertTrue(closed.isDone());
        assertTrue(fixture.server().isGone());
        fixture.end();
    }

    @Test
    void shouldReconnectToSendWhatIsPendingWhileItCloses() {
        Fixture fixture = Fixture.welcomed();
        var receipt = fixture.publish("a");
        fixture.server().opens(3);
        var closed = fixture.client().closeAsync().toCompletableFuture();
        fixture.transport.run();
        fixture.server().drop();
        fixture.passMs(100);
        fixture.server().welcomes();
        fixture.server().opens(3, opened -> opened.setNonceCounter(1));
        fixture.server().expectPublishes("1:a");
        fixture.server().published(3, fixture.instance(), 1, 1, 1);
        assertTrue(receipt.isDone());
        assertTrue(closed.isDone());
        fixture.end();
    }

    @Test
    void shouldCompleteEverythingWhenReceiptsDoNotComeInTime() {
        Fixture fixture = Fixture.welcomed();
        List<CompletableFuture<?>> futures = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            futures.add(fixture.publish("x"));
        }
        futures.add(fixture.channel().fetchBackward(0, 10).toCompletableFuture());
        fixture.server().opens(3);
        futures.add(fixture.client().channel("b").open().toCompletableFuture());
        futures.add(fixture.client()
                .channel("c")
                .subscribe(Cursor.live(), fixture.recorder())
                .toCompletableFuture());
        var closed = fixture.client().closeAsync().toCompletableFuture();
        fixture.passMs(4_999);
        assertFalse(closed.isDone());
        fixture.passMs(1);
        assertTrue(closed.isDone());
        for (int i = 0; i < 4; i++) {
            assertFailed(ErrorCode.OUTCOME_UNKNOWN, futures.get(i));
        }
        for (int i = 4; i < futures.size(); i++) {
            assertFailed(ErrorCode.CLIENT_CLOSED, futures.get(i));
        }
        fixture.expectEvents("connected");
        fixture.end();
    }

    @Test
    void shouldCloseAtOnceWhenNothingIsPending() {
        Fixture fixture = Fixture.welcomed();
        fixture.follow(Cursor.live());
        fixture.server().opens(3, opened -> opened.setNext(1));
        var closed = fixture.client().closeAsync().toCompletableFuture();
        fixture.transport.run();
        assertTrue(closed.isDone());
        fixture.expectEvents("connected");
        assertTrue(fixture.client().closeAsync().toCompletableFuture().isDone());
        fixture.end();
    }

    @Test
    void shouldCloseWhileItBacksOff() {
        Fixture fixture = Fixture.welcomed();
        fixture.follow(Cursor.live());
        fixture.server().opens(3, opened -> opened.setNext(1));
        fixture.transport.reachable(false);
        var receipt = fixture.publish("a");
        fixture.server().drop();
        fixture.passMs(30);
        var closed = fixture.client().closeAsync().toCompletableFuture();
        fixture.passMs(4_999);
        assertFalse(closed.isDone());
        fixture.passMs(1);
        assertTrue(closed.isDone());
        assertFailed(ErrorCode.OUTCOME_UNKNOWN, receipt);
        fixture.end();
    }

    @Test
    void shouldCloseDuringAnAttempt() {
        Fixture fixture = Fixture.welcomed();
        fixture.transport.silent(true);
        fixture.server().drop();
        fixture.passMs(100);
        assertNotNull(fixture.transport.pending());
        var closed = fixture.client().closeAsync().toCompletableFuture();
        fixture.transport.run();
        assertTrue(closed.isDone());
        fixture.end();
    }

    @Test
    void shouldCloseDuringTheHandshake() {
        Fixture fixture = Fixture.welcomed();
        fixture.server().drop();
        fixture.passMs(100);
        fixture.server().hello();
        var closed = fixture.client().closeAsync().toCompletableFuture();
        fixture.transport.run();
        assertTrue(closed.isDone());
        assertTrue(fixture.server().isGone());
        fixture.end();
    }

    @Test
    void shouldCloseWhileTheServerGoesAway() {
        Fixture fixture = Fixture.welcomed();
        var sent = fixture.publish("a");
        fixture.server().opens(3);
        fixture.server().send(FrameType.GOAWAY, goAway(60_000, 60_000));
        var waiting = fixture.publish("b");
        var closed = fixture.client().closeAsync().toCompletableFuture();
        fixture.passMs(5_000);
        assertTrue(closed.isDone());
        assertFailed(ErrorCode.OUTCOME_UNKNOWN, sent);
        assertFailed(ErrorCode.CLIENT_CLOSED, waiting);
        fixture.end();
    }

    @Test
    void shouldCloseFromACallback() {
        Fixture fixture = Fixture.welcomed();
        fixture.channel().subscribe(Cursor.first(), record -> {
            fixture.client().close();
            fixture.events.add("returned");
        });
        fixture.server().opens(3, opened -> opened.setNext(1));
        fixture.server().record(3, 1, "x");
        fixture.expectEvents("connected", "returned");
        fixture.end();
    }

    @Test
    void shouldFailWhatIsAskedForAfterTheEnd() {
        Fixture fixture = Fixture.welcomed(config -> config.closeTimeout(Duration.ZERO));
        Channel channel = fixture.channel();
        fixture.end();
        assertFailed(ErrorCode.CLIENT_CLOSED, channel.publish("x"));
        assertFailed(ErrorCode.CLIENT_CLOSED, channel.fetchForward(1, 1));
        assertFailed(ErrorCode.CLIENT_CLOSED, channel.subscribe(Cursor.live(), record -> {}));
    }
}
