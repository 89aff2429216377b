package io.freshet.engine.channel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.protocol.ChannelName;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.InboxName;
import io.freshet.protocol.v1.ChannelAttributes;
import io.freshet.protocol.v1.ChannelKind;
import io.freshet.protocol.v1.RoomSettings;
import io.freshet.protocol.v1.ThreadParent;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** What may come after what, and what the server's own channels are called. */
class SuccessionTest {
    private static final long SERVER = 0;
    private static final long ANN = 7;
    private static final ThreadParent PARENT =
            ThreadParent.newBuilder().setChannel(3).setPost(9).build();

    private static ChannelAttributes.Builder of(ChannelKind kind) {
        ChannelAttributes.Builder attributes = ChannelAttributes.newBuilder().setKind(kind);
        return switch (kind) {
            case CHANNEL_KIND_VOICE ->
                attributes.setRoom(RoomSettings.newBuilder().setCapacity(2));
            case CHANNEL_KIND_THREAD -> attributes.setParent(PARENT);
            case CHANNEL_KIND_DIRECT -> attributes.addMembers(ANN);
            default -> attributes;
        };
    }

    private static List<ChannelKind> kinds() {
        return List.of(
                ChannelKind.CHANNEL_KIND_ORDINARY,
                ChannelKind.CHANNEL_KIND_LIVE,
                ChannelKind.CHANNEL_KIND_VOICE,
                ChannelKind.CHANNEL_KIND_THREAD,
                ChannelKind.CHANNEL_KIND_DIRECT);
    }

    private static boolean isOpen(ChannelKind kind) {
        return kinds().indexOf(kind) < 3;
    }

    @Test
    void shouldLetOnlyOpenKindsBecomeEachOther() {
        for (ChannelKind from : kinds()) {
            KnownAttributes now = new KnownAttributes(4, of(from).build());
            for (ChannelKind to : kinds()) {
                ErrorCode expected = from == to || (isOpen(from) && isOpen(to)) ? null : ErrorCode.INVALID_ATTRIBUTES;
                assertEquals(expected, Succession.refusal(of(to).build(), now, 4, ANN), () -> from + " becomes " + to);
                assertEquals(expected, Succession.refusal(of(to).build(), now, 4, SERVER));
            }
        }
    }

    @Test
    void shouldLetOnlyTheServerBeginWhatIsNotOpenToAll() {
        for (ChannelKind kind : kinds()) {
            ChannelAttributes first = of(kind).build();
            assertNull(Succession.refusal(first, null, 0, SERVER));
            ErrorCode expected = isOpen(kind) ? null : ErrorCode.INVALID_ATTRIBUTES;
            assertEquals(expected, Succession.refusal(first, null, 0, ANN));
            assertEquals(expected, Succession.refusal(first, null, 5, SERVER), "not behind other records");
        }
    }

    @Test
    void shouldKeepParentsAndMembers() {
        KnownAttributes thread =
                new KnownAttributes(1, of(ChannelKind.CHANNEL_KIND_THREAD).build());
        ThreadParent other = PARENT.toBuilder().setPost(10).build();
        assertEquals(
                ErrorCode.INVALID_ATTRIBUTES,
                Succession.refusal(
                        of(ChannelKind.CHANNEL_KIND_THREAD).setParent(other).build(), thread, 1, SERVER));
        assertEquals(
                ErrorCode.INVALID_ATTRIBUTES,
                Succession.refusal(
                        of(ChannelKind.CHANNEL_KIND_THREAD).addMembers(ANN).build(), thread, 1, SERVER));
        KnownAttributes direct =
                new KnownAttributes(1, of(ChannelKind.CHANNEL_KIND_DIRECT).build());
        assertEquals(
                ErrorCode.INVALID_ATTRIBUTES,
                Succession.refusal(
                        of(ChannelKind.CHANNEL_KIND_DIRECT).addMembers(8).build(), direct, 1, ANN));
        ChannelAttributes deleted = ChannelAttributes.newBuilder()
                .setKind(ChannelKind.CHANNEL_KIND_DIRECT)
                .setDeleted(true)
                .build();
        assertNull(Succession.refusal(deleted, direct, 1, ANN), "nobody's id stays in it");
    }

    @Test
    void shouldCountOnlyInTheStateThatIsNamed() {
        ChannelAttributes first = ChannelAttributes.newBuilder().setReplaces(0).build();
        assertNull(Succession.refusal(first, null, 0, ANN));
        assertEquals(ErrorCode.CHANNEL_EXISTS, Succession.refusal(first, null, 1, ANN));
        KnownAttributes now = new KnownAttributes(4, ChannelAttributes.getDefaultInstance());
        assertEquals(ErrorCode.CHANNEL_EXISTS, Succession.refusal(first, now, 6, ANN));
        ChannelAttributes next = first.toBuilder().setReplaces(4).build();
        assertNull(Succession.refusal(next, now, 6, ANN));
        assertEquals(ErrorCode.ATTRIBUTES_CHANGED, Succession.refusal(next, null, 6, ANN));
        KnownAttributes later = new KnownAttributes(5, ChannelAttributes.getDefaultInstance());
        assertEquals(ErrorCode.ATTRIBUTES_CHANGED, Succession.refusal(next, later, 6, ANN));
    }

    @Test
    void shouldAdmitWhoBelongs() {
        KnownAttributes direct =
                new KnownAttributes(1, of(ChannelKind.CHANNEL_KIND_DIRECT).build());
        assertTrue(direct.admits(ANN));
        assertTrue(direct.admits(SERVER));
        assertFalse(direct.admits(8));
        KnownAttributes deleted = new KnownAttributes(
                2, ChannelAttributes.newBuilder().setDeleted(true).build());
        assertFalse(deleted.admits(ANN));
        assertTrue(deleted.admits(SERVER));
    }

    @Test
    void shouldNameThreadsAndDirectChannelsByWhatTheyAreFor() {
        String thread = ReservedNames.ofThread(Long.MAX_VALUE, Long.MAX_VALUE);
        assertEquals(Long.MAX_VALUE, ReservedNames.parentOf(thread));
        assertNull(ChannelName.violation(thread));
        for (String name : List.of(
                "~thread/",
                "~thread/x/1",
                "~thread/3",
                "~direct/3/1",
                "thread/3/1",
                "~thread/99999999999999999999/1")) {
            assertEquals(0, ReservedNames.parentOf(name), name);
        }
        SortedSet<Long> two = new TreeSet<>(List.of(7L, 8L));
        SortedSet<Long> three = new TreeSet<>(List.of(7L, 8L, 9L));
        assertEquals(ReservedNames.ofDirect(two), ReservedNames.ofDirect(new TreeSet<>(two)));
        assertNotEquals(ReservedNames.ofDirect(two), ReservedNames.ofDirect(three));
        assertNull(ChannelName.violation(ReservedNames.ofDirect(three)));
        assertTrue(InboxName.isReserved(ReservedNames.ofDirect(two)));
        assertTrue(ReservedNames.needsAttributes(ReservedNames.ofDirect(two)));
        assertFalse(InboxName.isReserved("room~"));
        assertFalse(ReservedNames.needsAttributes("~inbox/7"));
    }
}
