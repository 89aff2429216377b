package io.freshet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.freshet.client.Channel;
import io.freshet.client.ClientConfig;
import io.freshet.client.Cursor;
import io.freshet.client.FreshetClient;
import io.freshet.client.Inbox;
import io.freshet.client.InboxListener;
import io.freshet.client.InboxScope;
import io.freshet.client.StoredRecord;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.EventKind;
import io.freshet.protocol.FrameType;
import io.freshet.protocol.FreshetException;
import io.freshet.protocol.InboxEvents;
import io.freshet.protocol.InboxName;
import io.freshet.protocol.v1.Content;
import io.freshet.protocol.v1.Error;
import io.freshet.protocol.v1.InboxState;
import io.freshet.protocol.v1.Mention;
import io.freshet.protocol.v1.Notice;
import io.freshet.protocol.v1.NotificationLevel;
import io.freshet.protocol.v1.NotificationSetting;
import io.freshet.protocol.v1.Open;
import io.freshet.protocol.v1.ReadInbox;
import io.freshet.protocol.v1.ReadMark;
import io.freshet.protocol.v1.Signal;
import io.freshet.protocol.v1.Welcome;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A user's inbox over sockets: whose it is, and what it takes. */
@Timeout(120)
class InboxTest {
    private static final long ANN = 7;
    private static final long BOB = 8;

    private static final long LOBBY = 77;
    private static final String TOKEN = ", who is known here";

    private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    private final Queue<String> asked = new ConcurrentLinkedQueue<>();

    @TempDir
    private Path directory;

    private FreshetEngine engine;
    private FreshetClient phone;
    private FreshetClient desk;

    @BeforeEach
    void start() {
        engine = FreshetEngine.start(EngineConfig.builder()
                .dataDirectory(directory.resolve("data"))
                .listen(Endpoint.tcp(0))
                .authenticator(Authenticator.staticTokens(
                        Map.of("ann" + TOKEN, new Principal(ANN, "ann"), "bob" + TOKEN, new Principal(BOB, "bob"))))
                .accessPolicy((principal, channel, exists) -> {
                    asked.add(channel);
                    return Access.ALL;
                })
                .build());
        phone = client("ann");
        desk = client("ann");
    }

    @AfterEach
    void close() {
        phone.close();
        desk.close();
        engine.close();
        assertTrue(asked.stream().noneMatch(InboxName::isOfInboxes), asked::toString);
    }

    private FreshetClient client(String token) {
        return FreshetClient.connect(ClientConfig.builder()
                .server("127.0.0.1", engine.addresses().get(0).getPort())
                .token(token + TOKEN)
                .build());
    }

    private static <T> T join(CompletionStage<T> stage) {
        return stage.toCompletableFuture().join();
    }

    private static ErrorCode refusal(CompletionStage<?> stage) {
        CompletionException failure = assertThrows(
                CompletionException.class, () -> stage.toCompletableFuture().join());
        return assertInstanceOf(FreshetException.class, failure.getCause()).code();
    }

    private RawConnection raw(String token) throws IOException {
        RawConnection raw = new RawConnection(engine);
        raw.hello();
        raw.send(
                FrameType.CONNECT,
                RawConnection.connectFrame()
                        .setToken(ByteString.copyFromUtf8(token + TOKEN))
                        .build());
        raw.read(FrameType.WELCOME, Welcome.parser());
        return raw;
    }

    @Test
    void shouldBeNobodysButItsUsers() throws IOException {
        try (FreshetClient ann = client("ann");
                FreshetClient bob = client("bob")) {
            String name = InboxName.of(ANN);
            assertEquals("~inbox/7", name);
            assertEquals(ErrorCode.UNKNOWN_CHANNEL, refusal(bob.channel(name).open()), "there is none yet");
            long inbox = join(ann.channel(name).open()).id();
            assertEquals(ErrorCode.UNKNOWN_CHANNEL, refusal(bob.channel(name).open()), "now there is");
            try (RawConnection raw = raw("bob")) {
                for (long id : new long[] {inbox, inbox + 1}) {
                    raw.send(
                            FrameType.OPEN,
                            Open.newBuilder().setRequest(1).setChannel(id).build());
                    Error error = raw.readError();
                    assertEquals(ErrorCode.UNKNOWN_CHANNEL.number(), error.getCode());
                }
            }
            try (RawConnection raw = raw("ann")) {
                raw.send(
                        FrameType.OPEN,
                        Open.newBuilder().setRequest(1).setChannel(inbox).build());
                assertEquals(FrameType.OPENED, raw.read().type());
            }
        }
    }

    @Test
    void shouldMakeNoOtherReservedName() {
        try (FreshetClient ann = client("ann")) {
            for (String name :
                    List.of("~", "~other", "~inbox", "~inbox/", "~inbox/07", "~inbox/0", "~inbox/7x", "~inbox/-1")) {
                assertEquals(
                        ErrorCode.UNKNOWN_CHANNEL, refusal(ann.channel(name).open()), name);
            }
            for (String name : List.of("~inbox/", "~inbox/07", "~inbox/0")) {
                assertEquals(
                        ErrorCode.UNKNOWN_CHANNEL, refusal(engine.channel(name).open()), name);
            }
        }
    }

    @Test
    void shouldTakeOnlyWhatBelongsIntoAnInbox() {
        try (FreshetClient ann = client("ann")) {
            Channel inbox = ann.channel(InboxName.of(ANN));
            byte[] text = "hi".getBytes(StandardCharsets.UTF_8);
            byte[] notice = Notice.newBuilder()
                    .setReason(Notice.Reason.REASON_MENTION)
                    .build()
                    .toByteArray();
            for (int kind : new int[] {0, 1, 15, EventKind.NOTICE.code(), 19, 240, 256, 65_535}) {
                assertEquals(ErrorCode.INVALID_ARGUMENT, refusal(inbox.publish(kind, notice)), "kind " + kind);
            }
            for (byte[] bad : List.of(
                    text,
                    new byte[0],
                    new byte[18],
                    mark(0, 1),
                    mark(1, 0),
                    mark(1, -1),
                    notice,
                    concat(mark(1, 1), new byte[] {0x18, 1}))) {
                assertEquals(ErrorCode.INVALID_CONTENT, refusal(inbox.publish(EventKind.READ.code(), bad)));
            }
            for (byte[] bad : List.of(
                    new byte[0],
                    text,
                    setting().clearScope().build().toByteArray(),
                    setting().setChannel(0).build().toByteArray(),
                    setting().setSpace("").build().toByteArray(),
                    setting().setSpace("x".repeat(256)).build().toByteArray(),
                    setting().setLevelValue(9).build().toByteArray(),
                    new byte[2_000])) {
                assertEquals(ErrorCode.INVALID_CONTENT, refusal(inbox.publish(EventKind.SETTING.code(), bad)));
            }
            Channel lobby = ann.channel("lobby");
            for (EventKind kind : List.of(EventKind.READ, EventKind.SETTING, EventKind.NOTICE)) {
                assertEquals(ErrorCode.INVALID_ARGUMENT, refusal(lobby.publish(kind.code(), mark(1, 1))));
            }
            assertEquals(
                    1, join(inbox.publish(EventKind.READ.code(), mark(1, 1))).sequence());
        }
    }

    @Test
    void shouldReachEveryDeviceOfItsUserAtOnce() throws InterruptedException {
        BlockingQueue<StoredRecord> received = new ArrayBlockingQueue<>(16);
        try (FreshetClient one = client("ann");
                FreshetClient other = client("ann")) {
            String name = InboxName.of(one.principal());
            join(other.channel(name).subscribe(Cursor.first(), record -> received.add(record.copy())));
            NotificationSetting muted =
                    setting().setMutedUntilUs(Long.MAX_VALUE).build();
            join(one.channel(name).publish(EventKind.SETTING.code(), muted.toByteArray()));
            join(one.channel(name).publish(EventKind.READ.code(), mark(3, 1001)));
            join(engine.channel(name)
                    .publish(
                            EventKind.NOTICE.code(),
                            Notice.newBuilder()
                                    .setReason(Notice.Reason.REASON_INVITATION)
                                    .setChannelName("stage")
                                    .build()
                                    .toByteArray()));

            StoredRecord first = take(received);
            assertEquals(EventKind.SETTING.code(), first.kind());
            assertEquals(ByteString.copyFrom(muted.toByteArray()), ByteString.copyFrom(first.payload()));
            assertEquals(EventKind.READ.code(), take(received).kind());
            StoredRecord notice = take(received);
            assertEquals(EventKind.NOTICE.code(), notice.kind());
            assertEquals(0, notice.sender());
        }
    }

    private static StoredRecord take(BlockingQueue<StoredRecord> received) throws InterruptedException {
        StoredRecord record = received.poll(10, TimeUnit.SECONDS);
        if (record == null) {
            throw new AssertionError("nothing came");
        }
        return record;
    }

    private static NotificationSetting.Builder setting() {
        return NotificationSetting.newBuilder().setChannel(3).setLevel(NotificationLevel.NOTIFICATION_LEVEL_MENTIONS);
    }

    private static byte[] mark(long channel, long sequence) {
        return ReadMark.newBuilder()
                .setChannel(channel)
                .setSequence(sequence)
                .build()
                .toByteArray();
    }

    private static byte[] concat(byte[] one, byte[] other) {
        return ByteString.copyFrom(one).concat(ByteString.copyFrom(other)).toByteArray();
    }

    private final class Noting implements InboxListener {
        @Override
        public void onNotice(long sequence, Notice notice) {
            heard.add("notice " + notice.getChannelName());
        }

        @Override
        public void onRead(long channel, long sequence) {
            heard.add("read " + channel + ":" + sequence);
        }

        @Override
        public void onSetting(NotificationSetting setting) {
            heard.add("set " + setting.getChannel() + " " + setting.getLevel().getNumber() + " "
                    + setting.getMutedUntilUs());
        }
    }

    private String next() throws InterruptedException {
        return String.valueOf(heard.poll(20, TimeUnit.SECONDS));
    }

    @Test
    void shouldShowOnOneDeviceWhatWasReadOnTheOther() throws InterruptedException {
        join(desk.inbox().follow(new Noting()));
        int marks = 500;
        for (int i = 1; i <= marks; i++) {
            join(phone.inbox().markRead(LOBBY, i));
        }
        String last = "read " + LOBBY + ":" + marks;
        for (String said = next(); !said.equals(last); said = next()) {
            assertTrue(said.startsWith("read " + LOBBY + ":"), said);
        }
        assertEquals(marks, desk.inbox().readUpTo(LOBBY));

        Channel inbox = engine.channel(InboxName.of(phone.principal()));
        List<StoredRecord> records = join(inbox.fetchForward(1, 100)).records();
        assertTrue(records.size() < 30, records.size() + " records for " + marks + " marks within seconds");
        long before = 0;
        for (StoredRecord record : records) {
            assertEquals(EventKind.READ.code(), record.kind());
            long sequence = parsed(record).getSequence();
            assertTrue(sequence > before, "marks only rise");
            before = sequence;
        }
        join(desk.inbox().markRead(LOBBY, 3));
        assertEquals(marks, desk.inbox().readUpTo(LOBBY));
    }

    private static ReadMark parsed(StoredRecord record) {
        try {
            return ReadMark.parseFrom(record.payload());
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void shouldMuteOnEveryDeviceAndKeepTheLevel() throws InterruptedException {
        Inbox atDesk = desk.inbox();
        InboxScope lobby = InboxScope.channel(LOBBY);
        CompletionException failure = assertThrows(
                CompletionException.class,
                () -> atDesk.mute(lobby, null).toCompletableFuture().join());
        assertEquals(
                ErrorCode.NOT_OPEN,
                assertInstanceOf(FreshetException.class, failure.getCause()).code());

        join(phone.inbox()
                .set(lobby.setting().toBuilder()
                        .setLevel(NotificationLevel.NOTIFICATION_LEVEL_MENTIONS)
                        .build()));
        join(atDesk.follow(new Noting()));
        assertEquals("set 77 2 0", next());
        join(atDesk.mute(lobby, Instant.ofEpochSecond(2_000_000_000)));
        assertEquals("set 77 2 2000000000000000", next());
        join(atDesk.mute(lobby, null));
        assertEquals("set 77 2 " + InboxEvents.UNTIL_SWITCHED_ON, next());
        join(atDesk.mute(lobby, Instant.EPOCH));
        assertEquals("set 77 2 0", next());
        join(atDesk.set(lobby.setting()));
        assertEquals("set 77 0 0", next());
        assertEquals(List.of(), atDesk.settings());
    }

    @Test
    void shouldTellWhatIsKeptAndThenWhatComes() throws InterruptedException {
        publishNotice("before");
        join(desk.inbox().follow(new Noting()));
        assertEquals("notice before", heard.poll(), "all of it is told by then");
        publishNotice("after");
        assertEquals("notice after", next());
    }

    private void publishNotice(String channelName) {
        Notice notice = Notice.newBuilder()
                .setReason(Notice.Reason.REASON_INVITATION)
                .setChannelName(channelName)
                .build();
        join(engine.channel(InboxName.of(phone.principal())).publish(EventKind.NOTICE.code(), notice.toByteArray()));
    }

    @Test
    void shouldHearOfPostsThatNameItsUserAsTheUserWantsIt() throws InterruptedException {
        join(desk.inbox().follow(new Noting()));
        try (FreshetClient bob = client("bob")) {
            Channel lobby = bob.channel("lobby");
            join(lobby.publish(EventKind.POST.code(), postTo(ANN)));
            assertEquals("notice lobby", next());

            NotificationSetting nothing = InboxScope.space("lob").setting().toBuilder()
                    .setLevel(NotificationLevel.NOTIFICATION_LEVEL_NOTHING)
                    .build();
            join(phone.inbox().set(nothing));
            assertEquals("set 0 3 0", next());
            join(lobby.publish(EventKind.POST.code(), postTo(ANN)));
            join(bob.channel("attic").publish(EventKind.POST.code(), postTo(ANN)));
            assertEquals("notice attic", next());

            join(phone.inbox().set(InboxScope.space("lob").setting()));
            assertEquals("set 0 0 0", next());
            join(lobby.publish(EventKind.POST.code(), postTo(ANN)));
            assertEquals("notice lobby", next());
        }
        assertEquals(1, engine.metrics().sum("notices.unwanted"));
    }

    @Test
    void shouldSayWhatHoldsWithoutItsRecords() {
        NotificationSetting setting = setting().build();
        join(phone.inbox().set(setting));
        join(phone.inbox().markRead(LOBBY, 5));
        InboxState state = InboxState.getDefaultInstance();
        for (int i = 0; i < 500 && state.getMarksCount() + state.getSettingsCount() < 2; i++) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
            state = join(desk.request("freshet.v1.Inbox/Read", ReadInbox.getDefaultInstance(), InboxState.parser()));
        }
        assertEquals(setting, state.getSettings(0).getSetting());
        assertEquals(5, state.getMarks(0).getSequence());
        ReadInbox rest = ReadInbox.newBuilder().setAfter(1).build();
        state = join(desk.request("freshet.v1.Inbox/Read", rest, InboxState.parser()));
        assertEquals(0, state.getSettingsCount());
        assertEquals(1, state.getMarksCount());
    }

    @Test
    void shouldTakeNoSignals() throws IOException {
        try (RawConnection raw = raw("ann")) {
            long inbox = raw.open(InboxName.of(ANN)).getChannel();
            raw.send(
                    FrameType.SIGNAL,
                    Signal.newBuilder().setChannel(inbox).setWatch(true).build());
            assertEquals(ErrorCode.FORBIDDEN.number(), raw.readError().getCode());
        }
    }

    private static byte[] postTo(long user) {
        return Content.newBuilder()
                .setText("hi")
                .addMentions(Mention.newBuilder().setUser(user))
                .build()
                .toByteArray();
    }
}
