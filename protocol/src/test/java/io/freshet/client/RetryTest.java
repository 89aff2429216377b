package io.freshet.client;

import static io.freshet.client.Fixture.assertFailed;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FrameType;
import io.freshet.protocol.v1.CloseReason;
import io.freshet.protocol.v1.Closed;
import io.freshet.protocol.v1.Open;
import io.freshet.protocol.v1.Opened;
import io.freshet.protocol.v1.Record;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

/** How a client goes on when the server refuses for now: when it comes again, with how much, and when it gives up. */
final class RetryTest {
    private static final int TIMEOUT_MS = 30_000;
    private static final int ASKED_MS = 200;

    private final Fixture fixture =
            Fixture.welcomed(config -> config.maxPendingPublishes(8).retryTimeout(Duration.ofMillis(TIMEOUT_MS)));

    private long nowMs;

    private ScriptedServer server() {
        return fixture.server();
    }

    private List<CompletableFuture<Receipt>> publish(String... texts) {
        List<CompletableFuture<Receipt>> receipts = new ArrayList<>();
        for (String text : texts) {
            receipts.add(fixture.publish(text));
        }
        return receipts;
    }

    private void published(long counter, int count, long sequence) {
        server().published(3, fixture.instance(), counter, count, sequence);
    }

    private void refused(long counter, int count, ErrorCode code, int retryAfterMs) {
        server().refused(3, fixture.instance(), counter, count, code, retryAfterMs);
    }

    private void pass(long ms) {
        nowMs += ms;
        fixture.passMs(ms);
    }

    /** Publishes a window, of which the disk has no room for the first. */
    private List<CompletableFuture<Receipt>> publishToAFullDisk(String... texts) {
        List<CompletableFuture<Receipt>> receipts = publish(texts);
        server().opens(3);
        for (int i = 0; i < Math.min(4, texts.length); i++) {
            assertEquals((i + 1) + ":" + texts[i], server().expectPublish());
        }
        refused(1, 1, ErrorCode.STORAGE_FULL, ASKED_MS);
        refused(2, Math.min(4, texts.length) - 1, ErrorCode.NONCE_JUMP, 0);
        return receipts;
    }

    /** When the next publish comes, which must be this one and come alone. */
    private long nextTryMs(String publish, long limitMs) {
        long endMs = nowMs + limitMs;
        while (nowMs < endMs) {
            pass(1);
            ScriptedServer.Received frame = server().poll();
            if (frame != null) {
                assertEquals(FrameType.RECORD, frame.type());
                assertEquals(publish, frame.as(Record.parser()).getPayload().toStringUtf8());
                server().expectNothing();
                return nowMs;
            }
        }
        throw new AssertionError("no try within " + limitMs + " ms");
    }

    @Test
    void shouldTryOneAloneAndLetEachReceiptBringOneMore() {
        var receipts = publishToAFullDisk("a", "b", "c", "d", "e", "f", "g");
        pass(ASKED_MS + 100);
        server().expectPublishes("1:a");
        published(1, 1, 1);
        server().expectPublishes("2:b", "3:c");
        published(2, 1, 2);
        server().expectPublishes("4:d", "5:e");
        published(3, 3, 3);
        server().expectPublishes("6:f", "7:g");
        published(6, 2, 6);
        for (int i = 0; i < receipts.size(); i++) {
            assertEquals(i + 1, receipts.get(i).join().sequence());
        }
        fixture.end();
    }

    @Test
    void shouldComeNoSoonerThanToldAndEverMoreRarelyUntilItGivesUp() {
        var receipts = publishToAFullDisk("a", "b", "c", "d", "e");
        long boundMs = 100;
        long beforeMs = nowMs;
        int tryCount = 0;
        while (!receipts.get(0).isDone()) {
            long triedMs = nextTryMs("a", ASKED_MS + boundMs + 1);
            long waitedMs = triedMs - beforeMs;
            assertTrue(waitedMs >= ASKED_MS, "try " + tryCount + " came after " + waitedMs + " ms");
            assertTrue(triedMs <= TIMEOUT_MS + ASKED_MS + 1, "a try after " + triedMs + " ms");
            beforeMs = triedMs;
            boundMs = Math.min(10_000, 2 * boundMs);
            tryCount++;
            refused(1, 1, ErrorCode.STORAGE_FULL, ASKED_MS);
        }
        assertTrue(nowMs >= TIMEOUT_MS, "given up after " + nowMs + " ms");
        assertTrue(tryCount < 20, tryCount + " tries");
        for (var receipt : receipts) {
            assertFailed(ErrorCode.STORAGE_FULL, receipt);
        }
        server().expectNothing();
        var next = fixture.publish("f");
        server().expectPublishes("1:f");
        published(1, 1, 1);
        assertEquals(1, next.join().sequence());
        fixture.end();
    }

    @Test
    void shouldObeyATimeThatIsLongerThanItsOwn() {
        var receipts = publish("a", "b");
        server().opens(3);
        server().expectPublishes("1:a", "2:b");
        refused(1, 1, ErrorCode.SLOW_MODE, 4 * TIMEOUT_MS);
        refused(2, 1, ErrorCode.NONCE_JUMP, 0);
        pass(4 * TIMEOUT_MS - 1);
        server().expectNothing();
        pass(101);
        server().expectPublishes("1:a");
        published(1, 1, 1);
        assertEquals(1, receipts.get(0).join().sequence());
        server().expectPublishes("2:b");
        refused(2, 1, ErrorCode.SLOW_MODE, 4 * TIMEOUT_MS);
        pass(4 * TIMEOUT_MS + 100);
        server().expectPublishes("2:b");
        refused(2, 1, ErrorCode.SLOW_MODE, 4 * TIMEOUT_MS);
        assertFailed(ErrorCode.SLOW_MODE, receipts.get(1));
        assertEquals(4 * TIMEOUT_MS, Fixture.failure(receipts.get(1)).retryAfterMs());
        fixture.end();
    }

    @Test
    void shouldRepeatOneAloneTooAndNeverCallItUnprocessed() {
        var receipts = publish("a", "b", "c");
        server().opens(3);
        fixture.reconnect();
        server().opens(3, opened -> opened.setNonceCounter(2));
        server().expectPublishes("1:a", "2:b", "3:c");
        refused(1, 2, ErrorCode.CHANNEL_UNAVAILABLE, ASKED_MS);
        refused(3, 1, ErrorCode.CHANNEL_UNAVAILABLE, ASKED_MS);
        while (!receipts.get(0).isDone()) {
            nextTryMs("a", TIMEOUT_MS);
            refused(1, 1, ErrorCode.CHANNEL_UNAVAILABLE, ASKED_MS);
        }
        assertFailed(ErrorCode.OUTCOME_UNKNOWN, receipts.get(0));
        assertFailed(ErrorCode.OUTCOME_UNKNOWN, receipts.get(1));
        assertFailed(ErrorCode.CHANNEL_UNAVAILABLE, receipts.get(2));
        fixture.end();
    }

    @Test
    void shouldSendNothingThatItsCallerHasGivenUp() {
        var receipts = publishToAFullDisk("a", "b", "c", "d", "e", "f", "g", "h");
        assertFailed(ErrorCode.OVERLOADED, fixture.publish("i"));
        receipts.get(0).completeExceptionally(new TimeoutException());
        receipts.get(2).cancel(false);
        pass(ASKED_MS + 100);
        server().expectPublishes("1:b");
        published(1, 1, 1);
        server().expectPublishes("2:d", "3:e");
        assertEquals(1, receipts.get(1).join().sequence());
        assertThrows(CompletionException.class, receipts.get(0)::join);
        for (String text : List.of("i", "j", "k")) {
            assertFalse(fixture.publish(text).isDone(), text);
        }
        assertFailed(ErrorCode.OVERLOADED, fixture.publish("l"));
        fixture.end();
    }

    @Test
    void shouldGiveUpWhenTheChannelIsNotOpenedAgain() {
        publish("a");
        server().opens(3);
        server().expectPublishes("1:a");
        published(1, 1, 1);
        fixture.reconnect();
        var receipt = fixture.publish("b");
        long deadlineMs = nowMs + TIMEOUT_MS;
        while (!receipt.isDone()) {
            Open open = server().expect(FrameType.OPEN, Open.parser());
            server().error(ErrorCode.CHANNEL_UNAVAILABLE, open.getRequest(), ASKED_MS);
            pass(ASKED_MS + Math.max(0, Math.min(10_000, deadlineMs - nowMs)));
        }
        assertFailed(ErrorCode.CHANNEL_UNAVAILABLE, receipt);
        assertTrue(nowMs >= deadlineMs);
        fixture.end();
    }

    @Test
    void shouldOpenAChannelEverMoreRarelyThatIsClosedAtOnceEachTime() {
        fixture.follow(Cursor.live());
        int openCount = 0;
        for (int i = 0; i < 600; i++) {
            ScriptedServer.Received frame = server().poll();
            if (frame == null) {
                fixture.passMs(100);
                continue;
            }
            openCount++;
            server().send(
                            FrameType.OPENED,
                            Opened.newBuilder()
                                    .setRequest(frame.as(Open.parser()).getRequest())
                                    .setChannel(3)
                                    .setName("a")
                                    .setEpoch(1)
                                    .setFirst(1)
                                    .setNext(1)
                                    .setMaySubscribe(true)
                                    .build());
            server().send(
                            FrameType.CLOSED,
                            Closed.newBuilder()
                                    .setChannel(3)
                                    .setReason(CloseReason.CLOSE_REASON_CHANNEL_FAILED)
                                    .build());
        }
        int count = openCount;
        assertTrue(count > 7 && count < 40, () -> count + " times in a minute");
        fixture.end();
    }
}
