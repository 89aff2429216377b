package io.freshet.engine.reactor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import io.freshet.engine.AccessPolicy;
import io.freshet.engine.Authenticator;
import io.freshet.engine.ConnectionLimits;
import io.freshet.engine.Rate;
import io.freshet.engine.RateLimits;
import io.freshet.engine.chat.ChatFollower;
import io.freshet.engine.delivery.ColdReader;
import io.freshet.engine.routing.ShardConfig;
import io.freshet.engine.session.Calls;
import io.freshet.engine.session.Gate;
import io.freshet.engine.session.SessionLimits;
import io.freshet.log.Durability;
import io.freshet.log.StorageConfig;
import io.freshet.log.memory.MemoryDisk;
import io.freshet.log.memory.MemoryStorage;
import io.freshet.protocol.Connection;
import io.freshet.protocol.ConnectionHandler;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.EventKind;
import io.freshet.protocol.FrameHeader;
import io.freshet.protocol.FrameType;
import io.freshet.protocol.Frames;
import io.freshet.protocol.RecordFrame;
import io.freshet.protocol.v1.Connect;
import io.freshet.protocol.v1.Content;
import io.freshet.protocol.v1.Error;
import io.freshet.protocol.v1.Fetch;
import io.freshet.protocol.v1.Mention;
import io.freshet.protocol.v1.Open;
import io.freshet.protocol.v1.Opened;
import io.freshet.protocol.v1.Published;
import io.freshet.protocol.v1.Reaction;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.Agent;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Events that wait for others: one reactor, whose reader, index and policy come when the test says so. Each gets an answer. */
class HeldEventsTest {
    private static final long SECOND_NS = TimeUnit.SECONDS.toNanos(1);
    private static final int VERSION = 1;
    private static final int READER_CAPACITY = 8;
    private static final int BEHIND_COUNT = 60;

    private long nowNs = SECOND_NS;
    private final Queue<Runnable> policy = new ArrayDeque<>();
    private final MemoryStorage storage = MemoryStorage.open(
            new MemoryDisk(),
            StorageConfig.builder().shardCount(1).nanoClock(() -> nowNs).build());
    private final ColdReader reader = new ColdReader(storage, ByteBufAllocator.DEFAULT, READER_CAPACITY, () -> {});
    private final ReactorGroup group =
            new ReactorGroup(parts(), new ReactorGroup.Tuning(64, 64, SECOND_NS, 0, 64 * 1024));

    @BeforeEach
    void start() {
        storage.index(0).addFollower(new ChatFollower());
        storage.index(0).catchUp();
        reader.onStart();
        group.reactor(0).onStart();
    }

    @AfterEach
    void close() {
        storage.close();
    }

    private ReactorGroup.Parts parts() {
        return new ReactorGroup.Parts(
                1,
                storage,
                reader,
                new Gate(Authenticator.anonymous(), AccessPolicy.allowAll(), storage.channels(), policy::add),
                Calls.none(),
                new SessionLimits(
                        4_096,
                        65_536,
                        32_768,
                        256,
                        8,
                        64,
                        1_000 * SECOND_NS,
                        1_000 * SECOND_NS,
                        1_000 * SECOND_NS,
                        0,
                        1_000 * SECOND_NS,
                        ConnectionLimits.DEFAULTS,
                        RateLimits.DEFAULTS),
                new ShardConfig(Durability.WRITTEN, 256, 1_000_000, 1_000 * SECOND_NS, Rate.UNLIMITED, 0),
                1 << 20,
                1 << 20,
                1 << 20,
                2,
                0,
                ByteBufAllocator.DEFAULT,
                () -> nowNs,
                () -> nowNs / 1_000,
                index -> mayWait -> new Idle());
    }

    /** Everybody but the policy does what there is to do, as time passes. */
    private void work(int seconds) throws Exception {
        for (int i = 0; i < seconds; i++) {
            nowNs += SECOND_NS;
            for (int j = 0; j < 4; j++) {
                group.reactor(0).doWork();
                reader.doWork();
                for (Agent agent : storage.agents()) {
                    agent.doWork();
                }
            }
        }
    }

    private void answerPolicy() {
        for (Runnable question = policy.poll(); question != null; question = policy.poll()) {
            question.run();
        }
    }

    private static Content mention(long user) {
        return Content.newBuilder()
                .setText("look")
                .addMentions(Mention.newBuilder().setUser(user))
                .build();
    }

    private static Reaction reaction(String reaction) {
        return Reaction.newBuilder().setTarget(1).setReaction(reaction).build();
    }

    private Peer peer(String name) throws Exception {
        Peer peer = new Peer();
        peer.open(name);
        return peer;
    }

    /** The shard answers at once, since it is on the same reactor, that what was looked up is too old. */
    @Test
    void shouldLookUpAgainWhatGrewTooOldBehindAMention() throws Exception {
        Peer ann = peer("ann");
        Peer bob = peer("bob");
        ann.publish(EventKind.POST, Content.newBuilder().setText("first").build());
        work(3);
        ann.publish(EventKind.POST, mention(9));
        ann.publish(EventKind.REACT, reaction("a"));
        ann.publish(EventKind.REACT, reaction("b"));
        ann.publish(EventKind.MESSAGE, Content.getDefaultInstance());
        work(1);
        bob.publish(EventKind.REACT, reaction("a"));
        work(30);
        assertEquals(List.of("1"), ann.answers, "the others wait for the policy");
        assertEquals(List.of("2"), bob.answers);
        answerPolicy();
        work(1);
        assertEquals(List.of("1", "3", "4", "5", "6"), ann.answers);
    }

    /** The reader has no room in the moment when it is asked for more, and says so at once. */
    @Test
    void shouldAnswerEveryEventWhenTheReaderIsBusy() throws Exception {
        Peer ann = peer("ann");
        Peer bob = peer("bob");
        ann.publish(EventKind.POST, Content.newBuilder().setText("first").build());
        work(3);
        for (int i = 0; i <= BEHIND_COUNT; i++) {
            ann.publish(EventKind.REACT, reaction("a"));
        }
        reader.doWork();
        for (int i = 0; i < READER_CAPACITY; i++) {
            bob.send(
                    FrameType.FETCH,
                    Fetch.newBuilder()
                            .setRequest(1 + i)
                            .setChannel(bob.channel)
                            .setLimit(1)
                            .build());
        }
        work(1);
        int refusedCount = READER_CAPACITY - READER_CAPACITY / 2 - 1;
        assertEquals(Collections.nCopies(refusedCount, ErrorCode.OVERLOADED.name()), bob.refused);
        List<String> expected = new ArrayList<>(List.of("1"));
        for (int i = 0; i < BEHIND_COUNT; i++) {
            expected.add(ErrorCode.OVERLOADED.name());
        }
        expected.add("2");
        ann.answers.sort(String::compareTo);
        expected.sort(String::compareTo);
        assertEquals(expected, ann.answers);
        ann.counter = 2;
        ann.publish(EventKind.REACT, reaction("a"));
        work(1);
        assertEquals(ErrorCode.ALREADY_SO.name(), ann.answers.get(ann.answers.size() - 1));
    }

    /** Has no sockets and does not wait. */
    private static final class Idle implements IoLoop {
        @Override
        public int poll(long waitNs) {
            return 0;
        }

        @Override
        public long writeCount() {
            return 0;
        }

        @Override
        public void wakeup() {}

        @Override
        public void close() {}
    }

    /** The server's end of a connection, and what the peer says and hears. */
    private final class Peer implements Connection {
        private final ConnectionHandler session = group.accept(0).apply(this);
        /** Sequences of what was kept, and the codes of what was not. */
        final List<String> answers = new ArrayList<>();

        final List<String> refused = new ArrayList<>();

        long channel;
        int counter;

        void open(String name) throws Exception {
            send(
                    FrameType.CONNECT,
                    Connect.newBuilder()
                            .setVersion(VERSION)
                            .setInstance(7)
                            .setToken(ByteString.copyFromUtf8(name))
                            .build());
            answerPolicy();
            work(1);
            send(
                    FrameType.OPEN,
                    Open.newBuilder()
                            .setRequest(1)
                            .setName("lobby")
                            .setCreate(true)
                            .build());
            for (int i = 0; i < 3; i++) {
                answerPolicy();
                work(1);
            }
            assertTrue(channel != 0, "it is opened");
        }

        void send(FrameType type, MessageLite body) {
            ByteBuf frame = Unpooled.directBuffer();
            Frames.write(frame, type, body);
            receive(frame);
        }

        void publish(EventKind kind, MessageLite body) {
            byte[] payload = body.toByteArray();
            ByteBuf frame = Unpooled.directBuffer();
            RecordFrame.writeHead(frame, kind.code(), channel, 0, 0, 0, 7L << 32 | ++counter, payload.length);
            receive(frame.writeBytes(payload));
        }

        private void receive(ByteBuf frame) {
            session.onReceived(frame);
            frame.release();
        }

        @Override
        public void offer(ByteBuf bytes) {
            try {
                hear(bytes);
            } catch (InvalidProtocolBufferException e) {
                throw new AssertionError(e);
            } finally {
                bytes.release();
            }
        }

        private void hear(ByteBuf bytes) throws InvalidProtocolBufferException {
            int at = bytes.readerIndex();
            while (at < bytes.writerIndex()) {
                int length = (int) FrameHeader.frameLength(bytes, at);
                byte[] body = new byte[length - FrameHeader.LENGTH];
                bytes.getBytes(at + FrameHeader.LENGTH, body);
                int type = bytes.getByte(at + FrameHeader.TYPE_OFFSET) & 0xFF;
                if (type == FrameType.OPENED.code()) {
                    channel = Opened.parseFrom(body).getChannel();
                } else if (type == FrameType.PUBLISHED.code()) {
                    Published published = Published.parseFrom(body);
                    for (int i = 0; i < published.getCount(); i++) {
                        answers.add(Long.toString(published.getFirstSequence() + i));
                    }
                } else if (type == FrameType.ERROR.code()) {
                    Error error = Error.parseFrom(body);
                    if (error.getRequest() != 0) {
                        refused.add(String.valueOf(ErrorCode.of(error.getCode())));
                    }
                    for (int i = 0; error.getFirstNonce() != 0 && i < error.getCount(); i++) {
                        answers.add(String.valueOf(ErrorCode.of(error.getCode())));
                    }
                }
                at += length;
            }
        }

        @Override
        public void flush() {}

        @Override
        public long outboundLength() {
            return 0;
        }

        @Override
        public boolean isWritable() {
            return true;
        }

        @Override
        public void afterWritten(Runnable done) {
            done.run();
        }

        @Override
        public void readable(boolean enabled) {}

        @Override
        public void close() {}

        @Override
        public void abort() {}

        @Override
        public String remoteAddress() {
            return "a peer";
        }
    }
}
