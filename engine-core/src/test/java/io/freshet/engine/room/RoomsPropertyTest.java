package io.freshet.engine.room;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.freshet.engine.Access;
import io.freshet.engine.Rate;
import io.freshet.engine.RoomConfig;
import io.freshet.engine.room.RoomModel.Place;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FreshetException;
import io.freshet.protocol.v1.RoomJoined;
import io.freshet.protocol.v1.RoomMember;
import io.freshet.protocol.v1.RoomSignal;
import io.freshet.protocol.v1.RoomSignalKind;
import io.freshet.protocol.v1.RoomState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Sessions that join, leave, are lost, come back, stop reading, signal and put each other out in a random order, seed by seed. Replays one
 * with {@code -Dfreshet.rooms.seed=N}.
 */
class RoomsPropertyTest {
    private static final int SEED_COUNT = 400;
    private static final int STEP_COUNT = 600;

    @Test
    void shouldKeepItsPromisesWhateverComes() {
        Long only = Long.getLong("freshet.rooms.seed");
        int updateCount = 0;
        int signalCount = 0;
        int fullCount = 0;
        for (long seed = 0; seed < SEED_COUNT; seed++) {
            Run run = new Run(only == null ? seed : only);
            try {
                run.run();
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("seed " + run.seed + ", step " + run.step, e);
            }
            updateCount += run.checker.updateCount;
            signalCount += run.checker.signalCount;
            fullCount += run.fullCount;
        }
        assertTrue(updateCount > 10 * SEED_COUNT && signalCount > SEED_COUNT && fullCount > SEED_COUNT);
    }

    private static final class Run {
        final long seed;
        final Random random;
        final Map<Long, Integer> capacities = new HashMap<>();
        final RoomChecker checker = new RoomChecker();
        final RoomModel model;
        final Rooms rooms;
        final List<FakeSession> sessions = new ArrayList<>();
        final List<ByteString> tickets = new ArrayList<>();
        long nowNs;
        long lastSession;
        int signal;
        int step;
        int fullCount;

        Run(long seed) {
            this.seed = seed;
            random = new Random(seed);
            nowNs = random.nextLong();
            for (long channel = 1; channel <= 3; channel++) {
                capacities.put(channel, 1 + random.nextInt(6));
            }
            RoomConfig config = RoomConfig.DEFAULTS.rates(Rate.UNLIMITED, Rate.UNLIMITED);
            model = new RoomModel(capacities, config.grace().toNanos());
            Random secrets = new Random(seed + 1);
            rooms = new Rooms(config, () -> nowNs, () -> 0, secrets::nextBytes);
            tickets.add(ByteString.EMPTY);
        }

        void run() {
            for (step = 0; step < STEP_COUNT; step++) {
                act();
                deliver();
                assertEquals(model.places.size(), rooms.memberCount());
            }
            settle();
        }

        private void act() {
            switch (random.nextInt(16)) {
                case 0 -> connect();
                case 1 -> lose(pick());
                case 2, 3, 4, 5 -> join(pick());
                case 6 -> leave(pick());
                case 7 -> kick(pick());
                case 8, 9 -> say(pick());
                case 10, 11 -> signal(pick());
                case 12 -> pick().reads ^= random.nextInt(4) == 0;
                case 13 -> pass(random.nextInt(3_000));
                default -> pass(random.nextInt(150));
            }
        }

        private FakeSession pick() {
            if (sessions.isEmpty()) {
                connect();
            }
            return sessions.get(random.nextInt(sessions.size()));
        }

        private long channel() {
            return 1L + random.nextInt(capacities.size());
        }

        private void connect() {
            if (sessions.size() < 12) {
                long principal = 100L + random.nextInt(6);
                sessions.add(new FakeSession(++lastSession, principal, "n" + principal));
            }
        }

        private void lose(FakeSession session) {
            sessions.remove(session);
            rooms.sessionEnded(session.session());
            model.ended(session, nowNs);
            checker.ended(session.session());
        }

        private void join(FakeSession session) {
            long channel = channel();
            ByteString ticket = tickets.get(random.nextInt(tickets.size()));
            boolean replaces = random.nextInt(8) == 0;
            ErrorCode expected = model.refusal(session, channel, ticket, replaces);
            RoomSettings settings = new RoomSettings(Objects.requireNonNull(capacities.get(channel)), true, true);
            Entry entry = new Entry(
                    session, channel, "voice", settings, Access.ALL, ticket, replaces, RoomState.getDefaultInstance());
            CompletableFuture<RoomJoined> answer = new CompletableFuture<>();
            ErrorCode refusal = refusalOf(() -> rooms.join(entry).whenComplete((joined, failure) -> {
                if (failure == null) {
                    checker.joined(session.session(), joined);
                    tickets.add(joined.getTicket());
                    answer.complete(joined);
                } else {
                    answer.completeExceptionally(failure);
                }
            }));
            assertEquals(expected, refusal);
            if (refusal == null) {
                model.joined(session, channel, ticket, replaces, answer);
            } else {
                fullCount++;
            }
        }

        private static @Nullable ErrorCode refusalOf(Runnable what) {
            try {
                what.run();
                return null;
            } catch (FreshetException e) {
                return e.code();
            }
        }

        private void leave(FakeSession session) {
            long channel = channel();
            Place place = model.of(session, channel);
            ErrorCode refusal = refusalOf(() -> rooms.leave(session.session(), channel));
            assertEquals(place == null ? ErrorCode.NOT_IN_ROOM : null, refusal);
            model.places.remove(place);
            checker.left(session.session(), channel);
        }

        private static boolean isPresent(@Nullable Place place) {
            return place != null && place.isTold && !place.isAway && place.answer.isDone();
        }

        private long somePeer(long channel) {
            List<Place> there = model.in(channel).toList();
            return there.isEmpty() || random.nextInt(10) == 0
                    ? random.nextInt(50)
                    : there.get(random.nextInt(there.size())).peer;
        }

        private @Nullable Place placeOf(long channel, long peer) {
            return model.in(channel)
                    .filter(place -> place.isTold && place.peer == peer)
                    .findFirst()
                    .orElse(null);
        }

        private void kick(FakeSession session) {
            long channel = channel();
            if (random.nextInt(3) > 0) {
                return;
            }
            long peer = somePeer(channel);
            Place by = model.of(session, channel);
            Place other = placeOf(channel, peer);
            ErrorCode refusal = refusalOf(() -> rooms.kick(session.session(), channel, peer));
            if (!isPresent(by)) {
                assertEquals(ErrorCode.NOT_IN_ROOM, refusal);
            } else if (other != null && other != by) {
                assertNull(refusal);
                model.places.remove(other);
                if (!other.isAway && !other.session.reads) {
                    checker.left(other.session.session(), channel);
                }
            } else if (refusal == null) { // a place that nobody was told of yet has a number that may be guessed
                model.places.removeIf(place -> place.answer.isCompletedExceptionally());
            } else {
                assertEquals(ErrorCode.NO_SUCH_PEER, refusal);
            }
        }

        private void say(FakeSession session) {
            long channel = channel();
            boolean isMuted = random.nextBoolean();
            RoomState state = RoomState.newBuilder()
                    .setMuted(isMuted)
                    .setSpeaking(!isMuted && random.nextBoolean())
                    .setVideo(random.nextBoolean())
                    .build();
            ErrorCode refusal = refusalOf(() -> rooms.setState(session.session(), channel, state));
            assertEquals(model.of(session, channel) == null ? ErrorCode.NOT_IN_ROOM : null, refusal);
        }

        private void signal(FakeSession session) {
            long channel = channel();
            long peer = somePeer(channel);
            RoomSignal sent = RoomSignal.newBuilder()
                    .setChannel(channel)
                    .setPeer(peer)
                    .setKind(RoomSignalKind.ROOM_SIGNAL_KIND_OFFER)
                    .setPayload(ByteString.copyFromUtf8("signal " + ++signal))
                    .build();
            Place from = model.of(session, channel);
            Place to = placeOf(channel, peer);
            ErrorCode refusal = refusalOf(() -> rooms.signal(session.session(), sent));
            if (!isPresent(from)) {
                assertEquals(ErrorCode.NOT_IN_ROOM, refusal);
            } else if (to == null || to == from || !isPresent(to)) {
                assertEquals(ErrorCode.NO_SUCH_PEER, refusal);
            } else if (refusal == null) {
                checker.sent(session.session(), sent, to.session.session());
            } else {
                assertEquals(ErrorCode.OVERLOADED, refusal);
            }
        }

        private void pass(long ms) {
            nowNs += TimeUnit.MILLISECONDS.toNanos(ms);
            rooms.doWork();
            model.expire(nowNs);
        }

        private void deliver() {
            model.answered();
            for (FakeSession session : sessions) {
                for (Message push = session.pushed().poll();
                        push != null;
                        push = session.pushed().poll()) {
                    checker.pushed(session.session(), push);
                }
            }
        }

        /** Everybody reads again: then all know the same, and what the model knows. */
        private void settle() {
            sessions.forEach(session -> session.reads = true);
            for (int i = 0; i < 4; i++) {
                pass(RoomConfig.DEFAULTS.tick().toMillis());
                deliver();
            }
            checker.checkSignals();
            for (FakeSession session : sessions) {
                for (long channel : capacities.keySet()) {
                    if (model.of(session, channel) != null) {
                        Map<Long, RoomMember> view = Objects.requireNonNull(checker.view(session.session(), channel));
                        Map<Long, Boolean> seen = new TreeMap<>();
                        view.forEach((peer, member) -> seen.put(peer, member.getAway()));
                        Map<Long, Boolean> expected = new TreeMap<>();
                        model.in(channel).forEach(place -> expected.put(place.peer, place.isAway));
                        assertEquals(expected, seen);
                    }
                }
            }
            pass(TimeUnit.MINUTES.toMillis(1));
            List.copyOf(sessions).forEach(this::lose);
            pass(TimeUnit.MINUTES.toMillis(1));
            assertEquals(0, rooms.channels().size());
            assertEquals(0, rooms.memberCount());
        }
    }
}
