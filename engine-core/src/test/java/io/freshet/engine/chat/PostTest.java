package io.freshet.engine.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.engine.ChannelRight;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.EventKind;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.agrona.ExpandableArrayBuffer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PostTest {
    private static final long AUTHOR = 7;
    private static final long OTHER = 8;
    private static final long POST = 3;
    private static final Set<ChannelRight> NONE = EnumSet.noneOf(ChannelRight.class);
    private static final Set<ChannelRight> ALL = EnumSet.allOf(ChannelRight.class);

    private final Post post = new Post();
    private final OwnReactions own = new OwnReactions();
    private long head = 10;

    private ChatEvent event(EventKind kind, long sender, String reaction) {
        return new ChatEvent(kind, ++head, head * 1_000, sender, POST, reaction);
    }

    private @Nullable ErrorCode refusal(EventKind kind, long sender, Set<ChannelRight> rights) {
        return post.refusal(event(kind, sender, "👍"), AUTHOR, rights, own);
    }

    @Test
    void shouldLetAnAuthorEditAndDeleteAndNobodyElseWithoutTheRight() {
        assertNull(refusal(EventKind.EDIT, AUTHOR, NONE));
        assertNull(refusal(EventKind.DELETE, AUTHOR, NONE));
        assertEquals(ErrorCode.FORBIDDEN, refusal(EventKind.EDIT, OTHER, NONE));
        assertEquals(ErrorCode.FORBIDDEN, refusal(EventKind.DELETE, OTHER, NONE));
        assertEquals(ErrorCode.FORBIDDEN, refusal(EventKind.EDIT, OTHER, EnumSet.of(ChannelRight.MANAGE_POSTS)));
        assertNull(refusal(EventKind.EDIT, OTHER, EnumSet.of(ChannelRight.EDIT_POSTS)));
        assertNull(refusal(EventKind.DELETE, OTHER, EnumSet.of(ChannelRight.MANAGE_POSTS)));
    }

    @Test
    void shouldTakeNothingOnceDeleted() {
        post.apply(event(EventKind.DELETE, AUTHOR, ""));
        for (EventKind kind : EnumSet.range(EventKind.EDIT, EventKind.UNPIN)) {
            assertEquals(ErrorCode.POST_DELETED, refusal(kind, AUTHOR, ALL), kind.name());
        }
    }

    @Test
    void shouldCountAReactionOfAUserOnce() {
        assertEquals(ErrorCode.FORBIDDEN, refusal(EventKind.REACT, OTHER, NONE));
        assertEquals(ErrorCode.ALREADY_SO, refusal(EventKind.UNREACT, OTHER, ALL));
        ChatEvent first = event(EventKind.REACT, OTHER, "👍");
        assertNull(post.refusal(first, AUTHOR, ALL, own));
        post.reacted("👍", own.apply(first));
        assertEquals(ErrorCode.ALREADY_SO, refusal(EventKind.REACT, OTHER, ALL));
        assertEquals(0, own.apply(first), "told twice");
        assertEquals(Map.of("👍", 1), post.reactions());
        ChatEvent back = event(EventKind.UNREACT, OTHER, "👍");
        post.reacted("👍", own.apply(back));
        assertEquals(0, own.apply(first), "told late");
        assertTrue(post.reactions().isEmpty());
    }

    @Test
    void shouldBoundWhatOnePostHas() {
        for (int i = 0; i < Post.REACTION_LIMIT; i++) {
            post.reacted("r" + i, 1);
        }
        assertEquals(ErrorCode.TOO_MANY, refusal(EventKind.REACT, OTHER, ALL));
        post.reacted("r0", -1);
        assertNull(refusal(EventKind.REACT, OTHER, ALL));
        for (int i = 0; i < Post.EDIT_LIMIT; i++) {
            assertNull(refusal(EventKind.EDIT, AUTHOR, NONE));
            post.apply(event(EventKind.EDIT, AUTHOR, ""));
        }
        assertEquals(ErrorCode.TOO_MANY, refusal(EventKind.EDIT, AUTHOR, NONE));
    }

    @Test
    void shouldPinAndUnpinByRight() {
        assertEquals(ErrorCode.FORBIDDEN, refusal(EventKind.PIN, AUTHOR, NONE));
        assertEquals(ErrorCode.ALREADY_SO, refusal(EventKind.UNPIN, OTHER, ALL));
        assertNull(refusal(EventKind.PIN, OTHER, ALL));
        post.apply(event(EventKind.PIN, OTHER, ""));
        assertEquals(ErrorCode.ALREADY_SO, refusal(EventKind.PIN, OTHER, ALL));
        post.apply(event(EventKind.UNPIN, OTHER, ""));
        assertEquals(ErrorCode.ALREADY_SO, refusal(EventKind.UNPIN, OTHER, ALL));
    }

    @Test
    void shouldBeReadAsItWasWritten() {
        post.apply(event(EventKind.EDIT, AUTHOR, ""));
        post.apply(event(EventKind.EDIT, AUTHOR, ""));
        post.apply(event(EventKind.PIN, OTHER, ""));
        post.reacted("👍", 300);
        post.reacted("ok", 1);
        ExpandableArrayBuffer buffer = new ExpandableArrayBuffer();
        PostCodec.write(post, buffer);
        Post read = PostCodec.read(buffer, 0);
        assertEquals(post.edits(), read.edits());
        assertEquals(post.editedUs(), read.editedUs());
        assertEquals(post.pinnedBy(), read.pinnedBy());
        assertEquals(post.reactions(), read.reactions());
        assertTrue(read.isPinned());
        post.apply(event(EventKind.DELETE, AUTHOR, ""));
        PostCodec.write(post, buffer);
        assertEquals(post.deletedBy(), PostCodec.read(buffer, 0).deletedBy());
    }

    /** The REACT before was damaged, or erased. */
    @Test
    void shouldNotCountLessThanNobody() {
        post.reacted("a", -1);
        assertEquals(Map.of(), post.reactions());
        post.reacted("a", 1);
        assertEquals(Map.of("a", 1), post.reactions());
    }
}
