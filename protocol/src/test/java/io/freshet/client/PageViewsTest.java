package io.freshet.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.protobuf.ByteString;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.ProtocolException;
import io.freshet.protocol.RecordFrame;
import io.freshet.protocol.v1.Page;
import io.freshet.protocol.v1.PostView;
import io.freshet.protocol.v1.ThreadView;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a client makes of the views of a page, those of a server that lies too. */
class PageViewsTest {
    private static final long CHANNEL = 3;

    private static ByteString frame(long channel, long sequence) {
        ByteBuf out = Unpooled.buffer();
        RecordFrame.writeHead(out, 2, channel, sequence, 5, 7, 0, 1);
        out.writeByte('x');
        ByteString frame = ByteString.copyFrom(out.nioBuffer());
        out.release();
        return frame;
    }

    private static io.freshet.client.Page parse(PostView... views) {
        return PageParser.parse(Page.newBuilder()
                .setChannel(CHANNEL)
                .setViewsUpTo(40)
                .addAllViews(List.of(views))
                .build());
    }

    private static void assertMalformed(PostView... views) {
        ProtocolException refusal = assertThrows(ProtocolException.class, () -> parse(views));
        assertEquals(ErrorCode.MALFORMED, refusal.code());
    }

    @Test
    void shouldTellWhatHasBecomeOfPosts() {
        PostView.ReactionCount reaction = PostView.ReactionCount.newBuilder()
                .setReaction("+1")
                .setCount(2)
                .setOwn(true)
                .build();
        io.freshet.client.Page page = parse(
                PostView.newBuilder()
                        .setSequence(10)
                        .setEditedUs(5)
                        .setEdit(frame(CHANNEL, 12))
                        .setPinned(true)
                        .addReactions(reaction)
                        .build(),
                PostView.newBuilder()
                        .setSequence(11)
                        .setDeleted(true)
                        .setThread(ThreadView.newBuilder()
                                .setChannel(77)
                                .setTitle("Talk")
                                .setReplies(3)
                                .setLastSequence(5)
                                .setLastUs(6)
                                .addParticipants(8)
                                .addParticipants(7)
                                .setUpTo(9))
                        .build());
        ThreadState thread = new ThreadState(77, "Talk", 3, 5, 6, List.of(8L, 7L), 9);
        assertEquals(40, page.postsUpTo());
        PostState edited = page.posts().get(0);
        StoredRecord edit = edited.edit();
        assertNotNull(edit);
        assertEquals(12, edit.sequence());
        PostState expected =
                new PostState(10, 5, edit, false, true, List.of(new PostState.ReactionCount("+1", 2, true)), null);
        assertEquals(expected, edited);
        assertEquals(
                new PostState(11, 0, null, true, false, List.of(), thread),
                page.posts().get(1));
        assertNull(page.posts().get(1).edit());
    }

    @Test
    void shouldRefuseViewsThatCannotBe() {
        PostView first = PostView.newBuilder().setSequence(10).build();
        PostView second = PostView.newBuilder().setSequence(11).build();
        assertMalformed(second, first);
        assertMalformed(first, first);
        assertMalformed(PostView.getDefaultInstance());
        assertMalformed(first.toBuilder().setEdit(frame(CHANNEL + 1, 12)).build());
        ByteString two = frame(CHANNEL, 12).concat(frame(CHANNEL, 13));
        assertMalformed(first.toBuilder().setEdit(two).build());
        assertMalformed(first.toBuilder().setEdit(two.substring(0, 20)).build());
    }
}
