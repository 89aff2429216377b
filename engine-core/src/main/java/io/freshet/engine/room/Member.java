package io.freshet.engine.room;

import com.google.protobuf.ByteString;
import io.freshet.engine.ChannelRight;
import io.freshet.engine.limit.TokenBucket;
import io.freshet.engine.service.Caller;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FreshetException;
import io.freshet.protocol.v1.RoomJoined;
import io.freshet.protocol.v1.RoomMember;
import io.freshet.protocol.v1.RoomState;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A place in a room that somebody has. Owned by the thread of its {@link Rooms}.
 *
 * <pre>
 *   joining ──first update──► present ◄──update── joining again
 *      │                         │                    ▲ ticket
 *      └─ session ends: out      └─ session ends ─► away ── grace is over ─► out
 * </pre>
 */
final class Member {
    static final int NAME_LENGTH = 64;

    final Room room;
    final long peer;
    private final byte[] ticket;
    private final @Nullable TokenBucket signals;
    private final @Nullable TokenBucket changes;
    private Caller session;
    private Set<ChannelRight> rights;
    private Set<ChannelRight> invited = Set.of();
    private RoomState state = RoomState.getDefaultInstance();
    private boolean isAway;
    private boolean isTold;
    /** The session that has the place now was told so. */
    private boolean isAnswered;

    private @Nullable CompletableFuture<RoomJoined> answer;
    /** When the place of one that is away is lost. */
    private long endNs;

    /** It has missed an update, and gets the whole room next. */
    boolean isBehind;
    /** It is to be in the next update. */
    boolean isChanged;

    Member(
            Room room,
            long peer,
            byte[] ticket,
            Caller session,
            Set<ChannelRight> rights,
            @Nullable TokenBucket signals,
            @Nullable TokenBucket changes) {
        this.room = room;
        this.peer = peer;
        this.ticket = ticket;
        this.session = session;
        this.rights = rights;
        this.signals = signals;
        this.changes = changes;
    }

    Caller session() {
        return session;
    }

    long principal() {
        return session.principal().id();
    }

    boolean may(ChannelRight right) {
        return rights().contains(right);
    }

    /** As they are now: who is silenced does not speak. */
    Set<ChannelRight> rights() {
        return room.remaining(rights, principal());
    }

    /** What of its rights it has by an invitation, for as long as it keeps the place. */
    Set<ChannelRight> invited() {
        return invited;
    }

    byte[] ticket() {
        return ticket;
    }

    /** In a time that does not tell how much of it is right. */
    boolean hasTicket(ByteString shown) {
        return MessageDigest.isEqual(ticket, shown.toByteArray());
    }

    RoomState state() {
        return state;
    }

    boolean isAway() {
        return isAway;
    }

    /** It knows the room and the room knows it: signals may go from it and to it. */
    boolean isPresent() {
        return isTold && !isAway && answer == null;
    }

    /** Whether its session knows of the place, and is there. */
    boolean isAnswered() {
        return isAnswered && !isAway;
    }

    /** Whether an update has told the others of it. */
    boolean isTold() {
        return isTold;
    }

    /** Gives the place to this session, whose request is answered with the next update. */
    void occupy(
            Caller by,
            Set<ChannelRight> with,
            Set<ChannelRight> byInvitation,
            RoomState says,
            CompletableFuture<RoomJoined> joined) {
        isAnswered = isAnswered && !isAway && by.session() == session.session();
        session = by;
        rights = with;
        invited = byInvitation;
        state = says;
        answer = joined;
        isAway = false;
        isBehind = false;
        isChanged = true;
    }

    void lose(long placeEndsNs) {
        isAway = true;
        endNs = placeEndsNs;
        state = state.toBuilder().setSpeaking(false).build();
        isChanged = true;
    }

    long endNs() {
        return endNs;
    }

    /** An update holds it as it is; returns the answer that it waits for, if it does. */
    @Nullable
    CompletableFuture<RoomJoined> told() {
        isTold = true;
        isChanged = false;
        isAnswered = !isAway;
        return takeAnswer();
    }

    /** What its session's request to join is to be answered with, once. */
    @Nullable
    CompletableFuture<RoomJoined> takeAnswer() {
        CompletableFuture<RoomJoined> taken = answer;
        answer = null;
        return taken;
    }

    void say(RoomState next) {
        if (!next.equals(state)) {
            state = next;
            isChanged = true;
        }
    }

    /** What somebody says who joins: without the right to speak it is muted, whatever it says. */
    static RoomState atFirst(RoomState wanted, RoomSettings settings, Set<ChannelRight> rights) {
        boolean maySpeak = rights.contains(ChannelRight.SPEAK);
        return checked(
                maySpeak
                        ? wanted
                        : wanted.toBuilder().setMuted(true).setSpeaking(false).build(),
                settings,
                rights);
    }

    /**
     * What a member with these rights may say of itself.
     *
     * @throws FreshetException for what it may not
     */
    static RoomState checked(RoomState wanted, RoomSettings settings, Set<ChannelRight> rights) {
        boolean maySpeak = rights.contains(ChannelRight.SPEAK);
        if (wanted.getSpeaking() && wanted.getMuted()) {
            throw Rooms.refused(ErrorCode.INVALID_ARGUMENT, "nobody speaks and is muted");
        }
        if (!wanted.getMuted() && !maySpeak) {
            throw Rooms.refused(ErrorCode.FORBIDDEN, "may not speak in this room");
        }
        if (wanted.getVideo() && !(settings.video() && maySpeak)) {
            throw Rooms.refused(ErrorCode.FORBIDDEN, "may not show pictures in this room");
        }
        if (wanted.getScreen() && !(settings.screen() && rights.contains(ChannelRight.SHOW_SCREEN))) {
            throw Rooms.refused(ErrorCode.FORBIDDEN, "may not show a screen in this room");
        }
        return RoomState.newBuilder() // without fields that nobody here knows
                .setMuted(wanted.getMuted())
                .setDeafened(wanted.getDeafened())
                .setSpeaking(wanted.getSpeaking())
                .setVideo(wanted.getVideo())
                .setScreen(wanted.getScreen())
                .build();
    }

    /** Takes from its state what the room, or the silence that was put on it, allows no more. */
    void withdraw() {
        boolean maySpeak = may(ChannelRight.SPEAK);
        say(state.toBuilder()
                .setMuted(state.getMuted() || !maySpeak)
                .setSpeaking(state.getSpeaking() && maySpeak)
                .setVideo(state.getVideo() && maySpeak && room.settings().video())
                .setScreen(state.getScreen() && room.settings().screen())
                .build());
    }

    /** @throws FreshetException when it signals too fast */
    void takeSignal(long nowNs) {
        take(signals, nowNs, "signals");
    }

    /** @throws FreshetException when it changes too fast */
    void takeChange(long nowNs) {
        take(changes, nowNs, "changes");
    }

    private static void take(@Nullable TokenBucket bucket, long nowNs, String what) {
        long waitNs = bucket == null ? 0 : bucket.take(nowNs);
        if (waitNs > 0) {
            long waitMs = TimeUnit.NANOSECONDS.toMillis(waitNs) + 1;
            throw FreshetException.refused(ErrorCode.SIGNAL_RATE, "too many " + what + " of one member", waitMs);
        }
    }

    RoomMember describe() {
        return RoomMember.newBuilder()
                .setPeer(peer)
                .setPrincipal(principal())
                .setName(shortened(session.principal().name()))
                .setState(state)
                .setMaySpeak(may(ChannelRight.SPEAK))
                .setAway(isAway)
                .build();
    }

    /** Cut between two characters. */
    static String shortened(String name) {
        int length = 0;
        int end = 0;
        while (end < name.length()) {
            int next = name.offsetByCodePoints(end, 1);
            length += name.substring(end, next).getBytes(StandardCharsets.UTF_8).length;
            if (length > NAME_LENGTH) {
                break;
            }
            end = next;
        }
        return name.substring(0, end);
    }
}
