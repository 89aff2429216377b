package io.freshet.engine.routing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.MessageLite;
import io.freshet.engine.ChannelRight;
import io.freshet.engine.chat.ChatEvent;
import io.freshet.engine.chat.Resolution;
import io.freshet.log.MessageLog;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.EventKind;
import io.freshet.protocol.v1.Content;
import io.freshet.protocol.v1.Deletion;
import io.freshet.protocol.v1.Edit;
import io.freshet.protocol.v1.Pin;
import io.freshet.protocol.v1.Reaction;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Several people change the same posts at once, on several shards. What each event names is looked up at some time and decided on at
 * another, while indexes lag by as much as the seed says, appends fail and what was admitted is forgotten: every decision is the one
 * that {@link EventOracle} makes, which knows everything at once.
 */
class EventRacesTest {
    private static final int SHARDS = 3;
    private static final int CHANNELS = 2;
    private static final int STEPS = 4_000;
    private static final int SENDERS = 4;
    private static final long MODERATOR = 1;
    private static final EventKind[] KINDS = {
        EventKind.POST,
        EventKind.POST,
        EventKind.EDIT,
        EventKind.DELETE,
        EventKind.REACT,
        EventKind.REACT,
        EventKind.REACT,
        EventKind.UNREACT,
        EventKind.PIN,
        EventKind.UNPIN
    };

    private final Map<ErrorCode, Integer> refusals = new EnumMap<>(ErrorCode.class);
    private int keptCount;

    private static int staleCount;

    /** An event that was looked up and not decided on. */
    private record Pending(
            Place place, ChatEvent event, @Nullable Resolution found) {}

    /** A channel. */
    private record Place(EventShard shard, long channel, EventOracle oracle) {}

    @AfterAll
    static void someWereLookedUpTooLongAgo() {
        assertTrue(staleCount > 20, "too long ago " + staleCount);
    }

    static LongStream seeds() {
        return LongStream.rangeClosed(1, 40);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void shouldDecideAsOneWhoKnowsEverything(long seed) {
        Random random = new Random(seed);
        List<EventShard> shards = new ArrayList<>();
        List<Place> places = new ArrayList<>();
        for (int i = 0; i < SHARDS; i++) {
            EventShard shard = new EventShard();
            shards.add(shard);
            for (int channel = 1; channel <= CHANNELS; channel++) {
                places.add(new Place(shard, channel, new EventOracle()));
            }
        }
        List<Pending> pending = new ArrayList<>();
        try {
            for (int step = 0; step < STEPS; step++) {
                Place place = places.get(random.nextInt(places.size()));
                switch (random.nextInt(12)) {
                    case 0, 1, 2, 3 -> pending.add(lookUp(place, event(place, random)));
                    case 4, 5, 6, 7 -> decideOne(pending, random, seed);
                    case 8, 9 -> commit(place.shard, places, random.nextInt(6) == 0);
                    case 10 -> place.shard.follow();
                    default -> place.shard.tick();
                }
            }
            while (!pending.isEmpty()) {
                decideOne(pending, random, seed);
            }
        } finally {
            shards.forEach(EventShard::close);
        }
        assertTrue(keptCount > 300, "seed " + seed + ": only " + keptCount + " were kept, refused " + refusals);
        for (ErrorCode code :
                Set.of(ErrorCode.NO_SUCH_POST, ErrorCode.POST_DELETED, ErrorCode.FORBIDDEN, ErrorCode.ALREADY_SO)) {
            assertTrue(refusals.containsKey(code), "seed " + seed + ": no " + code + ", refused " + refusals);
        }
    }

    private static ChatEvent event(Place place, Random random) {
        EventKind kind = KINDS[random.nextInt(KINDS.length)];
        long sender = 1L + random.nextInt(SENDERS);
        int head = place.oracle.head();
        boolean isNew = kind == EventKind.POST && random.nextInt(3) > 0;
        long target = isNew ? 0 : random.nextInt(20) == 0 ? head + 3L : Math.max(1, head - random.nextInt(15));
        boolean isReaction = kind == EventKind.REACT || kind == EventKind.UNREACT;
        return new ChatEvent(kind, 0, 0, sender, target, isReaction ? "r" + random.nextInt(3) : "");
    }

    private static Pending lookUp(Place place, ChatEvent event) {
        Resolution found = event.target() == 0
                ? null
                : place.shard.lookUp((channel, sequence) -> place.oracle.head(sequence), place.channel, event);
        return new Pending(place, event, found);
    }

    /** Whichever of them comes first. */
    private void decideOne(List<Pending> pending, Random random, long seed) {
        if (pending.isEmpty()) {
            return;
        }
        Pending next = pending.remove(random.nextInt(pending.size()));
        ChatEvent event = next.event;
        Set<ChannelRight> rights = event.sender() == MODERATOR ? ChannelRight.ALL : ChannelRight.USUAL;
        ErrorCode refusal = next.place.shard.publish(
                next.place.channel, event, payload(event).toByteArray(), next.found, rights);
        if (refusal != null) {
            refusals.merge(refusal, 1, Integer::sum);
        }
        if (refusal == ErrorCode.STALE_VIEW) {
            staleCount++;
            pending.add(lookUp(next.place, event));
            return;
        }
        ErrorCode expected = event.target() == 0 ? null : next.place.oracle.refusal(event, rights);
        boolean wasNotThereYet = refusal == ErrorCode.NO_SUCH_POST && next.found != null && next.found.post() == null;
        if (!wasNotThereYet) {
            assertEquals(expected, refusal, () -> "seed " + seed + ": " + event);
        }
        if (refusal == null) {
            keptCount++;
            next.place.oracle.admitted(event);
        }
    }

    private static MessageLite payload(ChatEvent event) {
        Content content = Content.newBuilder().setText("said").build();
        return switch (event.kind()) {
            case POST -> content.toBuilder().setReplyTo(event.target()).build();
            case EDIT ->
                Edit.newBuilder().setTarget(event.target()).setContent(content).build();
            case DELETE -> Deletion.newBuilder().setTarget(event.target()).build();
            case PIN, UNPIN -> Pin.newBuilder().setTarget(event.target()).build();
            default ->
                Reaction.newBuilder()
                        .setTarget(event.target())
                        .setReaction(event.reaction())
                        .build();
        };
    }

    private static void commit(EventShard shard, List<Place> places, boolean isFailing) {
        if (isFailing) {
            shard.faults().refuse(MessageLog.FAILED);
        }
        shard.commit();
        shard.faults().accept();
        for (Place place : places) {
            if (place.shard == shard) {
                if (isFailing) {
                    place.oracle.undone();
                } else {
                    place.oracle.committed();
                }
                assertEquals(place.oracle.committedHead(), shard.committedHead(place.channel, MODERATOR));
            }
        }
    }

    @Test
    void shouldRememberNoMoreThanItMayAndGoOnOnceTheIndexHasCaughtUp() {
        try (EventShard shard = new EventShard()) {
            Place place = new Place(shard, 1, new EventOracle());
            ChatEvent post = new ChatEvent(EventKind.POST, 0, 0, MODERATOR, 0, "");
            assertNull(shard.publish(1, post, payload(post).toByteArray(), null, ChannelRight.ALL));
            place.oracle.admitted(post);
            commit(shard, List.of(place), false);
            ErrorCode refusal = null;
            int count = 0;
            while (refusal == null) {
                ChatEvent event =
                        new ChatEvent(count % 2 == 0 ? EventKind.PIN : EventKind.UNPIN, 0, 0, MODERATOR, 1, "");
                Pending next = lookUp(place, event);
                refusal = shard.publish(1, event, payload(event).toByteArray(), next.found, ChannelRight.ALL);
                count += refusal == null ? 1 : 0;
                shard.commit();
            }
            assertEquals(ErrorCode.OVERLOADED, refusal);
            assertEquals(16 * 1024, count);
            for (int i = 0; i < 100; i++) {
                shard.follow();
            }
            shard.tick();
            shard.tick();
            ChatEvent event = new ChatEvent(EventKind.PIN, 0, 0, MODERATOR, 1, "");
            assertNull(shard.publish(
                    1, event, payload(event).toByteArray(), lookUp(place, event).found, ChannelRight.ALL));
        }
    }
}
