package io.freshet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.freshet.client.ClientConfig;
import io.freshet.client.FreshetClient;
import io.freshet.client.InboxListener;
import io.freshet.client.InboxScope;
import io.freshet.client.Room;
import io.freshet.client.RoomListener;
import io.freshet.client.RoomView;
import io.freshet.client.chat.Draft;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.EventKind;
import io.freshet.protocol.FreshetException;
import io.freshet.protocol.v1.ChannelAttributes;
import io.freshet.protocol.v1.IceServer;
import io.freshet.protocol.v1.JoinRoom;
import io.freshet.protocol.v1.LeaveRoom;
import io.freshet.protocol.v1.Notice;
import io.freshet.protocol.v1.NotificationLevel;
import io.freshet.protocol.v1.RoomEndReason;
import io.freshet.protocol.v1.RoomInvitation;
import io.freshet.protocol.v1.RoomJoined;
import io.freshet.protocol.v1.RoomLeft;
import io.freshet.protocol.v1.RoomMember;
import io.freshet.protocol.v1.RoomSettings;
import io.freshet.protocol.v1.RoomSignal;
import io.freshet.protocol.v1.RoomSignalKind;
import io.freshet.protocol.v1.RoomSignalled;
import io.freshet.protocol.v1.RoomState;
import io.freshet.protocol.v1.RoomUpdate;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rooms over real sockets: who may be there, what members are told, and every refusal. */
class RoomServiceTest {
    private static final String VOICE = "voice";
    private static final int CAPACITY = 5;
    private static final int SIGNALS_AT_ONCE = 20;
    private static final RoomState OPEN = RoomState.getDefaultInstance();
    private static final RoomSignalKind OFFER = RoomSignalKind.ROOM_SIGNAL_KIND_OFFER;

    @TempDir
    private Path directory;

    private final List<AutoCloseable> opened = new ArrayList<>();
    private FreshetEngine engine;

    /** Keeps what a room tells. */
    private static final class Told implements RoomListener {
        final BlockingQueue<RoomView> views = new LinkedBlockingQueue<>();
        final BlockingQueue<String> signals = new LinkedBlockingQueue<>();
        final BlockingQueue<RoomEndReason> ends = new LinkedBlockingQueue<>();

        @Override
        public void onChange(RoomView view) {
            views.add(view);
        }

        @Override
        public void onSignal(long peer, RoomSignalKind kind, byte[] payload) {
            signals.add(peer + " " + kind.getNumber() + " " + payload.length);
        }

        @Override
        public void onEnd(RoomEndReason reason) {
            ends.add(reason);
        }

        RoomView await(Predicate<RoomView> wanted) throws InterruptedException {
            while (true) {
                RoomView view =
                        Objects.requireNonNull(views.poll(20, TimeUnit.SECONDS), "the room never came to be so");
                if (wanted.test(view)) {
                    return view;
                }
            }
        }
    }

    @BeforeEach
    void start() {
        AccessPolicy policy = (principal, channel, exists) -> switch (channel) {
            case "secret" -> Access.NONE;
            case "quiet" -> Access.READ;
            case "stage" -> Access.READ.with(Set.of(ChannelRight.JOIN_ROOM));
            case "club" -> principal.name().equals("ann") ? Access.ALL : Access.NONE;
            default -> Access.ALL;
        };
        engine = opened(FreshetEngine.start(EngineConfig.builder()
                .dataDirectory(directory.resolve("data"))
                .listen(Endpoint.tcp(0))
                .accessPolicy(policy)
                .rooms(RoomConfig.DEFAULTS
                        .rates(new Rate(1, SIGNALS_AT_ONCE), Rate.UNLIMITED)
                        .grace(Duration.ofSeconds(2))
                        .iceServers(IceServers.NONE.turn("s", Duration.ofHours(1), "turn:127.0.0.1:3478")))
                .build()));
        await(engine.channel("lobby").open());
        for (String channel : List.of(VOICE, "secret", "quiet", "stage", "club")) {
            settle(channel, CAPACITY);
        }
    }

    /** Says how many may be in a channel's room; none: it has none. */
    private void settle(String channel, int capacity) {
        ChannelAttributes.Builder attributes = ChannelAttributes.newBuilder();
        if (capacity > 0) {
            attributes.setRoom(RoomSettings.newBuilder().setCapacity(capacity).setScreen(true));
        }
        await(engine.channel(channel)
                .publish(EventKind.ATTRIBUTES.code(), attributes.build().toByteArray()));
    }

    @AfterEach
    void stop() throws Exception {
        for (int i = opened.size() - 1; i >= 0; i--) {
            opened.get(i).close();
        }
    }

    private <T extends AutoCloseable> T opened(T resource) {
        opened.add(resource);
        return resource;
    }

    private FreshetClient connect(String name) {
        return connect(name, engine.addresses().get(0).getPort());
    }

    private FreshetClient connect(String name, int port) {
        return opened(FreshetClient.connect(
                ClientConfig.builder().server("127.0.0.1", port).token(name).build()));
    }

    private static <T> T await(CompletionStage<T> stage) {
        return stage.toCompletableFuture().orTimeout(30, TimeUnit.SECONDS).join();
    }

    private static RoomMember member(RoomView view, long peer) {
        return Objects.requireNonNull(view.members().get(peer));
    }

    private static ErrorCode refusal(CompletionStage<?> stage) {
        return codeOf(assertThrows(CompletionException.class, () -> await(stage)));
    }

    private static ErrorCode codeOf(CompletionException failure) {
        return assertInstanceOf(FreshetException.class, failure.getCause()).code();
    }

    private static CompletionStage<RoomJoined> join(FreshetClient client, String channel) {
        return client.request(
                "freshet.v1.Rooms/Join",
                JoinRoom.newBuilder().setChannel(channel).build(),
                RoomJoined.parser());
    }

    private static CompletionStage<RoomSignalled> signal(FreshetClient client, long channel, long peer, int length) {
        RoomSignal signal = RoomSignal.newBuilder()
                .setChannel(channel)
                .setPeer(peer)
                .setKind(OFFER)
                .setPayload(ByteString.copyFrom(new byte[length]))
                .build();
        return client.request("freshet.v1.Rooms/Signal", signal, RoomSignalled.parser());
    }

    @Test
    void shouldBeAtOnceWhatTheChannelSaysOfIt() throws InterruptedException {
        settle(VOICE, 3);
        Told byAnn = new Told();
        Told byBob = new Told();
        Told byCat = new Told();
        await(connect("ann").room(VOICE, byAnn).join(OPEN));
        await(connect("bob").room(VOICE, byBob).join(OPEN));
        await(connect("cat").room(VOICE, byCat).join(OPEN));
        FreshetClient dan = connect("dan");
        assertEquals(ErrorCode.ROOM_FULL, refusal(join(dan, VOICE)));

        settle(VOICE, 2);
        assertEquals(RoomEndReason.ROOM_END_REASON_SMALLER, byCat.ends.poll(20, TimeUnit.SECONDS));
        byAnn.await(view -> view.members().size() == 2 && view.capacity() == 2);
        settle(VOICE, 4);
        byAnn.await(view -> view.capacity() == 4);
        await(join(dan, VOICE));
        byAnn.await(view -> view.members().size() == 3);

        settle(VOICE, 0);
        assertEquals(RoomEndReason.ROOM_END_REASON_CLOSED, byAnn.ends.poll(20, TimeUnit.SECONDS));
        assertEquals(RoomEndReason.ROOM_END_REASON_CLOSED, byBob.ends.poll(20, TimeUnit.SECONDS));
        assertEquals(ErrorCode.INVALID_ARGUMENT, refusal(join(dan, VOICE)));

        settle(VOICE, 2);
        Told again = new Told();
        FreshetClient ann = connect("ann");
        await(ann.room(VOICE, again).join(OPEN));
        await(ann.channels().archive(await(ann.channel(VOICE).open()).id(), true));
        assertEquals(RoomEndReason.ROOM_END_REASON_CLOSED, again.ends.poll(20, TimeUnit.SECONDS));
        assertEquals(ErrorCode.INVALID_ARGUMENT, refusal(join(dan, VOICE)));
        await(ann.channels().archive(await(ann.channel(VOICE).open()).id(), false));
        Told last = new Told();
        await(connect("bob").room(VOICE, last).join(OPEN));
        await(ann.channels().delete(await(ann.channel(VOICE).open()).id()));
        assertEquals(RoomEndReason.ROOM_END_REASON_CLOSED, last.ends.poll(20, TimeUnit.SECONDS));
        assertEquals(ErrorCode.UNKNOWN_CHANNEL, refusal(join(dan, VOICE)));
    }

    @Test
    void shouldTellMembersOfEachOtherAndHandOnTheirSignals() throws InterruptedException {
        Told byAnn = new Told();
        Told byBob = new Told();
        Room ann = connect("ann").room(VOICE, byAnn);
        Room bob = connect("bob").room(VOICE, byBob);
        long first = await(ann.join(OPEN)).self();
        RoomView both = await(bob.join(OPEN));
        assertEquals(2, both.members().size());
        assertEquals(
                both.version(), byAnn.await(view -> view.members().size() == 2).version());
        await(ann.signal(both.self(), OFFER, new byte[16 * 1024]));
        assertEquals(first + " 1 16384", byBob.signals.poll(10, TimeUnit.SECONDS));
        await(bob.say(RoomState.newBuilder().setMuted(true).build()));
        byAnn.await(view -> member(view, both.self()).getState().getMuted());
        IceServer turn = await(bob.iceServers()).get(0);
        assertTrue(turn.getUsername()
                .endsWith(":" + Long.toUnsignedString(member(both, both.self()).getPrincipal())));
        await(bob.leave());
        byAnn.await(view -> view.members().size() == 1);
        assertNull(bob.view());
        assertEquals(ErrorCode.NOT_IN_ROOM, refusal(bob.leave()));
    }

    @Test
    void shouldLetInNoMoreThanThereArePlacesWhoeverRaces() {
        List<FreshetClient> clients = new ArrayList<>();
        for (int i = 0; i < 4 * CAPACITY; i++) {
            clients.add(connect("client " + i));
        }
        List<CompletionStage<RoomJoined>> joins =
                clients.stream().map(client -> join(client, VOICE)).toList();
        int full = 0;
        for (CompletionStage<RoomJoined> each : joins) {
            try {
                assertTrue(await(each).getRoom().getMembersCount() <= CAPACITY);
            } catch (CompletionException e) {
                assertEquals(ErrorCode.ROOM_FULL, codeOf(e));
                full++;
            }
        }
        assertEquals(3 * CAPACITY, full);
        assertEquals(CAPACITY, engine.metrics().sum("rooms.members"));
        assertEquals(1, engine.metrics().sum("rooms"));
    }

    @Test
    void shouldKeepThePlaceOfALostConnectionForAWhile() throws Exception {
        CuttingProxy proxy = opened(new CuttingProxy(engine.addresses().get(0)));
        Told byAnn = new Told();
        Told byBob = new Told();
        Room ann = connect("ann").room(VOICE, byAnn);
        Room bob = connect("bob", proxy.port()).room(VOICE, byBob);
        await(ann.join(OPEN));
        long peer = await(bob.join(OPEN)).self();
        proxy.cut();
        assertEquals(peer, byBob.await(view -> view.members().size() == 2).self());
        proxy.close();
        byAnn.await(
                view -> view.members().containsKey(peer) && member(view, peer).getAway());
        byAnn.await(view -> view.members().size() == 1);
    }

    @Test
    void shouldRefuseByName() {
        FreshetClient ann = connect("ann");
        FreshetClient bob = connect("bob");
        assertEquals(ErrorCode.INVALID_NAME, refusal(join(ann, "")));
        assertEquals(ErrorCode.UNKNOWN_CHANNEL, refusal(join(ann, "nowhere")));
        assertEquals(ErrorCode.UNKNOWN_CHANNEL, refusal(join(ann, "secret")));
        assertEquals(ErrorCode.INVALID_ARGUMENT, refusal(join(ann, "lobby")));
        assertEquals(ErrorCode.FORBIDDEN, refusal(join(ann, "quiet")));
        RoomJoined joined = await(join(ann, VOICE));
        long channel = joined.getChannel();
        long peer = joined.getPeer();
        assertEquals(ErrorCode.NOT_IN_ROOM, refusal(signal(bob, channel, peer, 1)));
        assertEquals(
                ErrorCode.NOT_IN_ROOM,
                refusal(bob.request(
                        "freshet.v1.Rooms/Leave",
                        LeaveRoom.newBuilder().setChannel(channel).build(),
                        RoomLeft.parser())));
        long other = await(join(bob, VOICE)).getPeer();
        assertEquals(ErrorCode.NO_SUCH_PEER, refusal(signal(bob, channel, other, 1)));
        assertEquals(ErrorCode.NO_SUCH_PEER, refusal(signal(bob, channel, 99, 1)));
        assertEquals(ErrorCode.NOT_IN_ROOM, refusal(signal(bob, 99, peer, 1)));
        assertEquals(ErrorCode.PAYLOAD_TOO_LONG, refusal(signal(bob, channel, peer, 16 * 1024 + 1)));
        assertEquals(ErrorCode.INVALID_ARGUMENT, refusal(signal(bob, channel, peer, 0)));
        Room stage = connect("cat").room("stage", new Told());
        RoomMember listener =
                await(stage.join(OPEN)).members().values().iterator().next();
        assertFalse(listener.getMaySpeak());
        assertEquals(ErrorCode.FORBIDDEN, refusal(stage.say(OPEN)));
        assertEquals(ErrorCode.FORBIDDEN, refusal(stage.kick(peer)));
        assertEquals(ErrorCode.FORBIDDEN, refusal(stage.invite(1, "")));
    }

    @Test
    void shouldSlowDownAFloodOfSignals() {
        FreshetClient ann = connect("ann");
        FreshetClient bob = connect("bob");
        RoomJoined joined = await(join(ann, VOICE));
        await(join(bob, VOICE));
        List<CompletionStage<RoomSignalled>> flood = new ArrayList<>();
        for (int i = 0; i < 10 * SIGNALS_AT_ONCE; i++) {
            flood.add(signal(bob, joined.getChannel(), joined.getPeer(), 10));
        }
        int refused = 0;
        for (CompletionStage<RoomSignalled> each : flood) {
            try {
                await(each);
            } catch (CompletionException e) {
                assertEquals(ErrorCode.SIGNAL_RATE, codeOf(e));
                refused++;
            }
        }
        assertTrue(refused > 0);
        assertEquals(flood.size() - refused, engine.metrics().sum("rooms.signals"));
    }

    @Test
    void shouldTellNobodyOutside() throws InterruptedException {
        FreshetClient outside = connect("eve");
        BlockingQueue<Object> heard = new LinkedBlockingQueue<>();
        opened(outside.onPush(RoomUpdate.getDefaultInstance(), heard::add));
        opened(outside.onPush(RoomSignal.getDefaultInstance(), heard::add));
        await(outside.channel(VOICE).open());
        Told byAnn = new Told();
        Room ann = connect("ann").room(VOICE, byAnn);
        Room bob = connect("bob").room(VOICE, new Told());
        await(ann.join(OPEN));
        await(ann.signal(await(bob.join(OPEN)).self(), OFFER, new byte[1]));
        await(bob.leave());
        byAnn.await(view -> view.members().size() == 1);
        await(outside.channel(VOICE).fetchBackward(0, 1)); // whatever was sent before has come
        assertTrue(heard.isEmpty());
    }

    @Test
    void shouldPutOutWhoIsKickedOrRevoked() throws InterruptedException {
        Told byAnn = new Told();
        Told byBob = new Told();
        Room ann = connect("ann").room(VOICE, byAnn);
        Room bob = connect("bob").room(VOICE, byBob);
        await(ann.join(OPEN));
        RoomView both = await(bob.join(OPEN));
        await(ann.silence(both.self(), true));
        byBob.await(view -> !member(view, view.self()).getMaySpeak());
        assertEquals(ErrorCode.FORBIDDEN, refusal(bob.say(OPEN)));
        await(ann.kick(both.self()));
        assertEquals(RoomEndReason.ROOM_END_REASON_KICKED, byBob.ends.poll(10, TimeUnit.SECONDS));
        assertNull(bob.view());
        RoomView again = await(bob.join(RoomState.newBuilder().setMuted(true).build()));
        long principal = member(again, again.self()).getPrincipal();
        await(engine.revoke(principal, VOICE));
        assertEquals(RoomEndReason.ROOM_END_REASON_REVOKED, byBob.ends.poll(10, TimeUnit.SECONDS));
        byAnn.await(view -> view.members().size() == 1);
    }

    @Test
    void shouldPutAnInvitationIntoTheInboxOnceUnlessTheUserDoesNotWantIt() throws InterruptedException {
        FreshetClient bob = connect("bob");
        FreshetClient cat = connect("cat");
        BlockingQueue<Notice> byBob = new LinkedBlockingQueue<>();
        BlockingQueue<Notice> byCat = new LinkedBlockingQueue<>();
        await(bob.inbox().follow(noticing(byBob)));
        await(cat.inbox().follow(noticing(byCat)));
        await(cat.inbox()
                .set(InboxScope.everywhere().setting().toBuilder()
                        .setLevel(NotificationLevel.NOTIFICATION_LEVEL_NOTHING)
                        .build()));
        FreshetClient caller = connect("ann");
        Room ann = caller.room(VOICE, new Told());
        await(ann.join(OPEN));
        for (int i = 0; i < 3; i++) {
            await(ann.invite(cat.principal(), ""));
            await(ann.invite(bob.principal(), ""));
        }
        Notice notice = Objects.requireNonNull(byBob.poll(30, TimeUnit.SECONDS));
        assertEquals(Notice.Reason.REASON_INVITATION, notice.getReason());
        assertEquals(VOICE, notice.getChannelName());
        assertEquals(caller.principal(), notice.getAuthor());
        await(caller.chat("lobby").send(Draft.of("and this").mention(bob.principal())));
        assertEquals(
                Notice.Reason.REASON_MENTION,
                Objects.requireNonNull(byBob.poll(30, TimeUnit.SECONDS)).getReason());
        assertEquals(0, byCat.size());
        assertEquals(1, engine.metrics().sum("notices.unwanted"));
    }

    private static InboxListener noticing(BlockingQueue<Notice> notices) {
        return new InboxListener() {
            @Override
            public void onNotice(long sequence, Notice notice) {
                notices.add(notice);
            }
        };
    }

    @Test
    void shouldInviteSomebodyOfAnotherChannel() throws InterruptedException {
        FreshetClient bob = connect("bob");
        BlockingQueue<RoomInvitation> heard = new LinkedBlockingQueue<>();
        opened(bob.onRoomInvitation(heard::add));
        Room ann = connect("ann").room("club", new Told());
        await(ann.join(OPEN));
        long user = await(join(bob, VOICE)).getRoom().getMembers(0).getPrincipal();
        assertEquals(ErrorCode.UNKNOWN_CHANNEL, refusal(join(bob, "club")));
        assertEquals(ErrorCode.FORBIDDEN, refusal(ann.invite(user, "")));
        assertEquals(ErrorCode.FORBIDDEN, refusal(ann.invite(user, "club")));
        assertEquals(ErrorCode.UNKNOWN_CHANNEL, refusal(ann.invite(user, "secret")));
        assertEquals(ErrorCode.FORBIDDEN, refusal(ann.invite(user, "quiet")));
        await(ann.invite(user, "lobby"));
        RoomInvitation invitation = Objects.requireNonNull(heard.poll(10, TimeUnit.SECONDS));
        assertEquals("club", invitation.getName());
        assertEquals("ann", invitation.getInviterName());
        assertEquals(2, await(join(bob, "club")).getRoom().getMembersCount());
    }
}
