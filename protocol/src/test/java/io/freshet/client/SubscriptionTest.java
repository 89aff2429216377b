package io.freshet.client;

import static io.freshet.client.Fixture.assertFailed;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FrameType;
import io.freshet.protocol.v1.Close;
import io.freshet.protocol.v1.CloseReason;
import io.freshet.protocol.v1.Closed;
import io.freshet.protocol.v1.DeliveryMode;
import io.freshet.protocol.v1.Epoch;
import io.freshet.protocol.v1.Gap;
import io.freshet.protocol.v1.Open;
import io.freshet.protocol.v1.Record;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SubscriptionTest {
    private final Fixture fixture = Fixture.welcomed();

    SubscriptionTest() {
        fixture.events.clear();
    }

    private ScriptedServer server() {
        return fixture.server();
    }

    @Test
    void shouldOpenWithTheCursorAndDeliverInOrder() {
        var subscription = fixture.subscribe(Cursor.last(2));
        assertFalse(subscription.isDone());
        Open open = server().opens(3, opened -> opened.setHead(9).setNext(8));
        assertEquals("a", open.getName());
        assertTrue(open.getCreate());
        assertEquals(2, open.getCursor().getLast());
        assertEquals(
                new ChannelState(3, "a", 1, 9, 1, true, true),
                subscription.join().channel());
        assertEquals(8, subscription.join().nextSequence());
        server().record(3, 8, "x");
        server().record(3, 9, "y");
        server().record(3, 10, "z");
        assertEquals(11, subscription.join().nextSequence());
        fixture.expectEvents("8 x", "9 y", "10 z");
        fixture.end();
    }

    @Test
    void shouldShowEveryFieldOfARecordDuringTheCallOnly() {
        List<StoredRecord> copies = new ArrayList<>();
        List<ReceivedRecord> views = new ArrayList<>();
        byte[] eAcute = "é".getBytes(StandardCharsets.UTF_8);
        fixture.channel().subscribe(Cursor.first(), record -> {
            assertEquals("a", record.channelName());
            assertEquals(2, record.payloadLength());
            assertTrue(record.payload().isReadOnly());
            assertEquals(ByteString.copyFromUtf8("é"), ByteString.copyFrom(record.payload()));
            copies.add(record.copy());
            views.add(record);
        });
        server().opens(3, opened -> opened.setNext(1));
        server().record(3, 1, "é");
        assertEquals(List.of(new StoredRecord(3, 1, 10, 7, 0, false, false, eAcute)), copies);
        assertEquals("é", copies.get(0).text());
        assertThrows(IllegalStateException.class, () -> views.get(0).text());
        assertEquals(0, fixture.client().statistics().callbackFailures());
        fixture.end();
    }

    @Test
    void shouldReadALegalRecordThatIsNotCanonical() {
        fixture.follow(Cursor.first());
        server().opens(3, opened -> opened.setNext(1));
        server().send(
                        FrameType.RECORD,
                        Record.newBuilder()
                                .setChannel(3)
                                .setSequence(1)
                                .setPayload(ByteString.copyFromUtf8("x"))
                                .build());
        fixture.expectEvents("1 x");
        fixture.end();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 4, 5, 0, -1})
    void shouldReconnectAndResumeWhenTheSequenceIsNotTheNext(long sequence) {
        fixture.follow(Cursor.first());
        server().opens(3, opened -> opened.setNext(1).setEpoch(6));
        server().record(3, 1, "x");
        server().record(3, 2, "y");
        server().record(3, sequence == 2 ? 1 : sequence, "?");
        assertTrue(server().isAborted());
        assertEquals(1, fixture.client().statistics().protocolFailures());
        fixture.expectEvents("1 x", "2 y", "disconnected UNEXPECTED_FRAME true");
        fixture.nextWelcome();
        Open open = server().opens(3, opened -> opened.setNext(3).setEpoch(6));
        assertEquals(2, open.getCursor().getAfter().getSequence());
        assertEquals(6, open.getCursor().getAfter().getEpoch());
        server().record(3, 3, "z");
        fixture.expectEvents("connected", "3 z");
        fixture.end();
    }

    @Test
    void shouldLeaveNoHoleWhenALiveSubscriptionWasCutOffBeforeItsFirstRecord() {
        fixture.follow(Cursor.live());
        server().opens(3, opened -> opened.setHead(100).setNext(101));
        fixture.reconnect();
        Open open = server().opens(3, opened -> opened.setHead(105).setNext(101));
        assertEquals(100, open.getCursor().getAfter().getSequence());
        server().record(3, 101, "missed");
        fixture.expectEvents("disconnected DISCONNECTED true", "connected", "101 missed");
        fixture.end();
    }

    @Test
    void shouldKeepTheUsersCursorUntilItWasOpened() {
        var subscription = fixture.subscribe(Cursor.last(5));
        assertEquals(
                5, server().expect(FrameType.OPEN, Open.parser()).getCursor().getLast());
        fixture.reconnect();
        assertEquals(
                5, server().opens(3, opened -> opened.setNext(1)).getCursor().getLast());
        assertTrue(subscription.isDone());
        fixture.end();
    }

    @Test
    void shouldResumeManyTimesWithoutHoleOrRepeat() {
        fixture.follow(Cursor.first());
        long sequence = 1;
        for (int i = 0; i < 20; i++) {
            long next = sequence;
            Open open = server().opens(3, opened -> opened.setNext(next));
            assertEquals(sequence - 1, open.getCursor().getAfter().getSequence());
            for (int k = 0; k < i % 4; k++) {
                server().record(3, sequence++, "x");
            }
            fixture.reconnect();
        }
        List<String> records =
                fixture.events.stream().filter(event -> event.endsWith(" x")).toList();
        for (int i = 0; i < records.size(); i++) {
            assertEquals((i + 1) + " x", records.get(i));
        }
        assertEquals(sequence - 1, records.size());
        fixture.end();
    }

    @Test
    void shouldKeepItsModeOverReconnects() {
        fixture.channel().subscribe(Cursor.live(), Delivery.sampled(5), fixture.recorder());
        fixture.passMs(1);
        for (int i = 0; i < 2; i++) {
            Open open = server().opens(3, opened -> opened.setHead(4).setNext(5));
            assertEquals(DeliveryMode.DELIVERY_MODE_SAMPLED, open.getMode());
            assertEquals(5, open.getRate());
            fixture.reconnect();
        }
        fixture.end();
    }

    @Test
    void shouldRefuseAnOpeningThatSkipsOrRepeats() {
        fixture.follow(Cursor.after(5));
        server().opens(3, opened -> opened.setNext(7));
        fixture.expectEvents("disconnected UNEXPECTED_FRAME true");
        fixture.nextWelcome();
        server().opens(3, opened -> opened.setNext(5));
        fixture.expectEvents("connected", "disconnected UNEXPECTED_FRAME true");
        fixture.end();
    }

    @Test
    void shouldTellGapsAndGoOnBehindThem() {
        fixture.follow(Cursor.first());
        server().opens(3, opened -> opened.setFirst(11).setNext(1));
        server().send(FrameType.GAP, gap(1, 10, io.freshet.protocol.v1.GapReason.GAP_REASON_EXPIRED));
        server().record(3, 11, "x");
        server().send(FrameType.GAP, gap(12, 1, io.freshet.protocol.v1.GapReason.GAP_REASON_DAMAGED));
        server().record(3, 13, "y");
        fixture.expectEvents("gap 1 10 EXPIRED", "11 x", "gap 12 1 DAMAGED", "13 y");
        server().send(FrameType.GAP, gap(13, 1, io.freshet.protocol.v1.GapReason.GAP_REASON_DAMAGED));
        fixture.expectEvents("disconnected UNEXPECTED_FRAME true");
        fixture.end();
    }

    private static Gap gap(long firstSequence, long count, io.freshet.protocol.v1.GapReason reason) {
        return Gap.newBuilder()
                .setChannel(3)
                .setFirstSequence(firstSequence)
                .setCount(count)
                .setReason(reason)
                .build();
    }

    @Test
    void shouldRewindWhenTheEpochChangedMeanwhile() {
        fixture.follow(Cursor.first());
        server().opens(3, opened -> opened.setNext(1));
        server().record(3, 1, "x");
        server().record(3, 2, "y");
        server().record(3, 3, "void");
        fixture.reconnect();
        server().opens(3, opened -> opened.setEpoch(2).setValidUpTo(2).setNext(3));
        server().record(3, 3, "z");
        fixture.expectEvents(
                "1 x", "2 y", "3 void", "disconnected DISCONNECTED true", "connected", "rewind 2 2", "3 z");
        assertEquals(2, fixture.reconnectedCursor().getAfter().getEpoch());
        fixture.end();
    }

    @Test
    void shouldRewindWhenAnEpochFrameComes() {
        var subscription = fixture.subscribe(Cursor.first());
        server().opens(3, opened -> opened.setNext(1));
        server().record(3, 1, "x");
        server().record(3, 2, "void");
        server().send(FrameType.EPOCH, epoch(2, 1));
        assertEquals(2, subscription.join().channel().epoch());
        server().record(3, 2, "y");
        server().send(FrameType.EPOCH, epoch(3, 9));
        server().record(3, 3, "z");
        fixture.expectEvents("1 x", "2 void", "rewind 2 1", "2 y", "3 z");
        fixture.end();
    }

    private static Epoch epoch(int epoch, long validUpTo) {
        return Epoch.newBuilder()
                .setChannel(3)
                .setEpoch(epoch)
                .setValidUpTo(validUpTo)
                .setHead(validUpTo)
                .build();
    }

    @Test
    void shouldRefuseASecondSubscriptionOfTheChannel() {
        fixture.follow(Cursor.live());
        assertFailed(ErrorCode.ALREADY_OPEN, fixture.subscribe(Cursor.live()));
        server().opens(3, opened -> opened.setNext(1));
        fixture.end();
    }

    @Test
    void shouldFailTheSubscriptionWhenItsOpenIsRefused() {
        var subscription = fixture.subscribe(Cursor.after(9));
        Open open = server().expect(FrameType.OPEN, Open.parser());
        server().error(ErrorCode.BEYOND_HEAD, open.getRequest(), 0);
        assertFailed(ErrorCode.BEYOND_HEAD, subscription);
        server().expectNothing();
        fixture.expectEvents();
        assertFalse(fixture.subscribe(Cursor.live()).isDone());
        server().opens(3, opened -> opened.setNext(1));
        fixture.end();
    }

    @Test
    void shouldStillPublishWhenOnlyTheSubscriptionWasRefused() {
        var subscription = fixture.subscribe(Cursor.live());
        var receipt = fixture.publish("x");
        Open open = server().expect(FrameType.OPEN, Open.parser());
        server().error(ErrorCode.FORBIDDEN, open.getRequest(), 0);
        assertFailed(ErrorCode.FORBIDDEN, subscription);
        assertFalse(server().opens(3).hasCursor());
        server().expectPublishes("1:x");
        server().published(3, fixture.instance(), 1, 1, 5);
        assertEquals(new Receipt(3, 5), receipt.join());
        fixture.end();
    }

    @Test
    void shouldEndTheSubscriptionWhenItCannotBeOpenedAgain() {
        fixture.follow(Cursor.first());
        server().opens(3, opened -> opened.setNext(1));
        fixture.reconnect();
        Open open = server().expect(FrameType.OPEN, Open.parser());
        server().error(ErrorCode.CHANNEL_UNAVAILABLE, open.getRequest(), 2_000);
        server().expectNothing();
        fixture.passMs(1_999);
        server().expectNothing();
        fixture.passMs(101);
        open = server().expect(FrameType.OPEN, Open.parser());
        server().error(ErrorCode.UNKNOWN_CHANNEL, open.getRequest(), 0);
        fixture.expectEvents("disconnected DISCONNECTED true", "connected", "end UNKNOWN_CHANNEL");
        fixture.end();
    }

    @Test
    void shouldOpenAgainToSubscribeToAChannelThatIsOpen() {
        var receipt = fixture.publish("x");
        server().opens(3);
        server().expectPublishes("1:x");
        var subscription = fixture.subscribe(Cursor.first());
        var later = fixture.publish("y");
        server().expectNothing();
        server().published(3, fixture.instance(), 1, 1, 1);
        assertTrue(receipt.isDone());
        assertEquals(3, server().expect(FrameType.CLOSE, Close.parser()).getChannel());
        server().closed(3);
        server().opens(3, opened -> opened.setNext(1).setNonceCounter(1));
        assertTrue(subscription.isDone());
        server().expectPublishes("2:y");
        server().published(3, fixture.instance(), 2, 1, 2);
        assertEquals(2, later.join().sequence());
        fixture.end();
    }

    @Test
    void shouldDeliverNothingAfterClose() {
        var subscription = fixture.subscribe(Cursor.first());
        server().opens(3, opened -> opened.setNext(1));
        server().record(3, 1, "x");
        var closed = subscription.join().closeAsync().toCompletableFuture();
        server().expect(FrameType.CLOSE, Close.parser());
        server().record(3, 2, "under way");
        server().record(3, 3, "under way");
        assertFalse(closed.isDone());
        server().closed(3);
        assertTrue(closed.isDone());
        fixture.expectEvents("1 x");
        assertTrue(fixture.transport.isClosed() || server().poll() == null);
        var again = fixture.subscribe(Cursor.after(3));
        server().opens(3, opened -> opened.setNext(4));
        assertTrue(again.isDone());
        fixture.end();
    }

    @Test
    void shouldCloseASubscriptionWhileThereIsNoConnection() {
        var subscription = fixture.subscribe(Cursor.first());
        server().opens(3, opened -> opened.setNext(1));
        server().drop();
        var closed = subscription.join().closeAsync().toCompletableFuture();
        fixture.transport.run();
        assertTrue(closed.isDone());
        fixture.nextWelcome();
        server().expectNothing();
        fixture.end();
    }

    @Test
    void shouldCloseASubscriptionFromItsOwnHandler() {
        List<Subscription> made = new ArrayList<>();
        fixture.channel()
                .subscribe(Cursor.first(), record -> {
                    fixture.events.add(record.text());
                    made.get(0).close();
                })
                .thenAccept(made::add);
        server().opens(3, opened -> opened.setNext(1));
        server().record(3, 1, "x");
        server().expect(FrameType.CLOSE, Close.parser());
        server().record(3, 2, "y");
        fixture.expectEvents("x");
        fixture.end();
    }

    @Test
    void shouldEndWhenTheRightIsRevoked() {
        fixture.follow(Cursor.first());
        server().opens(3, opened -> opened.setNext(1));
        var receipt = fixture.publish("x");
        server().send(
                        FrameType.CLOSED,
                        Closed.newBuilder()
                                .setChannel(3)
                                .setReason(CloseReason.CLOSE_REASON_REVOKED)
                                .build());
        fixture.expectEvents("end REVOKED");
        assertFailed(ErrorCode.OUTCOME_UNKNOWN, receipt);
        fixture.end();
    }

    @Test
    void shouldOpenAgainWhenTheChannelFailed() {
        fixture.follow(Cursor.first());
        server().opens(3, opened -> opened.setNext(1));
        server().record(3, 1, "x");
        server().send(
                        FrameType.CLOSED,
                        Closed.newBuilder()
                                .setChannel(3)
                                .setReason(CloseReason.CLOSE_REASON_CHANNEL_FAILED)
                                .build());
        fixture.passMs(10_000);
        assertEquals(
                1,
                server().opens(3, opened -> opened.setNext(2))
                        .getCursor()
                        .getAfter()
                        .getSequence());
        server().record(3, 2, "y");
        fixture.expectEvents("1 x", "2 y");
        fixture.end();
    }

    @Test
    void shouldGoOnWhenAHandlerThrows() {
        fixture.channel().subscribe(Cursor.first(), record -> {
            fixture.events.add(record.text());
            throw new IllegalStateException("of the test");
        });
        server().opens(3, opened -> opened.setNext(1));
        server().record(3, 1, "x");
        server().record(3, 2, "y");
        fixture.expectEvents("x", "y");
        assertEquals(2, fixture.client().statistics().callbackFailures());
        fixture.end();
    }

    @Test
    void shouldNameTheLimitOfOpenChannels() {
        for (int i = 0; i < 3; i++) {
            fixture.client().channel("c" + i).subscribe(Cursor.live(), record -> {});
            fixture.transport.run();
            server().opens(10 + i, opened -> opened.setNext(1));
        }
        assertFailed(ErrorCode.TOO_MANY_CHANNELS, fixture.subscribe(Cursor.live()));
        server().expectNothing();
        fixture.end();
    }

    @Test
    void shouldRefuseANameThatNoChannelCanHave() {
        var thrown = assertThrows(
                io.freshet.protocol.FreshetException.class,
                () -> fixture.client().channel("x".repeat(256)));
        assertEquals(ErrorCode.INVALID_NAME, thrown.code());
        fixture.end();
    }

    @Test
    void shouldGiveTheSameHandleForTheSameName() {
        assertEquals(fixture.channel(), fixture.client().channel("a"));
        fixture.end();
    }
}
