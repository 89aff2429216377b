package io.freshet.client;

import static io.freshet.client.Fixture.assertFailed;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FrameType;
import io.freshet.protocol.v1.Close;
import io.freshet.protocol.v1.Open;
import io.freshet.protocol.v1.Published;
import io.freshet.protocol.v1.Record;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

final class PublishTest {
    private final Fixture fixture = Fixture.welcomed(config -> config.maxPendingPublishes(8));

    private ScriptedServer server() {
        return fixture.server();
    }

    /** Publishes each text; they fail the test if one completes already. */
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
    void shouldOpenTheChannelAndCountNoncesFromOne() {
        var receipts = publish("x", "y");
        Open open = server().opens(3);
        assertFalse(open.hasCursor());
        assertTrue(open.getCreate());
        Record first = server().expect(FrameType.RECORD, Record.parser());
        assertEquals(3, first.getChannel());
        assertEquals(ScriptedServer.nonce(fixture.instance(), 1), first.getNonce());
        assertTrue(first.hasSequence() && first.hasTimestampUs() && first.hasSender());
        server().expectPublishes("2:y");
        published(1, 2, 10);
        assertSequences(receipts, 10, 11);
        fixture.end();
    }

    @Test
    void shouldSendTheKind() {
        fixture.channel().publish(700, new byte[] {1});
        server().opens(3);
        assertEquals(700, Objects.requireNonNull(server().poll()).kind());
        assertThrows(IllegalArgumentException.class, () -> fixture.channel().publish(65_536, new byte[0]));
        fixture.end();
    }

    @Test
    void shouldSendWhatWasOfferedTogetherInOneFlush() {
        fixture.channel().open();
        server().opens(3);
        int flushCount = server().flushCount();
        for (int i = 0; i < 4; i++) {
            fixture.channel().publish("x");
        }
        server().expectPublishes("1:x", "2:x", "3:x", "4:x");
        assertEquals(flushCount + 1, server().flushCount());
        fixture.end();
    }

    @Test
    void shouldKeepNoMoreInFlightThanTheServerAllows() {
        var receipts = publish("a", "b", "c", "d", "e", "f");
        server().opens(3);
        server().expectPublishes("1:a", "2:b", "3:c", "4:d");
        published(1, 1, 1);
        server().expectPublishes("5:e");
        published(2, 3, 2);
        server().expectPublishes("6:f");
        published(5, 2, 9);
        assertSequences(receipts, 1, 2, 3, 4, 9, 10);
        fixture.end();
    }

    @Test
    void shouldFailAtOnceWhenTooManyAreUnanswered() {
        var receipts = publish("1", "2", "3", "4", "5", "6", "7", "8");
        var rejected = fixture.channel().publish("9").toCompletableFuture();
        assertFailed(ErrorCode.OVERLOADED, rejected);
        assertEquals(1, fixture.client().statistics().publishesRejected());
        server().opens(3);
        published(1, 1, 1);
        assertTrue(receipts.get(0).isDone());
        assertFalse(fixture.publish("9").isDone());
        fixture.end();
    }

    @Test
    void shouldWaitWhileTheConnectionIsNotWritable() {
        fixture.channel().open();
        server().opens(3);
        server().writable(false);
        publish("x", "y");
        server().expectNothing();
        server().writable(true);
        server().expectPublishes("1:x", "2:y");
        fixture.end();
    }

    @Test
    void shouldFailAPayloadThatIsTooLongWithoutANonce() {
        var receipts = publish("x", "y".repeat(1001), "z");
        server().opens(3);
        server().expectPublishes("1:x", "2:z");
        assertFailed(ErrorCode.PAYLOAD_TOO_LONG, receipts.get(1));
        fixture.end();
    }

    @Test
    void shouldNotAskWhenPublishingIsForbidden() {
        var receipt = fixture.publish("x");
        server().opens(3, opened -> opened.setMayPublish(false));
        assertFailed(ErrorCode.FORBIDDEN, receipt);
        server().expectNothing();
        fixture.end();
    }

    @Test
    void shouldFailWhatWaitsWhenTheChannelCannotBeOpened() {
        var receipts = publish("x", "y");
        Open open = server().expect(FrameType.OPEN, Open.parser());
        server().error(ErrorCode.UNKNOWN_CHANNEL, open.getRequest(), 0);
        assertFailed(ErrorCode.UNKNOWN_CHANNEL, receipts.get(0));
        assertFailed(ErrorCode.UNKNOWN_CHANNEL, receipts.get(1));
        fixture.end();
    }

    // ---- after a reconnect

    @Test
    void shouldRepeatWhatArrivedWithItsNonceAndSendTheRest() {
        var receipts = publish("a", "b", "c", "d", "e");
        server().opens(3);
        server().expectPublishes("1:a", "2:b", "3:c", "4:d");
        published(1, 1, 1);
        fixture.reconnect();
        server().opens(3, opened -> opened.setNonceCounter(3));
        server().expectPublishes("2:b", "3:c", "4:d", "5:e");
        published(2, 4, 2);
        assertSequences(receipts, 1, 2, 3, 4, 5);
        fixture.end();
    }

    @Test
    void shouldSendNothingTwiceWhenEverythingWasAnswered() {
        var receipts = publish("a");
        server().opens(3);
        server().expectPublishes("1:a");
        published(1, 1, 1);
        fixture.reconnect();
        server().opens(3, opened -> opened.setNonceCounter(1));
        server().expectNothing();
        publish("b");
        server().expectPublishes("2:b");
        assertSequences(receipts, 1);
        fixture.end();
    }

    @Test
    void shouldRenumberWhenTheServerRemembersNothing() {
        var receipts = publish("a", "b", "c");
        server().opens(3);
        server().expectPublishes("1:a", "2:b", "3:c");
        published(1, 1, 1);
        fixture.reconnect();
        server().opens(3);
        server().expectPublishes("1:b", "2:c");
        published(1, 2, 8);
        assertSequences(receipts, 1, 8, 9);
        fixture.end();
    }

    @Test
    void shouldKeepTheOrderOverManyLostConnections() {
        var receipts = publish("a", "b", "c", "d", "e", "f");
        for (int i = 0; i < 5; i++) {
            server().opens(3);
            server().expectPublishes("1:a", "2:b", "3:c", "4:d");
            fixture.reconnect();
        }
        server().opens(3, opened -> opened.setNonceCounter(2));
        server().expectPublishes("1:a", "2:b", "3:c", "4:d");
        published(1, 4, 1);
        server().expectPublishes("5:e", "6:f");
        published(5, 2, 5);
        assertSequences(receipts, 1, 2, 3, 4, 5, 6);
        fixture.end();
    }

    @Test
    void shouldReportAnUnknownOutcomeWhenTheServerMayHaveForgotten() {
        var receipts = publish("a");
        server().opens(3);
        server().expectPublishes("1:a");
        fixture.passMs(200_000);
        receipts.addAll(publish("b"));
        server().expectPublishes("2:b");
        fixture.transport.reachable(false);
        server().drop();
        fixture.passMs(99_999);
        assertFalse(receipts.get(0).isDone());
        fixture.passMs(1);
        assertFailed(ErrorCode.OUTCOME_UNKNOWN, receipts.get(0));
        assertTrue(Fixture.failure(receipts.get(0)).isOutcomeUnknown());
        assertFalse(receipts.get(1).isDone());
        fixture.transport.reachable(true);
        fixture.nextWelcome();
        server().opens(3);
        server().expectPublishes("1:b");
        published(1, 1, 4);
        assertEquals(4, receipts.get(1).join().sequence());
        fixture.end();
    }

    @Test
    void shouldGiveUpAReceiptThatDoesNotComeOnALivingConnection() {
        var receipts = publish("a", "b");
        server().opens(3);
        server().expectPublishes("1:a", "2:b");
        fixture.passMs(300_000);
        assertFailed(ErrorCode.OUTCOME_UNKNOWN, receipts.get(0));
        assertFailed(ErrorCode.OUTCOME_UNKNOWN, receipts.get(1));
        publish("c");
        server().expectPublishes("3:c");
        published(1, 3, 1);
        assertEquals(0, fixture.client().statistics().unexpectedAnswers());
        fixture.end();
    }

    @Test
    void shouldGiveUpAtOnceWhenTheServerRemembersNoNonces() {
        Fixture forgetful = new Fixture();
        forgetful.server().welcomes(welcome -> welcome.setNonceMemoryMs(0));
        var receipt = forgetful.publish("a");
        forgetful.server().opens(3);
        forgetful.passMs(1_000);
        assertFalse(receipt.isDone());
        forgetful.server().drop();
        assertFailed(ErrorCode.OUTCOME_UNKNOWN, receipt);
        forgetful.end();
    }

    @Test
    void shouldSayWhenTheNoncesAreUsedUp() {
        fixture.channel().open();
        server().opens(3, opened -> opened.setNonceCounter(0xFFFF_FFFE));
        var receipts = publish("a", "b");
        server().expectPublishes("4294967295:a");
        assertFailed(ErrorCode.LIMIT_REACHED, receipts.get(1));
        published(0xFFFF_FFFFL, 1, 1);
        assertSequences(receipts, 1);
        fixture.end();
    }

    @Test
    void shouldIgnoreReceiptsForWhatIsNotInFlight() {
        var receipts = publish("a", "b");
        server().opens(3);
        server().expectPublishes("1:a", "2:b");
        published(3, 5, 1);
        server().published(3, fixture.instance() + 1, 1, 1, 1);
        server().published(4, fixture.instance(), 1, 1, 1);
        server().error(ErrorCode.FORBIDDEN, 99, 0);
        assertEquals(4, fixture.client().statistics().unexpectedAnswers());
        assertFalse(receipts.get(0).isDone());
        server().send(
                        FrameType.PUBLISHED,
                        Published.newBuilder()
                                .setChannel(3)
                                .setFirstNonce(ScriptedServer.nonce(fixture.instance(), 0))
                                .setCount(-1)
                                .setFirstSequence(1)
                                .build());
        assertSequences(receipts, 2, 3);
        fixture.end();
    }

    // ---- after a refusal

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
        fixture.passMs(1);
        server().expectPublishes("2:b", "3:c", "4:d");
        published(2, 3, 2);
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
