package io.freshet.client;

import static io.freshet.client.Fixture.assertFailed;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import io.freshet.client.chat.ChatChannel;
import io.freshet.client.chat.ChatMessage;
import io.freshet.client.chat.ConversationListener;
import io.freshet.client.chat.Draft;
import io.freshet.client.chat.FollowedConversation;
import io.freshet.client.chat.MessageText;
import io.freshet.client.chat.ReactionCount;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.EventKind;
import io.freshet.protocol.FrameHeader;
import io.freshet.protocol.FrameType;
import io.freshet.protocol.RecordFrame;
import io.freshet.protocol.v1.Content;
import io.freshet.protocol.v1.Deletion;
import io.freshet.protocol.v1.EarlierTexts;
import io.freshet.protocol.v1.Edit;
import io.freshet.protocol.v1.Fetch;
import io.freshet.protocol.v1.Gap;
import io.freshet.protocol.v1.Open;
import io.freshet.protocol.v1.Pin;
import io.freshet.protocol.v1.PostView;
import io.freshet.protocol.v1.Reaction;
import io.freshet.protocol.v1.Record;
import io.freshet.protocol.v1.Request;
import io.freshet.protocol.v1.Response;
import io.freshet.protocol.v1.Signal;
import io.freshet.protocol.v1.ViewEdits;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

final class ChatChannelTest {
    private static final long CHANNEL = 3;

    private final Fixture fixture = Fixture.welcomed();
    private final ChatChannel chat = fixture.client().chat("a");
    private final List<String> told = new ArrayList<>();
    private final List<CompletableFuture<Receipt>> sent = new ArrayList<>();

    private ScriptedServer server() {
        return fixture.server();
    }

    private void expect(EventKind kind, MessageLite payload) throws Exception {
        ScriptedServer.Received frame = Objects.requireNonNull(server().poll());
        assertEquals(FrameType.RECORD, frame.type());
        assertEquals(kind.code(), frame.kind());
        assertEquals(
                payload,
                payload.getParserForType().parseFrom(frame.as(Record.parser()).getPayload()));
    }

    @Test
    void shouldSendWhatPeopleDo() throws Exception {
        sent.add(chat.send("hi").toCompletableFuture());
        server().opens(CHANNEL, opened -> {});
        expect(EventKind.POST, Content.newBuilder().setText("hi").build());
        sent.add(chat.reply(5, "no").toCompletableFuture());
        expect(EventKind.POST, Content.newBuilder().setText("no").setReplyTo(5).build());
        sent.add(chat.edit(6, "yes").toCompletableFuture());
        Content yes = Content.newBuilder().setText("yes").build();
        expect(EventKind.EDIT, Edit.newBuilder().setTarget(6).setContent(yes).build());
        sent.add(chat.delete(7).toCompletableFuture());
        expect(EventKind.DELETE, Deletion.newBuilder().setTarget(7).build());
        server().published(CHANNEL, fixture.instance(), 1, 4, 1);
        sent.add(chat.react(8, "👍").toCompletableFuture());
        expect(
                EventKind.REACT,
                Reaction.newBuilder().setTarget(8).setReaction("👍").build());
        sent.add(chat.unreact(8, "👍").toCompletableFuture());
        expect(
                EventKind.UNREACT,
                Reaction.newBuilder().setTarget(8).setReaction("👍").build());
        sent.add(chat.pin(9).toCompletableFuture());
        expect(EventKind.PIN, Pin.newBuilder().setTarget(9).build());
        sent.add(chat.unpin(9).toCompletableFuture());
        expect(EventKind.UNPIN, Pin.newBuilder().setTarget(9).build());
        server().published(CHANNEL, fixture.instance(), 5, 4, 5);
        assertEquals(
                List.of(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L),
                sent.stream().map(each -> each.join().sequence()).toList());
        fixture.end();
    }

    @Test
    void shouldBuildWhatIsSaidFromADraft() {
        Content content = Draft.of("look")
                .replyTo(17)
                .mention(4)
                .mentionChannel(5)
                .mentionRole(6)
                .mentionEveryone()
                .attach("dam.png", "image/png", 48_113, "https://example.org/dam.png")
                .extension("poll", new byte[] {1, 2})
                .silent()
                .content();

        assertEquals(17, content.getReplyTo());
        assertEquals(4, content.getMentions(0).getUser());
        assertEquals(5, content.getMentions(1).getChannel());
        assertEquals(6, content.getMentions(2).getRole());
        assertTrue(content.getMentions(3).hasEveryone());
        assertEquals(48_113, content.getAttachments(0).getLength());
        assertEquals(
                ByteString.copyFrom(new byte[] {1, 2}), content.getExtension().getData());
        assertTrue(content.getSilent());
        fixture.end();
    }

    @Test
    void shouldNotSendWhatNoServerTakes() {
        assertFailed(ErrorCode.INVALID_CONTENT, chat.send(""));
        assertFailed(ErrorCode.INVALID_CONTENT, chat.send("x".repeat(8_001)));
        assertFailed(ErrorCode.INVALID_CONTENT, chat.edit(1, ""));
        assertFailed(ErrorCode.INVALID_CONTENT, chat.react(1, "x".repeat(10_240)));
        assertFailed(ErrorCode.INVALID_CONTENT, chat.react(1, "\u001b"));
        assertFailed(ErrorCode.INVALID_CONTENT, chat.unreact(1, ""));
        assertThrows(IllegalArgumentException.class, () -> chat.history(0));
        assertThrows(IllegalArgumentException.class, () -> chat.history(ChatChannel.HISTORY_LIMIT + 1));
        server().expectNothing();
        fixture.end();
    }

    @Test
    void shouldFollowFromTheHistoryOnAndReadItAnewAfterAGap() {
        CompletableFuture<FollowedConversation> following =
                chat.follow(2, new Recorder()).toCompletableFuture();
        server().opens(CHANNEL, opened -> opened.setHead(3));
        answerFetch(
                post(1, "one").concat(post(2, "two")).concat(reaction(3, 8)),
                3,
                PostView.newBuilder()
                        .setSequence(1)
                        .addReactions(PostView.ReactionCount.newBuilder()
                                .setReaction("a")
                                .setCount(1))
                        .build());
        server().expect(FrameType.CLOSE, io.freshet.protocol.v1.Close.parser());
        server().closed(CHANNEL);
        Open open = server().opens(CHANNEL, opened -> opened.setHead(3).setNext(4));
        assertEquals(3, open.getCursor().getAfter().getSequence());
        assertEquals(List.of("history [one, two]"), told);
        FollowedConversation followed = now(following);
        assertTrue(server().expect(FrameType.SIGNAL, Signal.parser()).getWatch());

        deliver(reaction(4, 7));
        assertEquals(
                new ReactionCount(2, true),
                Objects.requireNonNull(followed.conversation().message(1))
                        .reactions()
                        .get("a"));
        server().send(
                        FrameType.GAP,
                        Gap.newBuilder()
                                .setChannel(CHANNEL)
                                .setFirstSequence(5)
                                .setCount(2)
                                .build());
        answerFetch(post(6, "six"), 4);
        fixture.passMs(1_000);
        answerFetch(post(6, "six"), 6);

        assertTrue(followed.conversation().isCertain());
        assertEquals(
                List.of("six"),
                followed.conversation().messages().stream()
                        .map(ChatMessage::text)
                        .toList());
        assertEquals(List.of("history [one, two]", "a of one", "doubt", "history [six]"), told);
        fixture.end();
    }

    private final class Recorder implements ConversationListener {
        @Override
        public void onHistory(List<ChatMessage> messages) {
            told.add("history " + messages.stream().map(ChatMessage::text).toList());
        }

        @Override
        public void onReaction(ChatMessage message, String reaction, long user, boolean isThere) {
            told.add(reaction + " of " + message.text());
        }

        @Override
        public void onTyping(List<Long> users, int userCount) {
            told.add("writing " + users + " " + userCount);
        }

        @Override
        public void onDoubt() {
            told.add("doubt");
        }
    }

    @Test
    void shouldReadFurtherBackWithoutAHole() {
        CompletableFuture<FollowedConversation> following =
                chat.follow(1, new Recorder()).toCompletableFuture();
        server().opens(CHANNEL, opened -> opened.setHead(9));
        answerFetch(post(8, "eight").concat(post(9, "nine")), 9);
        server().expect(FrameType.CLOSE, io.freshet.protocol.v1.Close.parser());
        server().closed(CHANNEL);
        server().opens(CHANNEL, opened -> opened.setHead(9).setNext(10));
        FollowedConversation followed = now(following);
        server().expect(FrameType.SIGNAL, Signal.parser());
        assertEquals(List.of("nine"), texts(followed.conversation().messages()));

        CompletableFuture<List<ChatMessage>> earlier = followed.earlier(2).toCompletableFuture();
        PostView gone = PostView.newBuilder().setSequence(8).setDeleted(true).build();
        assertEquals(8, answerFetch(post(7, "seven").concat(post(8, "eight")), 9, gone));
        assertEquals(List.of("seven", ""), texts(now(earlier)));
        assertEquals(List.of("seven", "", "nine"), texts(followed.conversation().messages()));

        earlier = followed.earlier(5).toCompletableFuture();
        assertEquals(6, answerFetch(post(1, "one"), 3));
        assertTrue(!earlier.isDone(), "what the page shows is too old to be joined with what came since");
        assertEquals(6, answerFetch(post(1, "one"), 9));
        assertEquals(List.of("one"), texts(now(earlier)));
        assertEquals(List.of(), now(followed.earlier(5).toCompletableFuture()));
        assertEquals(List.of("history [nine]", "history [seven, ]", "history [one]"), told);
        fixture.end();
    }

    @Test
    void shouldTellWhoElseIsWritingWhenThatChanges() {
        CompletableFuture<FollowedConversation> following =
                chat.follow(1, new Recorder()).toCompletableFuture();
        server().opens(CHANNEL, opened -> {});
        answerFetch(ByteString.EMPTY, 0);
        server().expect(FrameType.CLOSE, io.freshet.protocol.v1.Close.parser());
        server().closed(CHANNEL);
        server().opens(CHANNEL, opened -> opened.setNext(1));
        FollowedConversation followed = now(following);
        server().expect(FrameType.SIGNAL, Signal.parser());
        long self = fixture.client().principal();
        for (Signal.Builder each : List.of(
                Signal.newBuilder().setOccupancy(2),
                Signal.newBuilder().addTypists(self).setTypistCount(1),
                Signal.newBuilder().addTypists(self).addTypists(88).setTypistCount(2),
                Signal.newBuilder().addTypists(88).setTypistCount(1).setOccupancy(3),
                Signal.newBuilder().setTypistCount(12),
                Signal.newBuilder())) {
            server().send(FrameType.SIGNAL, each.setChannel(CHANNEL).build());
        }
        assertEquals(List.of("writing [88] 1", "writing [] 12", "writing [] 0"), told);
        followed.closeAsync();
        server().expect(FrameType.CLOSE, io.freshet.protocol.v1.Close.parser());
        server().closed(CHANNEL);
        server().expectNothing();
        fixture.end();
    }

    @Test
    void shouldTellWhatAMessageHasSaidPageByPage() throws Exception {
        CompletableFuture<List<MessageText>> texts = chat.texts(5).toCompletableFuture();
        server().opens(CHANNEL, opened -> {});
        Content noon = Content.newBuilder().setText("at noon").build();
        ByteString edit = frame(
                8,
                9,
                EventKind.EDIT,
                Edit.newBuilder().setTarget(5).setContent(noon).build());
        assertEquals(0, answerEdits(true, post(5, "at six"), edit));
        assertEquals(
                8,
                answerEdits(
                        false,
                        frame(
                                9,
                                7,
                                EventKind.EDIT,
                                Edit.newBuilder().setTarget(5).build())));
        assertEquals(
                List.of("at six", "at noon", ""),
                now(texts).stream().map(MessageText::text).toList());
        assertEquals(new MessageText(8, 9, 80, noon), texts.join().get(1));

        texts = chat.texts(6).toCompletableFuture();
        assertEquals(0, answerEdits(true));
        assertEquals(List.of(), now(texts), "more of nothing is asked for no second time");
        fixture.end();
    }

    /** Returns the sequence above which texts are wanted. */
    private long answerEdits(boolean hasMore, ByteString... frames) throws Exception {
        Request request = server().expect(FrameType.REQUEST, Request.parser());
        assertEquals("freshet.v1.Views/Edits", request.getMethod());
        ViewEdits question = ViewEdits.parseFrom(request.getBody());
        assertEquals(CHANNEL, question.getChannel());
        EarlierTexts answer = EarlierTexts.newBuilder()
                .addAllRecords(List.of(frames))
                .setHasMore(hasMore)
                .build();
        server().send(
                        FrameType.RESPONSE,
                        Response.newBuilder()
                                .setRequest(request.getRequest())
                                .setBody(answer.toByteString())
                                .build());
        return question.getAfter();
    }

    private <T> T now(CompletableFuture<T> future) {
        fixture.transport.run();
        assertTrue(future.isDone(), "it waits for something");
        return future.join();
    }

    private static List<String> texts(List<ChatMessage> messages) {
        return messages.stream().map(ChatMessage::text).toList();
    }

    private static ByteString post(long sequence, String text) {
        return frame(
                sequence, 7, EventKind.POST, Content.newBuilder().setText(text).build());
    }

    /** "a" to message 1. */
    private static ByteString reaction(long sequence, long sender) {
        return frame(
                sequence,
                sender,
                EventKind.REACT,
                Reaction.newBuilder().setTarget(1).setReaction("a").build());
    }

    /** Returns the sequence from which on a page is wanted. */
    private long answerFetch(ByteString records, long viewsUpTo, PostView... views) {
        Fetch fetch = server().expect(FrameType.FETCH, Fetch.parser());
        assertTrue(fetch.getViews());
        server().send(
                        FrameType.PAGE,
                        io.freshet.protocol.v1.Page.newBuilder()
                                .setRequest(fetch.getRequest())
                                .setChannel(CHANNEL)
                                .setRecords(records)
                                .addAllViews(List.of(views))
                                .setViewsUpTo(viewsUpTo)
                                .build());
        return fetch.getFromSequence();
    }

    private void deliver(ByteString frame) {
        server().sendBytes(frame.toByteArray());
    }

    private static ByteString frame(long sequence, long sender, EventKind kind, MessageLite payload) {
        ByteBuf out = Unpooled.buffer();
        RecordFrame.writeHead(out, 0, CHANNEL, sequence, sequence * 10, sender, 0, payload.getSerializedSize());
        out.setByte(FrameHeader.FLAGS_OFFSET, FrameHeader.FLAG_CHECKED);
        out.setShortLE(FrameHeader.KIND_OFFSET, kind.code());
        return ByteString.copyFrom(out.writeBytes(payload.toByteArray()).nioBuffer());
    }
}
