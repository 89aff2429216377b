package io.freshet.engine.reactor;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.MessageLite;
import io.freshet.engine.AccessPolicy;
import io.freshet.engine.Authenticator;
import io.freshet.engine.ConnectionLimits;
import io.freshet.engine.Rate;
import io.freshet.engine.RateLimits;
import io.freshet.engine.delivery.ColdReader;
import io.freshet.engine.routing.ShardConfig;
import io.freshet.engine.service.Caller;
import io.freshet.engine.service.Service;
import io.freshet.engine.service.Services;
import io.freshet.engine.service.ServicesAgent;
import io.freshet.engine.session.Calls;
import io.freshet.engine.session.Gate;
import io.freshet.engine.session.SessionLimits;
import io.freshet.log.Durability;
import io.freshet.log.StorageConfig;
import io.freshet.log.memory.MemoryDisk;
import io.freshet.log.memory.MemoryStorage;
import io.freshet.protocol.Connection;
import io.freshet.protocol.ConnectionHandler;
import io.freshet.protocol.FrameType;
import io.freshet.protocol.Frames;
import io.freshet.protocol.RecordFrame;
import io.freshet.protocol.v1.Connect;
import io.freshet.protocol.v1.Cursor;
import io.freshet.protocol.v1.Open;
import io.freshet.protocol.v1.Ping;
import io.freshet.protocol.v1.Pong;
import io.freshet.protocol.v1.Request;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.Agent;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Pushes to a session that reads old records: its connection takes them as long as it is writable, however many reads are under way. */
class PushWhileReadingTest {
    private static final long MS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long NEVER_NS = 100_000 * MS;
    private static final long CHANNEL = 1;
    private static final int VERSION = 1;
    private static final int WINDOW_BYTES = 32 * 1024;
    private static final int PAYLOAD_LENGTH = 16 * 1024;
    private static final int RECORD_COUNT = 40;

    private final MemoryStorage storage = MemoryStorage.open(
            new MemoryDisk(), StorageConfig.builder().shardCount(1).build());
    private final ColdReader reader = new ColdReader(storage, ByteBufAllocator.DEFAULT, 8, () -> {});
    private final Queue<Caller> callers = new ArrayDeque<>();
    private final ReactorGroup group =
            new ReactorGroup(parts(), new ReactorGroup.Tuning(64, 64, NEVER_NS, 0, 64 * 1024));
    private long nowNs = 1;

    @BeforeEach
    void start() {
        reader.onStart();
        group.reactor(0).onStart();
    }

    @AfterEach
    void close() {
        storage.close();
    }

    @Test
    void shouldTakePushesWhileTwoReadsAreUnderWay() throws Exception {
        Peer writer = new Peer();
        writer.connect();
        writer.open(Open.newBuilder().setCreate(true));
        work();
        for (int i = 0; i < RECORD_COUNT; i++) {
            writer.publish();
            work();
        }
        Peer peer = new Peer();
        peer.connect();
        peer.send(
                FrameType.REQUEST,
                Request.newBuilder()
                        .setRequest(1)
                        .setMethod("a/b")
                        .setBody(Ping.getDefaultInstance().toByteString())
                        .build());
        work();
        Caller caller = callers.remove();
        assertTrue(callers.isEmpty());
        peer.open(Open.newBuilder().setCursor(Cursor.newBuilder().setAfter(Cursor.After.getDefaultInstance())));
        long before = peer.offeredLength;
        for (int step = 0; step < 4 * RECORD_COUNT; step++) {
            peer.outboundLength = 0;
            workOnce();
            peer.outboundLength = 1; // the socket has not taken all of it, and takes more
            assertTrue(caller.push(Pong.getDefaultInstance()), "push " + step);
            group.reactor(0).doWork();
            assertTrue(caller.push(Pong.getDefaultInstance()), "push behind push " + step);
            group.reactor(0).doWork();
            if (step % 2 == 1) {
                reader.doWork();
            }
        }
        assertTrue(
                peer.offeredLength - before > RECORD_COUNT * PAYLOAD_LENGTH,
                "all records came as well, not " + (peer.offeredLength - before) + " bytes");
    }

    private void workOnce() throws Exception {
        group.reactor(0).doWork();
        for (Agent agent : storage.agents()) {
            agent.doWork();
        }
    }

    private void work() throws Exception {
        for (int i = 0; i < 10; i++) {
            workOnce();
            reader.doWork();
        }
    }

    private Calls calls() {
        Services services = new Services();
        services.add(Service.named("a")
                .method("b", Ping.parser(), (caller, ping) -> {
                    callers.add(caller);
                    return CompletableFuture.completedStage(Pong.getDefaultInstance());
                })
                .build());
        return new Calls(services, new ServicesAgent(8, () -> nowNs, () -> {}), Runnable::run, 8);
    }

    private ReactorGroup.Parts parts() {
        return new ReactorGroup.Parts(
                1,
                storage,
                reader,
                new Gate(Authenticator.anonymous(), AccessPolicy.allowAll(), storage.channels(), Runnable::run),
                calls(),
                new SessionLimits(
                        4_096,
                        65_536,
                        32_768,
                        16,
                        8,
                        8,
                        NEVER_NS,
                        NEVER_NS,
                        NEVER_NS,
                        0,
                        NEVER_NS,
                        ConnectionLimits.DEFAULTS,
                        RateLimits.DEFAULTS),
                new ShardConfig(Durability.WRITTEN, 16, 1_000_000, 1_000 * MS, Rate.UNLIMITED, 0),
                WINDOW_BYTES,
                1 << 20,
                1 << 20,
                2,
                0,
                ByteBufAllocator.DEFAULT,
                () -> nowNs,
                () -> nowNs / 1_000,
                index -> mayWait -> new Idle());
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

    /** The server's end of a connection to the first reactor, and what the peer says. */
    private final class Peer implements Connection {
        private final ConnectionHandler session = group.accept(0).apply(this);
        private long outboundLength;
        private long offeredLength;

        void connect() throws Exception {
            send(
                    FrameType.CONNECT,
                    Connect.newBuilder().setVersion(VERSION).setInstance(7).build());
            work();
        }

        void open(Open.Builder open) throws Exception {
            send(FrameType.OPEN, open.setRequest(1).setName("lobby").build());
            workOnce();
        }

        void send(FrameType type, MessageLite body) {
            ByteBuf frame = Unpooled.directBuffer();
            Frames.write(frame, type, body);
            receive(frame);
        }

        void publish() {
            ByteBuf frame = Unpooled.directBuffer();
            RecordFrame.writeHead(frame, 0, CHANNEL, 0, 0, 0, 0, PAYLOAD_LENGTH);
            receive(frame.writeZero(PAYLOAD_LENGTH));
        }

        private void receive(ByteBuf frame) {
            session.onReceived(frame);
            frame.release();
        }

        @Override
        public void offer(ByteBuf bytes) {
            offeredLength += bytes.readableBytes();
            bytes.release();
        }

        @Override
        public void flush() {}

        @Override
        public long outboundLength() {
            return outboundLength;
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
        public void close() {
            throw new IllegalStateException("it is to stay");
        }

        @Override
        public void abort() {
            throw new IllegalStateException("it is to stay");
        }

        @Override
        public String remoteAddress() {
            return "a peer";
        }
    }
}
