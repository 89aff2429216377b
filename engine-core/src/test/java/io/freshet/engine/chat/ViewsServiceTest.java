package io.freshet.engine.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.freshet.client.Channel;
import io.freshet.client.ClientConfig;
import io.freshet.client.FreshetClient;
import io.freshet.engine.Access;
import io.freshet.engine.ChannelRight;
import io.freshet.engine.Endpoint;
import io.freshet.engine.EngineConfig;
import io.freshet.engine.FreshetEngine;
import io.freshet.engine.Limits;
import io.freshet.engine.Principal;
import io.freshet.engine.Rate;
import io.freshet.engine.channel.ReservedNames;
import io.freshet.log.Durability;
import io.freshet.log.LogBatch;
import io.freshet.log.MessageLog;
import io.freshet.log.StorageConfig;
import io.freshet.log.memory.MemoryDisk;
import io.freshet.log.memory.MemoryStorage;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.EventKind;
import io.freshet.protocol.FreshetException;
import io.freshet.protocol.InboxName;
import io.freshet.protocol.RecordFrame;
import io.freshet.protocol.v1.ChannelAttributes;
import io.freshet.protocol.v1.ChannelKind;
import io.freshet.protocol.v1.ChannelView;
import io.freshet.protocol.v1.ChannelViews;
import io.freshet.protocol.v1.EarlierTexts;
import io.freshet.protocol.v1.PinnedPosts;
import io.freshet.protocol.v1.ViewChannels;
import io.freshet.protocol.v1.ViewEdits;
import io.freshet.protocol.v1.ViewPins;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Clients ask a server over a socket what there is in channels that they have not open. */
@Timeout(120)
class ViewsServiceTest {
    private static final long READER = 2;
    private static final int EVENT_COUNT = 400;

    private final MemoryDisk disk = new MemoryDisk();
    private final ChatModel model = new ChatModel();
    private long lobby;
    private long secret;
    private long empty;

    private static StorageConfig config() {
        return StorageConfig.builder()
                .shardCount(2)
                .syncInterval(Duration.ofMillis(5))
                .checkpointInterval(Duration.ofMillis(5))
                .build();
    }

    private void write() {
        Random random = new Random(3);
        try (MemoryStorage storage = MemoryStorage.open(disk, config())) {
            lobby = storage.channels().findOrCreate("lobby");
            secret = storage.channels().findOrCreate("secret");
            empty = storage.channels().findOrCreate("empty");
            MessageLog log = storage.log((int) (lobby & 1));
            log.attach(lobby, MessageLog.NULL_POSITION);
            LogBatch batch = new LogBatch();
            for (int i = 1; i <= EVENT_COUNT; i++) {
                byte[] frame = ChatFrames.frame(lobby, model.next(random, 1, i));
                batch.reset(i, Durability.WRITTEN);
                batch.startRun(lobby, i, new UnsafeBuffer(frame), 0);
                batch.addRecord(frame.length, RecordFrame.PAYLOAD_LENGTH_OFFSET);
                assertTrue(log.append(batch) > 0);
            }
        }
    }

    private FreshetEngine start(Set<ChannelRight> rights) {
        write();
        return FreshetEngine.start(EngineConfig.builder()
                .storage(MemoryStorage.open(disk, config()))
                .listen(Endpoint.tcp(0))
                .authenticator(credentials -> {
                    long id = Long.parseLong(new String(credentials.token(), StandardCharsets.UTF_8));
                    return new Principal(id, "user " + id);
                })
                .accessPolicy((principal, channel, exists) ->
                        channel.equals("secret") ? Access.NONE : new Access(true, false, false).with(rights))
                .limits(Limits.builder().requestsPerSession(Rate.UNLIMITED).build())
                .reactors(1)
                .build());
    }

    private static FreshetClient connect(FreshetEngine engine) {
        return connect(engine, READER);
    }

    private static FreshetClient connect(FreshetEngine engine, long user) {
        return FreshetClient.connect(ClientConfig.builder()
                .server("127.0.0.1", engine.addresses().get(0).getPort())
                .token(Long.toString(user))
                .build());
    }

    private static ChannelViews channels(FreshetClient client, long channel, long readUpTo) {
        ViewChannels question = ViewChannels.newBuilder()
                .addChannels(
                        ViewChannels.Position.newBuilder().setChannel(channel).setReadUpTo(readUpTo))
                .build();
        return ask(client, "Channels", question, ChannelViews.parser());
    }

    /** Asks again until the index knows so much. */
    private static ChannelView channelOnce(
            FreshetClient client, long channel, long readUpTo, Predicate<ChannelView> isSo) {
        long endNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (true) {
            ChannelViews told = channels(client, channel, readUpTo);
            if (told.getChannelsCount() == 1 && isSo.test(told.getChannels(0))) {
                return told.getChannels(0);
            }
            assertTrue(System.nanoTime() < endNs, () -> "told at last: " + told);
            Thread.onSpinWait();
        }
    }

    private static <T> T await(CompletionStage<T> stage) {
        return stage.toCompletableFuture().orTimeout(60, TimeUnit.SECONDS).join();
    }

    private static <A extends MessageLite> A ask(
            FreshetClient client, String method, MessageLite question, Parser<A> parser) {
        return await(client.request("freshet.v1.Views/" + method, question, parser));
    }

    private static ErrorCode refusal(FreshetClient client, String method, MessageLite question) {
        CompletionException failure =
                assertThrows(CompletionException.class, () -> ask(client, method, question, EarlierTexts.parser()));
        FreshetException refusal = assertInstanceOf(FreshetException.class, failure.getCause());
        return refusal.code();
    }

    private static long sequence(ByteString frame) {
        ByteBuf buffer = Unpooled.wrappedBuffer(frame.toByteArray());
        return RecordFrame.sequence(buffer, 0);
    }

    @Test
    void shouldTellOfChannelsWithoutTheirHistory() {
        try (FreshetEngine engine = start(Set.of());
                FreshetClient client = connect(engine)) {
            NavigableMap<Long, ChatModel.Fold> posts = model.posts(1, EVENT_COUNT);
            long readUpTo = EVENT_COUNT / 2;
            ViewChannels.Builder question = ViewChannels.newBuilder().addRoles(1);
            for (long channel : new long[] {empty, secret, 999, lobby}) {
                question.addChannels(
                        ViewChannels.Position.newBuilder().setChannel(channel).setReadUpTo(readUpTo));
            }
            List<ChannelView> told = ask(client, "Channels", question.build(), ChannelViews.parser())
                    .getChannelsList();
            assertEquals(
                    List.of(empty, lobby),
                    told.stream().map(ChannelView::getChannel).toList());
            assertEquals(
                    ChannelView.newBuilder()
                            .setChannel(empty)
                            .setName("empty")
                            .setReadUpTo(readUpTo)
                            .build(),
                    told.get(0));
            ChannelView view = told.get(1);
            assertEquals("lobby", view.getName());
            assertEquals(EVENT_COUNT, view.getUpTo());
            assertEquals(model.unread(1, EVENT_COUNT, 0), view.getPostCount());
            assertEquals(model.unread(1, EVENT_COUNT, readUpTo), view.getUnreadCount());
            assertEquals(model.mentions(1, EVENT_COUNT, readUpTo, READER, 1), view.getMentionCount());
            assertEquals(model.writers(1, EVENT_COUNT), view.getWritersList());
            assertEquals(posts.lastEntry().getValue().timeUs, view.getLastUs());
            posts.values().removeIf(post -> post.isDeleted);
            assertEquals(posts.lastKey(), view.getLastPost());
            ChatModel.Fold last = posts.lastEntry().getValue();
            assertEquals(last.edits.isEmpty() ? posts.lastKey() : last.edits.last(), sequence(view.getRecord()));
        }
    }

    @Test
    void shouldCountAboveWhatTheUserHasReadOnAnyDevice() {
        try (FreshetEngine engine = start(Set.of());
                FreshetClient phone = connect(engine);
                FreshetClient desk = connect(engine);
                FreshetClient other = connect(engine, 5)) {
            ChannelView fresh = channels(desk, lobby, 0).getChannels(0);
            assertEquals(0, fresh.getReadUpTo());
            assertEquals(model.unread(1, EVENT_COUNT, 0), fresh.getUnreadCount());

            long mark = EVENT_COUNT / 3;
            await(phone.inbox().markRead(lobby, mark));
            ChannelView read = channelOnce(desk, lobby, 0, view -> view.getReadUpTo() == mark);
            assertEquals(model.unread(1, EVENT_COUNT, mark), read.getUnreadCount());
            assertEquals(model.mentions(1, EVENT_COUNT, mark, READER, 999), read.getMentionCount());
            assertTrue(read.getUnreadCount() < fresh.getUnreadCount());

            long knownHere = 2 * EVENT_COUNT / 3;
            ChannelView ahead = channels(desk, lobby, knownHere).getChannels(0);
            assertEquals(knownHere, ahead.getReadUpTo());
            assertEquals(model.unread(1, EVENT_COUNT, knownHere), ahead.getUnreadCount());
            assertEquals(mark, channels(desk, lobby, mark - 1).getChannels(0).getReadUpTo(), "a mark only rises");
            assertEquals(0, channels(desk, lobby, EVENT_COUNT).getChannels(0).getUnreadCount());
            assertEquals(0, channels(other, lobby, 0).getChannels(0).getReadUpTo(), "somebody else has not read it");
        }
    }

    @Test
    void shouldTellOnlyWhomAChannelAdmits() {
        try (FreshetEngine engine = start(Set.of(ChannelRight.SEE_EDITS));
                FreshetClient member = connect(engine, 3);
                FreshetClient stranger = connect(engine)) {
            String name = ReservedNames.ofDirect(new TreeSet<>(Set.of(3L, 4L)));
            ChannelAttributes direct = ChannelAttributes.newBuilder()
                    .setKind(ChannelKind.CHANNEL_KIND_DIRECT)
                    .addMembers(3)
                    .addMembers(4)
                    .build();
            Channel channel = engine.channel(name);
            await(channel.publish(EventKind.ATTRIBUTES.code(), direct.toByteArray()));
            long id = await(channel.open()).id();
            assertEquals(
                    name,
                    channelOnce(member, id, 0, view -> view.getUpTo() == 1).getName());
            assertEquals(0, channels(stranger, id, 0).getChannelsCount());
            ViewPins pins = ViewPins.newBuilder().setChannel(id).build();
            assertEquals(ErrorCode.UNKNOWN_CHANNEL, refusal(stranger, "Pins", pins));
            ViewEdits edits = ViewEdits.newBuilder().setChannel(id).setPost(1).build();
            assertEquals(ErrorCode.UNKNOWN_CHANNEL, refusal(stranger, "Edits", edits));
            assertEquals(ErrorCode.NO_SUCH_POST, refusal(member, "Edits", edits));

            await(stranger.inbox().markRead(lobby, 1));
            long inbox = await(stranger.channel(InboxName.of(READER)).open()).id();
            assertEquals(0, channels(member, inbox, 0).getChannelsCount());
            assertEquals(1, channels(stranger, inbox, 0).getChannelsCount());
        }
    }

    @Test
    void shouldTellNothingOfAChannelThatWasDeleted() {
        try (FreshetEngine engine = start(Set.of());
                FreshetClient client = connect(engine)) {
            ChannelAttributes.Builder attributes =
                    ChannelAttributes.newBuilder().setKind(ChannelKind.CHANNEL_KIND_ORDINARY);
            Channel own = engine.channel("lobby");
            await(own.publish(EventKind.ATTRIBUTES.code(), attributes.build().toByteArray()));
            channelOnce(client, lobby, 0, view -> view.getUpTo() == EVENT_COUNT + 1);
            await(own.publish(
                    EventKind.ATTRIBUTES.code(),
                    attributes.setDeleted(true).build().toByteArray()));
            long endNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
            while (channels(client, lobby, 0).getChannelsCount() > 0) {
                assertTrue(System.nanoTime() < endNs, "the channel is still told of");
                Thread.onSpinWait();
            }
            ViewPins pins = ViewPins.newBuilder().setChannel(lobby).build();
            assertEquals(ErrorCode.UNKNOWN_CHANNEL, refusal(client, "Pins", pins));
        }
    }

    @Test
    void shouldTellWhatIsPinned() {
        try (FreshetEngine engine = start(Set.of());
                FreshetClient client = connect(engine)) {
            List<Long> pinned = new ArrayList<>();
            model.posts(1, EVENT_COUNT).forEach((sequence, post) -> {
                if (post.isPinned) {
                    pinned.add(sequence);
                }
            });
            assertFalse(pinned.isEmpty());
            ViewPins question = ViewPins.newBuilder().setChannel(lobby).build();
            PinnedPosts told = ask(client, "Pins", question, PinnedPosts.parser());
            assertEquals(pinned, told.getPostsList());
            assertEquals(EVENT_COUNT, told.getUpTo());
            ViewPins ofSecret = ViewPins.newBuilder().setChannel(secret).build();
            assertEquals(ErrorCode.UNKNOWN_CHANNEL, refusal(client, "Pins", ofSecret));
        }
    }

    @Test
    void shouldTellWhatAPostSaidToWhomMaySeeIt() {
        try (FreshetEngine engine = start(Set.of(ChannelRight.SEE_EDITS));
                FreshetClient client = connect(engine)) {
            model.posts(1, EVENT_COUNT).forEach((sequence, post) -> {
                ViewEdits question = ViewEdits.newBuilder()
                        .setChannel(lobby)
                        .setPost(sequence)
                        .build();
                if (post.isDeleted) {
                    assertEquals(ErrorCode.POST_DELETED, refusal(client, "Edits", question));
                    return;
                }
                List<Long> expected = new ArrayList<>(post.edits);
                expected.add(0, sequence);
                EarlierTexts told = ask(client, "Edits", question, EarlierTexts.parser());
                assertEquals(
                        expected,
                        told.getRecordsList().stream()
                                .map(ViewsServiceTest::sequence)
                                .toList());
                assertFalse(told.getHasMore());
            });
            for (long beyond : new long[] {0, EVENT_COUNT + 1, -1, Long.MIN_VALUE, 1L << 48}) {
                ViewEdits question =
                        ViewEdits.newBuilder().setChannel(lobby).setPost(beyond).build();
                assertEquals(ErrorCode.NO_SUCH_POST, refusal(client, "Edits", question));
            }
        }
    }

    @Test
    void shouldRefuseWhatIsNotAllowedOrTooMuch() {
        try (FreshetEngine engine = start(Set.of());
                FreshetClient client = connect(engine)) {
            ViewEdits edits =
                    ViewEdits.newBuilder().setChannel(lobby).setPost(1).build();
            assertEquals(ErrorCode.FORBIDDEN, refusal(client, "Edits", edits));
            assertEquals(ErrorCode.INVALID_ARGUMENT, refusal(client, "Channels", ViewChannels.getDefaultInstance()));
            ViewChannels.Builder tooMany = ViewChannels.newBuilder();
            for (int i = 0; i <= ViewsService.CHANNEL_COUNT; i++) {
                tooMany.addChannels(ViewChannels.Position.newBuilder().setChannel(lobby));
            }
            assertEquals(ErrorCode.INVALID_ARGUMENT, refusal(client, "Channels", tooMany.build()));
            ViewChannels.Builder tooManyRoles = ViewChannels.newBuilder();
            tooManyRoles.addChannels(ViewChannels.Position.newBuilder().setChannel(lobby));
            for (int i = 0; i <= ViewsService.ROLE_COUNT; i++) {
                tooManyRoles.addRoles(i);
            }
            assertEquals(ErrorCode.INVALID_ARGUMENT, refusal(client, "Channels", tooManyRoles.build()));
            for (long nowhere : new long[] {0, 999, -1, secret}) {
                ViewPins pins = ViewPins.newBuilder().setChannel(nowhere).build();
                assertEquals(ErrorCode.UNKNOWN_CHANNEL, refusal(client, "Pins", pins));
                assertEquals(0, channels(client, nowhere, 0).getChannelsCount());
                ViewEdits hidden = ViewEdits.newBuilder().setChannel(nowhere).build();
                assertEquals(ErrorCode.UNKNOWN_CHANNEL, refusal(client, "Edits", hidden));
            }
            ViewChannels.Builder most = ViewChannels.newBuilder();
            for (int i = 0; i < ViewsService.CHANNEL_COUNT; i++) {
                most.addChannels(
                        ViewChannels.Position.newBuilder().setChannel(lobby).setReadUpTo(-1));
            }
            assertEquals(
                    ViewsService.CHANNEL_COUNT,
                    ask(client, "Channels", most.build(), ChannelViews.parser()).getChannelsCount());
        }
    }
}
