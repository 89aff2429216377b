package io.freshet.engine.reactor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.MessageLite;
import io.freshet.engine.AccessPolicy;
import io.freshet.engine.Authenticator;
import io.freshet.engine.ConnectionLimits;
import io.freshet.engine.Rate;
import io.freshet.engine.RateLimits;
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
import io.freshet.protocol.FrameType;
import io.freshet.protocol.Frames;
import io.freshet.protocol.RecordFrame;
import io.freshet.protocol.v1.Connect;
import io.freshet.protocol.v1.Open;
import io.freshet.protocol.v1.Ping;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.Agent;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two reactors, the second of which owns the channel and stands still: who waits for it is not to be taken for silent. */
class GatewayWaitTest {
    private static final long MS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long HEARTBEAT_NS = 1_000 * MS;
    private static final long CHANNEL = 1;
    private static final int VERSION = 1;
    private static final int LANE_BYTES = 64 * 1024;

    private final MemoryStorage storage = MemoryStorage.open(
            new MemoryDisk(), StorageConfig.builder().shardCount(2).build());
    private final ColdReader reader = new ColdReader(storage, ByteBufAllocator.DEFAULT, 8, () -> {});
    private final ReactorGroup group =
            new ReactorGroup(parts(), new ReactorGroup.Tuning(64, 64, 1_000 * MS, 0, LANE_BYTES));
    private long nowNs = 1;

    @BeforeEach
    void start() {
        reader.onStart();
        group.reactor(0).onStart();
        group.reactor(1).onStart();
    }

    @AfterEach
    void close() {
        storage.close();
    }

    @Test
    void shouldNotTakeForSilentWhoWaitsForAGatewayAfterItsOwnAnswers() throws Exception {
        Peer slow = new Peer();
        Peer publishing = new Peer();
        slow.open();
        publishing.open();
        slow.outboundLength = 1 << 20;
        slow.send(FrameType.PING, Ping.getDefaultInstance());
        group.reactor(0).doWork();
        assertFalse(slow.isRead, "it does not read its answers");

        publishing.publish(2 * LANE_BYTES);
        assertFalse(publishing.isRead);
        slow.outboundLength = 0;
        slow.handler().onWritable();
        slow.handler().onWritable();
        assertFalse(slow.isRead, "the gateway is full");
        for (long ns = 0; ns < 5 * HEARTBEAT_NS; ns += HEARTBEAT_NS / 10) {
            nowNs += HEARTBEAT_NS / 10;
            group.reactor(0).doWork();
        }
        assertFalse(slow.isClosed);
        assertFalse(publishing.isClosed);

        group.reactor(1).doWork();
        group.reactor(0).doWork();
        assertTrue(slow.isRead);
        assertTrue(publishing.isRead);
        nowNs += HEARTBEAT_NS;
        for (int i = 0; i < 20; i++) {
            group.reactor(0).doWork();
        }
        assertFalse(slow.isClosed, "its heartbeats begin anew");
    }

    private void work() throws Exception {
        for (int i = 0; i < 10; i++) {
            group.reactor(0).doWork();
            group.reactor(1).doWork();
            reader.doWork();
            for (Agent agent : storage.agents()) {
                agent.doWork();
            }
        }
    }

    private ReactorGroup.Parts parts() {
        return new ReactorGroup.Parts(
                2,
                storage,
                reader,
                new Gate(Authenticator.anonymous(), AccessPolicy.allowAll(), storage.channels(), Runnable::run),
                Calls.none(),
                new SessionLimits(
                        4_096,
                        65_536,
                        32_768,
                        16,
                        8,
                        8,
                        HEARTBEAT_NS,
                        HEARTBEAT_NS,
                        HEARTBEAT_NS,
                        0,
                        HEARTBEAT_NS,
                        ConnectionLimits.DEFAULTS,
                        RateLimits.DEFAULTS),
                new ShardConfig(Durability.WRITTEN, 16, 1_000_000, 1_000 * MS, Rate.UNLIMITED, 0),
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
        private @Nullable ByteBuf last;
        long outboundLength;
        boolean isRead = true;
        boolean isClosed;

        ConnectionHandler handler() {
            return session;
        }

        void open() throws Exception {
            send(
                    FrameType.CONNECT,
                    Connect.newBuilder().setVersion(VERSION).setInstance(7).build());
            work();
            send(
                    FrameType.OPEN,
                    Open.newBuilder()
                            .setRequest(1)
                            .setName("lobby")
                            .setCreate(true)
                            .build());
            work();
            ByteBuf opened = Objects.requireNonNull(last);
            assertEquals(FrameType.OPENED.code(), opened.getByte(4) & 0xFF, "it is opened");
        }

        void send(FrameType type, MessageLite body) {
            ByteBuf frame = Unpooled.directBuffer();
            Frames.write(frame, type, body);
            receive(frame);
        }

        void publish(int length) {
            int payloadLength = 16 * 1024;
            for (int sent = 0; sent < length && isRead; sent += payloadLength) {
                ByteBuf frame = Unpooled.directBuffer();
                RecordFrame.writeHead(frame, 0, CHANNEL, 0, 0, 0, 0, payloadLength);
                receive(frame.writeZero(payloadLength));
            }
        }

        private void receive(ByteBuf frame) {
            session.onReceived(frame);
            frame.release();
        }

        @Override
        public void offer(ByteBuf bytes) {
            last = Unpooled.copiedBuffer(bytes);
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
            return outboundLength == 0;
        }

        @Override
        public void afterWritten(Runnable done) {
            done.run();
        }

        @Override
        public void readable(boolean enabled) {
            isRead = enabled;
        }

        @Override
        public void close() {
            isClosed = true;
        }

        @Override
        public void abort() {
            isClosed = true;
        }

        @Override
        public String remoteAddress() {
            return "a peer";
        }
    }
}
