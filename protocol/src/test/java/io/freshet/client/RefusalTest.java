package io.freshet.client;

import static io.freshet.client.Fixture.assertFailed;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FrameType;
import io.freshet.protocol.v1.Close;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What becomes of publishes behind one that was refused: section 7 of PROTOCOL.md. */
final class RefusalTest {
    private final Fixture fixture = Fixture.welcomed(config -> config.maxPendingPublishes(8));

    private ScriptedServer server() {
        return fixture.server();
    }

    /** Publishes each text on its own. */
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

    private void refused(long counter, int count, ErrorCode code) {
        server().refused(3, fixture.instance(), counter, count, code, 0);
    }

    private static void assertSequences(List<CompletableFuture<Receipt>> receipts, long... sequences) {
        for (int i = 0; i < sequences.length; i++) {
            assertTrue(receipts.get(i).isDone(), "publish " + i + " has no receipt");
            assertEquals(new Receipt(3, sequences[i]), receipts.get(i).join());
        }
    }

    @Test
    void shouldFailTheRefusedOneAndRenumberTheRest() {
        var receipts = publish("a", "b", "c", "d", "e");
        server().opens(3);
        server().expectPublishes("1:a", "2:b", "3:c", "4:d");
        published(1, 1, 1);
        server().expectPublishes("5:e");
        refused(2, 1, ErrorCode.FORBIDDEN);
        publish("f");
        server().expectNothing();
        assertFalse(receipts.get(1).isDone());
        refused(3, 3, ErrorCode.NONCE_JUMP);
        assertFailed(ErrorCode.FORBIDDEN, receipts.get(1));
        server().expectPublishes("2:c", "3:d", "4:e", "5:f");
        published(2, 3, 2);
        assertEquals(2, receipts.get(2).join().sequence());
        assertEquals(4, receipts.get(4).join().sequence());
        fixture.end();
    }

    @Test
    void shouldWaitForTheReceiptsBeforeARefusalThatCameEarlier() {
        var receipts = publish("a", "b", "c", "d");
        server().opens(3);
        server().expectPublishes("1:a", "2:b", "3:c", "4:d");
        refused(3, 1, ErrorCode.PAYLOAD_TOO_LONG);
        refused(4, 1, ErrorCode.NONCE_JUMP);
        server().expectNothing();
        published(1, 1, 1);
        server().expectNothing();
        published(2, 1, 2);
        assertFailed(ErrorCode.PAYLOAD_TOO_LONG, receipts.get(2));
        server().expectPublishes("3:d");
        published(3, 1, 3);
        assertSequences(receipts.subList(0, 2), 1, 2);
        assertEquals(3, receipts.get(3).join().sequence());
        fixture.end();
    }

    @Test
    void shouldSendARefusedOneAgainAfterTheTimeAskedForWhenItWasRefusedForNow() {
        var receipts = publish("a", "b", "c");
        server().opens(3);
        server().expectPublishes("1:a", "2:b", "3:c");
        published(1, 1, 1);
        server().refused(3, fixture.instance(), 2, 1, ErrorCode.OVERLOADED, 2_000);
        receipts.addAll(publish("d"));
        server().expectNothing();
        refused(3, 1, ErrorCode.NONCE_JUMP);
        fixture.passMs(1_999);
        server().expectNothing();
        fixture.passMs(101);
        server().expectPublishes("2:b");
        published(2, 1, 2);
        server().expectPublishes("3:c", "4:d");
        published(3, 2, 3);
        assertSequences(receipts, 1, 2, 3, 4);
        fixture.end();
    }

    @Test
    void shouldFailEachOfARunThatWasRefusedForGood() {
        var receipts = publish("a", "b", "c");
        server().opens(3);
        server().expectPublishes("1:a", "2:b", "3:c");
        refused(1, 3, ErrorCode.FORBIDDEN);
        for (var receipt : receipts) {
            assertFailed(ErrorCode.FORBIDDEN, receipt);
        }
        publish("d");
        server().expectPublishes("1:d");
        fixture.end();
    }

    @Test
    void shouldHandleTwoRefusalsOfOneWindow() {
        var receipts = publish("a", "b", "c", "d");
        server().opens(3);
        server().expectPublishes("1:a", "2:b", "3:c", "4:d");
        refused(1, 1, ErrorCode.PAYLOAD_TOO_LONG);
        refused(2, 1, ErrorCode.NONCE_JUMP);
        refused(3, 1, ErrorCode.PAYLOAD_TOO_LONG);
        refused(4, 1, ErrorCode.NONCE_JUMP);
        assertFailed(ErrorCode.PAYLOAD_TOO_LONG, receipts.get(0));
        assertFailed(ErrorCode.PAYLOAD_TOO_LONG, receipts.get(2));
        server().expectPublishes("1:b", "2:d");
        published(1, 2, 1);
        assertEquals(1, receipts.get(1).join().sequence());
        assertEquals(2, receipts.get(3).join().sequence());
        fixture.end();
    }

    @Test
    void shouldLearnTheCounterAnewWhenNothingExplainsAJump() {
        var receipts = publish("a", "b");
        server().opens(3);
        server().expectPublishes("1:a", "2:b");
        refused(1, 2, ErrorCode.NONCE_JUMP);
        server().expect(FrameType.CLOSE, Close.parser());
        server().closed(3);
        server().opens(3, opened -> opened.setNonceCounter(40));
        server().expectPublishes("41:a", "42:b");
        published(41, 2, 1);
        assertSequences(receipts, 1, 2);
        fixture.end();
    }

    @Test
    void shouldGiveUpWhenJumpsAreNeverExplained() {
        var receipts = publish("a", "b");
        server().opens(3);
        for (int i = 0; i < 5; i++) {
            server().expectPublishes("1:a", "2:b");
            refused(1, 2, ErrorCode.NONCE_JUMP);
            server().expect(FrameType.CLOSE, Close.parser());
            server().closed(3);
            server().opens(3);
        }
        server().expectPublishes("1:a", "2:b");
        refused(1, 2, ErrorCode.NONCE_JUMP);
        assertFailed(ErrorCode.NONCE_JUMP, receipts.get(0));
        assertFalse(receipts.get(1).isDone());
        fixture.end();
        assertTrue(receipts.get(1).isDone());
    }

    @Test
    void shouldTellAnUnknownOutcomeAndLearnTheCounterAnew() {
        var receipts = publish("a", "b", "c");
        server().opens(3);
        server().expectPublishes("1:a", "2:b", "3:c");
        published(1, 1, 1);
        refused(2, 1, ErrorCode.OUTCOME_UNKNOWN);
        refused(3, 1, ErrorCode.NONCE_JUMP);
        assertFailed(ErrorCode.OUTCOME_UNKNOWN, receipts.get(1));
        server().expect(FrameType.CLOSE, Close.parser());
        server().closed(3);
        server().opens(3, opened -> opened.setNonceCounter(2));
        server().expectPublishes("3:c");
        fixture.end();
    }

    @Test
    void shouldNeverCallARepeatUnprocessed() {
        var receipts = publish("a", "b", "c");
        server().opens(3);
        fixture.reconnect();
        server().opens(3, opened -> opened.setNonceCounter(2));
        server().expectPublishes("1:a", "2:b", "3:c");
        refused(1, 1, ErrorCode.NONCE_FORGOTTEN);
        refused(2, 1, ErrorCode.FORBIDDEN);
        published(3, 1, 9);
        assertFailed(ErrorCode.NONCE_FORGOTTEN, receipts.get(0));
        assertFailed(ErrorCode.OUTCOME_UNKNOWN, receipts.get(1));
        assertEquals(9, receipts.get(2).join().sequence());
        publish("d");
        server().expectPublishes("4:d");
        fixture.end();
    }

    @Test
    void shouldRepeatARepeatThatWasRefusedForNow() {
        var receipts = publish("a", "b");
        server().opens(3);
        fixture.reconnect();
        server().opens(3, opened -> opened.setNonceCounter(2));
        server().expectPublishes("1:a", "2:b");
        server().refused(3, fixture.instance(), 1, 1, ErrorCode.OVERLOADED, 500);
        published(2, 1, 2);
        fixture.passMs(1_000);
        server().expectPublishes("1:a");
        published(1, 1, 1);
        assertSequences(receipts, 1, 2);
        fixture.end();
    }

    @Test
    void shouldKeepRefusalsOverALostConnection() {
        var receipts = publish("a", "b", "c", "d");
        server().opens(3);
        server().expectPublishes("1:a", "2:b", "3:c", "4:d");
        published(1, 1, 1);
        refused(2, 1, ErrorCode.FORBIDDEN);
        fixture.reconnect();
        server().opens(3, opened -> opened.setNonceCounter(1));
        assertFailed(ErrorCode.FORBIDDEN, receipts.get(1));
        server().expectPublishes("2:c", "3:d");
        published(2, 2, 2);
        assertEquals(3, receipts.get(3).join().sequence());
        fixture.end();
    }

    @Test
    void shouldEndTheConnectionWhenAReceiptOvertakesARefusal() {
        publish("a", "b");
        server().opens(3);
        server().expectPublishes("1:a", "2:b");
        refused(1, 1, ErrorCode.FORBIDDEN);
        published(2, 1, 1);
        assertTrue(server().isAborted());
        assertEquals(1, fixture.client().statistics().protocolFailures());
        fixture.end();
    }
}
