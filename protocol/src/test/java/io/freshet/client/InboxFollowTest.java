package io.freshet.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import io.freshet.protocol.EventKind;
import io.freshet.protocol.FrameType;
import io.freshet.protocol.v1.Epoch;
import io.freshet.protocol.v1.Gap;
import io.freshet.protocol.v1.GapReason;
import io.freshet.protocol.v1.InboxState;
import io.freshet.protocol.v1.NotificationLevel;
import io.freshet.protocol.v1.NotificationSetting;
import io.freshet.protocol.v1.Open;
import io.freshet.protocol.v1.Opened;
import io.freshet.protocol.v1.ReadInbox;
import io.freshet.protocol.v1.ReadMark;
import io.freshet.protocol.v1.Record;
import io.freshet.protocol.v1.Request;
import io.freshet.protocol.v1.Response;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What a client knows of its user's inbox, against a server that the test plays. */
class InboxFollowTest {
    private static final long INBOX = 9;
    private static final long LOBBY = 3;
    private static final InboxScope SCOPE = InboxScope.channel(LOBBY);

    private final Fixture fixture = Fixture.welcomed(config -> config.retryTimeout(Duration.ofMillis(500)));
    private final List<String> heard = new ArrayList<>();

    private ScriptedServer server() {
        return fixture.server();
    }

    private CompletableFuture<Void> follow() {
        CompletableFuture<Void> followed = fixture.client()
                .inbox()
                .follow(new InboxListener() {
                    @Override
                    public void onRead(long channel, long sequence) {
                        heard.add("read " + channel + ":" + sequence);
                    }

                    @Override
                    public void onSetting(NotificationSetting setting) {
                        heard.add("set " + setting.getLevel().getNumber());
                    }
                })
                .toCompletableFuture();
        fixture.transport.run();
        return followed;
    }

    private void opensWithFourExpired() {
        server().opens(INBOX, opened -> opened.setFirst(5).setNext(1).setHead(5));
        server().send(
                        FrameType.GAP,
                        Gap.newBuilder()
                                .setChannel(INBOX)
                                .setFirstSequence(1)
                                .setCount(4)
                                .setReason(GapReason.GAP_REASON_EXPIRED)
                                .build());
    }

    private void setting(long sequence, NotificationSetting setting) {
        server().record(INBOX, sequence, EventKind.SETTING, setting.toByteArray());
    }

    private static NotificationSetting level(NotificationLevel level) {
        return SCOPE.setting().toBuilder().setLevel(level).build();
    }

    /** Takes the question what holds in the inbox; returns behind which sequence. */
    private long answer(InboxState.Builder state) throws InvalidProtocolBufferException {
        Request request = server().expect(FrameType.REQUEST, Request.parser());
        assertEquals("freshet.v1.Inbox/Read", request.getMethod());
        server().send(
                        FrameType.RESPONSE,
                        Response.newBuilder()
                                .setRequest(request.getRequest())
                                .setBody(state.build().toByteString())
                                .build());
        return ReadInbox.parseFrom(request.getBody()).getAfter();
    }

    private static InboxState.Builder said(long sequence, NotificationLevel level) {
        return InboxState.newBuilder()
                .addSettings(
                        InboxState.Setting.newBuilder().setSetting(level(level)).setSaid(sequence));
    }

    @Test
    void shouldKnowWhatWasSaidInRecordsThatAreKeptNoMore() throws InvalidProtocolBufferException {
        CompletableFuture<Void> followed = follow();
        opensWithFourExpired();
        server().record(INBOX, 5, EventKind.READ, mark(LOBBY, 8));
        assertFalse(followed.isDone(), "not all is known");
        InboxState.Mark mark = InboxState.Mark.newBuilder()
                .setChannel(4)
                .setSequence(40)
                .setSaid(3)
                .build();
        assertEquals(
                0, answer(said(2, NotificationLevel.NOTIFICATION_LEVEL_MENTIONS).addMarks(mark)));
        assertEquals(3, answer(InboxState.newBuilder()));

        assertTrue(followed.isDone());
        Inbox inbox = fixture.client().inbox();
        assertEquals(List.of(level(NotificationLevel.NOTIFICATION_LEVEL_MENTIONS)), inbox.settings());
        assertEquals(40, inbox.readUpTo(4));
        assertEquals(8, inbox.readUpTo(LOBBY));
        assertEquals(List.of("read 3:8", "read 4:40", "set 2"), heard);
        inbox.mute(SCOPE, null);
        fixture.transport.run();
        NotificationSetting muted = NotificationSetting.parseFrom(nextRecord());
        assertEquals(NotificationLevel.NOTIFICATION_LEVEL_MENTIONS, muted.getLevel());
    }

    @Test
    void shouldLetWhatWasSaidLaterCountWheneverItIsTold() throws InvalidProtocolBufferException {
        assertFalse(follow().isDone());
        opensWithFourExpired();
        setting(5, level(NotificationLevel.NOTIFICATION_LEVEL_UNSPECIFIED));
        answer(said(2, NotificationLevel.NOTIFICATION_LEVEL_NOTHING));
        answer(InboxState.newBuilder());

        assertEquals(List.of(), fixture.client().inbox().settings());
    }

    @Test
    void shouldForgetWhatIsVoid() throws InvalidProtocolBufferException {
        CompletableFuture<Void> followed = follow();
        server().opens(INBOX, opened -> opened.setNext(1).setHead(2));
        setting(1, level(NotificationLevel.NOTIFICATION_LEVEL_MENTIONS));
        setting(2, level(NotificationLevel.NOTIFICATION_LEVEL_NOTHING));
        assertTrue(followed.isDone());
        server().send(
                        FrameType.EPOCH,
                        Epoch.newBuilder()
                                .setChannel(INBOX)
                                .setEpoch(2)
                                .setValidUpTo(1)
                                .setHead(1)
                                .build());
        answer(said(1, NotificationLevel.NOTIFICATION_LEVEL_MENTIONS));
        answer(InboxState.newBuilder());

        assertEquals(
                List.of(level(NotificationLevel.NOTIFICATION_LEVEL_MENTIONS)),
                fixture.client().inbox().settings());
    }

    @Test
    void shouldTellTheServerAgainOfAMarkThatWasNotKept() throws InvalidProtocolBufferException {
        fixture.client().inbox().markRead(LOBBY, 8);
        fixture.transport.run();
        server().opens(INBOX);
        assertEquals(8, ReadMark.parseFrom(nextRecord()).getSequence());
        fixture.reconnect(); // longer than it is tried
        assertEquals(8, ReadMark.parseFrom(nextRecord()).getSequence());
    }

    @Test
    void shouldTellWhatWasReadLastBeforeItCloses() throws InvalidProtocolBufferException {
        Inbox inbox = fixture.client().inbox();
        inbox.markRead(LOBBY, 8);
        fixture.transport.run();
        server().opens(INBOX);
        assertEquals(8, ReadMark.parseFrom(nextRecord()).getSequence());
        inbox.markRead(LOBBY, 9);
        inbox.markRead(LOBBY, 10);
        CompletableFuture<Void> closed = fixture.client().closeAsync().toCompletableFuture();
        CompletableFuture<Void> late = inbox.markRead(LOBBY, 11).toCompletableFuture();
        fixture.transport.run();

        assertTrue(late.isCompletedExceptionally(), "that is after its end");
        assertEquals(10, ReadMark.parseFrom(nextRecord()).getSequence());
        assertFalse(closed.isDone(), "it waits for the receipt");
        fixture.passMs(60_000);
        assertTrue(closed.isDone(), "not for ever");
    }

    /** The payload of the next record that the client publishes, to whatever it opens. */
    private ByteString nextRecord() throws InvalidProtocolBufferException {
        for (int i = 0; i < 10; i++) {
            ScriptedServer.@Nullable Received frame = server().poll();
            if (frame == null) {
                fixture.passMs(1_000);
            } else if (frame.type() == FrameType.OPEN) {
                Open open = frame.as(Open.parser());
                server().send(
                                FrameType.OPENED,
                                Opened.newBuilder()
                                        .setRequest(open.getRequest())
                                        .setChannel(INBOX)
                                        .setName(open.getName())
                                        .setEpoch(1)
                                        .setFirst(1)
                                        .setMayPublish(true)
                                        .setMaySubscribe(true)
                                        .build());
            } else if (frame.type() == FrameType.RECORD) {
                return frame.as(Record.parser()).getPayload();
            }
        }
        throw new AssertionError("nothing was published");
    }

    @Test
    void shouldTellScopesApartByWhatTheyAreAboutAlone() {
        NotificationSetting later = level(NotificationLevel.NOTIFICATION_LEVEL_NOTHING).toBuilder()
                .setUnknownFields(UnknownFieldSet.newBuilder()
                        .addField(
                                99,
                                UnknownFieldSet.Field.newBuilder().addVarint(1).build())
                        .build())
                .build();

        assertEquals(SCOPE, InboxScope.of(later));
    }

    private static byte[] mark(long channel, long sequence) {
        return ReadMark.newBuilder()
                .setChannel(channel)
                .setSequence(sequence)
                .build()
                .toByteArray();
    }
}
