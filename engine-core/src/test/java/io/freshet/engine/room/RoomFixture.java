package io.freshet.engine.room;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.protobuf.ByteString;
import io.freshet.engine.Access;
import io.freshet.engine.ChannelRight;
import io.freshet.engine.IceServers;
import io.freshet.engine.Rate;
import io.freshet.engine.RoomConfig;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FreshetException;
import io.freshet.protocol.v1.RoomJoined;
import io.freshet.protocol.v1.RoomMember;
import io.freshet.protocol.v1.RoomSignal;
import io.freshet.protocol.v1.RoomSignalKind;
import io.freshet.protocol.v1.RoomState;
import io.freshet.protocol.v1.RoomUpdate;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.function.Executable;

/** Rooms alone, on a clock of the test's, and four people. */
abstract class RoomFixture {
    static final long CHANNEL = 7;
    static final long OTHER_CHANNEL = 8;
    static final RoomSettings THREE = new RoomSettings(3, true, true);
    static final RoomState SILENT = RoomState.newBuilder().setMuted(true).build();
    static final RoomState OPEN = RoomState.getDefaultInstance();

    final RoomConfig config = RoomConfig.DEFAULTS
            .iceServers(IceServers.stun("stun:127.0.0.1:3478"))
            .rates(new Rate(10, 20), new Rate(10, 20));
    final Random random = new Random(5);
    final Rooms rooms = new Rooms(config, () -> this.nowNs, () -> 1_000, random::nextBytes);
    final FakeSession ann = new FakeSession(1, 101, "ann");
    final FakeSession bob = new FakeSession(2, 102, "bob");
    final FakeSession cat = new FakeSession(3, 103, "cat");
    final FakeSession dan = new FakeSession(4, 104, "dan");
    long nowNs = Long.MAX_VALUE - TimeUnit.SECONDS.toNanos(1); // it wraps around meanwhile

    Entry entry(FakeSession session, RoomSettings settings, Set<ChannelRight> rights, ByteString ticket) {
        return new Entry(session, CHANNEL, "voice", settings, Access.ALL.with(rights), ticket, false, OPEN);
    }

    RoomJoined join(Entry entry) {
        CompletableFuture<RoomJoined> joined = rooms.join(entry).toCompletableFuture();
        pass(100);
        return joined.getNow(RoomJoined.getDefaultInstance());
    }

    RoomJoined join(FakeSession session) {
        return join(entry(session, THREE, ChannelRight.ALL, ByteString.EMPTY));
    }

    RoomJoined join(FakeSession session, ChannelRight... rights) {
        return join(entry(session, THREE, Set.of(rights), ByteString.EMPTY));
    }

    void pass(long ms) {
        nowNs += TimeUnit.MILLISECONDS.toNanos(ms);
        rooms.doWork();
    }

    static void assertRefused(ErrorCode code, Executable what) {
        assertEquals(code, assertThrows(FreshetException.class, what).code());
    }

    static RoomSignal signal(long peer, RoomSignalKind kind, int length) {
        return RoomSignal.newBuilder()
                .setChannel(CHANNEL)
                .setPeer(peer)
                .setKind(kind)
                .setPayload(ByteString.copyFrom(new byte[length]))
                .build();
    }

    static RoomSignal offer(long peer) {
        return signal(peer, RoomSignalKind.ROOM_SIGNAL_KIND_OFFER, 100);
    }

    static List<Long> peers(RoomUpdate update) {
        return update.getMembersList().stream().map(RoomMember::getPeer).toList();
    }
}
