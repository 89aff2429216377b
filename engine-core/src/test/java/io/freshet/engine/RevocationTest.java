package io.freshet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.freshet.client.FreshetClient;
import io.freshet.client.ReceivedRecord;
import io.freshet.client.RecordHandler;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FrameType;
import io.freshet.protocol.FreshetException;
import io.freshet.protocol.v1.CloseReason;
import io.freshet.protocol.v1.Closed;
import io.freshet.protocol.v1.Cursor;
import io.freshet.protocol.v1.Fetch;
import io.freshet.protocol.v1.Opened;
import io.freshet.protocol.v1.Page;
import io.freshet.protocol.v1.Record;
import io.freshet.protocol.v1.Welcome;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a principal may do can be taken back at once, on two reactors: in open channels, and in what is on its way. */
class RevocationTest {
    private static final Cursor LIVE =
            Cursor.newBuilder().setLive(Cursor.Live.getDefaultInstance()).build();
    private static final long ANN = 7;
    private static final long BOB = 8;

    private final Set<String> forbiddenToAnn = ConcurrentHashMap.newKeySet();
    private final CountDownLatch isDeciding = new CountDownLatch(1);
    private final CountDownLatch mayAnswer = new CountDownLatch(1);

    @TempDir
    private Path directory;

    private FreshetEngine engine;

    @BeforeEach
    void start() {
        engine = FreshetEngine.start(EngineConfig.builder()
                .dataDirectory(directory.resolve("data"))
                .listen(Endpoint.tcp(0))
                .reactors(2)
                .authenticator(credentials -> {
                    String name = new String(credentials.token(), StandardCharsets.UTF_8);
                    return new Principal(name.equals("ann") ? ANN : BOB, name);
                })
                .accessPolicy(this::access)
                .build());
    }

    @AfterEach
    void close() {
        mayAnswer.countDown();
        engine.close();
    }

    private Access access(Principal principal, String channel, boolean exists) {
        boolean isForbidden = principal.id() == ANN && forbiddenToAnn.contains(channel);
        if (channel.equals("slow")) {
            isDeciding.countDown();
            await(mayAnswer);
        }
        return isForbidden ? Access.NONE : Access.ALL;
    }

    private static void await(CountDownLatch latch) {
        try {
            assertTrue(latch.await(20, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private RawConnection connect(String name) throws IOException {
        RawConnection raw = new RawConnection(engine);
        raw.hello();
        raw.send(
                FrameType.CONNECT,
                RawConnection.connectFrame()
                        .setToken(ByteString.copyFromUtf8(name))
                        .build());
        raw.read(FrameType.WELCOME, Welcome.parser());
        return raw;
    }

    private void publish(String channel, String text) {
        engine.channel(channel).publish(text).toCompletableFuture().join();
    }

    private long revoke(long principal, String channel) {
        forbiddenToAnn.add(channel);
        return engine.revoke(principal, channel).toCompletableFuture().join();
    }

    private static void expectRevoked(RawConnection raw, long channel) throws IOException {
        Closed closed = raw.read(FrameType.CLOSED, Closed.parser());
        assertEquals(channel, closed.getChannel());
        assertEquals(CloseReason.CLOSE_REASON_REVOKED, closed.getReason());
    }

    private static void expectUnknown(RawConnection raw, String channel) throws IOException {
        raw.send(
                FrameType.OPEN, RawConnection.openFrame(channel).setCursor(LIVE).build());
        assertEquals(ErrorCode.UNKNOWN_CHANNEL.number(), raw.readError().getCode());
    }

    @Test
    void shouldEndEverySessionsUseAtTheSequenceThatItNames() throws IOException {
        try (RawConnection one = connect("ann");
                RawConnection two = connect("ann");
                RawConnection bob = connect("bob")) {
            long channel = one.open("lobby", LIVE).getChannel();
            two.open("lobby", LIVE);
            bob.open("lobby", LIVE);
            publish("lobby", "last");
            assertEquals(1, one.readRecord().getSequence());
            assertEquals(1, two.readRecord().getSequence());

            assertEquals(1, revoke(ANN, "lobby"));
            publish("lobby", "more");

            for (RawConnection ann : new RawConnection[] {one, two}) {
                expectRevoked(ann, channel);
                ann.publish(channel, 1, new byte[1]);
                assertEquals(ErrorCode.NOT_OPEN.number(), ann.readError().getCode());
                expectUnknown(ann, "lobby");
            }
            assertEquals(1, bob.readRecord().getSequence());
            assertEquals(2, bob.readRecord().getSequence());
        }
    }

    @Test
    void shouldAskThePolicyAnewAtTheNextOpen() throws IOException {
        try (RawConnection ann = connect("ann")) {
            long channel = ann.open("lobby", LIVE).getChannel();
            revoke(ANN, "lobby");
            expectRevoked(ann, channel);
            expectUnknown(ann, "lobby");
            forbiddenToAnn.clear();
            assertEquals(channel, ann.open("lobby", LIVE).getChannel());
        }
    }

    @Test
    void shouldNotCountAnAnswerThatThePolicyGaveBefore() throws IOException {
        publish("slow", "secret");
        try (RawConnection ann = connect("ann")) {
            ann.send(
                    FrameType.OPEN,
                    RawConnection.openFrame("slow").setCursor(LIVE).build());
            await(isDeciding);
            assertEquals(1, revoke(ANN, "slow"));
            mayAnswer.countDown();
            assertEquals(ErrorCode.UNKNOWN_CHANNEL.number(), ann.readError().getCode());
        }
    }

    @Test
    void shouldNotLetAChannelBeMadeByAnAnswerThatThePolicyGaveBefore() throws IOException {
        try (RawConnection ann = connect("ann");
                RawConnection bob = connect("bob")) {
            ann.send(
                    FrameType.OPEN,
                    RawConnection.openFrame("slow").setCursor(LIVE).build());
            await(isDeciding);
            assertEquals(0, revoke(ANN, "slow"));
            mayAnswer.countDown();
            assertEquals(ErrorCode.UNKNOWN_CHANNEL.number(), ann.readError().getCode());

            bob.send(
                    FrameType.OPEN,
                    RawConnection.openFrame("slow").setCreate(false).build());
            assertEquals(ErrorCode.UNKNOWN_CHANNEL.number(), bob.readError().getCode(), "it was made");
        }
    }

    @Test
    void shouldTakeBackEveryChannelOfAPrincipalAndNoneOfAnother() throws IOException {
        try (RawConnection ann = connect("ann");
                RawConnection bob = connect("bob")) {
            long lobby = ann.open("lobby", LIVE).getChannel();
            ann.send(
                    FrameType.OPEN,
                    RawConnection.openFrame("yard").setRequest(2).build());
            long yard = ann.read(FrameType.OPENED, Opened.parser()).getChannel();
            bob.open("lobby", LIVE);

            engine.revoke(ANN).toCompletableFuture().join();

            long one = ann.read(FrameType.CLOSED, Closed.parser()).getChannel();
            long other = ann.read(FrameType.CLOSED, Closed.parser()).getChannel();
            assertEquals(Set.of(lobby, yard), Set.of(one, other));
            publish("lobby", "for bob");
            assertEquals(1, bob.readRecord().getSequence());
        }
    }

    @Test
    void shouldTakeBackNothingElseByTheNameOfNoChannel() throws IOException {
        try (RawConnection ann = connect("ann")) {
            ann.open("lobby", LIVE);
            assertEquals(0, revoke(ANN, "no such channel"));
            publish("lobby", "still there");
            assertEquals(1, ann.readRecord().getSequence());
        }
    }

    @Test
    void shouldCutAConnectionThatDoesNotTakeWhatWasOnItsWay() throws IOException {
        try (RawConnection ann = connect("ann")) {
            ann.open("lobby", LIVE);
            byte[] payload = new byte[16 * 1024];
            CompletableFuture<?>[] receipts = new CompletableFuture<?>[1000];
            for (int i = 0; i < receipts.length; i++) {
                receipts[i] = engine.channel("lobby").publish(payload).toCompletableFuture();
            }
            CompletableFuture.allOf(receipts).join();

            long last = revoke(ANN, "lobby");
            publish("lobby", "more");

            assertEquals(receipts.length, last);
            assertEquals(1, engine.metrics().sum("revoked.connections", Map.of()));
            assertTrue(readToTheEnd(ann) < last);
        }
    }

    /** The sequence of the last record before the connection ended. */
    private static long readToTheEnd(RawConnection raw) throws IOException {
        long sequence = 0;
        try {
            while (true) {
                RawConnection.Frame frame = raw.read();
                if (frame.type() == FrameType.RECORD) {
                    sequence = frame.body(Record.parser()).getSequence();
                }
            }
        } catch (EOFException | SocketException e) {
            return sequence;
        }
    }

    @Test
    void shouldRefuseAPageOfAChannelThatIsTakenBackMeanwhile() throws IOException {
        publish("lobby", "old");
        try (RawConnection ann = connect("ann")) {
            long channel = ann.open("lobby").getChannel();
            revoke(ANN, "lobby");
            ann.send(
                    FrameType.FETCH,
                    Fetch.newBuilder()
                            .setRequest(5)
                            .setChannel(channel)
                            .setLimit(10)
                            .build());
            expectRevoked(ann, channel);
            assertEquals(ErrorCode.NOT_OPEN.number(), ann.readError().getCode());
        }
        try (RawConnection bob = connect("bob")) {
            long channel = bob.open("lobby").getChannel();
            bob.send(
                    FrameType.FETCH,
                    Fetch.newBuilder()
                            .setRequest(5)
                            .setChannel(channel)
                            .setLimit(10)
                            .build());
            assertFalse(bob.read(FrameType.PAGE, Page.parser()).getRecords().isEmpty());
        }
    }

    @Test
    void shouldEndTheSubscriptionOfAClientWithinTheProcess() {
        CompletableFuture<FreshetException> end = new CompletableFuture<>();
        AtomicLong lastSequence = new AtomicLong();
        CountDownLatch isDelivered = new CountDownLatch(1);
        try (FreshetClient ann =
                engine.connect(new Principal(ANN, "ann")).toCompletableFuture().join()) {
            ann.channel("lobby")
                    .subscribe(io.freshet.client.Cursor.live(), new RecordHandler() {
                        @Override
                        public void onRecord(ReceivedRecord record) {
                            lastSequence.set(record.sequence());
                            isDelivered.countDown();
                        }

                        @Override
                        public void onEnd(FreshetException cause) {
                            end.complete(cause);
                        }
                    })
                    .toCompletableFuture()
                    .join();
            publish("lobby", "last");
            await(isDelivered);
            assertEquals(1, revoke(ANN, "lobby"));
            publish("lobby", "more");

            assertEquals(ErrorCode.REVOKED, end.join().code());
            assertEquals(1, lastSequence.get());
            assertEquals(
                    ErrorCode.UNKNOWN_CHANNEL,
                    failure(ann.channel("lobby").publish("x").toCompletableFuture()));
        }
    }

    private static ErrorCode failure(CompletableFuture<?> future) {
        CompletionException failure = assertThrows(CompletionException.class, future::join);
        return assertInstanceOf(FreshetException.class, failure.getCause()).code();
    }

    @Test
    void shouldGoOnForTheEngineItselfWhileThePolicyHangs() throws IOException {
        try (RawConnection ann = connect("ann")) {
            for (int request = 1; request <= 8; request++) {
                ann.send(
                        FrameType.OPEN,
                        RawConnection.openFrame("slow").setRequest(request).build());
            }
            await(isDeciding);
            publish("lobby", "of the engine");
            assertEquals(1, revoke(ANN, "lobby"));
            connect("bob").close();
        }
    }

    @Test
    void shouldFailWhatIsAskedOfAnEngineThatHasEnded() {
        publish("lobby", "x");
        engine.close();
        assertEquals(ErrorCode.SHUTTING_DOWN, failure(engine.revoke(ANN).toCompletableFuture()));
    }

    @Test
    void shouldRefuseToRevokeWhatNobodyHas() {
        assertThrows(IllegalArgumentException.class, () -> engine.revoke(0, "lobby"));
        assertThrows(IllegalArgumentException.class, () -> engine.revoke(0));
        assertThrows(IllegalArgumentException.class, () -> engine.revoke(ANN, ""));
    }
}
