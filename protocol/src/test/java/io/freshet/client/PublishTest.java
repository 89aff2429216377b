package io.freshet.client;

import static io.freshet.client.Fixture.assertFailed;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FrameType;
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
}
