package io.freshet.client;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.freshet.protocol.ChannelName;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FreshetException;
import io.freshet.protocol.v1.AwaitRoomInvitations;
import io.freshet.protocol.v1.AwaitingRoomInvitations;
import io.freshet.protocol.v1.GiveIceServers;
import io.freshet.protocol.v1.IceServer;
import io.freshet.protocol.v1.IceServersGiven;
import io.freshet.protocol.v1.InviteToRoom;
import io.freshet.protocol.v1.InvitedToRoom;
import io.freshet.protocol.v1.JoinRoom;
import io.freshet.protocol.v1.KickFromRoom;
import io.freshet.protocol.v1.KickedFromRoom;
import io.freshet.protocol.v1.LeaveRoom;
import io.freshet.protocol.v1.RoomEndReason;
import io.freshet.protocol.v1.RoomEnded;
import io.freshet.protocol.v1.RoomInvitation;
import io.freshet.protocol.v1.RoomJoined;
import io.freshet.protocol.v1.RoomLeft;
import io.freshet.protocol.v1.RoomSignal;
import io.freshet.protocol.v1.RoomSignalKind;
import io.freshet.protocol.v1.RoomSignalled;
import io.freshet.protocol.v1.RoomState;
import io.freshet.protocol.v1.RoomStateSet;
import io.freshet.protocol.v1.RoomUpdate;
import io.freshet.protocol.v1.SetRoomState;
import io.freshet.protocol.v1.SilenceInRoom;
import io.freshet.protocol.v1.SilencedInRoom;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The voice room of a channel: who is there, and the signals by which a call with each of them is set up. Sound and pictures are not this library's:
 * they go from member to member. Any thread may call it; the listener is called on the client's thread.
 *
 * <p>When the connection is lost the place is kept for a while, and taken again on the next session. A stage fails with the server's code, {@code
 * NOT_IN_ROOM} before {@link #join} and after the end.
 */
public final class Room implements AutoCloseable {
    private static final String SERVICE = "freshet.v1.Rooms/";

    /** When to ask again for a place that was not given back, unless the server says it. */
    private static final long AGAIN_NS = TimeUnit.MILLISECONDS.toNanos(500);

    private final FreshetClient client;
    private final ClientCore core;
    private final String channel;
    private final RoomListener listener;
    private final List<Registration> registrations;
    private final Object lock = new Object();
    /** What is joined, or is to be joined again; null while outside. */
    private @Nullable RoomJoined joined;

    private RoomState state = RoomState.getDefaultInstance();
    private @Nullable RoomView view;
    /** Raised whenever the place is given up: what was asked for before is not wanted any more. */
    private int generation;
    /** Requests for a place of this generation without an answer. */
    private int askedCount;

    private boolean isRejoining;
    private boolean isClosed;
    private ClientTransport.@Nullable Cancellation retry;
    /** Until then a place that was lost with a connection is asked for again. */
    private long rejoinUntilNs;

    Room(FreshetClient client, ClientCore core, String channel, RoomListener listener) {
        this.client = client;
        this.core = core;
        this.channel = ChannelName.checked(channel);
        this.listener = listener;
        registrations = List.of(
                client.onPush(RoomUpdate.getDefaultInstance(), this::onUpdate),
                client.onPush(RoomSignal.getDefaultInstance(), this::onSignal),
                client.onPush(RoomEnded.getDefaultInstance(), this::onEnded),
                client.onSession(this::onSession));
    }

    static Registration onInvitation(ClientCore core, Consumer<RoomInvitation> handler) {
        Registration pushes = core.pushes().add(RoomInvitation.getDefaultInstance(), handler);
        SessionQuestions questions = new SessionQuestions(core);
        Registration sessions = core.onSession(() -> {
            questions.begin();
            questions.ask(() -> awaitInvitations(core), () -> {});
        });
        return () -> {
            sessions.close();
            pushes.close();
            core.execute(questions::begin);
        };
    }

    private static CompletionStage<AwaitingRoomInvitations> awaitInvitations(ClientCore core) {
        return core.call(
                SERVICE + "AwaitInvitations",
                AwaitRoomInvitations.getDefaultInstance().toByteString(),
                AwaitingRoomInvitations.parser(),
                core.requestTimeoutNs());
    }

    /** Everybody who is there now, as far as is known; null while outside. */
    public @Nullable RoomView view() {
        synchronized (lock) {
            return view;
        }
    }

    /**
     * Takes a place. Completes with who is there; {@link RoomListener#onChange} tells what changes after it. Fails with {@code ROOM_FULL}, {@code
     * FORBIDDEN} or {@code UNKNOWN_CHANNEL}, and with {@code INVALID_ARGUMENT} for a channel without a room.
     *
     * @param says what this member says of itself at first
     */
    public CompletionStage<RoomView> join(RoomState says) {
        return join(says, false);
    }

    /** {@link #join} that gives up every other place that the same principal has in the room. */
    public CompletionStage<RoomView> moveHere(RoomState says) {
        return join(says, true);
    }

    private CompletionStage<RoomView> join(RoomState says, boolean replaces) {
        synchronized (lock) {
            if (isClosed) {
                return CompletableFuture.failedFuture(
                        new FreshetException(ErrorCode.CLIENT_CLOSED, "this room is closed"));
            }
            state = says;
        }
        return ask(joinRequest().setReplace(replaces).build());
    }

    private JoinRoom.Builder joinRequest() {
        synchronized (lock) {
            return JoinRoom.newBuilder()
                    .setChannel(channel)
                    .setTicket(joined == null ? ByteString.EMPTY : joined.getTicket())
                    .setState(state);
        }
    }

    private CompletionStage<RoomView> ask(JoinRoom request) {
        int asked;
        synchronized (lock) {
            asked = generation;
            askedCount++;
        }
        return client.request(SERVICE + "Join", request, RoomJoined.parser())
                .whenComplete((answer, failure) -> answered(asked))
                .thenApply(answer -> take(answer, asked));
    }

    private void answered(int asked) {
        synchronized (lock) {
            askedCount -= asked == generation ? 1 : 0;
        }
    }

    private RoomView take(RoomJoined answer, int asked) {
        boolean isNeeded;
        synchronized (lock) {
            if (asked == generation) {
                RoomView now = RoomView.EMPTY.after(answer.getRoom(), answer.getPeer());
                joined = answer;
                view = now;
                return now;
            }
            isNeeded = joined != null || askedCount > 0; // since then it was asked for anew
        }
        if (!isNeeded) {
            CompletionStage<Void> unused = giveUp(answer.getChannel());
        }
        throw new FreshetException(ErrorCode.NOT_IN_ROOM, "this client has left the room meanwhile");
    }

    private void onSession() {
        int asked;
        synchronized (lock) {
            if (joined == null) {
                return;
            }
            rejoinUntilNs = core.nanoTime() + TimeUnit.MILLISECONDS.toNanos(joined.getGraceMs());
            if (isRejoining && retry == null) {
                return; // it is under way
            }
            isRejoining = true;
            asked = generation;
        }
        rejoin(asked);
    }

    private void rejoin(int asked) {
        synchronized (lock) {
            if (asked != generation) {
                return;
            }
            if (retry != null) {
                retry.cancel();
                retry = null;
            }
            isRejoining = joined != null;
            if (!isRejoining) {
                return;
            }
        }
        CompletionStage<RoomView> unused =
                ask(joinRequest().build()).whenComplete((now, failure) -> rejoined(asked, now, failure));
    }

    private void rejoined(int asked, @Nullable RoomView now, @Nullable Throwable failure) {
        FreshetException refusal = failure == null ? null : refusal(failure);
        synchronized (lock) {
            if (asked != generation) {
                return;
            }
            if (refusal != null && mayAskAgain(refusal)) {
                long askedNs = TimeUnit.MILLISECONDS.toNanos(refusal.retryAfterMs());
                retry = core.schedule(() -> rejoin(asked), Math.max(AGAIN_NS, askedNs));
                return;
            }
            isRejoining = false;
            if (refusal != null && refusal.isOutcomeUnknown() && refusal.getCause() != null) {
                return; // the session was over before it could answer: the one that follows tries again
            }
            if (now == null && joined == null) {
                return; // it was told already
            }
            if (now == null) {
                joined = null;
                view = null;
            }
        }
        if (now != null) {
            listener.onChange(now);
        } else {
            listener.onEnd(RoomEndReason.ROOM_END_REASON_UNSPECIFIED);
        }
    }

    private static @Nullable FreshetException refusal(Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        return cause instanceof FreshetException refused ? refused : null;
    }

    /** What could not even be asked is asked until there is an answer; what was not answered or put off, while the place may be kept. */
    private boolean mayAskAgain(FreshetException refusal) {
        boolean isPutOff = refusal.isRetryable() || (refusal.isOutcomeUnknown() && refusal.getCause() == null);
        return joined != null
                && (refusal.code() == ErrorCode.DISCONNECTED || (isPutOff && core.nanoTime() - rejoinUntilNs < 0));
    }

    private void onUpdate(RoomUpdate update) {
        RoomView now;
        synchronized (lock) {
            if (joined == null
                    || view == null
                    || joined.getChannel() != update.getChannel()
                    || !view.isBefore(update)) {
                return;
            }
            now = view.after(update, joined.getPeer());
            view = now;
        }
        listener.onChange(now);
    }

    private void onSignal(RoomSignal signal) {
        synchronized (lock) {
            if (joined == null || joined.getChannel() != signal.getChannel()) {
                return;
            }
        }
        listener.onSignal(
                signal.getPeer(), signal.getKind(), signal.getPayload().toByteArray());
    }

    private void onEnded(RoomEnded ended) {
        synchronized (lock) {
            if (joined == null || joined.getChannel() != ended.getChannel()) {
                return;
            }
            joined = null;
            view = null;
        }
        listener.onEnd(ended.getReason());
    }

    /** Gives up the place, also one that was asked for and not given yet. */
    public CompletionStage<Void> leave() {
        RoomJoined left;
        synchronized (lock) {
            left = joined;
            joined = null;
            view = null;
            generation++;
            askedCount = 0;
            isRejoining = false;
            retry = null; // one that is set finds that it is of an earlier generation
        }
        return left == null ? CompletableFuture.failedFuture(notJoined()) : giveUp(left.getChannel());
    }

    private CompletionStage<Void> giveUp(long id) {
        return call("Leave", LeaveRoom.newBuilder().setChannel(id).build(), RoomLeft.parser());
    }

    /** Says this of this member from now on. */
    public CompletionStage<Void> say(RoomState says) {
        synchronized (lock) {
            state = says;
        }
        return inRoom(id -> call(
                "SetState",
                SetRoomState.newBuilder().setChannel(id).setState(says).build(),
                RoomStateSet.parser()));
    }

    /**
     * Hands another member what it needs for a call. Fails with {@code NO_SUCH_PEER} when it has gone or is away, {@code SIGNAL_RATE}, {@code
     * PAYLOAD_TOO_LONG}, and {@code OVERLOADED} when that member does not read at the moment.
     *
     * @param payload 1 to 16,384 bytes; copied
     */
    public CompletionStage<Void> signal(long peer, RoomSignalKind kind, byte[] payload) {
        return inRoom(id -> call(
                "Signal",
                RoomSignal.newBuilder()
                        .setChannel(id)
                        .setPeer(peer)
                        .setKind(kind)
                        .setPayload(ByteString.copyFrom(payload))
                        .build(),
                RoomSignalled.parser()));
    }

    /** Puts a member out; needs the right MANAGE_ROOM. */
    public CompletionStage<Void> kick(long peer) {
        return inRoom(id -> call(
                "Kick", KickFromRoom.newBuilder().setChannel(id).setPeer(peer).build(), KickedFromRoom.parser()));
    }

    /** Mutes a member for as long as anybody is in the room, or lets it speak again; needs the right MANAGE_ROOM. */
    public CompletionStage<Void> silence(long peer, boolean isSilenced) {
        return inRoom(id -> call(
                "Silence",
                SilenceInRoom.newBuilder()
                        .setChannel(id)
                        .setPeer(peer)
                        .setSilenced(isSilenced)
                        .build(),
                SilencedInRoom.parser()));
    }

    /**
     * Invites somebody who may join, or, of another channel of which it is, somebody who may not; needs the right INVITE_TO_ROOM, in that
     * channel too.
     *
     * @param ofChannel empty for none
     */
    public CompletionStage<InvitedToRoom> invite(long user, String ofChannel) {
        return inRoom(id -> client.request(
                SERVICE + "Invite",
                InviteToRoom.newBuilder()
                        .setChannel(id)
                        .setUser(user)
                        .setOfChannel(ofChannel)
                        .build(),
                InvitedToRoom.parser()));
    }

    /** The servers for a call, with credentials that are good for a while. */
    public CompletionStage<List<IceServer>> iceServers() {
        return inRoom(id -> client.request(
                        SERVICE + "IceServers",
                        GiveIceServers.newBuilder().setChannel(id).build(),
                        IceServersGiven.parser())
                .thenApply(IceServersGiven::getIceServersList));
    }

    private <T> CompletionStage<T> inRoom(Function<Long, CompletionStage<T>> task) {
        long id;
        synchronized (lock) {
            if (joined == null) {
                return CompletableFuture.failedFuture(notJoined());
            }
            id = joined.getChannel();
        }
        return task.apply(id);
    }

    private static FreshetException notJoined() {
        return new FreshetException(ErrorCode.NOT_IN_ROOM, "this client has not joined the room");
    }

    private <A extends MessageLite> CompletionStage<Void> call(String method, MessageLite request, Parser<A> answer) {
        return client.request(SERVICE + method, request, answer).thenAccept(done -> {});
    }

    /** Leaves, if it is there, without waiting for it, and tells the listener nothing more. */
    @Override
    public void close() {
        synchronized (lock) {
            isClosed = true;
        }
        registrations.forEach(Registration::close);
        CompletionStage<Void> unused = leave();
    }
}
