package io.freshet.engine;

import static io.freshet.engine.ChatTester.deletion;
import static io.freshet.engine.ChatTester.edit;
import static io.freshet.engine.ChatTester.everyone;
import static io.freshet.engine.ChatTester.pin;
import static io.freshet.engine.ChatTester.reaction;
import static io.freshet.engine.ChatTester.text;
import static io.freshet.engine.ChatTester.user;
import static io.freshet.protocol.EventKind.DELETE;
import static io.freshet.protocol.EventKind.EDIT;
import static io.freshet.protocol.EventKind.PIN;
import static io.freshet.protocol.EventKind.POST;
import static io.freshet.protocol.EventKind.REACT;
import static io.freshet.protocol.EventKind.UNPIN;
import static io.freshet.protocol.EventKind.UNREACT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.freshet.client.StoredRecord;
import io.freshet.log.StorageConfig;
import io.freshet.log.chronicle.ChronicleStorage;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.v1.Attachment;
import io.freshet.protocol.v1.Content;
import io.freshet.protocol.v1.Edit;
import io.freshet.protocol.v1.Extension;
import io.freshet.protocol.v1.Mention;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What people say to each other, over real sockets, with two reactors: what is kept, what is refused and with which code. */
@Timeout(120)
class ChatEventsTest {
    private static final long ANN = 7;
    private static final long BO = 8;
    private static final long MODERATOR = 9;
    private static final long OUTSIDER = 66;
    private static final long READER = 67;

    @TempDir
    private Path directory;

    private final Map<String, Integer> asked = new ConcurrentHashMap<>();
    private final AtomicBoolean isPolicyBroken = new AtomicBoolean();

    private FreshetEngine engine;
    private ChatTester ann;
    private ChatTester bo;
    private ChatTester moderator;

    @BeforeEach
    void start() {
        engine = FreshetEngine.start(EngineConfig.builder()
                .storage(ChronicleStorage.open(
                        directory.resolve("data"),
                        StorageConfig.builder()
                                .minFreeLength(0)
                                .syncInterval(Duration.ofMillis(5))
                                .checkpointInterval(Duration.ofMillis(5))
                                .build()))
                .listen(Endpoint.tcp(0))
                .reactors(2)
                .authenticator(credentials -> principal(new String(credentials.token(), StandardCharsets.UTF_8)))
                .accessPolicy(this::access)
                .build());
        ann = new ChatTester(engine, ANN);
        bo = new ChatTester(engine, BO);
        moderator = new ChatTester(engine, MODERATOR);
    }

    private static Principal principal(String token) {
        return new Principal(token.isEmpty() ? ANN : Long.parseLong(token), token);
    }

    private Access access(Principal principal, String channel, boolean exists) {
        asked.merge(principal.id() + " " + channel, 1, Integer::sum);
        if (isPolicyBroken.get() && principal.id() > OUTSIDER) {
            throw new IllegalStateException("planted");
        }
        if (principal.id() == OUTSIDER) {
            return Access.NONE;
        }
        boolean isQuiet = channel.equals("quiet");
        return principal.id() == MODERATOR
                ? Access.ALL
                : new Access(true, true, true).with(isQuiet ? java.util.Set.of() : ChannelRight.USUAL);
    }

    @AfterEach
    void close() {
        ann.close();
        bo.close();
        moderator.close();
        engine.close();
    }

    /** Channels of both reactors and of every shard. */
    private static List<String> rooms() {
        return List.of("room-1", "room-2", "room-3", "room-4", "room-5");
    }

    private StoredRecord record(String room, long sequence) {
        return ChatTester.await(ann.channel(room).fetchForward(sequence, 1))
                .records()
                .get(0);
    }

    @Test
    void shouldKeepWhatIsAllowedAndMarkItAsChecked() {
        for (String room : rooms()) {
            long post = ann.keeps(room, POST, text("hello"));
            assertEquals(1, post);
            bo.keeps(room, REACT, reaction(post, "👍"));
            ann.keeps(room, EDIT, edit(post, text("hello all")));
            moderator.keeps(room, PIN, pin(post));
            moderator.keeps(room, UNPIN, pin(post));
            bo.keeps(room, UNREACT, reaction(post, "👍"));
            bo.keeps(room, REACT, reaction(post, "👍"));
            bo.keeps(room, POST, text("hi").toBuilder().setReplyTo(post).build());
            moderator.keeps(room, EDIT, edit(post, text("hello everybody")));
            assertEquals(10, moderator.keeps(room, DELETE, deletion(post)));
            for (long sequence = 1; sequence <= 10; sequence++) {
                StoredRecord kept = record(room, sequence);
                assertTrue(kept.isChecked(), kept::toString);
                assertEquals(
                        sequence == 2 || sequence == 6 || sequence == 7 || sequence == 8 ? BO : kept.sender(),
                        kept.sender());
            }
        }
    }

    @Test
    void shouldLetOnlyAuthorsAndThoseWithTheRightChangePosts() {
        for (String room : rooms()) {
            long post = ann.keeps(room, POST, text("mine"));
            bo.isRefused(ErrorCode.FORBIDDEN, room, EDIT, edit(post, text("yours")));
            bo.isRefused(ErrorCode.FORBIDDEN, room, DELETE, deletion(post));
            bo.isRefused(ErrorCode.FORBIDDEN, room, PIN, pin(post));
            ann.isRefused(ErrorCode.FORBIDDEN, room, PIN, pin(post));
            ann.isRefused(ErrorCode.FORBIDDEN, room, UNPIN, pin(post));
            assertEquals(2, ann.keeps(room, DELETE, deletion(post)));
        }
        long post = ann.keeps("quiet", POST, text("no reactions here"));
        bo.isRefused(ErrorCode.FORBIDDEN, "quiet", REACT, reaction(post, "👍"));
    }

    @Test
    void shouldRefuseWhatNamesNoPost() {
        for (String room : rooms()) {
            ann.keeps("elsewhere", POST, text("one"));
            ChatTester.await(ann.channel(room).publish("kind 0 is no post"));
            ChatTester.await(ann.channel(room)
                    .publish(300, text("nor is an application's").toByteArray()));
            long post = ann.keeps(room, POST, text("three"));
            long reacted = bo.keeps(room, REACT, reaction(post, "x"));
            for (long target : new long[] {0, 1, 2, reacted, 5, 1L << 40, 1L << 62, 1L << 63 | 3, -1}) {
                ann.isRefused(ErrorCode.NO_SUCH_POST, room, REACT, reaction(target, "x"));
                ann.isRefused(ErrorCode.NO_SUCH_POST, room, DELETE, deletion(target));
                if (target != 0) {
                    ann.isRefused(
                            ErrorCode.NO_SUCH_POST,
                            room,
                            POST,
                            text("a reply").toBuilder().setReplyTo(target).build());
                }
            }
        }
        assertTrue(ann.keeps("elsewhere", POST, text("its sequence is no post of an empty channel")) > 5);
        ann.isRefused(ErrorCode.NO_SUCH_POST, "empty", EDIT, edit(6, text("x")));
    }

    @Test
    void shouldRefuseEverythingToADeletedPost() {
        for (String room : rooms()) {
            long post = ann.keeps(room, POST, text("soon gone"));
            bo.keeps(room, REACT, reaction(post, "x"));
            ann.keeps(room, DELETE, deletion(post));
            ann.isRefused(ErrorCode.POST_DELETED, room, DELETE, deletion(post));
            ann.isRefused(ErrorCode.POST_DELETED, room, EDIT, edit(post, text("back")));
            bo.isRefused(ErrorCode.POST_DELETED, room, REACT, reaction(post, "y"));
            bo.isRefused(ErrorCode.POST_DELETED, room, UNREACT, reaction(post, "x"));
            moderator.isRefused(ErrorCode.POST_DELETED, room, PIN, pin(post));
            Content reply = text("re").toBuilder().setReplyTo(post).build();
            bo.isRefused(ErrorCode.POST_DELETED, room, POST, reply);
        }
        long post = ann.keeps("erased", POST, text("erased by the application"));
        ChatTester.await(engine.erase("erased", post));
        bo.isRefused(ErrorCode.POST_DELETED, "erased", REACT, reaction(post, "x"));
    }

    @Test
    void shouldRefuseWhatChangesNothing() {
        for (String room : rooms()) {
            long post = ann.keeps(room, POST, text("hello"));
            bo.isRefused(ErrorCode.ALREADY_SO, room, UNREACT, reaction(post, "x"));
            bo.keeps(room, REACT, reaction(post, "x"));
            bo.isRefused(ErrorCode.ALREADY_SO, room, REACT, reaction(post, "x"));
            ann.isRefused(ErrorCode.ALREADY_SO, room, UNREACT, reaction(post, "x"));
            moderator.isRefused(ErrorCode.ALREADY_SO, room, UNPIN, pin(post));
            moderator.keeps(room, PIN, pin(post));
            moderator.isRefused(ErrorCode.ALREADY_SO, room, PIN, pin(post));
        }
    }

    @Test
    void shouldRefuseTheReactionAndTheEditThatAreTooMany() {
        long post = ann.keeps("room", POST, text("hello"));
        for (int i = 0; i < 20; i++) {
            bo.keeps("room", REACT, reaction(post, "r" + i));
        }
        bo.isRefused(ErrorCode.TOO_MANY, "room", REACT, reaction(post, "one more"));
        ann.keeps("room", REACT, reaction(post, "r7"));
        List<CompletionStage<Long>> edits = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            edits.add(ann.say("room", EDIT, edit(post, text("version " + i))));
        }
        edits.forEach(ChatTester::await);
        ann.isRefused(ErrorCode.TOO_MANY, "room", EDIT, edit(post, text("one more")));
    }

    private static Stream<Content> illegalContents() {
        Attachment attachment =
                Attachment.newBuilder().setName("n").setAddress("a").build();
        return Stream.of(
                Content.getDefaultInstance(),
                text("x".repeat(8_001)),
                text("hi").toBuilder()
                        .addAllMentions(java.util.Collections.nCopies(101, user(BO)))
                        .build(),
                text("hi").toBuilder().addMentions(Mention.getDefaultInstance()).build(),
                text("hi").toBuilder()
                        .addAllAttachments(java.util.Collections.nCopies(11, attachment))
                        .build(),
                text("hi").toBuilder()
                        .addAttachments(attachment.toBuilder().clearName())
                        .build(),
                text("hi").toBuilder()
                        .addAttachments(attachment.toBuilder().setAddress("a".repeat(2_049)))
                        .build(),
                text("hi").toBuilder()
                        .setExtension(Extension.newBuilder().setData(ByteString.EMPTY))
                        .build(),
                text("hi").toBuilder()
                        .setExtension(Extension.newBuilder().setType("t").setData(ByteString.copyFrom(new byte[8_193])))
                        .build());
    }

    @Test
    void shouldRefuseContentOutsideItsLimits() {
        long post = ann.keeps("room", POST, text("x".repeat(8_000)));
        illegalContents().forEach(content -> {
            ann.isRefused(ErrorCode.INVALID_CONTENT, "room", POST, content);
            ann.isRefused(ErrorCode.INVALID_CONTENT, "room", EDIT, edit(post, content));
        });
        ann.isRefused(
                ErrorCode.INVALID_CONTENT,
                "room",
                EDIT,
                Edit.newBuilder().setTarget(post).build());
        for (String reaction : List.of("", "🌊".repeat(2_560), "x".repeat(65), "a\nb")) {
            bo.isRefused(ErrorCode.INVALID_CONTENT, "room", REACT, reaction(post, reaction));
        }
        for (int kind = POST.code(); kind <= UNPIN.code(); kind++) {
            ann.isRefused(ErrorCode.INVALID_CONTENT, "room", kind, new byte[] {(byte) 0xFF, 1, 2});
        }
        ann.isRefused(ErrorCode.INVALID_CONTENT, "room", POST.code(), new byte[] {10, 2, (byte) 0xC3, 0x28});
        for (int kind : new int[] {21, 99, 239}) {
            ann.isRefused(ErrorCode.INVALID_ARGUMENT, "room", kind, new byte[] {1});
        }
        assertEquals(2, ann.keeps("room", POST, text("the channel is as it was")));
    }

    private static Content atBo() {
        return text("@bo").toBuilder().setSilent(true).addMentions(user(BO)).build();
    }

    @Test
    void shouldLetNobodyBeMentionedWhoMayNotSeeTheChannel() {
        for (String room : rooms()) {
            long post = ann.keeps(room, POST, atBo());
            Content outsider = text("psst").toBuilder()
                    .addMentions(user(BO))
                    .addMentions(user(OUTSIDER))
                    .build();
            ann.isRefused(ErrorCode.MENTION_REFUSED, room, POST, outsider);
            ann.isRefused(ErrorCode.MENTION_REFUSED, room, EDIT, edit(post, outsider));
            Content all = text("listen").toBuilder().addMentions(everyone()).build();
            ann.isRefused(ErrorCode.MENTION_REFUSED, room, POST, all);
            moderator.keeps(room, POST, all);
            Content others = text("see").toBuilder()
                    .addMentions(Mention.newBuilder().setRole(1L))
                    .addMentions(Mention.newBuilder().setChannel(77L))
                    .addMentions(user(ANN))
                    .build();
            assertEquals(3, ann.keeps(room, POST, others));
            int before = asked.getOrDefault(BO + " " + room, 0);
            for (int i = 0; i < 20; i++) {
                ann.keeps(room, POST, atBo());
            }
            assertEquals(before, asked.getOrDefault(BO + " " + room, 0), "who may see it is remembered");
        }
        isPolicyBroken.set(true);
        try (RawAnswer raw = new RawAnswer(engine, "room-1")) {
            raw.publish(
                    POST.code(),
                    0,
                    text("x").toBuilder().addMentions(user(READER)).build().toByteArray());
            assertEquals(ErrorCode.POLICY_UNAVAILABLE.number(), raw.error().getCode());
        }
    }

    @Test
    void shouldTakeNeitherFlagsNorSenderNorSequenceFromAPublisher() {
        long post = ann.keeps("room", POST, text("hello"));
        try (RawAnswer raw = new RawAnswer(engine, "room")) {
            raw.publishForged(REACT.code(), 99, BO, reaction(99, "x").toByteArray());
            assertEquals(ErrorCode.NO_SUCH_POST.number(), raw.error().getCode());
            raw.publishForged(DELETE.code(), post, MODERATOR, deletion(post).toByteArray());
            raw.published();
            raw.publishForged(0, 5, BO, new byte[] {1});
            raw.published();
        }
        assertEquals(ANN, record("room", 2).sender());
        assertFalse(record("room", 3).isChecked());
        assertEquals(ANN, record("room", 3).sender());
    }

    @Test
    void shouldHoldWhatComesBehindAnEventInItsOrder() {
        for (String room : rooms()) {
            long post = ann.keeps(room, POST, text("hello"));
            try (RawAnswer raw = new RawAnswer(engine, room)) {
                raw.publish(REACT.code(), 0, reaction(post, "a").toByteArray());
                raw.publish(0, 0, "behind".getBytes(StandardCharsets.UTF_8));
                raw.publish(POST.code(), 0, text("plain").toByteArray());
                raw.publish(REACT.code(), 0, reaction(post, "a").toByteArray());
                raw.publish(0, 0, "after a refusal".getBytes(StandardCharsets.UTF_8));
                raw.publish(POST.code(), 0, new byte[] {(byte) 0xFF});
                raw.publish(REACT.code(), 0, reaction(post, "b").toByteArray());
                raw.expect(
                        4,
                        List.of(
                                ErrorCode.ALREADY_SO,
                                ErrorCode.NONCE_JUMP,
                                ErrorCode.INVALID_CONTENT,
                                ErrorCode.NONCE_JUMP));
            }
            assertEquals(REACT.code(), record(room, 2).kind());
            assertEquals("behind", record(room, 3).text());
            assertEquals(POST.code(), record(room, 4).kind());
        }
    }

    @Test
    void shouldAnswerARepeatWithItsSequenceWithoutDecidingAgain() {
        for (String room : rooms()) {
            long post = ann.keeps(room, POST, text("hello"));
            try (RawAnswer raw = new RawAnswer(engine, room)) {
                raw.publish(REACT.code(), 0, reaction(post, "a").toByteArray());
                raw.publish(DELETE.code(), 0, deletion(post).toByteArray());
                assertEquals(2, raw.awaitSequence(3));
                raw.repeat(1, REACT.code(), reaction(post, "a").toByteArray());
                raw.repeat(2, DELETE.code(), deletion(post).toByteArray());
                assertEquals(2, raw.awaitSequence(3));
            }
            assertEquals(4, ann.keeps(room, POST, text("nothing was kept twice")));
        }
    }

    @Test
    void shouldLetTheApplicationDoAllOfIt() {
        long post = ann.keeps("room", POST, text("hello"));
        Content all = text("all").toBuilder()
                .addMentions(everyone())
                .addMentions(user(OUTSIDER))
                .build();
        io.freshet.client.Channel own = engine.channel("room");
        ChatTester.await(own.publish(EDIT.code(), edit(post, text("changed")).toByteArray()));
        ChatTester.await(own.publish(POST.code(), all.toByteArray()));
        ChatTester.await(own.publish(20, new byte[] {1}));
        ChatTester.await(own.publish(DELETE.code(), deletion(post).toByteArray()));
        assertEquals(0, record("room", 2).sender());
        assertTrue(record("room", 2).isChecked());
    }

    @Test
    void shouldKnowAfterARestartWhatWasSaid() throws IOException {
        long post = ann.keeps("room", POST, text("hello"));
        bo.keeps("room", REACT, reaction(post, "x"));
        long gone = ann.keeps("room", POST, text("an unforgettable secret"));
        ann.keeps("room", EDIT, edit(gone, text("another secret of mine")));
        bo.keeps("room", POST, text("this stays: no secret"));
        assertFalse(filesWith("an unforgettable secret").isEmpty());
        ann.keeps("room", DELETE, deletion(gone));
        awaitErased(2);
        assertEquals(List.of(), filesWith("an unforgettable secret"));
        assertEquals(List.of(), filesWith("another secret of mine"));
        assertFalse(filesWith("this stays").isEmpty());
        for (long sequence : new long[] {gone, gone + 1}) {
            StoredRecord erased = record("room", sequence);
            assertTrue(erased.isErased() && erased.isChecked(), erased::toString);
        }
        close();
        start();
        bo.isRefused(ErrorCode.ALREADY_SO, "room", REACT, reaction(post, "x"));
        ann.isRefused(ErrorCode.POST_DELETED, "room", EDIT, edit(gone, text("x")));
        bo.keeps("room", UNREACT, reaction(post, "x"));
        assertTrue(record("room", gone).isErased());
    }

    private void awaitErased(long count) {
        long endNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (engine.metrics().sum("erased.records") < count) {
            assertTrue(System.nanoTime() < endNs, "nothing was erased");
            Thread.onSpinWait();
        }
    }

    private List<Path> filesWith(String text) throws IOException {
        List<Path> found = new ArrayList<>();
        try (Stream<Path> tree = Files.walk(directory)) {
            for (Path file : tree.filter(Files::isRegularFile).toList()) {
                if (ErasureTest.contains(file, text.getBytes(StandardCharsets.UTF_8))) {
                    found.add(file);
                }
            }
        }
        return found;
    }
}
