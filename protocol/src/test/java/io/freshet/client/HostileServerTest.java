package io.freshet.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.MessageLite;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FrameType;
import io.freshet.protocol.Frames;
import io.freshet.protocol.v1.Closed;
import io.freshet.protocol.v1.Epoch;
import io.freshet.protocol.v1.Gap;
import io.freshet.protocol.v1.GoAway;
import io.freshet.protocol.v1.Opened;
import io.freshet.protocol.v1.Page;
import io.freshet.protocol.v1.Published;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever a server sends, a client ends that connection at most: it throws nothing, leaks nothing, and comes back. */
final class HostileServerTest {
    private static final int MUTATION_COUNT = 40;

    private Fixture fixture = Fixture.welcomed();

    /** A client in the middle of everything: a subscription, publishes in flight, a fetch. */
    private void prepare() {
        fixture.follow(Cursor.first());
        fixture.server().opens(3, opened -> opened.setNext(1));
        for (int i = 0; i < 6; i++) {
            assertFalse(fixture.publish("x").isDone());
        }
        var unused = fixture.channel().fetchBackward(0, 10);
        fixture.transport.run();
        while (fixture.server().poll() != null) {
            // What the client has sent is not looked at here.
        }
    }

    private static byte[] frame(FrameType type, MessageLite body) {
        ByteBuf out = Unpooled.buffer();
        Frames.write(out, type, body);
        return Arrays.copyOf(out.array(), out.readableBytes());
    }

    private byte[] record(long sequence) {
        return ScriptedServer.frame(3, sequence, "a payload").toByteArray();
    }

    private List<byte[]> legalFrames() {
        long nonce = ScriptedServer.nonce(fixture.instance(), 1);
        return List.of(
                record(1),
                frame(
                        FrameType.PUBLISHED,
                        Published.newBuilder()
                                .setChannel(3)
                                .setFirstNonce(nonce)
                                .setCount(2)
                                .setFirstSequence(1)
                                .build()),
                frame(
                        FrameType.ERROR,
                        io.freshet.protocol.v1.Error.newBuilder()
                                .setCode(201)
                                .setChannel(3)
                                .setFirstNonce(nonce)
                                .setCount(3)
                                .setRetryAfterMs(10)
                                .build()),
                frame(
                        FrameType.GAP,
                        Gap.newBuilder()
                                .setChannel(3)
                                .setFirstSequence(1)
                                .setCount(5)
                                .build()),
                frame(
                        FrameType.EPOCH,
                        Epoch.newBuilder().setChannel(3).setEpoch(2).build()),
                frame(
                        FrameType.OPENED,
                        Opened.newBuilder()
                                .setRequest(1)
                                .setChannel(4)
                                .setNext(1)
                                .build()),
                frame(FrameType.CLOSED, Closed.newBuilder().setChannel(3).build()),
                frame(
                        FrameType.PAGE,
                        Page.newBuilder()
                                .setRequest(2)
                                .setChannel(3)
                                .setRecords(ScriptedServer.frame(3, 1, "x"))
                                .build()),
                frame(FrameType.GOAWAY, GoAway.newBuilder().setDrainMs(50).build()));
    }

    static Stream<Long> seeds() {
        return LongStream.rangeClosed(1, 100).boxed();
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void shouldSurviveMutatedFrames(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        prepare();
        for (int i = 0; i < MUTATION_COUNT; i++) {
            List<byte[]> frames = legalFrames();
            byte[] bytes = frames.get(random.nextInt(frames.size())).clone();
            for (int k = random.nextInt(4); k > 0; k--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            int cut = random.nextInt(bytes.length + 1);
            fixture.server().sendBytes(Arrays.copyOf(bytes, cut));
            fixture.server().sendBytes(Arrays.copyOfRange(bytes, cut, bytes.length));
            fixture.passMs(100);
            if (fixture.server().isAborted()) {
                fixture.nextWelcome();
                answerOpens();
            }
        }
        assertEquals(0, fixture.client().statistics().callbackFailures(), "seed " + seed);
        for (String message : fixture.causes) {
            assertFalse(message.startsWith("a frame could not be dealt with"), message + ", seed " + seed);
        }
        fixture.end();
    }

    private void answerOpens() {
        ScriptedServer.Received frame;
        while ((frame = fixture.server().poll()) != null) {
            if (frame.type() == FrameType.OPEN) {
                var open = frame.as(io.freshet.protocol.v1.Open.parser());
                long next = open.hasCursor() ? open.getCursor().getAfter().getSequence() + 1 : 0;
                fixture.server()
                        .send(
                                FrameType.OPENED,
                                Opened.newBuilder()
                                        .setRequest(open.getRequest())
                                        .setChannel(3)
                                        .setName("a")
                                        .setNext(next)
                                        .setMayPublish(true)
                                        .build());
            }
        }
    }

    @Test
    void shouldTakeFramesCutAtEveryPlace() {
        for (int cut = 0; cut <= record(1).length; cut++) {
            fixture.end();
            fixture = Fixture.welcomed();
            fixture.follow(Cursor.first());
            fixture.server().opens(3, opened -> opened.setNext(1));
            byte[] bytes = record(1);
            fixture.server().sendBytes(Arrays.copyOf(bytes, cut));
            fixture.server().sendBytes(Arrays.copyOfRange(bytes, cut, bytes.length));
            fixture.expectEvents("connected", "1 a payload");
        }
        fixture.end();
    }

    @Test
    void shouldEndTheConnectionThatSendsMoreThanOneMebibyteInAFrame() {
        prepare();
        byte[] header = new byte[8];
        int length = (1 << 20) - 3;
        for (int i = 0; i < 4; i++) {
            header[i] = (byte) (length >>> (8 * i));
        }
        header[4] = (byte) FrameType.PAGE.code();
        fixture.server().sendBytes(header);
        assertTrue(fixture.server().isAborted());
        fixture.expectEvents("connected", "disconnected FRAME_TOO_LONG true");
        fixture.end();
    }

    @Test
    void shouldEndTheConnectionThatSendsRecordsOfAChannelThatIsNotOpen() {
        fixture.server().record(3, 1, "x");
        fixture.expectEvents("connected", "disconnected UNEXPECTED_FRAME true");
        fixture.end();
    }

    @Test
    void shouldEndTheConnectionThatSendsRecordsWithoutASubscription() {
        var opened = fixture.channel().open().toCompletableFuture();
        fixture.server().opens(3);
        assertTrue(opened.isDone());
        fixture.server().record(3, 1, "x");
        fixture.expectEvents("connected", "disconnected UNEXPECTED_FRAME true");
        fixture.end();
    }

    @Test
    void shouldEndTheConnectionThatOpensOneIdTwice() {
        var first = fixture.channel().open().toCompletableFuture();
        var second = fixture.client().channel("b").open().toCompletableFuture();
        fixture.server().opens(3);
        fixture.server().opens(3);
        assertTrue(first.isDone());
        assertFalse(second.isDone());
        fixture.expectEvents("connected", "disconnected UNEXPECTED_FRAME true");
        fixture.end();
    }

    @Test
    void shouldFailTheChannelThatTheServerNamesInAnError() {
        fixture.follow(Cursor.first());
        fixture.server().opens(3, opened -> opened.setNext(1));
        fixture.server()
                .send(
                        FrameType.ERROR,
                        io.freshet.protocol.v1.Error.newBuilder()
                                .setCode(ErrorCode.UNKNOWN_CHANNEL.number())
                                .setChannel(3)
                                .build());
        fixture.expectEvents("connected", "end UNKNOWN_CHANNEL");
        fixture.end();
    }
}
