package io.freshet.engine.room;

import io.freshet.engine.Access;
import io.freshet.engine.ChannelRight;
import io.freshet.engine.Principal;
import io.freshet.engine.RoomConfig;
import io.freshet.engine.channel.ChannelStates;
import io.freshet.engine.channel.KnownAttributes;
import io.freshet.engine.channel.KnownChannel;
import io.freshet.engine.channel.ReservedNames;
import io.freshet.engine.service.Caller;
import io.freshet.engine.service.Service;
import io.freshet.engine.service.ServiceHost;
import io.freshet.log.ChannelDirectory;
import io.freshet.protocol.ChannelName;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.v1.AwaitRoomInvitations;
import io.freshet.protocol.v1.AwaitingRoomInvitations;
import io.freshet.protocol.v1.GiveIceServers;
import io.freshet.protocol.v1.IceServersGiven;
import io.freshet.protocol.v1.InviteToRoom;
import io.freshet.protocol.v1.InvitedToRoom;
import io.freshet.protocol.v1.JoinRoom;
import io.freshet.protocol.v1.KickFromRoom;
import io.freshet.protocol.v1.KickedFromRoom;
import io.freshet.protocol.v1.LeaveRoom;
import io.freshet.protocol.v1.RoomInvitation;
import io.freshet.protocol.v1.RoomJoined;
import io.freshet.protocol.v1.RoomLeft;
import io.freshet.protocol.v1.RoomSignal;
import io.freshet.protocol.v1.RoomSignalled;
import io.freshet.protocol.v1.RoomStateSet;
import io.freshet.protocol.v1.SetRoomState;
import io.freshet.protocol.v1.SilenceInRoom;
import io.freshet.protocol.v1.SilencedInRoom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The service {@code freshet.v1.Rooms}: asks what somebody may and what the room is, and has {@link Rooms} decide. Services' thread, but for the
 * figures, which any thread may ask for.
 */
public final class RoomService {
    private static final long LEAST_LOOK_NS = TimeUnit.MILLISECONDS.toNanos(1);

    private final ServiceHost host;
    private final ChannelDirectory directory;
    private final ChannelStates states;
    private final Rooms rooms;
    /** The channels with a room that somebody is in or was invited to. */
    private final Map<Long, ChannelStates.Watch> watched = new HashMap<>();

    private final InvitationListener invitationListener;
    /** Sessions whose end is awaited. */
    private final Set<Long> followed = new HashSet<>();
    /** Those who want to be told of invitations, by principal. */
    private final Map<Long, List<Caller>> awaiting = new HashMap<>();

    /** What is known of who asks to join, and of the channel. */
    private record Standing(Access access, KnownChannel found) {}

    /** Told of each user who is invited to a room and was not already. Services' thread. */
    @FunctionalInterface
    public interface InvitationListener {
        void onInvited(long user, long channel, String channelName, long inviter, long nowUs);
    }

    private volatile int roomCount;
    private volatile int memberCount;
    private volatile long fullCount;
    private volatile long signalCount;

    /**
     * Begins without any room; while the engine starts.
     *
     * @param states says what channels are, and so which rooms they have
     * @param randomness fills what it is given with bytes that nobody can guess
     */
    public RoomService(
            ServiceHost host,
            ChannelDirectory directory,
            ChannelStates states,
            RoomConfig config,
            InvitationListener invitationListener,
            Consumer<byte[]> randomness) {
        this.host = host;
        this.directory = directory;
        this.states = states;
        this.invitationListener = invitationListener;
        rooms = new Rooms(config, host::nowNs, () -> TimeUnit.MICROSECONDS.toMillis(host.nowUs()), randomness);
        host.every(Math.max(LEAST_LOOK_NS, config.tick().toNanos() / 2), this::work);
        host.onRevocation(this::revoked);
    }

    /** The methods, for clients. */
    public Service service() {
        return Service.named("freshet.v1.Rooms")
                .method("Join", JoinRoom.parser(), this::join)
                .method("Leave", LeaveRoom.parser(), this::leave)
                .method("SetState", SetRoomState.parser(), this::setState)
                .method("Signal", RoomSignal.parser(), this::signal)
                .method("Kick", KickFromRoom.parser(), this::kick)
                .method("Silence", SilenceInRoom.parser(), this::silence)
                .method("Invite", InviteToRoom.parser(), this::invite)
                .method("AwaitInvitations", AwaitRoomInvitations.parser(), (caller, all) -> awaitInvitations(caller))
                .method("IceServers", GiveIceServers.parser(), this::iceServers)
                .build();
    }

    /** Rooms with a member or an open invitation. */
    public int roomCount() {
        return roomCount;
    }

    /** Members of all rooms. */
    public int memberCount() {
        return memberCount;
    }

    /** Joins that were refused, since there was no place. */
    public long fullCount() {
        return fullCount;
    }

    /** Signals that were handed on. */
    public long signalCount() {
        return signalCount;
    }

    private void work() {
        rooms.doWork();
        roomCount = rooms.channels().size();
        fullCount = rooms.fullCount();
        memberCount = rooms.memberCount();
        watched.entrySet().removeIf(each -> {
            boolean isOver = !rooms.channels().contains(each.getKey());
            if (isOver) {
                each.getValue().end();
            }
            return isOver;
        });
    }

    /** From now on what the channel says of its room holds there at once. */
    private void watch(long channel, String name) {
        if (!watched.containsKey(channel)) {
            watched.put(
                    channel,
                    states.watch(channel, attributes -> host.execute(() -> changed(channel, name, attributes))));
        }
    }

    private void changed(long channel, String name, @Nullable KnownAttributes attributes) {
        if (attributes == null) {
            watched.remove(channel);
        }
        rooms.settle(channel, name, RoomSettings.of(attributes));
        rooms.tellIfDue(channel);
    }

    private void revoked(long principal, @Nullable String name) {
        if (name == null) {
            rooms.revoke(principal);
        } else {
            rooms.revoke(principal, directory.find(name));
        }
    }

    private CompletionStage<RoomJoined> join(Caller caller, JoinRoom request) {
        String name = request.getChannel();
        checkName(name);
        return host.unrevoked(
                List.of(caller.principal().id()),
                () -> host.access(caller.principal(), name).thenCombine(attributes(name), Standing::new),
                standing -> join(caller, request, standing.access, standing.found.attributes()));
    }

    private static void checkName(String channel) {
        String violation = ChannelName.violation(channel);
        if (violation != null) {
            throw Rooms.refused(ErrorCode.INVALID_NAME, violation);
        }
    }

    private CompletionStage<RoomJoined> join(
            Caller caller, JoinRoom request, Access access, @Nullable KnownAttributes attributes) {
        long channel = directory.find(request.getChannel());
        RoomSettings settings = RoomSettings.of(attributes);
        boolean isThere = attributes == null
                ? !ReservedNames.needsAttributes(request.getChannel())
                : attributes.admits(caller.principal().id());
        if (!isThere || (settings == null && !access.maySubscribe())) {
            throw Rooms.refused(ErrorCode.UNKNOWN_CHANNEL, "no such channel");
        }
        if (settings == null) {
            throw Rooms.refused(ErrorCode.INVALID_ARGUMENT, "the channel has no room");
        }
        CompletionStage<RoomJoined> joined = rooms.join(new Entry(
                caller,
                channel,
                request.getChannel(),
                settings,
                access,
                request.getTicket(),
                request.getReplace(),
                request.getState()));
        follow(caller);
        watch(channel, request.getChannel());
        rooms.tellIfDue(channel);
        return joined;
    }

    /** What a channel is now. */
    private CompletionStage<KnownChannel> attributes(String name) {
        long channel = directory.find(name);
        return channel == ChannelDirectory.NO_CHANNEL
                ? CompletableFuture.failedFuture(Rooms.refused(ErrorCode.UNKNOWN_CHANNEL, "no such channel"))
                : host.here(states.look(channel));
    }

    private void follow(Caller caller) {
        if (followed.add(caller.session())) {
            caller.onEnd(() -> ended(caller));
        }
    }

    private void ended(Caller caller) {
        followed.remove(caller.session());
        long principal = caller.principal().id();
        List<Caller> others = awaiting.get(principal);
        if (others != null && others.remove(caller) && others.isEmpty()) {
            awaiting.remove(principal);
        }
        rooms.sessionEnded(caller.session());
    }

    private CompletionStage<RoomLeft> leave(Caller caller, LeaveRoom request) {
        rooms.leave(caller.session(), request.getChannel());
        return done(request.getChannel(), RoomLeft.getDefaultInstance());
    }

    private CompletionStage<RoomStateSet> setState(Caller caller, SetRoomState request) {
        rooms.setState(caller.session(), request.getChannel(), request.getState());
        return done(request.getChannel(), RoomStateSet.getDefaultInstance());
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
    private CompletionStage<RoomSignalled> signal(Caller caller, RoomSignal request) {
        rooms.signal(caller.session(), request);
        signalCount++;
        return CompletableFuture.completedFuture(RoomSignalled.getDefaultInstance());
    }

    private CompletionStage<KickedFromRoom> kick(Caller caller, KickFromRoom request) {
        rooms.kick(caller.session(), request.getChannel(), request.getPeer());
        return done(request.getChannel(), KickedFromRoom.getDefaultInstance());
    }

    private CompletionStage<SilencedInRoom> silence(Caller caller, SilenceInRoom request) {
        rooms.silence(caller.session(), request.getChannel(), request.getPeer(), request.getSilenced());
        return done(request.getChannel(), SilencedInRoom.getDefaultInstance());
    }

    private CompletionStage<IceServersGiven> iceServers(Caller caller, GiveIceServers request) {
        return CompletableFuture.completedFuture(IceServersGiven.newBuilder()
                .addAllIceServers(rooms.iceServers(caller.session(), request.getChannel()))
                .build());
    }

    private <A> CompletionStage<A> done(long channel, A answer) {
        rooms.tellIfDue(channel);
        return CompletableFuture.completedFuture(answer);
    }

    private CompletionStage<InvitedToRoom> invite(Caller caller, InviteToRoom request) {
        Member inviter = rooms.asksToInvite(caller.session(), request.getChannel());
        long asker = caller.principal().id();
        long user = request.getUser();
        if (user == Principal.SYSTEM.id() || user == asker) {
            throw Rooms.refused(ErrorCode.INVALID_ARGUMENT, "nobody to invite");
        }
        String shared = request.getOfChannel();
        if (!shared.isEmpty()) {
            checkName(shared);
        }
        return host.unrevoked(
                List.of(asker, user),
                () -> mayBeInvited(caller, inviter, user, shared),
                checked -> CompletableFuture.completedStage(invited(caller, request.getChannel(), user)));
    }

    private CompletionStage<Void> mayBeInvited(Caller caller, Member inviter, long user, String shared) {
        long asker = caller.principal().id();
        Principal invited = new Principal(user, "");
        return shared.isEmpty()
                ? host.access(asker, invited, inviter.room.name()).thenAccept(RoomService::checkMayJoin)
                : host.access(caller.principal(), shared)
                        .thenAccept(RoomService::checkMayInviteOf)
                        .thenCompose(checked -> host.access(asker, invited, shared))
                        .thenAccept(RoomService::checkIsOf);
    }

    private static void checkMayJoin(Access access) {
        if (!access.has(ChannelRight.JOIN_ROOM)) {
            throw Rooms.refused(ErrorCode.FORBIDDEN, "that user may not join by itself");
        }
    }

    private static void checkMayInviteOf(Access access) {
        if (!access.maySubscribe()) {
            throw Rooms.refused(ErrorCode.UNKNOWN_CHANNEL, "no such channel");
        }
        if (!access.has(ChannelRight.INVITE_TO_ROOM)) {
            throw Rooms.refused(ErrorCode.FORBIDDEN, "may not invite people of that channel");
        }
    }

    private static void checkIsOf(Access access) {
        if (!access.maySubscribe()) {
            throw Rooms.refused(ErrorCode.FORBIDDEN, "that user is not of that channel");
        }
    }

    private InvitedToRoom invited(Caller caller, long channel, long user) {
        boolean isNews = rooms.invitationsOf(user).stream().noneMatch(each -> each.room().channel == channel);
        Invitation invitation = rooms.invite(caller.session(), channel, user);
        if (isNews) {
            invitationListener.onInvited(
                    user,
                    channel,
                    invitation.room().name(),
                    invitation.inviter().id(),
                    host.nowUs());
        }
        int told = 0;
        for (Caller session : awaiting.getOrDefault(user, List.of())) {
            told += session.push(message(invitation)) ? 1 : 0;
        }
        return InvitedToRoom.newBuilder()
                .setTold(told)
                .setExpiresInMs(leftMs(invitation))
                .build();
    }

    /** Tells this session of what it was invited to, and from now on of what it will be. */
    private CompletionStage<AwaitingRoomInvitations> awaitInvitations(Caller caller) {
        long principal = caller.principal().id();
        List<Caller> sessions = awaiting.computeIfAbsent(principal, id -> new ArrayList<>());
        if (!sessions.contains(caller)) {
            sessions.add(caller);
        }
        for (Invitation invitation : rooms.invitationsOf(principal)) {
            caller.push(message(invitation));
        }
        follow(caller);
        return CompletableFuture.completedFuture(AwaitingRoomInvitations.getDefaultInstance());
    }

    private RoomInvitation message(Invitation invitation) {
        return RoomInvitation.newBuilder()
                .setName(invitation.room().name())
                .setChannel(invitation.room().channel)
                .setInviter(invitation.inviter().id())
                .setInviterName(Member.shortened(invitation.inviter().name()))
                .setExpiresInMs(leftMs(invitation))
                .build();
    }

    private long leftMs(Invitation invitation) {
        return Math.max(1, TimeUnit.NANOSECONDS.toMillis(invitation.endNs() - host.nowNs()));
    }
}
