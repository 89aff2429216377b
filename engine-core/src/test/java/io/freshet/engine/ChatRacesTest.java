package io.freshet.engine;

import static io.freshet.engine.ChatTester.await;
import static io.freshet.engine.ChatTester.deletion;
import static io.freshet.engine.ChatTester.edit;
import static io.freshet.engine.ChatTester.pin;
import static io.freshet.engine.ChatTester.reaction;
import static io.freshet.engine.ChatTester.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import io.freshet.client.Page;
import io.freshet.client.StoredRecord;
import io.freshet.engine.chat.ChatEvent;
import io.freshet.engine.routing.EventOracle;
import io.freshet.log.StorageConfig;
import io.freshet.log.chronicle.ChronicleStorage;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.EventKind;
import io.freshet.protocol.FreshetException;
import io.freshet.protocol.v1.Content;
import io.freshet.protocol.v1.Deletion;
import io.freshet.protocol.v1.Edit;
import io.freshet.protocol.v1.Pin;
import io.freshet.protocol.v1.Reaction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Several people change the same posts at once over real sockets, each with many publishes under way: what is in the log afterwards is
 * what one would have admitted who had seen one event after the other. {@code -Dfreshet.chat.events=10000} is the long form.
 */
@Timeout(300)
class ChatRacesTest {
    private static final int USERS = 4;
    private static final int POSTS = 60;
    private static final int EVENTS = Integer.getInteger("freshet.chat.events", 1_000);
    private static final int WINDOW = 64;
    private static final int PAGE_COUNT = 500;
    private static final EventKind[] KINDS = {
        EventKind.EDIT,
        EventKind.EDIT,
        EventKind.REACT,
        EventKind.REACT,
        EventKind.REACT,
        EventKind.UNREACT,
        EventKind.PIN,
        EventKind.UNPIN
    };

    @TempDir
    private Path directory;

    private final Map<ErrorCode, Integer> refusals = new EnumMap<>(ErrorCode.class);

    private static Access access(Principal principal, String channel, boolean exists) {
        return principal.id() == 1 ? Access.ALL : new Access(true, true, true);
    }

    private FreshetEngine start() {
        return FreshetEngine.start(EngineConfig.builder()
                .storage(ChronicleStorage.open(
                        directory.resolve("data"),
                        StorageConfig.builder().minFreeLength(0).build()))
                .listen(Endpoint.tcp(0))
                .reactors(2)
                .authenticator(credentials -> {
                    String token = new String(credentials.token(), StandardCharsets.UTF_8);
                    return new Principal(Long.parseLong(token), token);
                })
                .accessPolicy(ChatRacesTest::access)
                .build());
    }

    private static MessageLite payload(EventKind kind, Random random) {
        long target = 1L + random.nextInt(POSTS);
        return switch (kind) {
            case EDIT -> edit(target, text("version " + random.nextInt()));
            case DELETE -> deletion(target);
            case PIN, UNPIN -> pin(target);
            default -> reaction(target, "r" + random.nextInt(4));
        };
    }

    /** Something new, half the time an answer, and for somebody. */
    private static Content post(Random random) {
        Content.Builder content = text("again " + random.nextInt()).toBuilder();
        if (random.nextBoolean()) {
            content.setReplyTo(1L + random.nextInt(POSTS));
        }
        return content.addMentions(ChatTester.user(1L + random.nextInt(USERS))).build();
    }

    private static CompletableFuture<Long> sayOne(ChatTester user, Random random) {
        if (random.nextInt(10) == 0) {
            return user.say("room", EventKind.POST, post(random)).toCompletableFuture();
        }
        EventKind kind = random.nextInt(80) == 0 ? EventKind.DELETE : KINDS[random.nextInt(KINDS.length)];
        return user.say("room", kind, payload(kind, random)).toCompletableFuture();
    }

    /** Keeps a window of events under way; one that is refused takes those behind it with it, which the client sends again. */
    private void talk(List<ChatTester> users) {
        Random random = new Random(42);
        List<CompletableFuture<Long>> underWay = new ArrayList<>();
        for (int i = 0; i < EVENTS; i++) {
            underWay.add(sayOne(users.get(i % USERS), random));
            if (underWay.size() == USERS * WINDOW) {
                underWay.forEach(this::settle);
                underWay.clear();
            }
        }
        underWay.forEach(this::settle);
    }

    private void settle(CompletableFuture<Long> said) {
        said.handle((sequence, failure) -> {
                    if (failure != null) {
                        Throwable cause = failure.getCause() == null ? failure : failure.getCause();
                        refusals.merge(
                                assertInstanceOf(FreshetException.class, cause).code(), 1, Integer::sum);
                    }
                    return sequence;
                })
                .orTimeout(60, TimeUnit.SECONDS)
                .join();
    }

    private static ChatEvent event(StoredRecord record) throws InvalidProtocolBufferException {
        EventKind kind = EventKind.of(record.kind());
        byte[] payload = record.payload();
        if (kind == null || record.isErased()) {
            return new ChatEvent(kind == null ? EventKind.MESSAGE : kind, 0, 0, record.sender(), 0, "");
        }
        long target = switch (kind) {
            case POST -> Content.parseFrom(payload).getReplyTo();
            case EDIT -> Edit.parseFrom(payload).getTarget();
            case DELETE -> Deletion.parseFrom(payload).getTarget();
            case PIN, UNPIN -> Pin.parseFrom(payload).getTarget();
            default -> Reaction.parseFrom(payload).getTarget();
        };
        boolean isReaction = kind == EventKind.REACT || kind == EventKind.UNREACT;
        String name = isReaction ? Reaction.parseFrom(payload).getReaction() : "";
        return new ChatEvent(kind, 0, 0, record.sender(), target, name);
    }

    @Test
    void shouldKeepWhatOneWouldHaveAdmittedWhoSawEverythingInOrder() throws InvalidProtocolBufferException {
        try (FreshetEngine engine = start()) {
            List<ChatTester> users = new ArrayList<>();
            for (long user = 1; user <= USERS; user++) {
                users.add(new ChatTester(engine, user));
            }
            for (int i = 0; i < POSTS; i++) {
                users.get(i % USERS).keeps("room", EventKind.POST, text("post " + i));
            }
            talk(users);
            List<StoredRecord> log = new ArrayList<>();
            for (long next = 1; next != 0; ) {
                Page page = await(users.get(0).channel("room").fetchForward(next, PAGE_COUNT));
                log.addAll(page.records());
                next = page.nextSequence();
            }
            users.forEach(ChatTester::close);
            int refusedCount =
                    refusals.values().stream().mapToInt(Integer::intValue).sum();
            assertEquals(POSTS + EVENTS - refusedCount, log.size(), refusals::toString);
            decideAgain(log);
            assertTrue(
                    refusals.keySet()
                            .containsAll(List.of(ErrorCode.POST_DELETED, ErrorCode.ALREADY_SO, ErrorCode.FORBIDDEN)),
                    refusals::toString);
            assertTrue(log.size() > POSTS + EVENTS / 20, log.size() + " were kept, refused " + refusals);
        }
    }

    /** Posts and edits that were deleted do not tell any more whom they named, and are passed over. */
    private static void decideAgain(List<StoredRecord> log) throws InvalidProtocolBufferException {
        EventOracle oracle = new EventOracle();
        for (StoredRecord record : log) {
            ChatEvent event = event(record);
            assertTrue(record.isChecked(), record::toString);
            if (event.target() != 0) {
                Set<ChannelRight> rights =
                        access(new Principal(event.sender(), ""), "room", true).rights();
                assertNull(oracle.refusal(event, rights), () -> record + " is " + event);
            }
            oracle.admitted(event);
            oracle.committed();
        }
    }
}
