package io.freshet.engine;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.client.Channel;
import io.freshet.client.ChannelState;
import io.freshet.client.ClientConfig;
import io.freshet.client.ClientRuntime;
import io.freshet.client.Cursor;
import io.freshet.client.Delivery;
import io.freshet.client.FreshetClient;
import io.freshet.client.GapReason;
import io.freshet.client.Page;
import io.freshet.client.Receipt;
import io.freshet.client.ReceivedRecord;
import io.freshet.client.RecordHandler;
import io.freshet.client.SignalHandler;
import io.freshet.client.SignalState;
import io.freshet.client.chat.ChatChannel;
import io.freshet.protocol.EventKind;
import io.freshet.protocol.FreshetException;
import io.freshet.protocol.v1.ChannelAttributes;
import io.freshet.protocol.v1.ChannelKind;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A live channel over real sockets: of its subscribers ({@code -Dfreshet.live.viewers=1000} for more of them) a third gets every record, a third the latest and a third a sample; all
 * of them know what is pinned, what the channel is, what its counters stand at and how many they are, and exactly what they have skipped.
 */
@Timeout(110)
class LiveChannelTest {
    private static final int VIEWERS = Integer.getInteger("freshet.live.viewers", 90);
    private static final int RECORDS = 300;
    private static final String SHOW = "show";
    private static final long LOOK_NS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final long PATIENCE_MS = TimeUnit.SECONDS.toMillis(60);

    @TempDir
    private Path directory;

    private FreshetEngine start() {
        return FreshetEngine.start(EngineConfig.builder()
                .dataDirectory(directory.resolve("data"))
                .listen(Endpoint.tcp(0))
                .reactors(2)
                .authenticator(
                        credentials -> new Principal(Long.parseLong(new String(credentials.token(), UTF_8)), "viewer"))
                .build());
    }

    /** What one subscriber was given and told. */
    private static final class Viewer implements RecordHandler, SignalHandler {
        final FreshetClient client;
        private long countedTo;
        private long skipped;
        private boolean isBroken;
        private String title = "";
        private SignalState latest = new SignalState(Map.of(), List.of(), 0, 0, 0, 0, List.of(), 0);

        Viewer(FreshetClient client) {
            this.client = client;
        }

        @Override
        public synchronized void onRecord(ReceivedRecord record) {
            isBroken |= record.sequence() != countedTo + 1;
            countedTo = record.sequence();
        }

        @Override
        public synchronized void onGap(long firstSequence, long count, GapReason reason) {
            isBroken |= firstSequence != countedTo + 1 || reason != GapReason.SKIPPED;
            countedTo += count;
            skipped += count;
        }

        @Override
        public synchronized void onAttributes(ChannelState channel) {
            title = channel.attributes().getTitle();
        }

        @Override
        public synchronized void onState(SignalState state) {
            latest = state;
        }

        @Override
        public void onEnd(FreshetException cause) {}

        synchronized boolean is(Predicate<SignalState> condition) {
            return condition.test(latest);
        }

        /** Whether it knows of this record; what the counters stand at may be one more. */
        synchronized boolean isAt(long sequence) {
            return countedTo >= sequence;
        }

        synchronized boolean isTold(String what) {
            return title.equals(what);
        }

        synchronized long skipped() {
            return skipped;
        }

        synchronized boolean isWhole() {
            return !isBroken;
        }
    }

    private static Delivery delivery(int index) {
        return switch (index % 3) {
            case 0 -> Delivery.every();
            case 1 -> Delivery.latest();
            default -> Delivery.sampled(5);
        };
    }

    private static void await(List<Viewer> viewers, String what, Predicate<Viewer> condition) {
        long endNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE_MS);
        long missing = VIEWERS;
        while (missing > 0 && System.nanoTime() - endNs < 0) {
            missing = viewers.stream().filter(condition.negate()).count();
            LockSupport.parkNanos(LOOK_NS);
        }
        assertEquals(0, missing, what);
    }

    @Test
    void shouldTellEverybodyWhatNobodyShouldMiss() throws Exception {
        List<Viewer> viewers = new ArrayList<>();
        try (FreshetEngine engine = start();
                ClientRuntime runtime = ClientRuntime.create(1)) {
            change(engine, "tonight");
            for (int i = 0; i < VIEWERS; i++) {
                viewers.add(new Viewer(client(engine, runtime, i + 1)));
            }
            for (int i = 0; i < VIEWERS; i++) {
                Viewer viewer = viewers.get(i);
                Channel channel = viewer.client.channel(SHOW);
                viewer.countedTo = channel.subscribe(Cursor.live(), delivery(i), viewer)
                                .toCompletableFuture()
                                .get()
                                .nextSequence()
                        - 1;
                channel.signals().watch(viewer).toCompletableFuture().get();
            }
            await(viewers, "how many they are", each -> each.is(state -> state.occupancy() == VIEWERS));

            ChatChannel chat = viewers.get(0).client.chat(SHOW);
            long announced = chat.send("it begins").toCompletableFuture().get().sequence();
            publish(engine);
            chat.pin(announced).toCompletableFuture().get();
            long changed = change(engine, "it has begun");
            viewers.forEach(each -> each.client.channel(SHOW).signals().count("hearts", 7));
            long last = publish(engine);

            await(
                    viewers,
                    "the pin",
                    each -> each.is(state -> state.pinned().equals(List.of(announced)) && state.pinCount() == 1));
            await(
                    viewers,
                    "which record says what the channel is",
                    each -> each.is(state -> state.attributesSequence() == changed));
            await(viewers, "the hearts", each -> each.is(state -> state.total("hearts") == 7L * VIEWERS));
            await(viewers, "what the channel is", each -> each.isTold("it has begun"));
            await(viewers, "the last record", each -> each.isAt(last));
            assertTrue(viewers.stream().allMatch(Viewer::isWhole), "a hole that nobody told of");
            assertEquals(0, viewers.get(0).skipped(), "every record is every record");
            assertTrue(viewers.get(2).skipped() > 0, "a sample skips");

            Channel sampled = viewers.get(2).client.channel(SHOW);
            Page page = sampled.viewBackward(announced, 1).toCompletableFuture().get();
            assertEquals(announced, page.records().get(0).sequence());
            assertTrue(page.posts().get(0).isPinned());
            chat.unpin(announced).toCompletableFuture().get();
            await(
                    viewers,
                    "that nothing is pinned",
                    each -> each.is(state -> state.pinned().isEmpty()));
        } finally {
            viewers.forEach(each -> each.client.close());
        }
    }

    private static FreshetClient client(FreshetEngine engine, ClientRuntime runtime, int principal) {
        InetSocketAddress address = engine.addresses().get(0);
        return FreshetClient.connect(ClientConfig.builder()
                .server(address.getHostString(), address.getPort())
                .token(Integer.toString(principal))
                .runtime(runtime)
                .build());
    }

    private static long change(FreshetEngine engine, String title) throws Exception {
        ChannelAttributes attributes = ChannelAttributes.newBuilder()
                .setKind(ChannelKind.CHANNEL_KIND_LIVE)
                .setTitle(title)
                .build();
        return engine.channel(SHOW)
                .publish(EventKind.ATTRIBUTES.code(), attributes.toByteArray())
                .toCompletableFuture()
                .get()
                .sequence();
    }

    /** Returns the sequence of the last record. */
    private static long publish(FreshetEngine engine) throws Exception {
        long last = 0;
        List<CompletionStage<Receipt>> receipts = new ArrayList<>();
        for (int i = 0; i < RECORDS; i++) {
            receipts.add(engine.channel(SHOW).publish("record " + i));
        }
        for (CompletionStage<Receipt> each : receipts) {
            last = each.toCompletableFuture().get().sequence();
        }
        return last;
    }
}
