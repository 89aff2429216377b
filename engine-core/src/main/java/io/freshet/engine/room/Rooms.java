package io.freshet.engine.room;

import com.google.protobuf.ByteString;
import io.freshet.engine.ChannelRight;
import io.freshet.engine.RoomConfig;
import io.freshet.engine.limit.TokenBucket;
import io.freshet.engine.service.Caller;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FreshetException;
import io.freshet.protocol.v1.IceServer;
import io.freshet.protocol.v1.RoomEndReason;
import io.freshet.protocol.v1.RoomEnded;
import io.freshet.protocol.v1.RoomJoined;
import io.freshet.protocol.v1.RoomSignal;
import io.freshet.protocol.v1.RoomState;
import io.freshet.protocol.v1.RoomUpdate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.agrona.concurrent.EpochClock;
import org.agrona.concurrent.NanoClock;
import org.jspecify.annotations.Nullable;

/**
 * All rooms of an engine. Owned by one thread, the services'; everything that must be decided about places is decided here, at once and in the
 * order of the calls, so that a room never has more members than its capacity, whoever races for the last place.
 *
 * <p>A member is a session in a room; a principal may be there with several. What a call refuses it throws as a {@link FreshetException}
 * without a stack trace. {@link #doWork} tells members what has changed and lets go whose time is over.
 */
final class Rooms {
    /** Rooms that one session may be in. */
    static final int ROOMS_OF_SESSION = 8;

    private static final int TICKET_LENGTH = 16;

    private final RoomConfig config;
    private final NanoClock clock;
    private final EpochClock wallClock;
    private final Consumer<byte[]> randomness;
    private final IceCredentials ice;
    private final long graceNs;
    private final long tickNs;
    private final Map<Long, Room> rooms = new HashMap<>();
    private final Map<Long, List<Member>> bySession = new HashMap<>();
    /** Those with news for somebody. */
    private final Set<Room> untold = new LinkedHashSet<>();
    /** In the order in which they lose their places. */
    private final Set<Member> away = new LinkedHashSet<>();

    private final Invitations invitations = new Invitations();
    private long lastPeer;
    private long fullCount;
    private int memberCount;
    /** Of rooms that are no more: no version of a channel's room is used twice. */
    private long lastVersion;

    /** @param randomness fills what it is given with bytes that nobody can guess */
    Rooms(RoomConfig config, NanoClock clock, EpochClock wallClock, Consumer<byte[]> randomness) {
        this.config = config;
        this.clock = clock;
        this.wallClock = wallClock;
        this.randomness = randomness;
        ice = new IceCredentials(config.iceServers());
        graceNs = config.grace().toNanos();
        tickNs = config.tick().toNanos();
    }

    static FreshetException refused(ErrorCode code, String message) {
        return FreshetException.refused(code, message, 0);
    }

    /** Completes with the next update of the room, or fails when the place is lost before. */
    CompletionStage<RoomJoined> join(Entry entry) {
        Room room = rooms.get(entry.channel());
        if (room == null) {
            room = new Room(entry.channel(), entry.name(), entry.settings(), lastVersion);
        } else {
            room.settle(entry.name(), entry.settings());
            news(room);
        }
        Member member = room.placeOf(entry);
        Set<ChannelRight> invited = entry.invited(room, member);
        Set<ChannelRight> granted = entry.granted(invited);
        if (!granted.contains(ChannelRight.JOIN_ROOM)) {
            if (member != null) {
                end(member, RoomEndReason.ROOM_END_REASON_REVOKED);
            }
            throw entry.access().maySubscribe()
                    ? refused(ErrorCode.FORBIDDEN, "may not join this room")
                    : refused(ErrorCode.UNKNOWN_CHANNEL, "no such channel");
        }
        Set<ChannelRight> rights =
                room.remaining(granted, entry.session().principal().id());
        RoomState state = Member.atFirst(entry.state(), room.settings(), rights);
        long session = entry.session().session();
        int roomCount = bySession.getOrDefault(session, List.of()).size();
        if (room.ofSession(session) == null && roomCount >= ROOMS_OF_SESSION) {
            throw refused(ErrorCode.LIMIT_REACHED, "one session may be in " + ROOMS_OF_SESSION + " rooms");
        }
        if (member == null) {
            member = newMember(room, entry, granted);
        } else {
            retake(member, entry.session());
        }
        for (Member other : room.replacedBy(entry, member)) {
            end(other, RoomEndReason.ROOM_END_REASON_MOVED);
        }
        CompletableFuture<RoomJoined> joined = new CompletableFuture<>();
        member.occupy(entry.session(), granted, invited, state, joined);
        untold.add(room);
        return joined;
    }

    private Member newMember(Room room, Entry entry, Set<ChannelRight> granted) {
        Caller session = entry.session();
        int capacity = room.settings().capacity();
        if (room.count() - room.replacedBy(entry, null).size() >= capacity) {
            fullCount++;
            throw refused(ErrorCode.ROOM_FULL, "the room has its " + capacity + " members");
        }
        byte[] ticket = new byte[TICKET_LENGTH];
        randomness.accept(ticket);
        long nowNs = clock.nanoTime();
        Member member = new Member(
                room,
                ++lastPeer,
                ticket,
                session,
                granted,
                TokenBucket.of(config.signals(), nowNs),
                TokenBucket.of(config.changes(), nowNs));
        rooms.put(room.channel, room);
        room.add(member);
        memberCount++;
        bySession.computeIfAbsent(session.session(), id -> new ArrayList<>()).add(member);
        return member;
    }

    /** The place goes to this session, from whichever has it or has lost it. */
    private void retake(Member member, Caller session) {
        Member own = member.room.ofSession(session.session());
        fail(member, ErrorCode.NOT_IN_ROOM, "the place was taken again meanwhile");
        if (own == member) {
            return;
        }
        if (own != null) {
            remove(own);
        }
        if (member.isAway()) {
            away.remove(member);
        } else {
            forget(member);
            if (member.isAnswered()) {
                member.session().push(ended(member.room, RoomEndReason.ROOM_END_REASON_MOVED));
            }
        }
        bySession.computeIfAbsent(session.session(), id -> new ArrayList<>()).add(member);
    }

    /** @throws FreshetException NOT_IN_ROOM */
    Member member(long session, long channel) {
        Room room = rooms.get(channel);
        Member member = room == null ? null : room.ofSession(session);
        if (member == null) {
            throw refused(ErrorCode.NOT_IN_ROOM, "this session is not in that room");
        }
        return member;
    }

    /** One that knows what it is in. */
    private Member present(long session, long channel) {
        Member member = member(session, channel);
        if (!member.isPresent()) {
            throw refused(ErrorCode.NOT_IN_ROOM, "this session has not been told yet that it is in that room");
        }
        return member;
    }

    void leave(long session, long channel) {
        remove(member(session, channel));
    }

    void setState(long session, long channel, RoomState state) {
        Member member = member(session, channel);
        member.takeChange(clock.nanoTime());
        member.say(Member.checked(state, member.room.settings(), member.rights()));
        news(member.room);
    }

    /** Hands on what one member says to another. */
    void signal(long session, RoomSignal signal) {
        Member from = present(session, signal.getChannel());
        from.takeSignal(clock.nanoTime());
        SignalRelay.relay(from, signal);
    }

    List<IceServer> iceServers(long session, long channel) {
        return ice.give(member(session, channel).principal(), wallClock.time());
    }

    /** Puts one out; it may come again unless the access policy says otherwise. */
    void kick(long session, long channel, long peer) {
        Member by = present(session, channel);
        if (!by.may(ChannelRight.MANAGE_ROOM)) {
            throw refused(ErrorCode.FORBIDDEN, "may not put anybody out of this room");
        }
        Member other = by.room.other(by, peer);
        invitations.withdraw(by.room, other.principal());
        end(other, RoomEndReason.ROOM_END_REASON_KICKED);
    }

    /** Mutes somebody, in all its places in the room, until it is told otherwise or everybody has gone. */
    void silence(long session, long channel, long peer, boolean isSilenced) {
        Member by = present(session, channel);
        if (!by.may(ChannelRight.MANAGE_ROOM)) {
            throw refused(ErrorCode.FORBIDDEN, "may not silence anybody in this room");
        }
        by.takeChange(clock.nanoTime());
        if (!by.room.silence(by.room.other(by, peer).principal(), isSilenced)) {
            throw refused(ErrorCode.LIMIT_REACHED, "too many are silenced in this room");
        }
        news(by.room);
    }

    /** The member that invites, if it may. */
    private Member inviter(long session, long channel) {
        Member inviter = present(session, channel);
        if (!inviter.may(ChannelRight.INVITE_TO_ROOM)) {
            throw refused(ErrorCode.FORBIDDEN, "may not invite anybody to this room");
        }
        return inviter;
    }

    /** The member that wants to invite somebody, if it may, and not too fast. */
    Member asksToInvite(long session, long channel) {
        Member inviter = inviter(session, channel);
        inviter.takeChange(clock.nanoTime());
        return inviter;
    }

    /**
     * Lets a user into the room for a while, with the right to speak and to show a screen if the inviter has them.
     *
     * @throws FreshetException when the inviter may not, or has gone, or too many are invited
     */
    Invitation invite(long session, long channel, long user) {
        return invitations.add(
                inviter(session, channel),
                user,
                clock.nanoTime() + config.invitation().toNanos());
    }

    /** What a user is invited to now. */
    List<Invitation> invitationsOf(long user) {
        return invitations.of(user);
    }

    /** A session has ended: its places are kept for a while, unless it never knew of them. */
    void sessionEnded(long session) {
        List<Member> members = bySession.remove(session);
        if (members == null) {
            return;
        }
        long endNs = clock.nanoTime() + graceNs;
        for (Member member : members) {
            fail(member, ErrorCode.NOT_IN_ROOM, "the session has ended");
            if (member.isTold() && graceNs > 0) {
                member.lose(endNs);
                away.add(member);
                news(member.room);
            } else {
                remove(member);
            }
        }
    }

    /** This principal may not be in this channel any more. */
    void revoke(long principal, long channel) {
        List<Room> lost =
                rooms.values().stream().filter(room -> room.isOf(channel)).toList();
        lost.forEach(room -> revoke(principal, room));
    }

    /** This principal may not be in any channel any more. */
    void revoke(long principal) {
        List.copyOf(rooms.values()).forEach(room -> revoke(principal, room));
    }

    private void revoke(long principal, Room room) {
        invitations.withdraw(room, principal);
        for (Member member : List.copyOf(room.members())) {
            if (member.principal() == principal) {
                end(member, RoomEndReason.ROOM_END_REASON_REVOKED);
            }
        }
        discardIfEmpty(room);
    }

    /** A channel's room is another from now on, or, with null, no more; who came last goes when there is not room for all. */
    void settle(long channel, String name, @Nullable RoomSettings settings) {
        Room room = rooms.get(channel);
        if (room == null) {
            return;
        }
        if (settings == null) {
            invitations.withdrawAll(room);
        } else {
            room.settle(name, settings);
        }
        RoomEndReason reason = Room.endOf(settings);
        for (Member member : room.beyond(settings == null ? 0 : settings.capacity())) {
            end(member, reason);
        }
        news(room);
        discardIfEmpty(room);
    }

    private void end(Member member, RoomEndReason reason) {
        remove(member);
        if (member.isAnswered()) {
            member.session().push(ended(member.room, reason));
        }
    }

    private static RoomEnded ended(Room room, RoomEndReason reason) {
        return RoomEnded.newBuilder().setChannel(room.channel).setReason(reason).build();
    }

    private void remove(Member member) {
        fail(member, ErrorCode.NOT_IN_ROOM, "the place was given up before it was told");
        if (member.isAway()) {
            away.remove(member);
        } else {
            forget(member);
        }
        member.room.remove(member);
        memberCount--;
        news(member.room);
        discardIfEmpty(member.room);
    }

    private static void fail(Member member, ErrorCode code, String message) {
        CompletableFuture<RoomJoined> answer = member.takeAnswer();
        if (answer != null) {
            answer.completeExceptionally(refused(code, message));
        }
    }

    /** A session has this place no more. */
    private void forget(Member member) {
        List<Member> own = bySession.get(member.session().session());
        if (own != null && own.remove(member) && own.isEmpty()) {
            bySession.remove(member.session().session());
        }
    }

    private void news(Room room) {
        if (room.hasNews()) {
            untold.add(room);
        }
    }

    private void discardIfEmpty(Room room) {
        if (room.isEmpty()) {
            rooms.remove(room.channel);
            untold.remove(room);
            lastVersion = Math.max(lastVersion, room.version());
        }
    }

    /** Lets go whose time is over and tells what is due; returns how many rooms and members that were. */
    int doWork() {
        long nowNs = clock.nanoTime();
        int workCount = expire(nowNs);
        for (Room room : List.copyOf(untold)) {
            workCount += tellIfDue(room, nowNs);
        }
        return workCount;
    }

    /** Tells the members of this room, without waiting for the next look, unless they were told a moment ago. */
    void tellIfDue(long channel) {
        Room room = rooms.get(channel);
        if (room != null && untold.contains(room)) {
            tellIfDue(room, clock.nanoTime());
        }
    }

    private int tellIfDue(Room room, long nowNs) {
        if (!room.isDue(nowNs, tickNs)) {
            return 0;
        }
        room.tell(nowNs, this::welcome);
        if (!room.hasNews()) {
            untold.remove(room);
        }
        return 1;
    }

    private int expire(long nowNs) {
        int count = 0;
        while (!away.isEmpty()) {
            Member first = away.iterator().next();
            if (nowNs - first.endNs() < 0) {
                break;
            }
            remove(first);
            count++;
        }
        for (Room room = invitations.expire(nowNs); room != null; room = invitations.expire(nowNs)) {
            discardIfEmpty(room);
            count++;
        }
        return count;
    }

    private void welcome(Member member, CompletableFuture<RoomJoined> answer, RoomUpdate whole) {
        answer.complete(RoomJoined.newBuilder()
                .setChannel(member.room.channel)
                .setPeer(member.peer)
                .setTicket(ByteString.copyFrom(member.ticket()))
                .setGraceMs((int) config.grace().toMillis())
                .setRoom(whole)
                .addAllIceServers(ice.give(member.principal(), wallClock.time()))
                .build());
    }

    /** Joins that found no place, since the start. */
    long fullCount() {
        return fullCount;
    }

    /** The channels whose room has a member or an invitation; a view. */
    Set<Long> channels() {
        return rooms.keySet();
    }

    /** Members of all rooms. */
    int memberCount() {
        return memberCount;
    }
}
