package io.freshet.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.protocol.FrameHeader;
import io.freshet.protocol.FrameType;
import io.freshet.protocol.v1.ChannelAttributes;
import io.freshet.protocol.v1.Close;
import io.freshet.protocol.v1.CloseReason;
import io.freshet.protocol.v1.Closed;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a client is told of a channel, and which of its channels it leaves for others. */
final class ChannelStateTest {
    private final Fixture fixture = Fixture.welcomed();

    ChannelStateTest() {
        fixture.events.clear();
    }

    private ScriptedServer server() {
        return fixture.server();
    }

    @Test
    void shouldEndAsIfThereHadNeverBeenAChannelWhenItIsDeleted() {
        fixture.follow(Cursor.first());
        server().opens(3, opened -> opened.setNext(1));
        server().send(
                        FrameType.CLOSED,
                        Closed.newBuilder()
                                .setChannel(3)
                                .setReason(CloseReason.CLOSE_REASON_DELETED)
                                .build());
        fixture.expectEvents("end UNKNOWN_CHANNEL");
        fixture.end();
    }

    @Test
    void shouldTellWhatTheChannelIsAndWhatItBecomes() {
        List<String> told = new ArrayList<>();
        var subscription = fixture.channel().subscribe(Cursor.first(), new RecordHandler() {
            @Override
            public void onRecord(ReceivedRecord record) {
                told.add(Long.toString(record.sequence()));
            }

            @Override
            public void onAttributes(ChannelState channel) {
                told.add(channel.attributes().getTitle() + " at " + channel.attributesSequence());
            }
        });
        server().opens(
                        3,
                        opened -> opened.setHead(3)
                                .setNext(1)
                                .setAttributes(titled("b"))
                                .setAttributesSequence(2));
        assertEquals(
                "b",
                subscription.toCompletableFuture().join().channel().attributes().getTitle());
        server().attributes(3, 1, FrameHeader.FLAG_CHECKED, titled("a"));
        server().attributes(3, 2, FrameHeader.FLAG_CHECKED, titled("b"));
        server().attributes(3, 3, 0, titled("forged"));
        server().attributes(3, 4, FrameHeader.FLAG_CHECKED, titled("c"));
        assertEquals(List.of("1", "2", "3", "c at 4", "4"), told);
        server().drop();
        fixture.nextWelcome();
        server().opens(
                        3,
                        opened -> opened.setHead(9)
                                .setNext(5)
                                .setAttributes(titled("d"))
                                .setAttributesSequence(9));
        assertEquals(List.of("1", "2", "3", "c at 4", "4", "d at 9"), told);
        assertEquals(
                "d",
                subscription.toCompletableFuture().join().channel().attributes().getTitle());
        fixture.end();
    }

    private static ChannelAttributes titled(String title) {
        return ChannelAttributes.newBuilder().setTitle(title).build();
    }

    @Test
    void shouldLeaveAChannelThatNobodyUsesForAnotherWhenTheLimitIsReached() {
        fixture.client().channel("followed").subscribe(Cursor.live(), record -> {});
        fixture.transport.run();
        server().opens(9, opened -> opened.setNext(1));
        for (int i = 0; i < 2; i++) {
            fixture.client().channel("c" + i).open();
            fixture.transport.run();
            server().opens(10 + i);
        }
        var subscription = fixture.subscribe(Cursor.live());
        long left = server().expect(FrameType.CLOSE, Close.parser()).getChannel();
        assertTrue(left == 10 || left == 11, "the one that is followed stays");
        server().expectNothing();
        server().closed(left);
        assertEquals("a", server().opens(3, opened -> opened.setNext(1)).getName());
        assertTrue(subscription.isDone());
        var again = fixture.client().channel("c" + (left - 10)).open();
        server().expect(FrameType.CLOSE, Close.parser());
        server().closed(21 - left);
        server().opens(left);
        assertTrue(again.toCompletableFuture().isDone());
        fixture.end();
    }
}
