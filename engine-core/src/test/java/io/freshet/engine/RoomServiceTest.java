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
import io.freshet.client.Room;
import io.freshet.client.RoomListener;
import io.freshet.client.RoomView;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FreshetException;
import io.freshet.protocol.v1.IceServer;
import io.freshet.protocol.v1.JoinRoom;
import io.freshet.protocol.v1.LeaveRoom;
import io.freshet.protocol.v1.RoomEndReason;
import io.freshet.protocol.v1.RoomInvitation;
import io.freshet.protocol.v1.RoomJoined;
import io.freshet.protocol.v1.RoomLeft;
import io.freshet.protocol.v1.RoomMember;
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
        RoomSettings settings = new RoomSettings(CAPACITY, false, true);
        RoomPolicy rooms = channel -> switch (channel) {
            case "lobby" -> null;
            case "broken" -> throw new IllegalStateException("on purpose");
            case "wrong" -> throw new AssertionError("on purpose");
            default -> settings;
        };
        engine = opened(FreshetEngine.start(EngineConfig.builder()
                .dataDirectory(directory.resolve("data"))
                .listen(Endpoint.tcp(0))
                .accessPolicy(policy)
                .rooms(RoomConfig.DEFAULTS
                        .policy(rooms)
                        .rates(new Rate(1, SIGNALS_AT_ONCE), Rate.UNLIMITED)
                        .grace(Duration.ofSeconds(2))
                        .iceServers(IceServers.NONE.turn("s", Duration.ofHours(1), "turn:127.0.0.1:3478")))
                .build()));
        for (String channel : List.of(VOICE, "lobby", "broken", "wrong", "secret", "quiet", "stage", "club")) {
            await(engine.channel(channel).open());
        }
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
        assertEquals(ErrorCode.POLICY_UNAVAILABLE, refusal(join(ann, "broken")));
        assertEquals(ErrorCode.POLICY_UNAVAILABLE, refusal(join(ann, "wrong")));
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
