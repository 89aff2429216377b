package io.freshet.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import io.freshet.protocol.FrameType;
import io.freshet.protocol.v1.Closed;
import io.freshet.protocol.v1.Epoch;
import io.freshet.protocol.v1.Error;
import io.freshet.protocol.v1.Gap;
import io.freshet.protocol.v1.GoAway;
import io.freshet.protocol.v1.Opened;
import io.freshet.protocol.v1.Page;
import io.freshet.protocol.v1.Published;
import io.freshet.testing.FuzzInput;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * A client in the middle of everything, and a server that sends what an input says: frames that are right, nearly right or nothing of the
 * kind. Whatever comes ends that connection at most; no callback fails, no frame surprises the client's own code, every
 * future completes, and after the client's end no timer and no byte is left.
 */
public final class ClientFuzz {
    private static final int MAX_ACTIONS = 200;
    private static final long MAX_CHANNEL = 5;

    private final FuzzInput input;
    private final Fixture fixture = Fixture.welcomed();
    private final List<CompletableFuture<?>> futures = new ArrayList<>();
    private int connectionCount = 1;

    private ClientFuzz(byte[] data) {
        input = new FuzzInput(data);
    }

    public static void fuzzerTestOneInput(byte[] data) {
        new ClientFuzz(data).run();
    }

    private void run() {
        ask();
        for (int i = 0; i < MAX_ACTIONS && !input.isEmpty(); i++) {
            act();
        }
        assertEquals(0, fixture.client().statistics().callbackFailures());
        for (String cause : fixture.causes) {
            assertFalse(cause.startsWith("a frame could not be dealt with"), cause);
        }
        fixture.end();
        for (CompletableFuture<?> future : futures) {
            assertTrue(future.isDone(), "a future is not complete");
        }
    }

    private void ask() {
        futures.add(fixture.subscribe(Cursor.first()));
        for (int i = 0; i < 5; i++) {
            futures.add(fixture.publish("x"));
        }
        futures.add(fixture.channel().fetchBackward(0, 10).toCompletableFuture());
        futures.add(fixture.client().channel("b").open().toCompletableFuture());
        fixture.transport.run();
    }

    private void act() {
        switch (input.below(14)) {
            case 0 -> fixture.server().sendBytes(input.take(input.next()));
            case 1 -> sendFrame(input.next(), input.next(), input.nextU16(), input.take(input.next()));
            case 2 -> sendOpened();
            case 3, 4 -> sendRecord();
            case 5 -> sendPublished();
            case 6 -> sendError();
            case 7 -> send(FrameType.GAP, gap());
            case 8 -> sendPage();
            case 9 -> sendEpoch();
            case 10 -> sendClosed();
            case 11 -> sendGoAway();
            case 12 -> fixture.passMs(1L << input.below(14));
            default -> welcomeTheNext();
        }
    }

    private void sendOpened() {
        send(
                FrameType.OPENED,
                Opened.newBuilder()
                        .setRequest(input.below(12))
                        .setChannel(channel())
                        .setName("a")
                        .setEpoch(input.below(3))
                        .setHead(input.next())
                        .setFirst(input.below(4))
                        .setNext(input.next())
                        .setNonceCounter(input.below(8))
                        .setMayPublish(true)
                        .setMaySubscribe(true)
                        .build());
    }

    private void sendRecord() {
        fixture.server()
                .sendBytes(ScriptedServer.frame(channel(), input.next(), "y").toByteArray());
    }

    private void sendPublished() {
        send(
                FrameType.PUBLISHED,
                Published.newBuilder()
                        .setChannel(channel())
                        .setFirstNonce(ScriptedServer.nonce(fixture.instance(), input.below(8)))
                        .setCount(input.next())
                        .setFirstSequence(input.next())
                        .build());
    }

    private void sendError() {
        send(
                FrameType.ERROR,
                Error.newBuilder()
                        .setCode(input.nextU16() % 800)
                        .setRequest(input.below(12))
                        .setChannel(channel())
                        .setFirstNonce(ScriptedServer.nonce(fixture.instance(), input.below(8)))
                        .setCount(input.below(4))
                        .setRetryAfterMs(input.next())
                        .build());
    }

    private void sendEpoch() {
        send(
                FrameType.EPOCH,
                Epoch.newBuilder()
                        .setChannel(channel())
                        .setEpoch(input.below(4))
                        .setValidUpTo(input.next())
                        .setHead(input.next())
                        .build());
    }

    private void sendClosed() {
        Closed closed = Closed.newBuilder()
                .setChannel(channel())
                .setReasonValue(input.below(5))
                .build();
        send(FrameType.CLOSED, closed);
    }

    private void sendGoAway() {
        GoAway goAway = GoAway.newBuilder()
                .setDrainMs(input.next())
                .setRetryAfterMs(input.next())
                .build();
        send(FrameType.GOAWAY, goAway);
    }

    private long channel() {
        return input.next() % MAX_CHANNEL;
    }

    private Gap gap() {
        return Gap.newBuilder()
                .setChannel(channel())
                .setFirstSequence(input.next())
                .setCount(input.next())
                .setReasonValue(input.below(5))
                .build();
    }

    private void sendPage() {
        Page.Builder page = Page.newBuilder()
                .setRequest(input.below(12))
                .setChannel(channel())
                .setNextSequence(input.next());
        switch (input.below(4)) {
            case 0 -> page.setRecords(ScriptedServer.frame(channel(), input.next(), "z"));
            case 1 -> page.setRecords(ByteString.copyFrom(input.take(input.next())));
            case 2 -> page.addGaps(gap());
            default -> {}
        }
        send(FrameType.PAGE, page.build());
    }

    private void send(FrameType type, MessageLite body) {
        fixture.server().send(type, body);
    }

    private void sendFrame(int type, int flags, int kind, byte... body) {
        byte[] frame = new byte[8 + body.length];
        int length = 4 + body.length;
        frame[0] = (byte) length;
        frame[1] = (byte) (length >> Byte.SIZE);
        frame[4] = (byte) type;
        frame[5] = (byte) flags;
        frame[6] = (byte) kind;
        frame[7] = (byte) (kind >> Byte.SIZE);
        System.arraycopy(body, 0, frame, 8, body.length);
        fixture.server().sendBytes(frame);
    }

    /** If the client comes back, lets it in. */
    private void welcomeTheNext() {
        fixture.passMs(10_000);
        if (fixture.transport.connections.size() > connectionCount) {
            connectionCount = fixture.transport.connections.size();
            fixture.server().hello();
            fixture.server().poll();
            send(FrameType.WELCOME, ScriptedServer.welcome().build());
        }
    }
}
