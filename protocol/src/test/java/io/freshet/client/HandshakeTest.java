package io.freshet.client;

import static io.freshet.client.Fixture.assertFailed;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FrameType;
import io.freshet.protocol.v1.Connect;
import io.freshet.protocol.v1.Hello;
import io.freshet.protocol.v1.Ping;
import io.freshet.protocol.v1.Welcome;
import java.time.Duration;
import org.junit.jupiter.api.Test;

final class HandshakeTest {
    @Test
    void shouldConnectAfterHelloAndNothingBefore() {
        Fixture fixture = new Fixture();
        fixture.server().expectNothing();
        Connect connect = fixture.server().welcomes();
        assertEquals(1, connect.getVersion());
        assertEquals("secret", connect.getToken().toStringUtf8());
        assertEquals("test", connect.getClient());
        assertNotEquals(0, connect.getInstance());
        assertEquals(7, fixture.client().principal());
        assertEquals("ann", fixture.client().principalName());
        fixture.expectEvents("connected");
        fixture.end();
        fixture.expectEvents();
    }

    @Test
    void shouldEndWhenTheServerSpeaksNoCommonVersion() {
        Fixture fixture = new Fixture();
        fixture.server()
                .send(
                        FrameType.HELLO,
                        Hello.newBuilder().setVersionMin(2).setVersionMax(3).build());
        assertFailed(ErrorCode.UNSUPPORTED_VERSION, fixture.connecting);
        fixture.end();
        assertEquals(1, fixture.transport.attemptsNs.size());
    }

    @Test
    void shouldEndWhenTheTokenIsRefused() {
        Fixture fixture = new Fixture();
        fixture.server().hello().error(ErrorCode.UNAUTHENTICATED, 0, 0);
        assertFailed(ErrorCode.UNAUTHENTICATED, fixture.connecting);
        fixture.end();
        assertEquals(1, fixture.transport.attemptsNs.size());
    }

    @Test
    void shouldFailAtOnceWhenTheServerCannotBeReached() {
        ClientConfig config = ClientConfig.builder().build();
        ManualTransport transport = new ManualTransport();
        transport.reachable(false);
        var connecting = FreshetClient.connectAsync(config, transport);
        transport.run();
        assertFailed(ErrorCode.DISCONNECTED, connecting);
        assertTrue(transport.isClosed());
    }

    @Test
    void shouldTryAgainWhenTheFirstConnectIsRefusedForNow() {
        Fixture fixture = new Fixture();
        fixture.server().hello().error(ErrorCode.LIMIT_REACHED, 0, 3_000);
        assertFalse(fixture.connecting.isDone());
        fixture.passMs(2_999);
        assertEquals(1, fixture.transport.attemptsNs.size());
        fixture.passMs(1);
        assertEquals(2, fixture.transport.attemptsNs.size());
        fixture.server().welcomes();
        assertTrue(fixture.connecting.isDone());
        fixture.end();
    }

    @Test
    void shouldFailWhenTheServerAsksForMoreTimeThanConnectMayTake() {
        Fixture fixture = new Fixture();
        fixture.server().hello().error(ErrorCode.LIMIT_REACHED, 0, 60_000);
        assertFailed(ErrorCode.LIMIT_REACHED, fixture.connecting);
        assertEquals(60_000, Fixture.failure(fixture.connecting).retryAfterMs());
        fixture.end();
    }

    @Test
    void shouldGiveUpWhenTheServerSaysNothing() {
        Fixture fixture = new Fixture();
        fixture.passMs(9_999);
        assertFalse(fixture.connecting.isDone());
        fixture.passMs(1);
        assertFailed(ErrorCode.DISCONNECTED, fixture.connecting);
        assertTrue(fixture.server().isAborted());
        fixture.end();
    }

    @Test
    void shouldAbortTheConnectionThatComesAfterItsTime() {
        ManualTransport transport = new ManualTransport();
        transport.silent(true);
        ClientConfig config =
                ClientConfig.builder().connectTimeout(Duration.ofSeconds(1)).build();
        var connecting = FreshetClient.connectAsync(config, transport);
        transport.advance(Duration.ofSeconds(1).toNanos());
        assertFailed(ErrorCode.DISCONNECTED, connecting);
        ScriptedServer late = new ScriptedServer(transport);
        late.begin(java.util.Objects.requireNonNull(transport.pending()).onConnected(late.connection()));
        assertTrue(late.isAborted());
    }

    @Test
    void shouldRefuseATokenThatTheHandshakeHasNoRoomFor() {
        Fixture fixture = new Fixture(config -> config.token(new byte[5_000]));
        fixture.server().hello();
        assertFailed(ErrorCode.INVALID_ARGUMENT, fixture.connecting);
        fixture.server().expectNothing();
        fixture.end();
    }

    @Test
    void shouldEndTheConnectionThatIsNotFreshet() {
        Fixture fixture = new Fixture();
        fixture.server()
                .sendBytes("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        assertFailed(ErrorCode.FRAME_TOO_LONG, fixture.connecting);
        fixture.end();
    }

    @Test
    void shouldEndTheConnectionOnAnythingElseBeforeWelcome() {
        Fixture fixture = new Fixture();
        fixture.server().hello().send(FrameType.PING, Ping.getDefaultInstance());
        assertFailed(ErrorCode.UNEXPECTED_FRAME, fixture.connecting);
        fixture.end();
    }

    @Test
    void shouldRefuseAWelcomeWithImpossibleLimits() {
        Fixture fixture = new Fixture();
        fixture.server().hello();
        fixture.server()
                .send(
                        FrameType.WELCOME,
                        ScriptedServer.welcome().setMaxInFlight(0).build());
        assertFailed(ErrorCode.MALFORMED, fixture.connecting);
        fixture.end();
    }

    @Test
    void shouldTakeAnUnknownCodeForItsHundred() {
        Fixture fixture = new Fixture();
        fixture.server().hello();
        fixture.server()
                .send(
                        FrameType.ERROR,
                        io.freshet.protocol.v1.Error.newBuilder()
                                .setCode(377)
                                .setMessage("show a second factor")
                                .build());
        assertFailed(ErrorCode.UNAUTHENTICATED, fixture.connecting);
        assertEquals(
                "show a second factor (code 377)",
                Fixture.failure(fixture.connecting).getMessage());
        fixture.end();
    }

    @Test
    void shouldEndWhenTheTokenExpiresLater() {
        Fixture fixture = Fixture.welcomed();
        var subscription = fixture.subscribe(Cursor.live());
        fixture.server().opens(3, opened -> opened.setNext(1));
        assertTrue(subscription.isDone());
        var receipt = fixture.publish("x");
        fixture.server().error(ErrorCode.UNAUTHENTICATED, 0, 0);
        fixture.expectEvents("connected", "disconnected UNAUTHENTICATED false", "end UNAUTHENTICATED");
        assertFailed(ErrorCode.OUTCOME_UNKNOWN, receipt);
        assertFailed(ErrorCode.UNAUTHENTICATED, fixture.publish("y"));
        assertFailed(ErrorCode.UNAUTHENTICATED, fixture.channel().open());
        fixture.end();
    }

    @Test
    void shouldRefuseASecondWelcome() {
        Fixture fixture = Fixture.welcomed();
        fixture.server().send(FrameType.WELCOME, Welcome.getDefaultInstance());
        fixture.expectEvents("connected", "disconnected UNEXPECTED_FRAME true");
        fixture.end();
    }
}
