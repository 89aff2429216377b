package io.freshet.engine.simulation;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import io.freshet.engine.metrics.ReactorCounter;
import io.freshet.log.memory.MemoryDisk;
import io.freshet.protocol.EventKind;
import io.freshet.protocol.FrameHeader;
import io.freshet.protocol.FrameType;
import io.freshet.protocol.Frames;
import io.freshet.protocol.RecordFrame;
import io.freshet.protocol.Versions;
import io.freshet.protocol.v1.Close;
import io.freshet.protocol.v1.Connect;
import io.freshet.protocol.v1.Cursor;
import io.freshet.protocol.v1.Direction;
import io.freshet.protocol.v1.Fetch;
import io.freshet.protocol.v1.Open;
import io.freshet.protocol.v1.Ping;
import io.freshet.protocol.v1.Renew;
import io.freshet.testing.FuzzInput;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * A whole server, a bystander, and a peer that does what an input says: frames that are right, nearly right or nothing of the
 * kind, in any order and at any time; it stops reading, goes away and comes back. Whatever it does ends its own connection at most, and
 * says why; the server goes on, the bystander loses nothing, and afterwards nothing is left.
 */
final class HostileRun {
    private static final long BYSTANDER = 1;
    private static final long HOSTILE = 2;
    private static final int INSTANCE = 5;
    private static final int MAX_ACTIONS = 200;
    private static final int ACTION_COUNT = 22;
    private static final int MAX_REPEATS = 40;
    private static final int MAX_PIECES = 32;
    private static final int MAX_REVOCATIONS = 4;
    private static final int MAX_BURST_LENGTH = 96 * 1024;
    private static final int MAX_CONNECTIONS = 4;
    private static final long SERVE_LIMIT_NS = TimeUnit.SECONDS.toNanos(20);
    private static final long QUIET_NS = TimeUnit.SECONDS.toNanos(3);
    private static final long SETTLE_NS = TimeUnit.MILLISECONDS.toNanos(20);

    /** All waits that an input may ask for, together. */
    private static final long MAX_WAIT_NS = TimeUnit.SECONDS.toNanos(3);

    private final FuzzInput input;
    private final Verdict verdict = new Verdict();
    private final SimClock clock = new SimClock();
    private final Agenda agenda = new Agenda(clock);
    private final Trace trace = new Trace();
    private final SimAllocator peerAllocator = new SimAllocator();
    private final Scheduler scheduler;
    private final SimNetwork network;
    private final SimServer server;
    private final Bystander bystander;
    private final RawPeer hostile;
    private final MemoryChecker memory;
    private final List<CompletableFuture<Long>> revocations = new ArrayList<>();
    private byte[] lastSent = {};
    private int pieceLength;
    private long waitedNs;
    private int connectionCount;
    private int counter;

    /** The first byte of the input sizes the server. */
    HostileRun(byte[] data) {
        input = new FuzzInput(data);
        SplittableRandom random = new SplittableRandom(input.next());
        Scenario scenario = Scenario.of(random);
        scheduler = new Scheduler(random.split(), clock, agenda, trace);
        network = new SimNetwork(random.split(), clock, agenda, scenario, trace, (connection, frames) -> {});
        network.calm(true);
        server = new SimServer(new MemoryDisk(), scenario, random.split(), clock, agenda);
        server.calm();
        server.actors().forEach(scheduler::add);
        network.listen(server.loops(), server.allocator());
        bystander = new Bystander(transport("bystander"), BYSTANDER, "c0", Set.of(HOSTILE), scenario.heartbeatNs() / 2);
        hostile = new RawPeer(transport("hostile"));
        memory = new MemoryChecker(verdict, scenario);
    }

    private SimTransport transport(String name) {
        SimTransport transport = new SimTransport(name, network::connect, agenda, clock, peerAllocator, () -> {});
        scheduler.add(transport);
        return transport;
    }

    /** Runs to the end and throws when a promise was broken. */
    void run() {
        try {
            bystander.transport().execute(bystander::connect);
            runUntil(bystander::isOpen, SERVE_LIMIT_NS);
            for (int i = 0; i < MAX_ACTIONS && !input.isEmpty(); i++) {
                act();
                memory.check(server);
            }
            runFor(SETTLE_NS);
            verdict.check(hostile.isEndExplained(), "a connection was ended without a word");
            hostile.transport().execute(hostile::abort);
            bystander.transport().execute(bystander::publish);
            runUntil(() -> bystander.isServed() || !bystander.isConnected(), SERVE_LIMIT_NS);
            verdict.check(bystander.isServed(), "the bystander is not served any more");
            bystander.transport().execute(bystander::leave);
            runFor(QUIET_NS);
            verdict.check(
                    revocations.stream().allMatch(each -> each.isDone() && !each.isCompletedExceptionally()),
                    "a revocation is not answered");
            close();
            verdict.throwIfFailed();
        } catch (Exception | AssertionError e) {
            throw new AssertionError(trace + "\n" + e.getMessage(), e);
        }
    }

    private void close() {
        for (ReactorActor reactor : server.reactors()) {
            verdict.check(reactor.mailbox().failureCount() == 0, "a message to " + reactor.name() + " has thrown");
        }
        server.close();
        for (ReactorCounter left : List.of(
                ReactorCounter.CONNECTIONS,
                ReactorCounter.SESSIONS,
                ReactorCounter.SUBSCRIPTIONS_AT_HEAD,
                ReactorCounter.SUBSCRIPTIONS_BEHIND)) {
            verdict.check(server.count(left) == 0, left + " ends at " + server.count(left));
        }
        verdict.check(server.allocator().liveCount() == 0, server.allocator().liveCount() + " buffers leak");
        verdict.check(peerAllocator.liveCount() == 0, peerAllocator.liveCount() + " buffers of peers leak");
    }

    private void runFor(long ns) {
        long endNs = clock.nanoTime() + ns;
        agenda.after(ns, () -> {});
        runUntil(() -> clock.nanoTime() >= endNs, ns);
    }

    private void runUntil(BooleanSupplier condition, long limitNs) {
        long beginNs = clock.nanoTime();
        while (!condition.getAsBoolean() && clock.nanoTime() - beginNs < limitNs) {
            if (!scheduler.step()) {
                throw new AssertionError("nothing will ever happen again");
            }
        }
    }

    private void act() {
        switch (input.below(ACTION_COUNT)) {
            case 0 -> sendBytes(input.take(input.next()));
            case 1 -> sendFrame(input.next(), input.next(), input.nextU16(), input.take(input.next()));
            case 2 -> sendFrame(FrameType.RECORD.code(), 0, input.next(), input.take(input.next()));
            case 3 -> sendConnect();
            case 4 -> sendOpen();
            case 5, 6 -> sendPublish(input.next());
            case 7 -> sendRecord();
            case 8 -> sendFetch();
            case 9 -> send(FrameType.CLOSE, closeFrame());
            case 10 ->
                send(FrameType.PING, Ping.newBuilder().setToken(input.next()).build());
            case 11 -> repeat(input.below(MAX_REPEATS));
            case 12 -> await(1L << input.below(Integer.SIZE));
            case 13 -> hostile.readable(input.next() % 2 == 0);
            case 14 -> hostile.abort();
            case 15 -> connect();
            case 16 -> enter();
            case 17 -> pieceLength = input.below(64);
            case 18 -> sendRenew(input.below(8));
            case 19 -> sendBurst(input.next(), 1 + input.below(64));
            case 20 -> letBystanderPublish();
            default -> revoke(hostile.channel(input.below(4)));
        }
    }

    /** As one who behaves: connects, says who it is and follows two channels. What a fuzzer would take long to find. */
    private void enter() {
        if (hostile.isConnected() || connectionCount == MAX_CONNECTIONS) {
            return;
        }
        connect();
        send(
                FrameType.CONNECT,
                Connect.newBuilder()
                        .setVersion(Versions.MAX)
                        .setInstance(INSTANCE)
                        .setToken(ByteString.copyFromUtf8(Long.toString(HOSTILE)))
                        .build());
        runFor(SETTLE_NS);
        for (int i = 0; i < 2; i++) {
            Open.Builder open =
                    Open.newBuilder().setRequest(100L + i).setName("c" + i).setCreate(true);
            open.getCursorBuilder().setAfter(Cursor.After.getDefaultInstance());
            send(FrameType.OPEN, open.build());
        }
        runFor(SETTLE_NS);
    }

    /** A newer token: of the same principal for ever or for a while, of another, or none. */
    private void sendRenew(int choice) {
        String token = choice < 2
                ? Long.toString(HOSTILE)
                : choice < 6
                        ? HOSTILE + "/" + (clock.epochMs() + (choice - 3L) * 200)
                        : choice == 6 ? Long.toString(BYSTANDER) : "nobody";
        send(
                FrameType.RENEW,
                Renew.newBuilder()
                        .setRequest(input.next())
                        .setToken(ByteString.copyFromUtf8(token))
                        .build());
    }

    /** Publishes one after the other to one channel, with the nonces that are due, in one write. */
    private void sendBurst(int choice, int count) {
        long channel = hostile.channel(choice % 2);
        byte[] payload = new byte[choice * 8];
        ByteBuf frames = peerAllocator.directBuffer();
        for (int i = 0; i < count && frames.readableBytes() < MAX_BURST_LENGTH; i++) {
            long nonce = (long) INSTANCE << 32 | hostile.nextNonceCounter(channel);
            RecordFrame.writeHead(frames, EventKind.FIRST_OF_APPLICATIONS, channel, 0, 0, 0, nonce, payload.length);
            frames.writeBytes(payload);
        }
        sendAll(frames);
    }

    private void letBystanderPublish() {
        if (bystander.isServed()) {
            bystander.transport().execute(bystander::publish);
        }
        inTurn(() -> {});
    }

    private void revoke(long channel) {
        if (revocations.size() < MAX_REVOCATIONS) {
            revocations.add(server.revoke(HOSTILE, channel).toCompletableFuture());
        }
        inTurn(() -> {});
    }

    /** Does it as the client's thread does, and lets the others go on a little. */
    private void inTurn(Runnable action) {
        action.run();
        for (int i = 0; i < 8; i++) {
            scheduler.step();
        }
    }

    private void await(long ns) {
        long waitNs = Math.min(ns, MAX_WAIT_NS - waitedNs);
        waitedNs += waitNs;
        runFor(waitNs);
    }

    private void connect() {
        if (connectionCount < MAX_CONNECTIONS && !hostile.isConnected()) {
            connectionCount++;
            hostile.transport().execute(hostile::connect);
            runUntil(hostile::isConnected, SERVE_LIMIT_NS);
        }
    }

    private void sendBytes(byte... bytes) {
        lastSent = bytes;
        int length = Math.max(pieceLength == 0 ? bytes.length : pieceLength, bytes.length / MAX_PIECES);
        for (int at = 0; at < bytes.length; at += length) {
            byte[] piece = Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + length));
            inTurn(() -> hostile.send(peerAllocator.directBuffer().writeBytes(piece)));
        }
    }

    private void send(FrameType type, MessageLite body) {
        ByteBuf frame = peerAllocator.directBuffer();
        Frames.write(frame, type, body);
        sendAll(frame);
    }

    private void sendFrame(int type, int flags, int kind, byte... body) {
        ByteBuf frame = peerAllocator.directBuffer().writeZero(FrameHeader.LENGTH);
        FrameHeader.put(frame, 0, FrameType.PING, 0, 0, body.length);
        frame.setByte(FrameHeader.TYPE_OFFSET, type);
        frame.setByte(FrameHeader.FLAGS_OFFSET, flags);
        frame.setShortLE(FrameHeader.KIND_OFFSET, kind);
        sendAll(frame.writeBytes(body));
    }

    /** <em>Transfers</em> the bytes. */
    private void sendAll(ByteBuf buffer) {
        byte[] bytes = new byte[buffer.readableBytes()];
        buffer.readBytes(bytes).release();
        sendBytes(bytes);
    }

    private void sendConnect() {
        int odd = input.next();
        send(
                FrameType.CONNECT,
                Connect.newBuilder()
                        .setVersion(odd == 1 ? 9 : Versions.MAX)
                        .setInstance(odd == 2 ? 0 : INSTANCE)
                        .setToken(ByteString.copyFromUtf8(odd == 3 ? "nobody" : Long.toString(HOSTILE)))
                        .build());
    }

    private void sendOpen() {
        Open.Builder open = Open.newBuilder().setRequest(input.next()).setCreate(input.next() % 8 != 0);
        int name = input.below(8);
        if (name < 6) {
            open.setName("c" + name % 3);
        } else {
            open.setChannel(hostile.channel(name));
        }
        switch (input.below(5)) {
            case 0 -> open.getCursorBuilder().setLive(Cursor.Live.getDefaultInstance());
            case 1 -> open.getCursorBuilder().setLast(input.next());
            case 2 ->
                open.getCursorBuilder()
                        .getAfterBuilder()
                        .setSequence(input.next())
                        .setEpoch(input.below(3));
            case 3 -> open.setModeValue(input.next());
            default -> {}
        }
        send(FrameType.OPEN, open.build());
    }

    private void sendPublish(int choice) {
        boolean isNumbered = choice % 4 != 0;
        if (isNumbered) {
            counter += choice % 16 == 1 ? 2 : 1;
        }
        long nonce = isNumbered ? (long) INSTANCE << 32 | counter : 0;
        byte[] payload = new byte[choice * choice / 8];
        Arrays.fill(payload, (byte) choice);
        ByteBuf frame = peerAllocator.directBuffer();
        RecordFrame.writeHead(frame, choice, hostile.channel(choice % 3), 9, 9, BYSTANDER, nonce, payload.length);
        sendAll(frame.writeBytes(payload));
    }

    /** A record whose fields and head are anything. */
    private void sendRecord() {
        ByteBuf frame = peerAllocator.directBuffer();
        int length = input.next();
        RecordFrame.writeHead(
                frame, 0, hostile.channel(input.next()), input.nextLong(), 0, BYSTANDER, input.nextLong(), length);
        frame.writeZero(length);
        int at = FrameHeader.TYPE_OFFSET + input.below(64);
        if (at < frame.writerIndex()) {
            frame.setByte(at, input.next());
        }
        sendAll(frame);
    }

    private void sendFetch() {
        Fetch fetch = Fetch.newBuilder()
                .setRequest(input.next())
                .setChannel(hostile.channel(input.next()))
                .setFromSequence(input.next() - 1L)
                .setDirection(input.next() % 2 == 0 ? Direction.DIRECTION_FORWARD : Direction.DIRECTION_BACKWARD)
                .setLimit(input.nextU16())
                .build();
        send(FrameType.FETCH, fetch);
    }

    private Close closeFrame() {
        return Close.newBuilder().setChannel(hostile.channel(input.next())).build();
    }

    private void repeat(int count) {
        byte[] again = lastSent;
        for (int i = 0; i < count; i++) {
            sendBytes(again);
        }
    }
}
