package io.freshet.engine.notice;

import static io.freshet.engine.notice.NoticeWorld.ANN;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.InvalidProtocolBufferException;
import io.freshet.client.ClientConfig;
import io.freshet.client.Cursor;
import io.freshet.client.FreshetClient;
import io.freshet.client.StoredRecord;
import io.freshet.engine.Authenticator;
import io.freshet.engine.Endpoint;
import io.freshet.engine.EngineConfig;
import io.freshet.engine.FreshetEngine;
import io.freshet.engine.Notifications;
import io.freshet.engine.Principal;
import io.freshet.log.StorageConfig;
import io.freshet.log.memory.MemoryDisk;
import io.freshet.log.memory.MemoryStorage;
import io.freshet.protocol.EventKind;
import io.freshet.protocol.InboxName;
import io.freshet.protocol.v1.Notice;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A whole engine on a log that has posts: its users hear of them over sockets, and after a restart not again. */
@Timeout(120)
class NotifierDeliveryTest {
    private static final long BOB = NoticeWorld.BOB;
    private static final String TOKEN = "bob, who is known here";
    private static final int POSTS = 300;

    private final MemoryDisk disk = new MemoryDisk();
    private final BlockingQueue<Notification> pushed = new LinkedBlockingQueue<>();

    private FreshetEngine start() {
        return FreshetEngine.start(EngineConfig.builder()
                .storage(MemoryStorage.open(
                        disk,
                        StorageConfig.builder()
                                .shardCount(2)
                                .syncInterval(Duration.ofMillis(5))
                                .checkpointInterval(Duration.ofMillis(5))
                                .build()))
                .listen(Endpoint.tcp(0))
                .reactors(2)
                .authenticator(Authenticator.staticTokens(Map.of(TOKEN, new Principal(BOB, "bob"))))
                .notifications(new Notifications(List.of(pushed::add), Duration.ZERO))
                .build());
    }

    private static double metric(FreshetEngine engine, String name) {
        return engine.metrics().sum(name);
    }

    @Test
    void shouldTellOverSocketsOnceAlsoAfterARestart() throws InterruptedException {
        NoticeWorld world = new NoticeWorld(disk);
        for (int i = 1; i <= POSTS; i++) {
            world.post(i % 2 == 0 ? "lobby" : "attic", ANN, "post " + i, BOB, 1_000L + i);
        }
        world.close();

        try (FreshetEngine engine = start()) {
            assertEquals(POSTS, received(engine, POSTS));
            for (int i = 0; i < 2 * POSTS; i++) {
                assertEquals("mention", pushed.take().reason());
            }
            assertEquals(2 * POSTS, metric(engine, "notices"));
        }
        try (FreshetEngine engine = start()) {
            assertEquals(POSTS, received(engine, POSTS));
            assertEquals(0, metric(engine, "notices"));
        }
    }

    /** How many notices a client of bob's gets, each of another post. */
    private static long received(FreshetEngine engine, int expected) throws InterruptedException {
        BlockingQueue<StoredRecord> records = new LinkedBlockingQueue<>();
        try (FreshetClient client = FreshetClient.connect(ClientConfig.builder()
                .server("127.0.0.1", engine.addresses().get(0).getPort())
                .token(TOKEN)
                .build())) {
            client.channel(InboxName.of(BOB))
                    .subscribe(Cursor.first(), record -> records.add(record.copy()))
                    .toCompletableFuture()
                    .join();
            Set<String> posts = new HashSet<>();
            for (int i = 0; i < expected; i++) {
                StoredRecord record = records.poll(30, TimeUnit.SECONDS);
                if (record == null) {
                    break;
                }
                assertEquals(EventKind.NOTICE.code(), record.kind());
                posts.add(name(record));
            }
            return records.isEmpty() ? posts.size() : posts.size() + records.size();
        }
    }

    private static String name(StoredRecord record) {
        try {
            Notice notice = Notice.parseFrom(record.payload());
            return notice.getChannelName() + ":" + notice.getSequence();
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }
}
