package io.freshet.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import io.freshet.client.chat.ChatChannel;
import io.freshet.client.chat.ChatMessage;
import io.freshet.client.chat.ConversationListener;
import io.freshet.client.chat.FollowedConversation;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.EventKind;
import io.freshet.protocol.FrameHeader;
import io.freshet.protocol.FrameType;
import io.freshet.protocol.RecordFrame;
import io.freshet.protocol.v1.Content;
import io.freshet.protocol.v1.Deletion;
import io.freshet.protocol.v1.Epoch;
import io.freshet.protocol.v1.Fetch;
import io.freshet.protocol.v1.Gap;
import io.freshet.protocol.v1.PostView;
import io.freshet.protocol.v1.Reaction;
import io.freshet.protocol.v1.Signal;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a followed conversation knows of what came before it, when much was said of little and when servers refuse. */
@Timeout(60)
final class ChatHistoryTest {
    private static final long CHANNEL = 3;
    private static final int REACTION_COUNT = 2_500;

    private final Fixture fixture = Fixture.welcomed();
    private final ChatChannel chat = fixture.client().chat("a");
    private final List<ByteString> log = new ArrayList<>();

    private ScriptedServer server() {
        return fixture.server();
    }

    private void say(EventKind kind, MessageLite payload) {
        log.add(frame(log.size() + 1, kind, payload));
    }

    private void post(String text) {
        say(EventKind.POST, Content.newBuilder().setText(text).build());
    }

    private static ByteString frame(long sequence, EventKind kind, MessageLite payload) {
        ByteBuf out = Unpooled.buffer();
        RecordFrame.writeHead(out, 0, CHANNEL, sequence, sequence * 10, 8, 0, payload.getSerializedSize());
        out.setByte(FrameHeader.FLAGS_OFFSET, FrameHeader.FLAG_CHECKED);
        out.setShortLE(FrameHeader.KIND_OFFSET, kind.code());
        return ByteString.copyFrom(out.writeBytes(payload.toByteArray()).nioBuffer());
    }

    private static Deletion deletion(long target) {
        return Deletion.newBuilder().setTarget(target).build();
    }

    /** One announcement, and what everybody thinks of it. */
    private void announce() {
        post("announcement");
        for (int i = 0; i < REACTION_COUNT; i++) {
            say(
                    EventKind.REACT,
                    Reaction.newBuilder().setTarget(1).setReaction("a").build());
        }
    }

    private Fetch expectFetch() {
        ScriptedServer.Received frame = Objects.requireNonNull(poll());
        assertEquals(FrameType.FETCH, frame.type());
        return frame.as(Fetch.parser());
    }

    private void expectNothing() {
        assertNull(poll());
    }

    /** The next frame that is no watching of signals, which is said again from time to time. */
    private ScriptedServer.@Nullable Received poll() {
        ScriptedServer.Received frame = server().poll();
        while (frame != null && frame.type() == FrameType.SIGNAL) {
            frame = server().poll();
        }
        return frame;
    }

    /** Answers as many fetches as come, from the log. */
    private int answerFetches() {
        for (int count = 0; ; count++) {
            ScriptedServer.Received frame = poll();
            if (frame == null) {
                return count;
            }
            assertEquals(FrameType.FETCH, frame.type());
            answer(frame.as(Fetch.parser()), Integer.MAX_VALUE);
        }
    }

    /** Answers with that many records at most, and with what has become of the first post. */
    private void answer(Fetch fetch, int recordCount) {
        int end = fetch.getFromSequence() == 0 ? log.size() : (int) fetch.getFromSequence();
        int first = Math.max(0, end - Math.min(recordCount, fetch.getLimit()));
        io.freshet.protocol.v1.Page.Builder page = io.freshet.protocol.v1.Page.newBuilder()
                .setRequest(fetch.getRequest())
                .setChannel(CHANNEL)
                .setNextSequence(first)
                .setRecords(ByteString.copyFrom(log.subList(first, end)))
                .setViewsUpTo(log.size());
        if (first == 0) {
            PostView.ReactionCount reactions = PostView.ReactionCount.newBuilder()
                    .setReaction("a")
                    .setCount(REACTION_COUNT)
                    .build();
            page.addViews(PostView.newBuilder().setSequence(1).addReactions(reactions));
        }
        server().send(FrameType.PAGE, page.build());
    }

    private void refuse(Fetch fetch, ErrorCode code) {
        server().error(code, fetch.getRequest(), 0);
    }

    private FollowedConversation follow(int messageCount) {
        CompletableFuture<FollowedConversation> following =
                chat.follow(messageCount, new ConversationListener() {}).toCompletableFuture();
        server().opens(CHANNEL, opened -> opened.setHead(log.size()));
        ScriptedServer.Received frame = Objects.requireNonNull(server().poll());
        for (; frame.type() == FrameType.FETCH; frame = Objects.requireNonNull(server().poll())) {
            answer(frame.as(Fetch.parser()), Integer.MAX_VALUE);
        }
        assertEquals(FrameType.CLOSE, frame.type());
        server().closed(CHANNEL);
        server().opens(CHANNEL, opened -> opened.setHead(log.size()).setNext(log.size() + 1));
        server().expect(FrameType.SIGNAL, Signal.parser());
        return following.join();
    }

    private static List<String> texts(List<ChatMessage> messages) {
        return messages.stream().map(ChatMessage::text).toList();
    }

    private static List<String> texts(FollowedConversation followed) {
        return texts(followed.conversation().messages());
    }

    private void gap(long first, int count) {
        server().send(
                        FrameType.GAP,
                        Gap.newBuilder()
                                .setChannel(CHANNEL)
                                .setFirstSequence(first)
                                .setCount(count)
                                .build());
    }

    @Test
    void shouldFindWhatLiesBeforeManyReactions() {
        post("before");
        long announcement = log.size() + 1L;
        post("announcement");
        for (int i = 0; i < REACTION_COUNT; i++) {
            say(
                    EventKind.REACT,
                    Reaction.newBuilder()
                            .setTarget(announcement)
                            .setReaction("a")
                            .build());
        }
        post("after");
        FollowedConversation followed = follow(1);
        assertEquals(List.of("after"), texts(followed));

        CompletableFuture<List<ChatMessage>> earlier = followed.earlier(1).toCompletableFuture();
        assertTrue(answerFetches() < 10, "pages grow while nothing is found");
        assertEquals(List.of("announcement"), texts(earlier.join()));
        earlier = followed.earlier(1).toCompletableFuture();
        answerFetches();
        assertEquals(List.of("before"), texts(earlier.join()));
        assertEquals(List.of(), followed.earlier(1).toCompletableFuture().join());
        assertEquals(List.of("before", "announcement", "after"), texts(followed));
        fixture.end();
    }

    @Test
    void shouldShowAtFirstWhatManyReactionsAreOf() {
        announce();
        FollowedConversation followed = follow(5);
        assertEquals(List.of("announcement"), texts(followed));
        ChatMessage announcement = followed.conversation().messages().get(0);
        assertEquals(
                REACTION_COUNT,
                Objects.requireNonNull(announcement.reactions().get("a")).count());
        fixture.end();
    }

    @Test
    void shouldReadAnewUntilNothingIsInDoubtWhateverTheServerRefuses() {
        post("one");
        FollowedConversation followed = follow(3);
        post("two");
        post("three");
        gap(2, 2);
        for (ErrorCode code : List.of(ErrorCode.CHANNEL_UNAVAILABLE, ErrorCode.OVERLOADED, ErrorCode.STALE_VIEW)) {
            refuse(expectFetch(), code);
            assertFalse(followed.conversation().isCertain());
            fixture.passMs(2_000);
        }
        assertEquals(1, answerFetches());
        assertTrue(followed.conversation().isCertain());
        assertEquals(List.of("one", "two", "three"), texts(followed));
        fixture.passMs(60_000);
        expectNothing();
        fixture.end();
    }

    @Test
    void shouldNotReadAnewWhenItIsClosedOrMayNot() {
        post("one");
        FollowedConversation followed = follow(1);
        gap(2, 1);
        refuse(expectFetch(), ErrorCode.FORBIDDEN);
        fixture.passMs(60_000);
        expectNothing();
        gap(3, 1);
        refuse(expectFetch(), ErrorCode.CHANNEL_UNAVAILABLE);
        followed.closeAsync();
        assertEquals(FrameType.CLOSE, Objects.requireNonNull(poll()).type());
        server().closed(CHANNEL);
        fixture.passMs(60_000);
        expectNothing();
        fixture.end();
    }

    @Test
    void shouldNotShowADeletedTextWhileItIsInDoubt() {
        post("one");
        FollowedConversation followed = follow(1);
        post("lost");
        gap(2, 1);
        refuse(expectFetch(), ErrorCode.OVERLOADED);
        server().sendBytes(frame(3, EventKind.DELETE, deletion(1)).toByteArray());
        ChatMessage one = Objects.requireNonNull(followed.conversation().message(1));
        assertTrue(one.isDeleted());
        assertEquals("", one.text());
        assertFalse(followed.conversation().isCertain());
        fixture.end();
    }

    @Test
    void shouldReadHistoryAnewThatARewindFellInto() {
        for (int i = 1; i <= 60; i++) {
            post("old " + i);
        }
        CompletableFuture<List<ChatMessage>> history = chat.history(60).toCompletableFuture();
        server().opens(CHANNEL, opened -> opened.setHead(log.size()));
        answer(expectFetch(), 30); // has what is void soon
        Fetch second = expectFetch();
        rewind(50);
        answer(second, 30);
        assertTrue(answerFetches() > 0, "it was not read anew");
        assertEquals(log.size(), history.join().size());
        assertEquals("old 50", history.join().get(49).text());
        fixture.end();
    }

    /** Power was lost, and what came after this record with it. */
    private void rewind(int validUpTo) {
        log.subList(validUpTo, log.size()).clear();
        server().send(
                        FrameType.EPOCH,
                        Epoch.newBuilder()
                                .setChannel(CHANNEL)
                                .setEpoch(2)
                                .setValidUpTo(validUpTo)
                                .setHead(validUpTo)
                                .build());
    }

    @Test
    void shouldNotTakePagesOfBeforeARewind() {
        for (int i = 1; i <= 60; i++) {
            post("old " + i);
        }
        FollowedConversation followed = follow(60);
        gap(61, 1);
        Fetch fetch = expectFetch();
        answer(fetch, 30); // has what is void soon
        Fetch second = expectFetch();
        rewind(50);
        answer(second, 30);
        assertEquals(50, followed.conversation().messages().size());
        assertFalse(followed.conversation().isCertain());
        fixture.passMs(2_000);
        answerFetches();
        assertTrue(followed.conversation().isCertain());
        assertEquals(50, followed.conversation().messages().size());
        fixture.end();
    }
}
