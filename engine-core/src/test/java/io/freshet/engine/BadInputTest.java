package io.freshet.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FrameType;
import io.freshet.protocol.v1.Connect;
import io.freshet.protocol.v1.Cursor;
import io.freshet.protocol.v1.Error;
import io.freshet.protocol.v1.Fetch;
import io.freshet.protocol.v1.Open;
import io.freshet.protocol.v1.Opened;
import io.freshet.protocol.v1.Ping;
import io.freshet.protocol.v1.Pong;
import io.freshet.protocol.v1.Published;
import io.freshet.protocol.v1.Record;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each kind of bad input gets one clear answer, and a bystander who was connected before notices nothing. */
class BadInputTest {
    private static final Cursor LIVE =
            Cursor.newBuilder().setLive(Cursor.Live.getDefaultInstance()).build();

    @TempDir
    private Path directory;

    private FreshetEngine engine;
    private RawConnection bystander;
    private Opened lobby;
    private int bystanderCounter;

    @BeforeEach
    void start() throws IOException {
        Timeouts timeouts = Timeouts.DEFAULTS.handshake(Duration.ofMillis(500));
        engine = FreshetEngine.start(EngineConfig.builder()
                .dataDirectory(directory.resolve("data"))
                .listen(Endpoint.tcp(0))
                .timeouts(timeouts)
                .build());
        bystander = new RawConnection(engine);
        bystander.connect();
        lobby = bystander.open("lobby", LIVE);
    }

    @AfterEach
    void bystanderIsUnharmed() throws IOException {
        byte[] payload = "still here".getBytes(StandardCharsets.UTF_8);
        bystander.publish(lobby.getChannel(), ++bystanderCounter, payload);
        boolean isPublished = false;
        boolean isDelivered = false;
        while (!isPublished || !isDelivered) {
            RawConnection.Frame frame = bystander.read();
            isPublished |= frame.type() == FrameType.PUBLISHED;
            isDelivered |= frame.type() == FrameType.RECORD
                    && frame.body(Record.parser()).getPayload().equals(ByteString.copyFrom(payload));
        }
        bystander.close();
        engine.close();
    }

    private void assertEnds(RawConnection raw, ErrorCode code) throws IOException {
        Error error = raw.readError();
        assertEquals(code, ErrorCode.of(error.getCode()), error.getMessage());
        assertTrue(raw.isClosedByServer());
        raw.close();
    }

    @Test
    void shouldRefuseAFrameThatIsTooLong() throws IOException {
        RawConnection raw = new RawConnection(engine);
        raw.hello();
        raw.send(new byte[] {(byte) 0xFF, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, 2, 0, 0, 0});
        assertEnds(raw, ErrorCode.FRAME_TOO_LONG);
    }

    @Test
    void shouldRefuseALongFrameBeforeAuthenticationThatIsAllowedAfterwards() throws IOException {
        RawConnection raw = new RawConnection(engine);
        raw.hello();
        raw.send(
                FrameType.CONNECT,
                RawConnection.connectFrame()
                        .setToken(ByteString.copyFrom(new byte[8000]))
                        .build());
        assertEnds(raw, ErrorCode.FRAME_TOO_LONG);
    }

    @Test
    void shouldRefuseALengthBelowTheHeader() throws IOException {
        RawConnection raw = new RawConnection(engine);
        raw.hello();
        raw.send(new byte[] {0, 0, 0, 0, 0, 0, 0, 0});
        assertEnds(raw, ErrorCode.FRAME_TOO_LONG);
    }

    @Test
    void shouldRefuseAnUnknownTypeUnlessItMayBeIgnored() throws IOException {
        RawConnection raw = new RawConnection(engine);
        raw.connect();
        raw.send(new byte[] {4, 0, 0, 0, (byte) 200, 1, 0, 0});
        raw.send(FrameType.PING, Ping.newBuilder().setToken(7).build());
        assertEquals(7, raw.read(FrameType.PONG, Pong.parser()).getToken());
        raw.send(new byte[] {4, 0, 0, 0, (byte) 200, 0, 0, 0});
        assertEnds(raw, ErrorCode.UNKNOWN_TYPE);
    }

    @Test
    void shouldRefuseEverythingBeforeConnect() throws IOException {
        RawConnection raw = new RawConnection(engine);
        raw.hello();
        raw.send(FrameType.OPEN, RawConnection.openFrame("lobby").build());
        assertEnds(raw, ErrorCode.UNEXPECTED_FRAME);
    }

    @Test
    void shouldRefuseASecondConnect() throws IOException {
        RawConnection raw = new RawConnection(engine);
        raw.connect();
        raw.send(FrameType.CONNECT, RawConnection.connectFrame().build());
        assertEnds(raw, ErrorCode.UNEXPECTED_FRAME);
    }

    @Test
    void shouldRefuseAnUnknownVersion() throws IOException {
        RawConnection raw = new RawConnection(engine);
        raw.hello();
        raw.send(
                FrameType.CONNECT,
                Connect.newBuilder().setVersion(99).setInstance(1).build());
        assertEnds(raw, ErrorCode.UNSUPPORTED_VERSION);
    }

    @Test
    void shouldTellAnHttpClientWhatThisPortIs() throws IOException {
        RawConnection raw = new RawConnection(engine);
        raw.hello();
        raw.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
        assertEnds(raw, ErrorCode.NOT_FRESHET);
    }

    @Test
    void shouldGiveUpAConnectionThatSaysNothing() throws IOException {
        RawConnection raw = new RawConnection(engine);
        raw.hello();
        assertEnds(raw, ErrorCode.HANDSHAKE_TIMEOUT);
    }

    @Test
    void shouldSurviveATruncatedFrameAndAnAbruptEnd() throws IOException {
        RawConnection raw = new RawConnection(engine);
        raw.connect();
        raw.send(new byte[] {100, 0, 0, 0, 4, 0, 0, 0, 1, 2, 3});
        raw.close();
    }

    @Test
    void shouldEndAConnectionThatSendsGarbage() throws IOException {
        for (long seed = 0; seed < 50; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            byte[] garbage = new byte[1 + random.nextInt(5000)];
            random.nextBytes(garbage);
            RawConnection raw = new RawConnection(engine);
            if (seed % 2 == 0) {
                raw.connect();
            } else {
                raw.hello();
            }
            try {
                raw.send(garbage);
                raw.close();
            } catch (IOException e) {
                raw.close(); // the server was faster
            }
        }
    }

    @Test
    void shouldRefuseABodyThatIsNotItsMessage() throws IOException {
        RawConnection raw = new RawConnection(engine);
        raw.connect();
        raw.send(new byte[] {6, 0, 0, 0, 4, 0, 0, 0, (byte) 0xFF, (byte) 0xFF});
        assertEnds(raw, ErrorCode.MALFORMED);
    }

    @Test
    void shouldRefuseInvalidChannelNames() throws IOException {
        RawConnection raw = new RawConnection(engine);
        raw.connect();
        for (String name : new String[] {"", "x".repeat(10_240), "a\u0000b", " lobby"}) {
            raw.send(FrameType.OPEN, RawConnection.openFrame(name).build());
            assertEquals(ErrorCode.INVALID_NAME, ErrorCode.of(raw.readError().getCode()), name);
        }
        UnknownFieldSet notUtf8 = UnknownFieldSet.newBuilder()
                .addField(
                        Open.NAME_FIELD_NUMBER,
                        UnknownFieldSet.Field.newBuilder()
                                .addLengthDelimited(ByteString.copyFrom(new byte[] {(byte) 0xC3, 0x28}))
                                .build())
                .build();
        raw.send(
                FrameType.OPEN,
                Open.newBuilder().setRequest(1).setUnknownFields(notUtf8).build());
        assertEnds(raw, ErrorCode.MALFORMED);
    }

    @Test
    void shouldRefuseAPayloadOverTheLimitAndKeepTheOrder() throws IOException {
        RawConnection raw = new RawConnection(engine);
        raw.connect();
        long channel = raw.open("payloads").getChannel();
        raw.publish(channel, 1, new byte[33 * 1024]);
        raw.publish(channel, 2, new byte[1]);
        Error tooLong = raw.readError();
        assertEquals(ErrorCode.PAYLOAD_TOO_LONG, ErrorCode.of(tooLong.getCode()));
        assertEquals(RawConnection.nonce(1), tooLong.getFirstNonce());
        Error jump = raw.readError();
        assertEquals(ErrorCode.NONCE_JUMP, ErrorCode.of(jump.getCode()));
        raw.publish(channel, 1, new byte[32 * 1024]);
        assertEquals(1, raw.read(FrameType.PUBLISHED, Published.parser()).getFirstSequence());
        raw.close();
    }

    @Test
    void shouldRefuseASequenceBeyondTheHead() throws IOException {
        RawConnection raw = new RawConnection(engine);
        raw.connect();
        Cursor beyond = Cursor.newBuilder()
                .setAfter(Cursor.After.newBuilder().setSequence(1_000_000))
                .build();
        raw.send(
                FrameType.OPEN,
                RawConnection.openFrame("empty").setCursor(beyond).build());
        assertEquals(ErrorCode.BEYOND_HEAD, ErrorCode.of(raw.readError().getCode()));
        for (long hostile : new long[] {-1, Long.MIN_VALUE, Long.MAX_VALUE}) {
            Cursor after = Cursor.newBuilder()
                    .setAfter(Cursor.After.newBuilder().setSequence(hostile))
                    .build();
            raw.send(
                    FrameType.OPEN,
                    RawConnection.openFrame("empty").setCursor(after).build());
            assertEquals(ErrorCode.BEYOND_HEAD, ErrorCode.of(raw.readError().getCode()));
        }
        long channel = raw.open("empty").getChannel();
        raw.send(
                FrameType.FETCH,
                Fetch.newBuilder()
                        .setRequest(2)
                        .setChannel(channel)
                        .setFromSequence(50)
                        .setLimit(10)
                        .build());
        assertEquals(ErrorCode.BEYOND_HEAD, ErrorCode.of(raw.readError().getCode()));
        raw.close();
    }

    @Test
    void shouldRefuseToPublishToAChannelThatIsNotOpen() throws IOException {
        RawConnection raw = new RawConnection(engine);
        raw.connect();
        raw.publish(lobby.getChannel(), 1, new byte[1]);
        assertEquals(ErrorCode.NOT_OPEN, ErrorCode.of(raw.readError().getCode()));
        raw.close();
    }

    @Test
    void shouldNotLetAPublisherForgeWhatTheEngineOwns() throws IOException {
        RawConnection raw = new RawConnection(engine);
        long principal = raw.connect().getPrincipal();
        long channel = raw.open("forgery", LIVE).getChannel();
        byte[] payload = "honest".getBytes(StandardCharsets.UTF_8);
        Record forged = Record.newBuilder()
                .setChannel(channel)
                .setSequence(999)
                .setTimestampUs(1)
                .setSender(42)
                .setNonce(RawConnection.nonce(1))
                .setPayload(ByteString.copyFrom(payload))
                .setUnknownFields(UnknownFieldSet.newBuilder()
                        .addField(
                                Record.SENDER_FIELD_NUMBER,
                                UnknownFieldSet.Field.newBuilder()
                                        .addFixed64(43)
                                        .build())
                        .build())
                .build();
        raw.send(FrameType.RECORD, forged);

        RawConnection.Frame frame = raw.read();
        if (frame.type() == FrameType.PUBLISHED) {
            frame = raw.read();
        }

        Record delivered = frame.body(Record.parser());
        assertEquals(1, delivered.getSequence());
        assertEquals(principal, delivered.getSender());
        assertTrue(delivered.getTimestampUs() > 1_600_000_000_000_000L);
        assertArrayEquals(payload, delivered.getPayload().toByteArray());
        assertTrue(delivered.getUnknownFields().asMap().isEmpty());
        raw.close();
    }
}
