package io.freshet.engine;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.InvalidProtocolBufferException;
import io.freshet.client.Channel;
import io.freshet.client.ChannelCalls;
import io.freshet.client.ClientConfig;
import io.freshet.client.FreshetClient;
import io.freshet.client.Receipt;
import io.freshet.client.StoredRecord;
import io.freshet.engine.channel.ReservedNames;
import io.freshet.log.StorageConfig;
import io.freshet.log.chronicle.ChronicleStorage;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.EventKind;
import io.freshet.protocol.FreshetException;
import io.freshet.protocol.v1.ChannelAttributes;
import io.freshet.protocol.v1.ChannelInfo;
import io.freshet.protocol.v1.ChannelKind;
import io.freshet.protocol.v1.Content;
import io.freshet.protocol.v1.Deletion;
import io.freshet.protocol.v1.RoomSettings;
import io.freshet.protocol.v1.ThreadParent;
import io.freshet.protocol.v1.ThreadStarted;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Channels made and changed by clients, over sockets: who may, what is one and the same for all, and who wins of two. */
@Timeout(120)
class ChannelServiceTest {
    private static final Map<String, Long> IDS = Map.of("ann", 7L, "bob", 8L, "eve", 9L);

    private final List<FreshetClient> clients = new ArrayList<>();

    @TempDir
    private Path directory;

    /** Started by each test. */
    @SuppressWarnings("NullAway.Init")
    private FreshetEngine engine;

    private void start(int reactors) {
        engine = FreshetEngine.start(EngineConfig.builder()
                .storage(ChronicleStorage.open(
                        directory.resolve("data"),
                        StorageConfig.builder()
                                .minFreeLength(0)
                                .syncInterval(Duration.ofMillis(5))
                                .checkpointInterval(Duration.ofMillis(5))
                                .build()))
                .listen(Endpoint.tcp(0))
                .reactors(reactors)
                .authenticator(credentials -> {
                    String name = new String(credentials.token(), StandardCharsets.UTF_8);
                    return new Principal(IDS.getOrDefault(name, 99L), name);
                })
                .accessPolicy((principal, channel, exists) -> access(principal.name(), channel))
                .build());
    }

    /** Ann may do everything, Bob what is usual, Eve nothing in what is called secret, and make nothing. */
    private static Access access(String name, String channel) {
        return switch (name) {
            case "ann" -> Access.ALL;
            case "bob" -> new Access(true, true, true);
            default ->
                channel.startsWith("secret") ? Access.NONE : new Access(true, true, false, Set.of(ChannelRight.REACT));
        };
    }

    @AfterEach
    void close() {
        clients.forEach(FreshetClient::close);
        if (engine != null) {
            engine.close();
        }
    }

    private FreshetClient connect(String name) {
        FreshetClient client = FreshetClient.connect(ClientConfig.builder()
                .server("127.0.0.1", engine.addresses().get(0).getPort())
                .token(name.getBytes(StandardCharsets.UTF_8))
                .retryTimeout(Duration.ofMillis(500))
                .build());
        clients.add(client);
        return client;
    }

    private ChannelCalls calls(String name) {
        return connect(name).channels();
    }

    private static <T> T await(CompletionStage<T> stage) {
        return stage.toCompletableFuture().orTimeout(60, TimeUnit.SECONDS).join();
    }

    private static ErrorCode refusal(CompletionStage<?> stage) {
        CompletionException thrown = assertThrows(CompletionException.class, () -> await(stage));
        return assertInstanceOf(FreshetException.class, thrown.getCause()).code();
    }

    private static ChannelAttributes titled(String title) {
        return ChannelAttributes.newBuilder().setTitle(title).build();
    }

    private static Receipt post(Channel channel, String text) {
        return await(channel.publish(
                EventKind.POST.code(),
                Content.newBuilder().setText(text).build().toByteArray()));
    }

    private static List<StoredRecord> records(Channel channel, int kind) {
        return await(channel.fetchForward(1, 100)).records().stream()
                .filter(record -> record.kind() == kind)
                .toList();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void shouldMakeAChannelOnce(int reactors) {
        start(reactors);
        ChannelCalls anns = calls("ann");
        ChannelCalls bobs = calls("bob");
        for (int i = 0; i < 20; i++) {
            CompletionStage<ChannelInfo> one = anns.create("room " + i, titled("Ann's"));
            CompletionStage<ChannelInfo> other = bobs.create("room " + i, titled("Bob's"));
            List<String> outcomes = new ArrayList<>();
            for (CompletionStage<ChannelInfo> each : List.of(one, other)) {
                outcomes.add(await(each.handle((info, failure) ->
                        failure == null ? "made at " + info.getAttributesSequence() : String.valueOf(code(failure)))));
            }
            outcomes.sort(String::compareTo);
            assertEquals(List.of("CHANNEL_EXISTS", "made at 1"), outcomes);
        }
        ChannelAttributes voice = ChannelAttributes.newBuilder()
                .setKind(ChannelKind.CHANNEL_KIND_VOICE)
                .setRoom(RoomSettings.newBuilder().setCapacity(25))
                .build();
        ChannelInfo lounge = await(bobs.create("lounge", voice));
        assertEquals(8, lounge.getAttributes().getChangedBy());
        assertEquals(
                25,
                await(connect("eve").channel("lounge").open())
                        .attributes()
                        .getRoom()
                        .getCapacity());
    }

    private static ErrorCode code(Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        return assertInstanceOf(FreshetException.class, cause).code();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void shouldRefuseWhatNobodyMayMakeOrChange(int reactors) {
        start(reactors);
        ChannelCalls anns = calls("ann");
        ChannelCalls eves = calls("eve");
        long room = await(anns.create("room", titled("Room"))).getChannel();
        long secret = await(anns.create("secret", titled("Secret"))).getChannel();
        assertEquals(ErrorCode.INVALID_NAME, refusal(anns.create("~mine", titled("a"))));
        assertEquals(ErrorCode.INVALID_NAME, refusal(anns.create("", titled("a"))));
        assertEquals(ErrorCode.INVALID_ATTRIBUTES, refusal(anns.create("other", titled("x".repeat(201)))));
        ChannelAttributes direct = ChannelAttributes.newBuilder()
                .setKind(ChannelKind.CHANNEL_KIND_DIRECT)
                .addMembers(7)
                .build();
        assertEquals(ErrorCode.INVALID_ATTRIBUTES, refusal(anns.create("other", direct)));
        assertEquals(ErrorCode.FORBIDDEN, refusal(eves.create("other", titled("a"))));
        assertEquals(ErrorCode.FORBIDDEN, refusal(eves.rename(room, "Eve's")));
        assertEquals(ErrorCode.FORBIDDEN, refusal(eves.delete(room)));
        assertEquals(ErrorCode.UNKNOWN_CHANNEL, refusal(eves.rename(secret, "Eve's")));
        assertEquals(ErrorCode.UNKNOWN_CHANNEL, refusal(eves.startThread(secret, 1, "a")));
        assertEquals(ErrorCode.UNKNOWN_CHANNEL, refusal(anns.archive(4711, true)));
        assertEquals(ErrorCode.UNKNOWN_CHANNEL, refusal(anns.delete(0)));
        assertEquals(ErrorCode.INVALID_ATTRIBUTES, refusal(anns.rename(room, "a\nb")));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void shouldChangeTheTopicOrTheTitleAndLeaveTheOther(int reactors) {
        start(reactors);
        ChannelCalls anns = calls("ann");
        long room = await(anns.create("room", titled("first"))).getChannel();
        await(anns.topic(room, "about this"));
        await(anns.rename(room, "second"));
        ChannelAttributes changed = await(anns.topic(room, "about that")).getAttributes();
        assertEquals("second", changed.getTitle());
        assertEquals("about that", changed.getTopic());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void shouldStartOneThreadForAPostHoweverOftenItIsAsked(int reactors) {
        start(reactors);
        FreshetClient ann = connect("ann");
        Channel room = ann.channel("room");
        await(room.publish("no post"));
        long post = post(room, "something to talk about").sequence();
        long id = await(room.open()).id();
        ChannelCalls anns = ann.channels();
        ChannelCalls bobs = calls("bob");
        List<CompletionStage<ChannelInfo>> starts = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            starts.add((i % 2 == 0 ? anns : bobs).startThread(id, post, "Talk " + i));
        }
        List<ChannelInfo> threads =
                starts.stream().map(ChannelServiceTest::await).distinct().toList();
        assertEquals(1, threads.size(), "the same for all");
        ChannelInfo thread = threads.get(0);
        assertEquals(post, thread.getAttributes().getParent().getPost());
        assertThreadIsSaidOnce(room, post, thread);
        post(connect("bob").channel(thread.getName()), "in the thread");
        assertEquals(ErrorCode.NO_SUCH_POST, refusal(anns.startThread(id, 1, "of no post")));
        assertEquals(ErrorCode.NO_SUCH_POST, refusal(anns.startThread(id, 99, "of nothing")));
        assertEquals(ErrorCode.NO_SUCH_POST, refusal(anns.startThread(id, 0, "of nothing")));
        assertEquals(ErrorCode.INVALID_ARGUMENT, refusal(anns.startThread(thread.getChannel(), 2, "of a thread")));
        long erased = post(room, "not for long").sequence();
        await(engine.erase("room", erased));
        assertEquals(ErrorCode.POST_DELETED, refusal(anns.startThread(id, erased, "of what is gone")));

        clients.forEach(FreshetClient::close);
        engine.close();
        start(reactors);
        assertEquals(thread, await(calls("bob").startThread(id, post, "Again")));
        assertThreadIsSaidOnce(connect("ann").channel("room"), post, thread);
    }

    private static void assertThreadIsSaidOnce(Channel room, long post, ChannelInfo thread) {
        List<ThreadStarted> said = records(room, EventKind.THREAD.code()).stream()
                .map(record -> {
                    assertTrue(record.isChecked());
                    assertEquals(Principal.SYSTEM.id(), record.sender());
                    try {
                        return ThreadStarted.parseFrom(record.payload());
                    } catch (InvalidProtocolBufferException e) {
                        throw new AssertionError(e);
                    }
                })
                .toList();
        assertEquals(
                List.of(ThreadStarted.newBuilder()
                        .setPost(post)
                        .setChannel(thread.getChannel())
                        .setTitle(thread.getAttributes().getTitle())
                        .setStartedBy(thread.getAttributes().getChangedBy())
                        .build()),
                said);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void shouldGiveTheSamePeopleTheSameDirectChannel(int reactors) {
        start(reactors);
        ChannelCalls anns = calls("ann");
        ChannelCalls bobs = calls("bob");
        CompletionStage<ChannelInfo> one = anns.openDirect(List.of(8L));
        CompletionStage<ChannelInfo> other = bobs.openDirect(List.of(7L, 8L, 7L));
        ChannelInfo direct = await(one);
        assertEquals(direct, await(other));
        assertEquals(List.of(7L, 8L), direct.getAttributes().getMembersList());
        assertNotEquals(direct.getChannel(), await(anns.openDirect(List.of())).getChannel());
        post(connect("bob").channel(direct.getName()), "between us");
        assertEquals(
                ErrorCode.UNKNOWN_CHANNEL,
                refusal(connect("eve").channel(direct.getName()).open()));
        assertEquals(ErrorCode.UNKNOWN_CHANNEL, refusal(calls("eve").rename(direct.getChannel(), "Eve's")));
        assertEquals(ErrorCode.UNKNOWN_CHANNEL, refusal(calls("eve").startThread(direct.getChannel(), 2, "Eve's")));
        ChannelInfo thread = await(anns.startThread(direct.getChannel(), 2, "Of that"));
        assertEquals(
                ErrorCode.UNKNOWN_CHANNEL,
                refusal(connect("eve").channel(thread.getName()).open()));
        post(connect("bob").channel(thread.getName()), "and of this");
        assertEquals(ErrorCode.INVALID_ARGUMENT, refusal(anns.delete(direct.getChannel())));
        assertEquals(ErrorCode.INVALID_ARGUMENT, refusal(anns.openDirect(List.of(0L))));
        assertEquals(
                ErrorCode.INVALID_ATTRIBUTES,
                refusal(anns.openDirect(LongStream.range(100, 150).boxed().toList())));
        assertEquals(ErrorCode.FORBIDDEN, refusal(calls("eve").openDirect(List.of(7L))));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void shouldLoseNothingOfWhatTwoChangeAtOnce(int reactors) {
        start(reactors);
        ChannelCalls anns = calls("ann");
        ChannelCalls others = calls("ann");
        long room = await(anns.create("room", titled("Room"))).getChannel();
        for (int i = 0; i < 20; i++) {
            boolean isArchived = i % 2 == 0;
            CompletionStage<ChannelInfo> renamed = anns.rename(room, "Room " + i);
            CompletionStage<ChannelInfo> archived = others.archive(room, isArchived);
            await(renamed);
            await(archived);
            ChannelAttributes now = await(connect("ann").channel("room").open()).attributes();
            assertEquals("Room " + i, now.getTitle());
            assertEquals(isArchived, now.getArchived());
            clients.remove(clients.size() - 1).close();
        }
        long sequence = await(anns.archive(room, false)).getAttributesSequence();
        assertEquals(sequence, await(anns.archive(room, false)).getAttributesSequence(), "nothing to do");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void shouldKeepNothingBehindADeletion(int reactors) {
        start(reactors);
        ChannelCalls anns = calls("ann");
        for (int i = 0; i < 10; i++) {
            long id = await(anns.create("room " + i, titled("Room"))).getChannel();
            Channel room = connect("bob").channel("room " + i);
            await(room.publish("first"));
            List<CompletionStage<Receipt>> publishes = new ArrayList<>();
            List<CompletionStage<ChannelInfo>> deletions = new ArrayList<>();
            for (int j = 0; j < 100; j++) {
                publishes.add(room.publish("text " + j));
                if (j == 50) {
                    deletions.add(anns.delete(id));
                }
            }
            long deleted = await(deletions.get(0)).getAttributesSequence();
            for (CompletionStage<Receipt> publish : publishes) {
                long sequence = await(publish.handle((receipt, failure) -> failure == null ? receipt.sequence() : 0L));
                assertTrue(sequence < deleted, sequence + " is behind the deletion at " + deleted);
            }
            assertEquals(ErrorCode.UNKNOWN_CHANNEL, refusal(anns.delete(id)));
            assertEquals(ErrorCode.UNKNOWN_CHANNEL, refusal(anns.create("room " + i, titled("Again"))));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void shouldCompleteAThreadOfWhichOnlyTheFirstHalfWasKept(int reactors) {
        start(reactors);
        Channel room = connect("ann").channel("room");
        long post = post(room, "something to talk about").sequence();
        long id = await(room.open()).id();
        // What the service does first; then the process ends.
        ChannelAttributes attributes = ChannelAttributes.newBuilder()
                .setKind(ChannelKind.CHANNEL_KIND_THREAD)
                .setTitle("Half of it")
                .setParent(ThreadParent.newBuilder().setChannel(id).setPost(post))
                .setReplaces(0)
                .setChangedBy(8)
                .build();
        String name = ReservedNames.ofThread(id, post);
        await(engine.channel(name).publish(EventKind.ATTRIBUTES.code(), attributes.toByteArray()));
        clients.forEach(FreshetClient::close);
        engine.close();
        start(reactors);
        Channel again = connect("ann").channel("room");
        assertEquals(List.of(), records(again, EventKind.THREAD.code()));

        ChannelInfo thread = await(calls("ann").startThread(id, post, "Another title"));
        assertEquals(attributes, thread.getAttributes(), "what was kept stays");
        assertEquals(name, thread.getName());
        assertThreadIsSaidOnce(again, post, thread);
        assertEquals(thread, await(calls("bob").startThread(id, post, "And again")));
        assertThreadIsSaidOnce(again, post, thread);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void shouldGiveManyWhoRaceTheSameThreadAndTheSameDirectChannel(int reactors) {
        start(reactors);
        Channel room = connect("ann").channel("room");
        long id = await(room.open()).id();
        List<ChannelCalls> racers = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            racers.add(calls(i % 2 == 0 ? "ann" : "bob"));
        }
        for (int i = 0; i < 15; i++) {
            long post = post(room, "topic " + i).sequence();
            List<Long> others = List.of(7L, 8L, 100L + i);
            List<CompletionStage<ChannelInfo>> threads = new ArrayList<>();
            List<CompletionStage<ChannelInfo>> directs = new ArrayList<>();
            for (ChannelCalls racer : racers) {
                threads.add(racer.startThread(id, post, "Thread of " + racers.indexOf(racer)));
                directs.add(racer.openDirect(others));
            }
            assertEquals(
                    1,
                    threads.stream().map(ChannelServiceTest::await).distinct().count());
            assertEquals(
                    1,
                    directs.stream().map(ChannelServiceTest::await).distinct().count());
        }
        List<Long> posts = records(room, EventKind.POST.code()).stream()
                .map(StoredRecord::sequence)
                .toList();
        List<Long> said = records(room, EventKind.THREAD.code()).stream()
                .map(record -> assertDoesNotThrow(() -> ThreadStarted.parseFrom(record.payload()))
                        .getPost())
                .toList();
        assertEquals(posts, said, "one event for each thread");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void shouldRefuseThreadsWhereNothingIsToBeSaid(int reactors) {
        start(reactors);
        FreshetClient ann = connect("ann");
        ChannelCalls anns = ann.channels();
        Channel room = ann.channel("room");
        long post = post(room, "something to talk about").sequence();
        long gone = post(room, "not for long").sequence();
        await(room.publish(
                EventKind.DELETE.code(),
                Deletion.newBuilder().setTarget(gone).build().toByteArray()));
        long id = await(room.open()).id();
        assertEquals(ErrorCode.POST_DELETED, refusal(anns.startThread(id, gone, "Of what is gone")));
        assertEquals(ErrorCode.INVALID_ATTRIBUTES, refusal(anns.startThread(id, post, "x".repeat(201))));
        assertEquals(ErrorCode.INVALID_ATTRIBUTES, refusal(anns.startThread(id, post, "a\nb")));
        assertEquals(ErrorCode.NO_SUCH_POST, refusal(anns.startThread(id, -1, "Of nothing")));
        assertEquals(ErrorCode.UNKNOWN_CHANNEL, refusal(anns.startThread(0, post, "Of nothing")));
        assertEquals(ErrorCode.FORBIDDEN, refusal(calls("eve").startThread(id, post, "Eve's")));
        await(anns.archive(id, true));
        assertEquals(ErrorCode.CHANNEL_ARCHIVED, refusal(anns.startThread(id, post, "Too late")));
        assertEquals(ErrorCode.CHANNEL_ARCHIVED, refusal(room.publish("too late")));
        await(anns.archive(id, false));
        ChannelInfo thread = await(anns.startThread(id, post, "Talk"));
        await(anns.delete(thread.getChannel()));
        assertEquals(ErrorCode.UNKNOWN_CHANNEL, refusal(anns.startThread(id, post, "Talk again")));
        await(anns.delete(id));
        assertEquals(ErrorCode.UNKNOWN_CHANNEL, refusal(anns.startThread(id, post, "Of no channel")));
        assertEquals(ErrorCode.UNKNOWN_CHANNEL, refusal(anns.archive(id, true)));
    }
}
