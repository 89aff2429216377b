package io.freshet.benchmarks.jmh;

import com.google.protobuf.MessageLite;
import io.freshet.engine.AccessPolicy;
import io.freshet.engine.Authenticator;
import io.freshet.engine.ConnectionLimits;
import io.freshet.engine.Rate;
import io.freshet.engine.RateLimits;
import io.freshet.engine.delivery.ColdReader;
import io.freshet.engine.reactor.IoLoop;
import io.freshet.engine.reactor.ReactorGroup;
import io.freshet.engine.routing.ShardConfig;
import io.freshet.engine.session.Calls;
import io.freshet.engine.session.Gate;
import io.freshet.engine.session.SessionLimits;
import io.freshet.log.Durability;
import io.freshet.log.Storage;
import io.freshet.log.StorageConfig;
import io.freshet.log.chronicle.ChronicleStorage;
import io.freshet.protocol.Connection;
import io.freshet.protocol.ConnectionHandler;
import io.freshet.protocol.FrameType;
import io.freshet.protocol.Frames;
import io.freshet.protocol.RecordFrame;
import io.freshet.protocol.v1.Connect;
import io.freshet.protocol.v1.Cursor;
import io.freshet.protocol.v1.Open;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.AgentRunner;
import org.agrona.concurrent.SleepingIdleStrategy;
import org.agrona.concurrent.SystemEpochMicroClock;
import org.agrona.concurrent.SystemNanoClock;
import org.jspecify.annotations.Nullable;

/**
 * One reactor of the engine, driven by its caller instead of a thread, with connections that end in the process. Owned by
 * the benchmark's thread.
 */
final class InlineEngine implements AutoCloseable {
    private static final int WINDOW_COUNT = 1024;
    private static final int INSTANCE = 1;

    private final ByteBufAllocator allocator = PooledByteBufAllocator.DEFAULT;
    private final ScratchDirectory directory;
    private final Storage storage;
    private final ColdReader reader;
    private final ReactorGroup reactors;
    private final List<AgentRunner> agents = new ArrayList<>();
    private final List<CountingConnection> subscribers = new ArrayList<>();

    InlineEngine() throws IOException {
        directory = ScratchDirectory.create();
        storage = ChronicleStorage.open(
                directory.path().resolve("data"), StorageConfig.builder().build());
        reader = new ColdReader(storage, allocator, 1024, () -> {});
        ShardConfig shardConfig = new ShardConfig(
                Durability.WRITTEN,
                WINDOW_COUNT,
                TimeUnit.MINUTES.toMicros(5),
                TimeUnit.MINUTES.toNanos(5),
                Rate.UNLIMITED,
                0);
        ReactorGroup.catchUp(storage, shardConfig, SystemNanoClock.INSTANCE);
        reactors = new ReactorGroup(new ReactorGroup.Parts(
                1,
                storage,
                reader,
                new Gate(Authenticator.anonymous(), AccessPolicy.allowAll(), storage.channels(), Runnable::run),
                Calls.none(),
                sessionLimits(),
                shardConfig,
                64 << 20,
                64 << 20,
                64 << 20,
                16,
                0,
                allocator,
                SystemNanoClock.INSTANCE,
                new SystemEpochMicroClock(),
                index -> mayWait -> new NoIo()));
        for (Agent agent : storage.agents()) {
            AgentRunner runner = new AgentRunner(
                    new SleepingIdleStrategy(TimeUnit.MILLISECONDS.toNanos(1)),
                    Throwable::printStackTrace,
                    null,
                    agent);
            agents.add(runner);
            AgentRunner.startOnThread(runner);
        }
        reader.onStart();
        reactors.reactor(0).onStart();
    }

    private static SessionLimits sessionLimits() {
        long longNs = TimeUnit.HOURS.toNanos(1);
        return new SessionLimits(
                4096,
                128 << 10,
                32 << 10,
                WINDOW_COUNT,
                16,
                16,
                longNs,
                longNs,
                longNs,
                0,
                longNs,
                ConnectionLimits.DEFAULTS,
                RateLimits.DEFAULTS);
    }

    /** One duty cycle. */
    void cycle() {
        reactors.reactor(0).doWork();
    }

    private void settle() {
        for (int i = 0; i < 10; i++) {
            cycle();
            reader.doWork();
        }
    }

    void subscribe(String channel) {
        CountingConnection connection = connect();
        Cursor live =
                Cursor.newBuilder().setLive(Cursor.Live.getDefaultInstance()).build();
        connection.receive(FrameType.OPEN, open(channel).setCursor(live).build());
        settle();
        connection.offeredLength = 0;
        subscribers.add(connection);
    }

    /** A publisher that sends the same count of records again and again, with the nonces that follow. */
    Publisher publisher(String channel, int recordCount, int payloadLength) {
        CountingConnection connection = connect();
        connection.receive(FrameType.OPEN, open(channel).build());
        settle();
        return new Publisher(connection, storage.channels().find(channel), recordCount, payloadLength);
    }

    private CountingConnection connect() {
        CountingConnection connection = new CountingConnection();
        connection.handler = reactors.accept(0).apply(connection);
        connection.receive(
                FrameType.CONNECT,
                Connect.newBuilder().setVersion(1).setInstance(INSTANCE).build());
        settle();
        return connection;
    }

    private static Open.Builder open(String channel) {
        return Open.newBuilder().setRequest(1).setName(channel).setCreate(true);
    }

    void checkDelivered(long expectedLength) {
        settle();
        for (CountingConnection subscriber : subscribers) {
            if (subscriber.offeredLength != expectedLength) {
                throw new IllegalStateException(
                        "a subscriber was offered " + subscriber.offeredLength + " bytes of " + expectedLength);
            }
        }
    }

    @Override
    public void close() throws IOException {
        reactors.reactor(0).onClose();
        reader.onClose();
        reactors.close();
        agents.forEach(AgentRunner::close);
        storage.close();
        directory.close();
    }

    /** Writes its records once and then only renumbers them. */
    final class Publisher {
        private final CountingConnection connection;
        private final int recordCount;
        private final int frameLength;
        private final ByteBuf read;
        private int counter;
        private long sentLength;

        private Publisher(CountingConnection connection, long channel, int recordCount, int payloadLength) {
            this.connection = connection;
            this.recordCount = recordCount;
            frameLength = RecordFrame.frameLength(payloadLength);
            read = allocator.directBuffer(recordCount * frameLength);
            for (int i = 0; i < recordCount; i++) {
                RecordFrame.writeHead(read, 0, channel, 0, 0, 0, 0, payloadLength);
                read.writeZero(payloadLength);
            }
            connection.offeredLength = 0;
        }

        void send() {
            for (int i = 0; i < recordCount; i++) {
                long nonce = (long) INSTANCE << 32 | Integer.toUnsignedLong(++counter);
                read.setLongLE(i * frameLength + RecordFrame.NONCE_OFFSET, nonce);
            }
            sentLength += read.readableBytes();
            connection.handler().onReceived(read);
        }

        long sentLength() {
            return sentLength;
        }

        /** Bytes of receipts. */
        long acknowledgedLength() {
            return connection.offeredLength;
        }
    }

    /** The end of a connection: counts and lets go. */
    private static final class CountingConnection implements Connection {
        private @Nullable ConnectionHandler handler;
        private long offeredLength;

        ConnectionHandler handler() {
            ConnectionHandler current = handler;
            assert current != null;
            return current;
        }

        void receive(FrameType type, MessageLite body) {
            ByteBuf frame = PooledByteBufAllocator.DEFAULT.directBuffer();
            Frames.write(frame, type, body);
            handler().onReceived(frame);
            frame.release();
        }

        @Override
        public void offer(ByteBuf bytes) {
            offeredLength += bytes.readableBytes();
            bytes.release();
        }

        @Override
        public void flush() {
            // Offered bytes are gone already.
        }

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
        public void readable(boolean enabled) {
            // There is no socket to read from.
        }

        @Override
        public void close() {
            handler().onClosed();
        }

        @Override
        public void abort() {
            handler().onClosed();
        }

        @Override
        public String remoteAddress() {
            return "inline";
        }
    }

    /** No network: everything arrives by calls. */
    private static final class NoIo implements IoLoop {
        @Override
        public int poll(long waitNs) {
            return 0;
        }

        @Override
        public long writeCount() {
            return 0; // there are no sockets
        }

        @Override
        public void wakeup() {
            // It never waits.
        }

        @Override
        public void close() {
            // It holds nothing.
        }
    }
}
