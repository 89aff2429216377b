package io.freshet.engine.room;

import com.google.protobuf.ByteString;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.v1.RoomJoined;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the rooms promise of places, told in the plainest way: a list of them. It says beforehand how a join must end, and afterwards who
 * must be where.
 */
final class RoomModel {
    /** A place as it must be. */
    static final class Place {
        final long channel;
        final long principal;
        /** The session that has it, unless it is away. */
        FakeSession session;

        boolean isAway;
        long endNs;
        /** An update has told of it. */
        boolean isTold;

        CompletableFuture<RoomJoined> answer;
        long peer;
        ByteString ticket = ByteString.EMPTY;

        Place(long channel, FakeSession session, CompletableFuture<RoomJoined> answer) {
            this.channel = channel;
            this.principal = session.principal().id();
            this.session = session;
            this.answer = answer;
        }

        boolean isOf(long session) {
            return !isAway && this.session.session() == session;
        }
    }

    private final Map<Long, Integer> capacities;
    private final long graceNs;
    final List<Place> places = new ArrayList<>();

    RoomModel(Map<Long, Integer> capacities, long graceNs) {
        this.capacities = capacities;
        this.graceNs = graceNs;
    }

    Stream<Place> in(long channel) {
        return places.stream().filter(place -> place.channel == channel);
    }

    @Nullable
    Place of(FakeSession session, long channel) {
        return in(channel)
                .filter(place -> place.isOf(session.session()))
                .findFirst()
                .orElse(null);
    }

    /** The place that a join must give again. */
    @Nullable
    Place taken(FakeSession session, long channel, ByteString ticket) {
        return in(channel)
                .filter(place ->
                        place.isTold && place.principal == session.principal().id() && place.ticket.equals(ticket))
                .findFirst()
                .orElseGet(() -> of(session, channel));
    }

    /** What a join must be refused with; null when it must not be. */
    @Nullable
    ErrorCode refusal(FakeSession session, long channel, ByteString ticket, boolean replaces) {
        if (taken(session, channel, ticket) != null) {
            return null;
        }
        long others = in(channel)
                .filter(place ->
                        !replaces || place.principal != session.principal().id())
                .count();
        return others >= Objects.requireNonNull(capacities.get(channel)) ? ErrorCode.ROOM_FULL : null;
    }

    void joined(
            FakeSession session,
            long channel,
            ByteString ticket,
            boolean replaces,
            CompletableFuture<RoomJoined> answer) {
        Place place = taken(session, channel, ticket);
        if (replaces) {
            places.removeIf(each -> each != place
                    && each.channel == channel
                    && each.principal == session.principal().id());
        }
        if (place == null) {
            places.add(new Place(channel, session, answer));
            return;
        }
        Place own = of(session, channel);
        if (own != place) {
            places.remove(own);
        }
        place.session = session;
        place.isAway = false;
        place.answer = answer;
    }

    /** Takes over what the answers that have come say. */
    void answered() {
        for (Place place : places) {
            if (place.answer.isDone() && !place.answer.isCompletedExceptionally()) {
                place.isTold = true;
                place.peer = place.answer.join().getPeer();
                place.ticket = place.answer.join().getTicket();
            }
        }
    }

    void ended(FakeSession session, long nowNs) {
        places.removeIf(place -> place.isOf(session.session()) && !place.isTold);
        for (Place place : places) {
            if (place.isOf(session.session())) {
                place.isAway = true;
                place.endNs = nowNs + graceNs;
            }
        }
    }

    void expire(long nowNs) {
        places.removeIf(place -> place.isAway && nowNs - place.endNs >= 0);
    }
}
