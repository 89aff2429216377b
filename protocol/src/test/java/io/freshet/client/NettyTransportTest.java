package io.freshet.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FrameType;
import io.freshet.protocol.FreshetException;
import io.freshet.protocol.v1.Connect;
import io.freshet.protocol.v1.Hello;
import io.freshet.protocol.v1.Open;
import io.freshet.protocol.v1.Opened;
import io.freshet.protocol.v1.Published;
import io.freshet.protocol.v1.Record;
import java.io.IOException;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The client over real sockets. */
@Timeout(60)
final class NettyTransportTest {
    private static final int PUBLISH_COUNT = 2_000;
    private static final int PAYLOAD_LENGTH = 1_000;

    private static ClientConfig.Builder config(int port) {
        return ClientConfig.builder().server("127.0.0.1", port).backOff(Duration.ofMillis(1), Duration.ofMillis(20));
    }

    private static SocketServer.Peer welcome(SocketServer server) throws IOException {
        SocketServer.Peer peer = server.accept();
        peer.send(
                FrameType.HELLO,
                Hello.newBuilder()
                        .setVersionMin(1)
                        .setVersionMax(1)
                        .setMaxFrameLength(4096)
                        .build());
        peer.expect(FrameType.CONNECT, Connect.parser());
        peer.send(
                FrameType.WELCOME,
                ScriptedServer.welcome().setMaxInFlight(1_000).build());
        return peer;
    }

    private static void open(SocketServer.Peer peer, long next, int nonceCounter) throws IOException {
        Open open = peer.expect(FrameType.OPEN, Open.parser());
        peer.send(
                FrameType.OPENED,
                Opened.newBuilder()
                        .setRequest(open.getRequest())
                        .setChannel(3)
                        .setName(open.getName())
                        .setNext(open.hasCursor() ? next : 0)
                        .setNonceCounter(nonceCounter)
                        .setMayPublish(true)
                        .setMaySubscribe(true)
                        .build());
    }

    private static <T> T await(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    @Test
    void shouldPublishSubscribeAndResumeOverASocket() throws Exception {
        try (SocketServer server = new SocketServer()) {
            CompletionStage<FreshetClient> connecting =
                    FreshetClient.connectAsync(config(server.port()).build());
            SocketServer.Peer peer = welcome(server);
            try (FreshetClient client = await(connecting)) {
                LinkedBlockingQueue<String> received = new LinkedBlockingQueue<>();
                CompletionStage<Subscription> subscribing =
                        client.channel("a").subscribe(Cursor.first(), record -> received.add(record.text()));
                open(peer, 1, 0);
                assertEquals(1, await(subscribing).nextSequence());
                byte[] record = ScriptedServer.frame(3, 1, "one").toByteArray();
                peer.sendBytes(record, record.length);
                assertEquals("one", received.poll(20, TimeUnit.SECONDS));
                peer.close();

                peer = welcome(server);
                open(peer, 2, 0);
                record = ScriptedServer.frame(3, 2, "two").toByteArray();
                peer.sendBytes(record, record.length);
                assertEquals("two", received.poll(20, TimeUnit.SECONDS));

                CompletionStage<Receipt> receipt = client.channel("a").publish("hi");
                Record publish = peer.expect(FrameType.RECORD, Record.parser());
                peer.send(FrameType.PUBLISHED, published(publish, 1, 3));
                assertEquals(new Receipt(3, 3), await(receipt));
            }
            assertTrue(peer.isAtEnd());
            peer.close();
        }
    }

    private static Published published(Record first, int count, long firstSequence) {
        return Published.newBuilder()
                .setChannel(3)
                .setFirstNonce(first.getNonce())
                .setCount(count)
                .setFirstSequence(firstSequence)
                .build();
    }

    @Test
    void shouldHoldBackWhileTheServerDoesNotRead() throws Exception {
        try (SocketServer server = new SocketServer()) {
            CompletionStage<FreshetClient> connecting =
                    FreshetClient.connectAsync(config(server.port()).build());
            try (SocketServer.Peer peer = welcome(server);
                    FreshetClient client = await(connecting)) {
                List<CompletableFuture<Receipt>> receipts = new ArrayList<>();
                for (int i = 0; i < PUBLISH_COUNT; i++) {
                    receipts.add(client.channel("a")
                            .publish(new byte[PAYLOAD_LENGTH])
                            .toCompletableFuture());
                }
                open(peer, 1, 0);
                for (int i = 0; i < PUBLISH_COUNT; i++) {
                    Record publish = peer.expect(FrameType.RECORD, Record.parser());
                    assertEquals(i + 1, publish.getNonce() & 0xFFFF_FFFFL);
                    peer.send(FrameType.PUBLISHED, published(publish, 1, i + 1));
                }
                for (int i = 0; i < PUBLISH_COUNT; i++) {
                    assertEquals(i + 1, await(receipts.get(i)).sequence());
                }
            }
        }
    }

    @Test
    void shouldSayWhyItCannotConnect() throws Exception {
        int port;
        try (ServerSocket unused = new ServerSocket(0)) {
            port = unused.getLocalPort();
        }
        ClientConfig config = config(port).build();
        FreshetException refused = assertThrows(FreshetException.class, () -> FreshetClient.connect(config));
        assertEquals(ErrorCode.DISCONNECTED, refused.code());
        assertTrue(String.valueOf(refused.getMessage()).contains("127.0.0.1:" + port), refused.getMessage());
    }

    @Test
    void shouldShareARuntimeAndCloseItsClients() throws Exception {
        try (SocketServer server = new SocketServer()) {
            ClientRuntime runtime = ClientRuntime.create(1);
            ClientConfig config = config(server.port()).runtime(runtime).build();
            List<SocketServer.Peer> peers = new ArrayList<>();
            List<FreshetClient> clients = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                CompletionStage<FreshetClient> connecting = FreshetClient.connectAsync(config);
                peers.add(welcome(server));
                clients.add(await(connecting));
            }
            clients.get(0).close();
            assertTrue(peers.get(0).isAtEnd());
            runtime.close();
            for (int i = 1; i < 5; i++) {
                assertTrue(peers.get(i).isAtEnd());
                assertTrue(clients.get(i).closeAsync().toCompletableFuture().isDone());
            }
            for (SocketServer.Peer peer : peers) {
                peer.close();
            }
            FreshetException closed = assertThrows(FreshetException.class, () -> FreshetClient.connect(config));
            assertEquals(ErrorCode.CLIENT_CLOSED, closed.code());
            runtime.close();
        }
    }

    @Test
    void shouldEndItsThreadWithTheClient() throws Exception {
        try (SocketServer server = new SocketServer()) {
            CompletionStage<FreshetClient> connecting =
                    FreshetClient.connectAsync(config(server.port()).build());
            try (SocketServer.Peer peer = welcome(server)) {
                CompletableFuture<Thread> thread = new CompletableFuture<>();
                FreshetClient client = await(connecting);
                var unused = client.channel("a")
                        .open()
                        .whenComplete((state, failure) -> thread.complete(Thread.currentThread()));
                open(peer, 1, 0);
                Thread owner = await(thread);
                assertTrue(owner.isDaemon());
                assertTrue(owner.getName().startsWith("freshet-client"), owner.getName());
                client.close();
                owner.join(20_000);
                assertFalse(owner.isAlive());
            }
        }
    }
}
