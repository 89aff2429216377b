package io.freshet.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.EventKind;
import io.freshet.protocol.FrameHeader;
import io.freshet.protocol.FrameType;
import io.freshet.protocol.RecordFrame;
import io.freshet.protocol.v1.ChannelAttributes;
import io.freshet.protocol.v1.Close;
import io.freshet.protocol.v1.DeliveryMode;
import io.freshet.protocol.v1.Direction;
import io.freshet.protocol.v1.Error;
import io.freshet.protocol.v1.Fetch;
import io.freshet.protocol.v1.Gap;
import io.freshet.protocol.v1.GapReason;
import io.freshet.protocol.v1.Open;
import io.freshet.protocol.v1.Page;
import io.freshet.protocol.v1.Signal;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a client does by itself about the signals of a channel: how much it takes of it, and what it reads that it has skipped. */
final class SignalFollowTest {
    private static final long ID = 3;

    private final Fixture fixture = Fixture.welcomed();
    private final List<SignalState> states = new ArrayList<>();

    SignalFollowTest() {
        fixture.events.clear();
    }

    private ScriptedServer server() {
        return fixture.server();
    }

    private void follow(Delivery delivery) {
        assertTrue(!fixture.channel()
                .subscribe(Cursor.first(), delivery, new RecordHandler() {
                    @Override
                    public void onRecord(ReceivedRecord record) {
                        fixture.events.add(record.sequence() + " " + record.text());
                    }

                    @Override
                    public void onGap(long firstSequence, long count, io.freshet.client.GapReason reason) {
                        fixture.events.add("gap " + firstSequence + " " + count + " " + reason);
                    }

                    @Override
                    public void onAttributes(ChannelState channel) {
                        fixture.events.add(channel.attributesSequence() + " is "
                                + channel.attributes().getTitle());
                    }
                })
                .toCompletableFuture()
                .isCompletedExceptionally());
        fixture.transport.run();
    }

    private Signal awaitSignal() {
        return server().expect(FrameType.SIGNAL, Signal.parser());
    }

    private void tell(Signal.Builder signal) {
        server().send(FrameType.SIGNAL, signal.setChannel(ID).build());
        fixture.transport.run();
    }

    private Open opensAnew(long next) {
        server().expect(FrameType.CLOSE, Close.parser());
        server().closed(ID);
        fixture.transport.run();
        Open open = server().opens(ID, opened -> opened.setHead(next - 1).setNext(next));
        fixture.transport.run();
        assertTrue(awaitSignal().getWatch());
        return open;
    }

    @Test
    void shouldTakeASampleWhileTheChannelGoesFastWithoutAHoleOrARepeat() {
        follow(Delivery.byPace(100, 10));
        Open first = server().opens(ID, opened -> opened.setNext(1));
        assertEquals(DeliveryMode.DELIVERY_MODE_EVERY, first.getMode());
        assertEquals(0, first.getRate());
        fixture.transport.run();
        assertTrue(awaitSignal().getWatch(), "it follows the hints without being asked");
        server().record(ID, 1, "x");
        tell(Signal.newBuilder().setRecordsPerSecond(50));
        server().expectNothing();

        tell(Signal.newBuilder().setRecordsPerSecond(100));
        server().record(ID, 2, "y");
        Open fast = opensAnew(3);
        assertEquals(DeliveryMode.DELIVERY_MODE_SAMPLED, fast.getMode());
        assertEquals(10, fast.getRate());
        assertEquals(2, fast.getCursor().getAfter().getSequence());
        server().send(
                        FrameType.GAP,
                        Gap.newBuilder()
                                .setChannel(ID)
                                .setFirstSequence(3)
                                .setCount(6)
                                .setReason(GapReason.GAP_REASON_SKIPPED)
                                .build());
        server().record(ID, 9, "z");
        tell(Signal.newBuilder().setRecordsPerSecond(50));
        server().expectNothing();

        tell(Signal.newBuilder().setRecordsPerSecond(20));
        Open slow = opensAnew(10);
        assertEquals(DeliveryMode.DELIVERY_MODE_EVERY, slow.getMode());
        assertEquals(9, slow.getCursor().getAfter().getSequence());
        fixture.expectEvents("1 x", "2 y", "gap 3 6 SKIPPED", "9 z");
        fixture.end();
    }

    @Test
    void shouldKeepTheChoiceOverANewConnection() {
        follow(Delivery.byPace(100, 10));
        server().opens(ID, opened -> opened.setNext(1));
        fixture.transport.run();
        awaitSignal();
        tell(Signal.newBuilder().setRecordsPerSecond(1000));
        opensAnew(1);
        ScriptedServer next = fixture.reconnect();
        Open open = next.opens(ID, opened -> opened.setNext(1));
        assertEquals(DeliveryMode.DELIVERY_MODE_SAMPLED, open.getMode());
        fixture.end();
    }

    @Test
    void shouldReadTheAttributesThatTheSubscriptionHasSkipped() {
        follow(Delivery.latest());
        server().opens(ID, opened -> opened.setNext(1));
        fixture.transport.run();
        fixture.channel().signals().watch(states::add);
        fixture.transport.run();
        assertTrue(awaitSignal().getWatch());
        tell(Signal.newBuilder().setAttributesSequence(2).addPinned(4).setPinCount(1));
        server().expectNothing(); // it is still to come
        server().send(
                        FrameType.GAP,
                        Gap.newBuilder()
                                .setChannel(ID)
                                .setFirstSequence(1)
                                .setCount(8)
                                .setReason(GapReason.GAP_REASON_SKIPPED)
                                .build());
        tell(Signal.newBuilder().setAttributesSequence(2));
        Fetch fetch = server().expect(FrameType.FETCH, Fetch.parser());
        assertEquals(2, fetch.getFromSequence());
        assertEquals(1, fetch.getLimit());
        assertEquals(Direction.DIRECTION_FORWARD, fetch.getDirection());
        tell(Signal.newBuilder().setAttributesSequence(2));
        server().expectNothing(); // it is on its way
        server().send(
                        FrameType.PAGE,
                        Page.newBuilder()
                                .setRequest(fetch.getRequest())
                                .setChannel(ID)
                                .setRecords(attributes(2, "tonight"))
                                .build());
        fixture.transport.run();
        tell(Signal.newBuilder().setAttributesSequence(2));
        server().expectNothing();
        fixture.expectEvents("gap 1 8 SKIPPED", "2 is tonight");
        assertEquals(List.of(4L), states.get(0).pinned());
        assertEquals(1, states.get(0).pinCount());
        assertEquals(2, states.get(0).attributesSequence());
        fixture.end();
    }

    private static ByteString attributes(long sequence, String title) {
        byte[] payload = ChannelAttributes.newBuilder().setTitle(title).build().toByteArray();
        ByteBuf out = Unpooled.buffer();
        RecordFrame.writeHead(out, EventKind.ATTRIBUTES.code(), ID, sequence, 10, 7, 0, payload.length);
        out.setByte(FrameHeader.FLAGS_OFFSET, FrameHeader.FLAG_CHECKED);
        return ByteString.copyFrom(out.writeBytes(payload).nioBuffer());
    }

    @Test
    void shouldAskAgainToBeToldWhenTheServerHadTooMuchToDo() {
        follow(Delivery.byPace(100, 10));
        server().opens(ID, opened -> opened.setNext(1));
        fixture.transport.run();
        awaitSignal();
        server().send(
                        FrameType.ERROR,
                        Error.newBuilder()
                                .setCode(ErrorCode.SIGNAL_RATE.number())
                                .setChannel(ID)
                                .setSignal(true)
                                .setRetryAfterMs(500)
                                .build());
        fixture.passMs(400);
        server().expectNothing();
        fixture.passMs(200);
        assertTrue(awaitSignal().getWatch());
        fixture.end();
    }

    @Test
    void shouldRefuseAPaceThatCannotBe() {
        assertThrows(IllegalArgumentException.class, () -> Delivery.byPace(0, 10));
        assertThrows(IllegalArgumentException.class, () -> Delivery.byPace(100, 0));
        assertThrows(IllegalArgumentException.class, () -> Delivery.byPace(100, 1001));
        assertEquals("byPace(100, 10)", Delivery.byPace(100, 10).toString());
    }
}
