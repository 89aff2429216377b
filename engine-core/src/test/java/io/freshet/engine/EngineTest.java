package io.freshet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.freshet.client.Channel;
import io.freshet.client.ClientConfig;
import io.freshet.client.Cursor;
import io.freshet.client.FreshetClient;
import io.freshet.client.Page;
import io.freshet.client.Receipt;
import io.freshet.engine.EngineConfig.SocketApi;
import io.freshet.log.Durability;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FreshetException;
import io.netty.channel.uring.IoUring;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The whole engine over real sockets and a real data directory. */
class EngineTest {
    @TempDir
    private Path directory;

    private EngineConfig.Builder config() {
        return EngineConfig.builder().dataDirectory(directory.resolve("data")).listen(Endpoint.tcp(0));
    }

    private static FreshetClient connect(FreshetEngine engine, String name) {
        return FreshetClient.connect(ClientConfig.builder()
                .server("127.0.0.1", engine.addresses().get(0).getPort())
                .token(name)
                .build());
    }

    private static <T> T await(CompletionStage<T> stage) {
        return stage.toCompletableFuture().orTimeout(30, TimeUnit.SECONDS).join();
    }

    @Test
    void shouldBringAPublishToEverySubscriberAndKeepIt() throws InterruptedException {
        try (FreshetEngine engine = FreshetEngine.start(config().build());
                FreshetClient alice = connect(engine, "alice");
                FreshetClient bob = connect(engine, "bob")) {
            BlockingQueue<String> heard = new LinkedBlockingQueue<>();
            await(bob.channel("lobby").subscribe(Cursor.live(), record -> heard.add(record.text())));

            Receipt receipt = await(alice.channel("lobby").publish("hello"));

            assertEquals(1, receipt.sequence());
            assertEquals("hello", heard.poll(10, TimeUnit.SECONDS));
            Page page = await(bob.channel("lobby").fetchBackward(0, 10));
            assertEquals(1, page.records().size());
            assertEquals("hello", page.records().get(0).text());
        }
    }

    @Test
    void shouldServeTheApplicationItself() throws InterruptedException {
        try (FreshetEngine engine = FreshetEngine.start(config().build());
                FreshetClient remote = connect(engine, "remote")) {
            Channel lobby = engine.channel("lobby");
            assertEquals(1, await(lobby.publish("from inside")).sequence());
            assertEquals(
                    2, await(remote.channel("lobby").publish("from outside")).sequence());
            BlockingQueue<String> heard = new LinkedBlockingQueue<>();
            await(lobby.subscribe(Cursor.first(), record -> heard.add(record.text())));
            assertEquals("from inside", heard.poll(10, TimeUnit.SECONDS));
            assertEquals("from outside", heard.poll(10, TimeUnit.SECONDS));
        }
    }

    @Test
    void shouldServeHistoryAfterARestart() throws InterruptedException {
        int count = 5000;
        try (FreshetEngine engine = FreshetEngine.start(config().build());
                FreshetClient client = connect(engine, "writer")) {
            publish(client.channel("log"), 1, count);
        }
        try (FreshetEngine engine = FreshetEngine.start(config().build());
                FreshetClient client = connect(engine, "reader")) {
            assertTrue(engine.recoveryReports().stream().allMatch(report -> report.isClean()));
            Channel channel = client.channel("log");
            List<Long> sequences = new ArrayList<>();
            CountDownLatch all = new CountDownLatch(count);
            await(channel.subscribe(Cursor.first(), record -> {
                assertEquals("message " + record.sequence(), record.text());
                sequences.add(record.sequence());
                all.countDown();
            }));
            assertTrue(all.await(30, TimeUnit.SECONDS));
            assertEquals(LongStream.rangeClosed(1, count).boxed().toList(), sequences);
            Page back = await(channel.fetchBackward(3000, 100));
            assertEquals(2901, back.records().get(0).sequence());
            assertEquals(3000, back.records().get(99).sequence());
            assertEquals(2900, back.nextSequence());
            Page forward = await(channel.fetchForward(4990, 100));
            assertEquals(11, forward.records().size());
            assertTrue(forward.isLast());
            assertEquals(count + 1, await(channel.publish("one more")).sequence());
        }
    }

    /** Publishes "message n" for n from first to last and waits for every receipt. */
    private static void publish(Channel channel, int first, int last) {
        List<CompletableFuture<Receipt>> receipts = new ArrayList<>();
        for (int n = first; n <= last; n++) {
            receipts.add(channel.publish("message " + n).toCompletableFuture());
        }
        for (int i = 0; i < receipts.size(); i++) {
            assertEquals(first + i, await(receipts.get(i)).sequence());
        }
    }

    @ParameterizedTest
    @CsvSource({"1, AUTO", "2, AUTO", "3, AUTO", "2, NIO", "2, IO_URING"})
    void shouldGiveEverySubscriberOneOrderWhateverReactorItIsOn(int reactorCount, SocketApi socketApi)
            throws InterruptedException {
        assumeTrue(socketApi != SocketApi.IO_URING || IoUring.isAvailable(), "no io_uring on this machine");
        int subscriberCount = 6;
        int publisherCount = 4;
        int each = 2000;
        EngineConfig engineConfig = config().reactors(reactorCount)
                .socketApi(socketApi)
                .memory(new MemoryLimits(256 * 1024, 1 << 20, 1 << 20, 4))
                .build();
        try (FreshetEngine engine = FreshetEngine.start(engineConfig)) {
            List<FreshetClient> clients = new ArrayList<>();
            List<List<String>> heard = new ArrayList<>();
            CountDownLatch all = new CountDownLatch(subscriberCount);
            for (int i = 0; i < subscriberCount; i++) {
                FreshetClient client = connect(engine, "subscriber " + i);
                clients.add(client);
                List<String> mine = new ArrayList<>();
                heard.add(mine);
                Cursor cursor = i % 2 == 0 ? Cursor.first() : Cursor.live();
                await(client.channel("hot").subscribe(cursor, record -> {
                    mine.add(record.sequence() + " " + record.text());
                    if (mine.size() == publisherCount * each) {
                        all.countDown();
                    }
                }));
            }
            List<CompletableFuture<Receipt>> receipts = new ArrayList<>();
            for (int i = 0; i < publisherCount; i++) {
                FreshetClient client = connect(engine, "publisher " + i);
                clients.add(client);
                for (int n = 0; n < each; n++) {
                    receipts.add(client.channel("hot").publish(i + ":" + n).toCompletableFuture());
                }
            }
            receipts.forEach(EngineTest::await);
            assertTrue(all.await(60, TimeUnit.SECONDS));
            for (List<String> mine : heard) {
                assertEquals(heard.get(0), mine);
            }
            assertEquals(
                    receipts.size(),
                    receipts.stream().map(r -> r.join().sequence()).distinct().count());
            clients.forEach(FreshetClient::close);
        }
    }

    @Test
    void shouldCompleteEveryFutureAndKeepWhatWasAcknowledgedWhenItIsClosed() {
        List<CompletableFuture<Receipt>> receipts = new ArrayList<>();
        FreshetEngine engine = FreshetEngine.start(config().build());
        try (FreshetClient client = FreshetClient.connect(ClientConfig.builder()
                .server("127.0.0.1", engine.addresses().get(0).getPort())
                .reconnect(false)
                .build())) {
            for (int n = 1; n <= 5000; n++) {
                receipts.add(client.channel("last").publish("message " + n).toCompletableFuture());
            }
            receipts.get(100).join();
            engine.close();
        }
        long acknowledged = 0;
        for (CompletableFuture<Receipt> receipt : receipts) {
            assertTrue(receipt.isDone());
            acknowledged += receipt.isCompletedExceptionally() ? 0 : 1;
        }
        try (FreshetEngine again = FreshetEngine.start(config().build())) {
            long head = await(again.channel("last").open()).head();
            assertTrue(head >= acknowledged, head + " kept, " + acknowledged + " acknowledged");
        }
    }

    @Test
    void shouldAnswerAtOnceWhoAsksAnEngineThatIsClosed() {
        FreshetEngine engine = FreshetEngine.start(config().build());
        engine.close();
        assertEquals(ErrorCode.SHUTTING_DOWN, failure(() -> await(engine.connect(new Principal(7, "late")))));
        assertEquals(ErrorCode.SHUTTING_DOWN, failure(engine::memoryUse));
    }

    private static ErrorCode failure(Runnable call) {
        CompletionException e = assertThrows(CompletionException.class, call::run);
        return assertInstanceOf(FreshetException.class, e.getCause()).code();
    }

    @Test
    void shouldAcknowledgeSyncedPublishes() {
        EngineConfig engineConfig = config().durability(Durability.SYNCED).build();
        try (FreshetEngine engine = FreshetEngine.start(engineConfig);
                FreshetClient client = connect(engine, "writer")) {
            publish(client.channel("safe"), 1, 500);
        }
    }
}
