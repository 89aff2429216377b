package io.freshet.engine.room;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.freshet.engine.Access;
import io.freshet.engine.ChannelRight;
import io.freshet.engine.RoomConfig;
import io.freshet.protocol.AttributeLimits;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FreshetException;
import io.freshet.protocol.v1.RoomEndReason;
import io.freshet.protocol.v1.RoomEnded;
import io.freshet.protocol.v1.RoomJoined;
import io.freshet.protocol.v1.RoomSignal;
import io.freshet.protocol.v1.RoomSignalKind;
import io.freshet.protocol.v1.RoomUpdate;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Who is in a room, and what members are told and may signal. */
@SuppressWarnings("FutureReturnValueIgnored") // the answers of most joins are of no interest
class RoomsTest extends RoomFixture {
    @Test
    void shouldShowTheWholeRoomToWhoJoinsAndTheNewcomerToTheOthers() {
        RoomJoined first = join(ann);
        RoomJoined second = join(bob);
        assertEquals(1, first.getRoom().getVersion());
        assertEquals(List.of(first.getPeer()), peers(first.getRoom()));
        assertEquals(2, second.getRoom().getVersion());
        assertTrue(second.getRoom().getWhole());
        assertEquals(List.of(first.getPeer(), second.getPeer()), peers(second.getRoom()));
        assertEquals("stun:127.0.0.1:3478", second.getIceServers(0).getUrls(0));
        RoomUpdate update = ann.next(RoomUpdate.class);
        assertEquals(2, update.getVersion());
        assertFalse(update.getWhole());
        assertEquals(List.of(second.getPeer()), peers(update));
        assertEquals("bob", update.getMembers(0).getName());
        assertEquals(102, update.getMembers(0).getPrincipal());
        assertTrue(bob.pushed().isEmpty());
        rooms.leave(2, CHANNEL);
        pass(100);
        assertEquals(List.of(second.getPeer()), ann.next(RoomUpdate.class).getLeftList());
        assertTrue(bob.pushed().isEmpty());
    }

    @Test
    void shouldGiveTheLastPlaceToOneOfThoseWhoRaceForIt() {
        join(ann);
        join(bob);
        CompletableFuture<RoomJoined> last = rooms.join(entry(cat, THREE, ChannelRight.ALL, ByteString.EMPTY))
                .toCompletableFuture();
        assertRefused(ErrorCode.ROOM_FULL, () -> rooms.join(entry(dan, THREE, ChannelRight.ALL, ByteString.EMPTY)));
        pass(100);
        assertTrue(last.isDone());
        rooms.leave(1, CHANNEL);
        assertEquals(3, join(dan).getRoom().getMembersCount());
    }

    @Test
    void shouldTellWhatComesWithinATickTogether() {
        RoomJoined first = join(ann);
        join(bob);
        ann.pushed().clear();
        rooms.setState(2, CHANNEL, SILENT);
        rooms.setState(1, CHANNEL, SILENT);
        CompletableFuture<RoomJoined> third = rooms.join(entry(cat, THREE, ChannelRight.ALL, ByteString.EMPTY))
                .toCompletableFuture();
        rooms.setState(2, CHANNEL, OPEN);
        pass(99);
        assertFalse(third.isDone());
        assertTrue(ann.pushed().isEmpty());
        pass(1);
        RoomUpdate update = ann.next(RoomUpdate.class);
        assertEquals(3, update.getVersion());
        assertEquals(3, update.getMembersCount());
        assertEquals(update.getVersion(), third.join().getRoom().getVersion());
        assertEquals(first.getPeer(), update.getMembers(0).getPeer());
        assertTrue(update.getMembers(0).getState().getMuted());
        assertFalse(update.getMembers(1).getState().getMuted());
        pass(10_000);
        assertTrue(ann.pushed().isEmpty());
    }

    @Test
    void shouldGiveTheWholeRoomToAMemberThatDidNotReadForAWhile() {
        join(ann);
        join(bob);
        ann.pushed().clear();
        ann.reads = false;
        rooms.setState(2, CHANNEL, SILENT);
        pass(100);
        assertRefused(ErrorCode.OVERLOADED, () -> rooms.signal(2, offer(rooms.member(1, CHANNEL).peer)));
        pass(100);
        ann.reads = true;
        pass(100);
        RoomUpdate update = ann.next(RoomUpdate.class);
        assertTrue(update.getWhole());
        assertEquals(3, update.getVersion());
        assertTrue(update.getMembers(1).getState().getMuted());
        rooms.setState(2, CHANNEL, OPEN);
        pass(100);
        assertEquals(4, ann.next(RoomUpdate.class).getVersion());
    }

    @Test
    void shouldKeepThePlaceOfALostMemberUntilTheGraceIsOver() {
        RoomJoined first = join(ann);
        join(bob);
        join(cat);
        bob.pushed().clear();
        rooms.sessionEnded(1);
        pass(100);
        assertTrue(bob.next(RoomUpdate.class).getMembers(0).getAway());
        assertRefused(ErrorCode.ROOM_FULL, () -> join(dan));
        assertRefused(ErrorCode.NO_SUCH_PEER, () -> rooms.signal(2, offer(first.getPeer())));
        pass(4_800);
        assertEquals(3, rooms.memberCount());
        pass(200);
        assertEquals(2, rooms.memberCount());
        assertEquals(List.of(first.getPeer()), bob.next(RoomUpdate.class).getLeftList());
        FakeSession late = new FakeSession(11, 101, "ann");
        RoomJoined again = join(entry(late, THREE, ChannelRight.ALL, first.getTicket()));
        assertNotEquals(first.getPeer(), again.getPeer());
    }

    @Test
    void shouldLetALostMemberTakeItsPlaceInAFullRoomAgain() {
        RoomJoined first = join(ann);
        join(bob);
        join(cat);
        rooms.sessionEnded(1);
        pass(1_000);
        ByteString ticket = first.getTicket();
        FakeSession back = new FakeSession(11, 101, "ann");
        FakeSession thief = new FakeSession(12, 105, "eve");
        assertRefused(ErrorCode.ROOM_FULL, () -> join(entry(thief, THREE, ChannelRight.ALL, ticket)));
        RoomJoined again = join(entry(back, THREE, ChannelRight.ALL, ticket));
        assertEquals(first.getPeer(), again.getPeer());
        assertEquals(first.getTicket(), again.getTicket());
        pass(10_000);
        assertEquals(3, rooms.memberCount());
        rooms.signal(11, offer(rooms.member(2, CHANNEL).peer));
    }

    @Test
    void shouldMoveThePlaceFromAConnectionThatTheServerStillTakesForAlive() {
        RoomJoined first = join(ann);
        FakeSession back = new FakeSession(11, 101, "ann");
        RoomJoined again = join(entry(back, THREE, ChannelRight.ALL, first.getTicket()));
        assertEquals(first.getPeer(), again.getPeer());
        assertEquals(
                RoomEndReason.ROOM_END_REASON_MOVED, ann.next(RoomEnded.class).getReason());
        rooms.sessionEnded(1);
        pass(10_000);
        assertEquals(1, rooms.memberCount());
        assertRefused(ErrorCode.NOT_IN_ROOM, () -> rooms.leave(1, CHANNEL));
        rooms.leave(11, CHANNEL);
        assertEquals(0, rooms.channels().size());
    }

    @Test
    void shouldAnswerASecondJoinOfOneSessionWithThePlaceThatItHas() {
        RoomJoined first = join(ann);
        assertEquals(first.getPeer(), join(ann).getPeer());
        assertEquals(1, rooms.memberCount());
    }

    @Test
    void shouldGiveUpOtherPlacesOfThePrincipalWhenAsked() {
        join(ann);
        join(bob);
        join(cat);
        FakeSession phone = new FakeSession(11, 101, "ann");
        Entry entry = new Entry(phone, CHANNEL, "voice", THREE, Access.ALL, ByteString.EMPTY, true, SILENT);
        RoomJoined joined = join(entry);
        assertEquals(3, joined.getRoom().getMembersCount());
        assertEquals(RoomEndReason.ROOM_END_REASON_MOVED, lastOf(ann).getReason());
        Entry notHers = new Entry(dan, CHANNEL, "voice", THREE, Access.ALL, ByteString.EMPTY, true, SILENT);
        assertRefused(ErrorCode.ROOM_FULL, () -> rooms.join(notHers));
        assertEquals(3, rooms.memberCount());
    }

    @Test
    void shouldGiveUpOtherPlacesAlsoForAPlaceThatIsTakenAgain() {
        RoomJoined first = join(ann);
        FakeSession phone = new FakeSession(11, 101, "ann");
        join(phone);
        rooms.sessionEnded(1);
        FakeSession later = new FakeSession(12, 101, "ann");
        Entry entry = new Entry(later, CHANNEL, "voice", THREE, Access.ALL, first.getTicket(), true, SILENT);
        RoomJoined again = join(entry);
        assertEquals(first.getPeer(), again.getPeer());
        assertEquals(List.of(first.getPeer()), peers(again.getRoom()));
        assertEquals(RoomEndReason.ROOM_END_REASON_MOVED, lastOf(phone).getReason());
        join(phone);
        join(entry);
        assertEquals(1, rooms.memberCount());
        assertTrue(later.pushed().stream().noneMatch(RoomEnded.class::isInstance));
    }

    private static RoomEnded lastOf(FakeSession session) {
        return (RoomEnded) session.pushed().getLast();
    }

    @Test
    void shouldForgetAtOnceWhoLeavesOrIsLostBeforeItKnowsOfItsPlace() {
        CompletableFuture<RoomJoined> lost = rooms.join(entry(ann, THREE, ChannelRight.ALL, ByteString.EMPTY))
                .toCompletableFuture();
        CompletableFuture<RoomJoined> gone = rooms.join(entry(bob, THREE, ChannelRight.ALL, ByteString.EMPTY))
                .toCompletableFuture();
        rooms.sessionEnded(1);
        rooms.leave(2, CHANNEL);
        assertEquals(0, rooms.memberCount());
        for (CompletableFuture<RoomJoined> each : List.of(lost, gone)) {
            Throwable failure =
                    assertThrows(CompletionException.class, each::join).getCause();
            assertEquals(
                    ErrorCode.NOT_IN_ROOM,
                    assertInstanceOf(FreshetException.class, failure).code());
        }
        assertEquals(1, join(cat).getRoom().getMembersCount());
    }

    @Test
    void shouldHandSignalsToTheOneTheyAreForUnderTheNameOfTheirSender() {
        RoomJoined first = join(ann);
        RoomJoined second = join(bob);
        join(cat);
        bob.pushed().clear();
        cat.pushed().clear();
        rooms.signal(1, offer(second.getPeer()));
        RoomSignal got = bob.next(RoomSignal.class);
        assertEquals(first.getPeer(), got.getPeer());
        assertEquals(offer(1).getPayload(), got.getPayload());
        assertTrue(bob.pushed().isEmpty() && cat.pushed().isEmpty());
    }

    @Test
    void shouldRefuseSignalsThatAreNotToBe() {
        RoomJoined first = join(ann);
        RoomJoined second = join(bob);
        assertRefused(ErrorCode.NOT_IN_ROOM, () -> rooms.signal(3, offer(second.getPeer())));
        assertRefused(ErrorCode.NO_SUCH_PEER, () -> rooms.signal(1, offer(first.getPeer())));
        assertRefused(ErrorCode.NO_SUCH_PEER, () -> rooms.signal(1, offer(99)));
        RoomSignalKind kind = RoomSignalKind.ROOM_SIGNAL_KIND_CANDIDATE;
        assertRefused(ErrorCode.PAYLOAD_TOO_LONG, () -> rooms.signal(1, signal(second.getPeer(), kind, 16_385)));
        assertRefused(ErrorCode.INVALID_ARGUMENT, () -> rooms.signal(1, signal(second.getPeer(), kind, 0)));
        assertRefused(
                ErrorCode.INVALID_ARGUMENT,
                () -> rooms.signal(
                        1, offer(second.getPeer()).toBuilder().setKindValue(77).build()));
        rooms.signal(1, signal(second.getPeer(), kind, 16_384));
        assertEquals(1, bob.pushed().size());
    }

    @Test
    void shouldNotLetSignalsIntoAnotherRoom() {
        join(ann);
        Entry elsewhere = new Entry(bob, OTHER_CHANNEL, "other", THREE, Access.ALL, ByteString.EMPTY, false, OPEN);
        RoomJoined second = join(elsewhere);
        assertRefused(ErrorCode.NO_SUCH_PEER, () -> rooms.signal(1, offer(second.getPeer())));
        assertRefused(
                ErrorCode.NOT_IN_ROOM,
                () -> rooms.signal(
                        1,
                        offer(second.getPeer()).toBuilder()
                                .setChannel(OTHER_CHANNEL)
                                .build()));
        assertTrue(bob.pushed().isEmpty());
    }

    @Test
    void shouldSlowDownWhoSignalsOrChangesTooFast() {
        join(ann);
        RoomJoined second = join(bob);
        bob.pushed().clear();
        FreshetException refused = assertThrows(FreshetException.class, () -> {
            for (int i = 0; i <= 20; i++) {
                rooms.signal(1, offer(second.getPeer()));
            }
        });
        assertEquals(ErrorCode.SIGNAL_RATE, refused.code());
        assertTrue(refused.retryAfterMs() > 0);
        assertEquals(20, bob.pushed().size());
        nowNs += TimeUnit.MILLISECONDS.toNanos(refused.retryAfterMs());
        rooms.signal(1, offer(second.getPeer()));
        assertRefused(ErrorCode.SIGNAL_RATE, () -> {
            for (int i = 0; i <= 20; i++) {
                rooms.setState(1, CHANNEL, OPEN);
            }
        });
    }

    @Test
    void shouldBoundTheRoomsOfOneSession() {
        for (int channel = 1; channel <= Rooms.ROOMS_OF_SESSION; channel++) {
            rooms.join(new Entry(ann, channel, "voice", THREE, Access.ALL, ByteString.EMPTY, false, OPEN));
        }
        Entry more = new Entry(ann, 100, "voice", THREE, Access.ALL, ByteString.EMPTY, false, OPEN);
        assertRefused(ErrorCode.LIMIT_REACHED, () -> rooms.join(more));
        rooms.leave(1, 1);
        rooms.join(more);
    }

    @Test
    void shouldCountAPlaceThatIsTakenAgainAmongTheRoomsOfASession() {
        RoomJoined lost = join(ann);
        rooms.sessionEnded(1);
        FakeSession later = new FakeSession(12, 101, "ann");
        for (int channel = 101; channel <= 100 + Rooms.ROOMS_OF_SESSION; channel++) {
            rooms.join(new Entry(later, channel, "voice", THREE, Access.ALL, ByteString.EMPTY, false, OPEN));
        }
        Entry again = new Entry(later, CHANNEL, "voice", THREE, Access.ALL, lost.getTicket(), false, OPEN);
        assertRefused(ErrorCode.LIMIT_REACHED, () -> rooms.join(again));
        rooms.leave(12, 101);
        assertEquals(lost.getPeer(), join(again).getPeer());
    }

    @Test
    void shouldCutLongNamesBetweenCharacters() {
        assertEquals("ann", Member.shortened("ann"));
        assertEquals("ä".repeat(32), Member.shortened("ä".repeat(40)));
        assertEquals("a" + "🌊".repeat(15), Member.shortened("a" + "🌊".repeat(20)));
    }

    @Test
    void shouldKeepNothingWithoutAGrace() {
        RoomConfig strict = RoomConfig.DEFAULTS.grace(Duration.ZERO);
        Rooms graceless = new Rooms(strict, () -> nowNs, () -> 0, random::nextBytes);
        graceless.join(entry(ann, THREE, ChannelRight.ALL, ByteString.EMPTY));
        graceless.doWork();
        graceless.sessionEnded(1);
        assertEquals(0, graceless.channels().size());
    }

    @Test
    void shouldTellTheLargestRoomInOnePush() {
        RoomSettings large = new RoomSettings(AttributeLimits.ROOM_CAPACITY, true, true);
        RoomJoined last = RoomJoined.getDefaultInstance();
        for (int i = 0; i < AttributeLimits.ROOM_CAPACITY; i++) {
            last = join(entry(new FakeSession(i, -1 - i, "ä".repeat(200)), large, ChannelRight.ALL, ByteString.EMPTY));
        }
        assertEquals(AttributeLimits.ROOM_CAPACITY, last.getRoom().getMembersCount());
        assertTrue(last.getSerializedSize() < 16 * 1024, () -> "more than a client expects");
    }
}
