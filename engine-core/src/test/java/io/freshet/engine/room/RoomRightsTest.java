package io.freshet.engine.room;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.freshet.engine.Access;
import io.freshet.engine.ChannelRight;
import io.freshet.engine.Rate;
import io.freshet.engine.RoomConfig;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.v1.RoomEndReason;
import io.freshet.protocol.v1.RoomEnded;
import io.freshet.protocol.v1.RoomJoined;
import io.freshet.protocol.v1.RoomMember;
import io.freshet.protocol.v1.RoomState;
import io.freshet.protocol.v1.RoomUpdate;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What the rights of members, and the settings of a room, allow. */
@SuppressWarnings("FutureReturnValueIgnored") // the answers of most joins are of no interest
class RoomRightsTest extends RoomFixture {
    @Test
    void shouldHoldMembersToTheirRights() {
        assertRefused(ErrorCode.FORBIDDEN, () -> join(ann, ChannelRight.SPEAK));
        Entry unseen = new Entry(ann, CHANNEL, "voice", THREE, Access.NONE, ByteString.EMPTY, false, OPEN);
        assertRefused(ErrorCode.UNKNOWN_CHANNEL, () -> rooms.join(unseen));
        assertEquals(0, rooms.channels().size());
        RoomJoined listener = join(ann, ChannelRight.JOIN_ROOM);
        RoomMember shown = listener.getRoom().getMembers(0);
        assertTrue(shown.getState().getMuted());
        assertFalse(shown.getMaySpeak());
        assertRefused(ErrorCode.FORBIDDEN, () -> rooms.setState(1, CHANNEL, OPEN));
        RoomState.Builder muted = SILENT.toBuilder();
        assertRefused(
                ErrorCode.FORBIDDEN,
                () -> rooms.setState(1, CHANNEL, muted.setVideo(true).build()));
        assertRefused(
                ErrorCode.FORBIDDEN,
                () -> rooms.setState(
                        1, CHANNEL, SILENT.toBuilder().setScreen(true).build()));
        assertRefused(
                ErrorCode.INVALID_ARGUMENT,
                () -> rooms.setState(
                        1, CHANNEL, SILENT.toBuilder().setSpeaking(true).build()));
        rooms.setState(1, CHANNEL, SILENT.toBuilder().setDeafened(true).build());
        RoomJoined speaker = join(bob, ChannelRight.JOIN_ROOM, ChannelRight.SPEAK);
        assertRefused(ErrorCode.FORBIDDEN, () -> rooms.kick(2, CHANNEL, listener.getPeer()));
        assertRefused(ErrorCode.FORBIDDEN, () -> rooms.silence(2, CHANNEL, listener.getPeer(), true));
        assertRefused(ErrorCode.FORBIDDEN, () -> rooms.invite(2, CHANNEL, 104));
        assertTrue(speaker.getRoom().getMembers(1).getMaySpeak());
    }

    @Test
    void shouldShowNoPicturesInARoomForVoices() {
        RoomSettings voices = new RoomSettings(3, false, false);
        join(entry(ann, voices, ChannelRight.ALL, ByteString.EMPTY));
        RoomState video = RoomState.newBuilder().setVideo(true).build();
        RoomState screen = RoomState.newBuilder().setScreen(true).build();
        assertRefused(ErrorCode.FORBIDDEN, () -> rooms.setState(1, CHANNEL, video));
        assertRefused(ErrorCode.FORBIDDEN, () -> rooms.setState(1, CHANNEL, screen));
        rooms.settle(CHANNEL, "voice", THREE);
        rooms.setState(1, CHANNEL, video.toBuilder().setScreen(true).build());
        pass(100);
        assertTrue(ann.next(RoomUpdate.class).getMembers(0).getState().getScreen());
        rooms.settle(CHANNEL, "voice", voices);
        pass(100);
        RoomUpdate update = ann.next(RoomUpdate.class);
        assertFalse(update.getVideo());
        assertEquals(OPEN, update.getMembers(0).getState());
    }

    @Test
    void shouldPutOutWhoIsKicked() {
        join(ann);
        RoomJoined second = join(bob);
        bob.pushed().clear();
        rooms.kick(1, CHANNEL, second.getPeer());
        assertEquals(
                RoomEndReason.ROOM_END_REASON_KICKED, bob.next(RoomEnded.class).getReason());
        assertRefused(ErrorCode.NO_SUCH_PEER, () -> rooms.kick(1, CHANNEL, second.getPeer()));
        assertRefused(ErrorCode.NOT_IN_ROOM, () -> rooms.leave(2, CHANNEL));
        rooms.sessionEnded(2);
        pass(100);
        assertEquals(1, rooms.memberCount());
        assertTrue(bob.pushed().isEmpty());
    }

    @Test
    void shouldSilenceSomebodyAlsoWhenItComesAgain() {
        join(ann);
        RoomJoined second = join(bob);
        rooms.silence(1, CHANNEL, second.getPeer(), true);
        assertRefused(ErrorCode.FORBIDDEN, () -> rooms.setState(2, CHANNEL, OPEN));
        rooms.leave(2, CHANNEL);
        RoomJoined again = join(bob);
        assertFalse(again.getRoom().getMembers(1).getMaySpeak());
        assertTrue(again.getRoom().getMembers(1).getState().getMuted());
        rooms.silence(1, CHANNEL, again.getPeer(), false);
        rooms.setState(2, CHANNEL, OPEN);
    }

    @Test
    void shouldLetInWhoIsInvitedForAWhileWithNoMoreThanTheInviterMay() {
        join(ann, ChannelRight.JOIN_ROOM, ChannelRight.INVITE_TO_ROOM, ChannelRight.SPEAK);
        rooms.invite(1, CHANNEL, 102);
        Entry entry = new Entry(bob, CHANNEL, "voice", THREE, Access.NONE, ByteString.EMPTY, false, OPEN);
        RoomJoined joined = join(entry);
        assertEquals(2, joined.getRoom().getMembersCount());
        assertRefused(
                ErrorCode.FORBIDDEN,
                () -> rooms.setState(
                        2, CHANNEL, RoomState.newBuilder().setScreen(true).build()));
        rooms.leave(2, CHANNEL);
        assertEquals(2, join(entry).getRoom().getMembersCount());
        rooms.leave(2, CHANNEL);
        pass(TimeUnit.MINUTES.toMillis(5));
        assertRefused(ErrorCode.UNKNOWN_CHANNEL, () -> rooms.join(entry));
        rooms.leave(1, CHANNEL);
        assertEquals(0, rooms.channels().size());
    }

    @Test
    void shouldKeepThePlaceOfWhoWasInvitedWhenTheInvitationIsOver() {
        join(ann, ChannelRight.JOIN_ROOM, ChannelRight.INVITE_TO_ROOM, ChannelRight.SPEAK);
        rooms.invite(1, CHANNEL, 102);
        RoomJoined joined = join(new Entry(bob, CHANNEL, "voice", THREE, Access.NONE, ByteString.EMPTY, false, OPEN));
        pass(TimeUnit.MINUTES.toMillis(5));
        assertEquals(List.of(), rooms.invitationsOf(102));
        rooms.sessionEnded(2);
        pass(100);
        FakeSession later = new FakeSession(12, 102, "bob");
        RoomJoined again =
                join(new Entry(later, CHANNEL, "voice", THREE, Access.NONE, joined.getTicket(), false, OPEN));
        assertEquals(joined.getPeer(), again.getPeer());
        assertTrue(again.getRoom().getMembers(1).getMaySpeak());
        rooms.leave(12, CHANNEL);
        Entry without = new Entry(later, CHANNEL, "voice", THREE, Access.NONE, joined.getTicket(), false, OPEN);
        assertRefused(ErrorCode.UNKNOWN_CHANNEL, () -> rooms.join(without));
    }

    @Test
    void shouldSlowDownWhoInvitesTooFastBeforeAnybodyIsAsked() {
        join(ann, ChannelRight.JOIN_ROOM, ChannelRight.INVITE_TO_ROOM);
        for (int i = 0; i < 20; i++) {
            rooms.asksToInvite(1, CHANNEL);
        }
        assertRefused(ErrorCode.SIGNAL_RATE, () -> rooms.asksToInvite(1, CHANNEL));
        rooms.invite(1, CHANNEL, 102);
    }

    @Test
    void shouldKeepInvitationsBounded() {
        RoomConfig config = RoomConfig.DEFAULTS.rates(Rate.UNLIMITED, Rate.UNLIMITED);
        Rooms unlimited = new Rooms(config, () -> nowNs, () -> 0, random::nextBytes);
        unlimited.join(entry(ann, THREE, ChannelRight.ALL, ByteString.EMPTY));
        unlimited.doWork();
        for (int user = 1; user <= Invitations.OF_ROOM; user++) {
            unlimited.invite(1, CHANNEL, user);
        }
        unlimited.invite(1, CHANNEL, 1);
        assertRefused(ErrorCode.LIMIT_REACHED, () -> unlimited.invite(1, CHANNEL, 100_000));
        nowNs += TimeUnit.MINUTES.toNanos(5);
        unlimited.doWork();
        unlimited.invite(1, CHANNEL, 100_000);
    }

    @Test
    void shouldPutOutWhoMayNotBeThereAnyMore() {
        join(ann);
        join(bob);
        bob.pushed().clear();
        rooms.revoke(102, OTHER_CHANNEL);
        assertEquals(2, rooms.memberCount());
        rooms.revoke(102, CHANNEL);
        assertEquals(
                RoomEndReason.ROOM_END_REASON_REVOKED, bob.next(RoomEnded.class).getReason());
        rooms.revoke(101);
        assertEquals(0, rooms.channels().size());
        RoomJoined back = join(cat);
        Entry without = entry(cat, THREE, EnumSet.noneOf(ChannelRight.class), back.getTicket());
        assertRefused(ErrorCode.FORBIDDEN, () -> rooms.join(without));
        assertEquals(0, rooms.channels().size());
    }

    @Test
    void shouldPutOutEverybodyWhenTheChannelHasNoRoomAnyMore() {
        join(ann);
        join(bob);
        rooms.sessionEnded(2);
        ann.pushed().clear();
        rooms.settle(CHANNEL, "voice", null);
        assertEquals(
                RoomEndReason.ROOM_END_REASON_CLOSED, ann.next(RoomEnded.class).getReason());
        assertEquals(0, rooms.channels().size());
        pass(10_000);
        assertEquals(0, rooms.memberCount());
    }

    @Test
    void shouldLetWhoCameLastGoWhenARoomIsMadeSmaller() {
        join(ann);
        join(bob);
        bob.pushed().clear();
        rooms.settle(CHANNEL, "voice", new RoomSettings(1, true, true));
        assertEquals(
                RoomEndReason.ROOM_END_REASON_SMALLER, bob.next(RoomEnded.class).getReason());
        ann.pushed().clear();
        pass(100);
        RoomUpdate told = ann.next(RoomUpdate.class);
        assertEquals(1, told.getCapacity());
        assertEquals(1, told.getLeftCount());
        assertEquals(1, rooms.memberCount());
        Entry entry = entry(cat, new RoomSettings(1, true, true), ChannelRight.ALL, ByteString.EMPTY);
        assertRefused(ErrorCode.ROOM_FULL, () -> rooms.join(entry));
        rooms.leave(1, CHANNEL);
        assertEquals(1, join(entry).getRoom().getMembersCount());
    }
}
