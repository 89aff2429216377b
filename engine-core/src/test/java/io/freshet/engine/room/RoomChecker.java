package io.freshet.engine.room;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Message;
import io.freshet.protocol.v1.RoomEnded;
import io.freshet.protocol.v1.RoomJoined;
import io.freshet.protocol.v1.RoomMember;
import io.freshet.protocol.v1.RoomSignal;
import io.freshet.protocol.v1.RoomUpdate;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Sees what every session is sent, as a client does, and throws when it is not what the rooms promise: versions without a hole; at one version
 * all members know the same; nothing for whoever is outside; signals once, to whom they were for, from whom they came.
 */
final class RoomChecker {
    private record Key(long session, long channel) {}

    private record At(long channel, long version) {}

    /** What a member knows of its room. */
    private static final class View {
        long peer;
        long version;
        Map<Long, RoomMember> members = new TreeMap<>();
    }

    private final Map<Key, View> views = new HashMap<>();
    private final Map<At, Map<Long, RoomMember>> known = new HashMap<>();
    private final Map<RoomSignal, Key> underWay = new HashMap<>();
    private final Set<RoomJoined> answers = new HashSet<>();
    int updateCount;
    int signalCount;

    void joined(long session, RoomJoined answer) {
        if (!answers.add(answer)) {
            return;
        }
        assertTrue(answer.getRoom().getWhole());
        assertEquals(answer.getChannel(), answer.getRoom().getChannel());
        View view = new View();
        view.peer = answer.getPeer();
        views.put(new Key(session, answer.getChannel()), view);
        fold(view, answer.getRoom());
        assertTrue(view.members.containsKey(view.peer), "a member is not in its own room");
    }

    /** A session has left, or has ended. */
    void left(long session, long channel) {
        views.remove(new Key(session, channel));
    }

    void ended(long session) {
        views.keySet().removeIf(key -> key.session == session);
    }

    /** A signal was accepted. */
    void sent(long from, RoomSignal signal, long to) {
        RoomSignal expected = signal.toBuilder()
                .setPeer(view(new Key(from, signal.getChannel()), "a signal of somebody outside").peer)
                .build();
        assertNull(underWay.put(expected, new Key(to, signal.getChannel())));
    }

    void pushed(long session, Message message) {
        if (message instanceof RoomUpdate update) {
            updateCount++;
            fold(view(new Key(session, update.getChannel()), "somebody outside is told of a room"), update);
        } else if (message instanceof RoomSignal signal) {
            signalCount++;
            assertEquals(new Key(session, signal.getChannel()), underWay.remove(signal), "a signal for another");
            View view = view(new Key(session, signal.getChannel()), "a signal for somebody outside");
            assertTrue(view.members.containsKey(signal.getPeer()), "a signal of somebody unknown");
        } else {
            RoomEnded ended = (RoomEnded) message;
            assertNotNull(views.remove(new Key(session, ended.getChannel())), "somebody outside is put out");
        }
    }

    private View view(Key key, String otherwise) {
        return Objects.requireNonNull(views.get(key), otherwise);
    }

    private void fold(View view, RoomUpdate update) {
        if (update.getWhole()) {
            assertTrue(update.getVersion() >= view.version);
            view.members = new TreeMap<>();
        } else {
            assertEquals(view.version + 1, update.getVersion(), "a version is missing");
        }
        for (RoomMember member : update.getMembersList()) {
            assertFalse(member.getState().getSpeaking() && (member.getState().getMuted() || member.getAway()));
            view.members.put(member.getPeer(), member);
        }
        for (long peer : update.getLeftList()) {
            assertNotNull(view.members.remove(peer), "somebody unknown has left");
        }
        view.version = update.getVersion();
        assertTrue(view.members.size() <= update.getCapacity(), "more members than places");
        Map<Long, RoomMember> others =
                known.putIfAbsent(new At(update.getChannel(), view.version), new TreeMap<>(view.members));
        if (others != null) {
            assertEquals(others, view.members, () -> "two members see version " + update.getVersion() + " differently");
        }
    }

    /** All signals that were accepted have come. */
    void checkSignals() {
        assertEquals(Map.of(), underWay);
    }

    /** What a member knows now, by peer; null when it is outside. */
    @Nullable
    Map<Long, RoomMember> view(long session, long channel) {
        View view = views.get(new Key(session, channel));
        return view == null ? null : view.members;
    }
}
