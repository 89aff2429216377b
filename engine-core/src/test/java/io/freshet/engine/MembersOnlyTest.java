package io.freshet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.freshet.client.ClientConfig;
import io.freshet.client.FreshetClient;
import io.freshet.client.InboxListener;
import io.freshet.engine.notice.Notification;
import io.freshet.engine.notice.NotificationSink;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.EventKind;
import io.freshet.protocol.FrameType;
import io.freshet.protocol.FreshetException;
import io.freshet.protocol.v1.ChannelAttributes;
import io.freshet.protocol.v1.ChannelKind;
import io.freshet.protocol.v1.Content;
import io.freshet.protocol.v1.Cursor;
import io.freshet.protocol.v1.Error;
import io.freshet.protocol.v1.JoinRoom;
import io.freshet.protocol.v1.LeaveRoom;
import io.freshet.protocol.v1.Mention;
import io.freshet.protocol.v1.Notice;
import io.freshet.protocol.v1.NotificationSetting;
import io.freshet.protocol.v1.RoomJoined;
import io.freshet.protocol.v1.RoomLeft;
import io.freshet.protocol.v1.RoomSettings;
import io.freshet.protocol.v1.ThreadParent;
import io.freshet.protocol.v1.Welcome;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What only some may know of, over sockets: direct channels, threads and what was deleted, for notices and in rooms as well. */
@Timeout(120)
class MembersOnlyTest {
    private static final long ANN = 7;
    private static final long BOB = 8;
    private static final long CYD = 9;
    private static final String DIRECT = "~direct/ann-and-bob";

    private final List<FreshetClient> clients = new ArrayList<>();
    private final AtomicBoolean isSinkClosed = new AtomicBoolean();

    @TempDir
    private Path directory;

    private FreshetEngine engine;

    @BeforeEach
    void start() {
        NotificationSink broken = new NotificationSink() {
            @Override
            public void deliver(Notification notification) {}

            @Override
            public void close() {
                throw new IllegalStateException("on purpose");
            }
        };
        NotificationSink whole = new NotificationSink() {
            @Override
            public void deliver(Notification notification) {}

            @Override
            public void close() {
                isSinkClosed.set(true);
            }
        };
        engine = FreshetEngine.start(EngineConfig.builder()
                .dataDirectory(directory.resolve("data"))
                .listen(Endpoint.tcp(0))
                .reactors(2)
                .authenticator(credentials -> {
                    String name = new String(credentials.token(), StandardCharsets.UTF_8);
                    return new Principal(name.equals("ann") ? ANN : name.equals("bob") ? BOB : CYD, name);
                })
                .accessPolicy((principal, channel, exists) -> access(channel))
                .notifications(new Notifications(List.of(broken, whole), Duration.ZERO))
                .build());
    }

    /** It knows of no threads by name, since it is asked about the channels that they belong to. */
    private static Access access(String channel) {
        if (channel.startsWith("~thread/")) {
            return Access.NONE;
        }
        return channel.equals("drop") ? new Access(false, true, true) : Access.ALL;
    }

    @AfterEach
    void close() {
        clients.forEach(FreshetClient::close);
        engine.close();
    }

    private FreshetClient connect(String name) {
        FreshetClient client = FreshetClient.connect(ClientConfig.builder()
                .server("127.0.0.1", engine.addresses().get(0).getPort())
                .token(name)
                .build());
        clients.add(client);
        return client;
    }

    private static <T> T await(CompletionStage<T> stage) {
        return stage.toCompletableFuture().orTimeout(60, TimeUnit.SECONDS).join();
    }

    private static ErrorCode refusal(CompletionStage<?> stage) {
        CompletionException thrown = assertThrows(CompletionException.class, () -> await(stage));
        return assertInstanceOf(FreshetException.class, thrown.getCause()).code();
    }

    /** Each channel of these has a room. */
    private void make(String channel, ChannelAttributes.Builder attributes) {
        attributes.setRoom(RoomSettings.newBuilder().setCapacity(5));
        await(engine.channel(channel)
                .publish(EventKind.ATTRIBUTES.code(), attributes.build().toByteArray()));
    }

    private void makeDirect() {
        make(
                DIRECT,
                ChannelAttributes.newBuilder()
                        .setKind(ChannelKind.CHANNEL_KIND_DIRECT)
                        .addMembers(ANN)
                        .addMembers(BOB));
    }

    /** The thread of the first record of a channel. */
    private String makeThread(String parent) {
        await(engine.channel(parent).publish("something to talk about"));
        long id = await(engine.channel(parent).open()).id();
        String name = "~thread/" + id + "/1";
        make(
                name,
                ChannelAttributes.newBuilder()
                        .setKind(ChannelKind.CHANNEL_KIND_THREAD)
                        .setParent(ThreadParent.newBuilder().setChannel(id).setPost(1)));
        return name;
    }

    private BlockingQueue<Notice> notices(String user) {
        BlockingQueue<Notice> heard = new LinkedBlockingQueue<>();
        await(connect(user).inbox().follow(new InboxListener() {
            @Override
            public void onNotice(long sequence, Notice notice) {
                heard.add(notice);
            }

            @Override
            public void onRead(long channel, long sequence) {}

            @Override
            public void onSetting(NotificationSetting setting) {}
        }));
        return heard;
    }

    private static byte[] post(long... mentioned) {
        Content.Builder content = Content.newBuilder().setText("hi");
        for (long user : mentioned) {
            content.addMentions(Mention.newBuilder().setUser(user));
        }
        return content.build().toByteArray();
    }

    @Test
    void shouldTellTheOtherMembersOfADirectChannel() throws InterruptedException {
        makeDirect();
        BlockingQueue<Notice> bobs = notices("bob");
        await(connect("ann").channel(DIRECT).publish(EventKind.POST.code(), post()));

        Notice notice = bobs.poll(20, TimeUnit.SECONDS);
        assertEquals(DIRECT, notice == null ? "" : notice.getChannelName());
        assertEquals(Notice.Reason.REASON_DIRECT, notice == null ? null : notice.getReason());
    }

    @Test
    void shouldAskAboutAThreadByTheNameOfItsChannel() throws InterruptedException {
        String thread = makeThread("talk");
        BlockingQueue<Notice> bobs = notices("bob");
        await(connect("ann").channel(thread).publish(EventKind.POST.code(), post(BOB)));

        Notice notice = bobs.poll(20, TimeUnit.SECONDS);
        assertEquals(thread, notice == null ? "" : notice.getChannelName());
    }

    private static CompletionStage<RoomJoined> join(FreshetClient client, String channel) {
        return client.request(
                "freshet.v1.Rooms/Join",
                JoinRoom.newBuilder().setChannel(channel).build(),
                RoomJoined.parser());
    }

    @Test
    void shouldLetOnlyMembersIntoTheRoomOfADirectChannel() {
        makeDirect();
        await(join(connect("ann"), DIRECT));
        FreshetClient cyd = connect("cyd");

        assertEquals(ErrorCode.UNKNOWN_CHANNEL, refusal(join(cyd, DIRECT)));
        assertEquals(ErrorCode.UNKNOWN_CHANNEL, refusal(join(cyd, "~direct/nobody")));
    }

    @Test
    void shouldLetNobodyIntoTheRoomOfADeletedChannel() {
        make("gone", ChannelAttributes.newBuilder());
        FreshetClient ann = connect("ann");
        await(join(ann, "gone"));
        await(engine.channel("gone")
                .publish(
                        EventKind.ATTRIBUTES.code(),
                        ChannelAttributes.newBuilder().setDeleted(true).build().toByteArray()));

        assertEquals(ErrorCode.UNKNOWN_CHANNEL, refusal(join(connect("bob"), "gone")));
    }

    @Test
    void shouldPutOutOfTheRoomsOfItsThreadsWhoLosesAChannel() {
        String thread = makeThread("talk");
        FreshetClient ann = connect("ann");
        FreshetClient bob = connect("bob");
        long channel = await(join(ann, thread)).getChannel();
        await(join(bob, thread));
        await(engine.revoke(ANN, "talk"));
        await(engine.revoke(BOB, "no such channel"));

        assertEquals(ErrorCode.NOT_IN_ROOM, refusal(leave(ann, channel)));
        await(leave(bob, channel));
    }

    private static CompletionStage<RoomLeft> leave(FreshetClient client, long channel) {
        return client.request(
                "freshet.v1.Rooms/Leave",
                LeaveRoom.newBuilder().setChannel(channel).build(),
                RoomLeft.parser());
    }

    @Test
    void shouldNotSayWhetherThereIsWhatOneMayNotFollow() throws IOException {
        String thread = makeThread("drop");
        String none = thread.substring(0, thread.length() - 1) + "2";

        assertEquals(answer(none), answer(thread));
    }

    private Error answer(String channel) throws IOException {
        try (RawConnection raw = new RawConnection(engine)) {
            raw.hello();
            raw.send(
                    FrameType.CONNECT,
                    RawConnection.connectFrame()
                            .setToken(ByteString.copyFromUtf8("bob"))
                            .build());
            raw.read(FrameType.WELCOME, Welcome.parser());
            raw.send(
                    FrameType.OPEN,
                    RawConnection.openFrame(channel)
                            .setCursor(Cursor.newBuilder().setLive(Cursor.Live.getDefaultInstance()))
                            .build());
            return raw.readError();
        }
    }

    @Test
    void shouldCloseEverythingThoughASinkThrows() {
        engine.close();

        assertTrue(isSinkClosed.get());
        start(); // the data directory is free
    }
}
