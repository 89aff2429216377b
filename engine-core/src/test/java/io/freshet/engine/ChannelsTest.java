package io.freshet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.client.Channel;
import io.freshet.client.ChannelState;
import io.freshet.client.ClientConfig;
import io.freshet.client.Cursor;
import io.freshet.client.FreshetClient;
import io.freshet.client.Receipt;
import io.freshet.client.ReceivedRecord;
import io.freshet.client.RecordHandler;
import io.freshet.client.StoredRecord;
import io.freshet.log.StorageConfig;
import io.freshet.log.chronicle.ChronicleStorage;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.EventKind;
import io.freshet.protocol.FrameType;
import io.freshet.protocol.FreshetException;
import io.freshet.protocol.v1.ChannelAttributes;
import io.freshet.protocol.v1.ChannelKind;
import io.freshet.protocol.v1.Error;
import io.freshet.protocol.v1.Published;
import io.freshet.protocol.v1.ThreadParent;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a channel is, over sockets: who may change it, and what the server makes of it for everybody, also after a restart. */
@Timeout(120)
class ChannelsTest {
    private static final long ANN = 7;
    private static final long BOB = 8;
    private static final long PAUSE_NS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final int ATTRIBUTES = EventKind.ATTRIBUTES.code();

    private final Set<String> denied = ConcurrentHashMap.newKeySet();
    private final List<FreshetClient> clients = new ArrayList<>();

    @TempDir
    private Path directory;

    /** Started by each test. */
    @SuppressWarnings("NullAway.Init")
    private FreshetEngine engine;

    private int reactorCount;

    /** What one subscription hears, as text. */
    private static final class Heard implements RecordHandler {
        final BlockingQueue<String> events = new LinkedBlockingQueue<>();

        @Override
        public void onRecord(ReceivedRecord record) {
            events.add(record.sequence() + " " + (record.kind() == 0 ? record.text() : "kind " + record.kind()));
        }

        @Override
        public void onAttributes(ChannelState channel) {
            events.add("attributes " + channel.attributesSequence() + " "
                    + channel.attributes().getTitle());
        }

        @Override
        public void onEnd(FreshetException cause) {
            events.add("end " + cause.code());
        }

        void expect(String... expected) throws InterruptedException {
            for (String each : expected) {
                assertEquals(each, events.poll(20, TimeUnit.SECONDS));
            }
        }
    }

    @BeforeEach
    void forget() {
        denied.clear();
    }

    private void start(int reactors) {
        reactorCount = reactors;
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
                    return new Principal(name.equals("ann") ? ANN : BOB, name);
                })
                .accessPolicy((principal, channel, exists) -> access(principal, channel))
                .build());
    }

    private Access access(Principal principal, String channel) {
        if (denied.contains(principal.name() + " " + channel)) {
            return Access.NONE;
        }
        return principal.id() == ANN ? Access.ALL : new Access(true, true, true);
    }

    @AfterEach
    void close() {
        clients.forEach(FreshetClient::close);
        if (engine != null) {
            engine.close();
        }
    }

    private void restart() {
        clients.forEach(FreshetClient::close);
        clients.clear();
        engine.close();
        start(reactorCount);
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

    private static <T> T await(CompletionStage<T> stage) {
        return stage.toCompletableFuture().orTimeout(60, TimeUnit.SECONDS).join();
    }

    private static ErrorCode refusal(CompletionStage<?> stage) {
        CompletionException thrown = assertThrows(CompletionException.class, () -> await(stage));
        return assertInstanceOf(FreshetException.class, thrown.getCause()).code();
    }

    private static ChannelAttributes.Builder titled(String title) {
        return ChannelAttributes.newBuilder().setTitle(title);
    }

    private static CompletionStage<Receipt> change(Channel channel, ChannelAttributes.Builder attributes) {
        return channel.publish(ATTRIBUTES, attributes.build().toByteArray());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void shouldTellEverybodyWhatAChannelIsAndBecomes(int reactors) throws InterruptedException {
        start(reactors);
        Channel room = connect("ann").channel("room");
        await(room.publish("before"));
        Heard heard = new Heard();
        assertEquals(
                0,
                await(connect("bob").channel("room").subscribe(Cursor.live(), heard))
                        .channel()
                        .attributesSequence());
        assertEquals(
                2, await(change(room, titled("Tonight").setTopic("The show"))).sequence());
        heard.expect("attributes 2 Tonight", "2 kind 8");
        await(change(room, titled("Later").setReplaces(2)));
        heard.expect("attributes 3 Later", "3 kind 8");
        assertEquals(
                ErrorCode.ATTRIBUTES_CHANGED,
                refusal(change(room, titled("Never").setReplaces(2))));
        assertEquals(
                ErrorCode.CHANNEL_EXISTS, refusal(change(room, titled("Never").setReplaces(0))));
        restart();
        ChannelState state = await(connect("bob").channel("room").open());
        assertEquals("Later", state.attributes().getTitle());
        assertEquals(3, state.attributesSequence());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void shouldRefuseWhatMayNotBe(int reactors) {
        start(reactors);
        Channel anns = connect("ann").channel("room");
        Channel bobs = connect("bob").channel("room");
        await(bobs.publish("hello"));
        assertEquals(ErrorCode.FORBIDDEN, refusal(change(bobs, titled("Mine"))));
        assertEquals(ErrorCode.INVALID_ATTRIBUTES, refusal(change(anns, titled("x".repeat(201)))));
        assertEquals(ErrorCode.INVALID_ATTRIBUTES, refusal(anns.publish(ATTRIBUTES, new byte[] {0x12, 0x05, 'a'})));
        assertEquals(ErrorCode.INVALID_ATTRIBUTES, refusal(anns.publish(ATTRIBUTES, new byte[4_097])));
        assertEquals(
                ErrorCode.INVALID_ATTRIBUTES, refusal(change(anns, titled("a").setChangedBy(BOB))));
        assertEquals(
                ErrorCode.INVALID_ATTRIBUTES,
                refusal(change(
                        anns,
                        titled("a").setKind(ChannelKind.CHANNEL_KIND_DIRECT).addMembers(ANN))));
        assertEquals(
                ErrorCode.INVALID_ATTRIBUTES,
                refusal(change(
                        anns,
                        titled("a")
                                .setKind(ChannelKind.CHANNEL_KIND_THREAD)
                                .setParent(
                                        ThreadParent.newBuilder().setChannel(1).setPost(1)))));
        assertEquals(ErrorCode.INVALID_ARGUMENT, refusal(anns.publish(EventKind.THREAD.code(), new byte[0])));
        assertEquals(2, await(anns.publish("still here")).sequence(), "nothing that was refused has a place");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void shouldTakeNothingWhileItIsArchived(int reactors) {
        start(reactors);
        Channel anns = connect("ann").channel("room");
        Channel bobs = connect("bob").channel("room");
        await(bobs.publish("one"));
        await(change(anns, titled("Old").setArchived(true)));
        assertEquals(ErrorCode.CHANNEL_ARCHIVED, refusal(bobs.publish("two")));
        assertEquals(ErrorCode.CHANNEL_ARCHIVED, refusal(engine.channel("room").publish("two")));
        assertEquals("one", text(await(bobs.fetchForward(1, 10)).records().get(0)));
        restart();
        assertEquals(
                ErrorCode.CHANNEL_ARCHIVED,
                refusal(connect("bob").channel("room").publish("two")));
        await(change(connect("ann").channel("room"), titled("Old")));
        assertEquals(4, await(connect("bob").channel("room").publish("two")).sequence());
    }

    private static String text(StoredRecord record) {
        return new String(record.payload(), StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void shouldBeOverForEverybodyWhenItIsDeleted(int reactors) throws Exception {
        start(reactors);
        String secret = "a secret of the deleted channel";
        Channel anns = connect("ann").channel("room");
        Heard heard = new Heard();
        Channel bobs = connect("bob").channel("room");
        await(bobs.publish(secret));
        await(bobs.subscribe(Cursor.live(), heard));
        await(change(anns, titled("a title of the deleted channel")));
        assertEquals(
                3,
                await(change(anns, ChannelAttributes.newBuilder().setDeleted(true)))
                        .sequence());
        heard.expect("attributes 2 a title of the deleted channel", "2 kind 8", "attributes 3 ", "3 kind 8");
        heard.expect("end UNKNOWN_CHANNEL");
        assertEquals(
                ErrorCode.UNKNOWN_CHANNEL,
                refusal(connect("bob").channel("room").open()));
        assertEquals(
                ErrorCode.UNKNOWN_CHANNEL,
                refusal(connect("ann").channel("room").publish("more")));
        assertEquals(ErrorCode.UNKNOWN_CHANNEL, refusal(engine.channel("room").publish("more")));
        assertEquals(
                ErrorCode.UNKNOWN_CHANNEL, refusal(engine.channel("room").subscribe(Cursor.first(), record -> {})));
        assertGone(secret);
        restart();
        assertEquals(
                ErrorCode.UNKNOWN_CHANNEL,
                refusal(connect("ann").channel("room").open()));
    }

    /** The erasure follows, in the background. */
    private void assertGone(String text) throws IOException {
        long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (isInLog(text) && System.nanoTime() - deadlineNs < 0) {
            LockSupport.parkNanos(PAUSE_NS);
        }
        assertFalse(isInLog(text), "it is still in the log");
    }

    private boolean isInLog(String text) throws IOException {
        try (Stream<Path> tree = Files.walk(directory)) {
            for (Path file :
                    tree.filter(each -> each.toString().endsWith(".cq4")).toList()) {
                if (new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).contains(text)) {
                    return true;
                }
            }
        }
        return false;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void shouldLetNobodyButMembersKnowOfADirectChannel(int reactors) throws InterruptedException {
        start(reactors);
        Channel made = engine.channel("~direct/ann");
        ChannelAttributes.Builder direct = ChannelAttributes.newBuilder()
                .setKind(ChannelKind.CHANNEL_KIND_DIRECT)
                .addMembers(ANN)
                .setReplaces(0);
        await(change(made, direct));
        long id = await(made.open()).id();
        Heard heard = new Heard();
        Channel anns = connect("ann").channel("~direct/ann");
        await(anns.subscribe(Cursor.live(), heard));
        await(anns.publish("to myself"));
        heard.expect("2 to myself");
        Channel bobs = connect("bob").channel("~direct/ann");
        assertEquals(ErrorCode.UNKNOWN_CHANNEL, refusal(bobs.open()));
        assertEquals(ErrorCode.UNKNOWN_CHANNEL, refusal(bobs.fetchForward(1, 10)));
        assertEquals(ErrorCode.UNKNOWN_CHANNEL, refusal(bobs.publish("hello?")));
        assertEquals(
                ErrorCode.UNKNOWN_CHANNEL,
                refusal(connect("bob").channel("~direct/nobody").open()));
        assertEquals(
                ErrorCode.INVALID_ATTRIBUTES,
                refusal(change(anns, direct.clearReplaces().addMembers(BOB))));
        restart();
        assertEquals(
                ErrorCode.UNKNOWN_CHANNEL,
                refusal(connect("bob").channel("~direct/ann").open()));
        assertEquals(id, await(connect("ann").channel("~direct/ann").open()).id());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void shouldGiveAThreadTheAccessOfItsParent(int reactors) throws InterruptedException {
        start(reactors);
        Channel parent = connect("bob").channel("room");
        await(parent.publish("something to talk about"));
        long parentId = await(parent.open()).id();
        String name = "~thread/" + parentId + "/1";
        assertEquals(
                ErrorCode.UNKNOWN_CHANNEL, refusal(connect("bob").channel(name).open()), "nobody else makes one");
        ChannelAttributes.Builder thread = ChannelAttributes.newBuilder()
                .setKind(ChannelKind.CHANNEL_KIND_THREAD)
                .setParent(ThreadParent.newBuilder().setChannel(parentId).setPost(1));
        await(change(engine.channel(name), thread));
        Heard heard = new Heard();
        Channel talk = connect("bob").channel(name);
        await(talk.subscribe(Cursor.live(), heard));
        await(talk.publish("yes"));
        heard.expect("2 yes");
        denied.add("bob room");
        await(engine.revoke(BOB, "room"));
        heard.expect("end REVOKED");
        assertEquals(
                ErrorCode.UNKNOWN_CHANNEL, refusal(connect("bob").channel(name).open()));
        assertTrue(await(connect("ann").channel(name).open()).maySubscribe());
        await(change(
                connect("ann").channel("room"), ChannelAttributes.newBuilder().setDeleted(true)));
        awaitUnknown(name);
    }

    /** The threads of a deleted channel are deleted in the background. */
    private void awaitUnknown(String name) {
        long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        ErrorCode code = null;
        while (code == null && System.nanoTime() - deadlineNs < 0) {
            try (FreshetClient client = connect("ann")) {
                await(client.channel(name).open());
                LockSupport.parkNanos(PAUSE_NS);
            } catch (CompletionException e) {
                code = assertInstanceOf(FreshetException.class, e.getCause()).code();
            }
        }
        assertEquals(ErrorCode.UNKNOWN_CHANNEL, code);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void shouldSlowDownWhoeverPublishesAsTheAttributesSay(int reactors) throws IOException {
        start(reactors);
        Channel anns = connect("ann").channel("room");
        await(change(anns, titled("Slow").setSlowModeMs(3_600_000)));
        try (RawConnection bob = new RawConnection(engine)) {
            bob.connect();
            long id = bob.open("room").getChannel();
            bob.publish(id, 1, new byte[1]);
            bob.read(FrameType.PUBLISHED, Published.parser());
            bob.publish(id, 2, new byte[1]);
            Error error = bob.readError();
            assertEquals(ErrorCode.SLOW_MODE.number(), error.getCode());
            assertTrue(error.getRetryAfterMs() > 3_000_000, "it comes from the attributes");
            await(anns.publish("another's time is another's"));
            await(change(anns, titled("Not slow")));
            bob.publish(id, 2, new byte[1]);
            assertEquals(5, bob.read(FrameType.PUBLISHED, Published.parser()).getFirstSequence());
        }
    }
}
