package io.freshet.client;

import static io.freshet.client.Fixture.assertFailed;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FrameType;
import io.freshet.protocol.FreshetException;
import io.freshet.protocol.v1.Connect;
import io.freshet.protocol.v1.Renew;
import io.freshet.protocol.v1.Renewed;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

final class TokenRenewalTest {
    private final List<CompletableFuture<byte[]>> asked = new ArrayList<>();

    /** A client whose tokens the test gives when it likes. */
    private Fixture fixture() {
        return new Fixture(config -> config.tokens(() -> {
            CompletableFuture<byte[]> token = new CompletableFuture<>();
            asked.add(token);
            return token;
        }));
    }

    private void give(Fixture fixture, int count, String token) {
        assertEquals(count, asked.size());
        asked.get(count - 1).complete(token.getBytes(StandardCharsets.UTF_8));
        fixture.transport.run();
    }

    private Fixture welcomed(long expiresInMs) {
        Fixture fixture = fixture();
        fixture.server().hello();
        give(fixture, 1, "one");
        welcome(fixture, "one", expiresInMs);
        assertTrue(fixture.connecting.isDone());
        return fixture;
    }

    private static void welcome(Fixture fixture, String token, long expiresInMs) {
        Connect connect = fixture.server().expect(FrameType.CONNECT, Connect.parser());
        assertEquals(token, connect.getToken().toStringUtf8());
        fixture.server()
                .send(
                        FrameType.WELCOME,
                        ScriptedServer.welcome()
                                .setTokenExpiresInMs(expiresInMs)
                                .build());
    }

    private static long expectRenew(Fixture fixture, String token) {
        Renew renew = fixture.server().expect(FrameType.RENEW, Renew.parser());
        assertEquals(token, renew.getToken().toStringUtf8());
        return renew.getRequest();
    }

    private static void renewed(Fixture fixture, long request, long expiresInMs) {
        fixture.server()
                .send(
                        FrameType.RENEWED,
                        Renewed.newBuilder()
                                .setRequest(request)
                                .setTokenExpiresInMs(expiresInMs)
                                .build());
    }

    @Test
    void shouldSayNothingBeforeItsSourceHasGivenAToken() {
        Fixture fixture = fixture();
        assertTrue(asked.isEmpty(), "a token is asked for when the server is there");
        fixture.server().hello();
        fixture.server().expectNothing();
        give(fixture, 1, "one");
        welcome(fixture, "one", 0);
        assertTrue(fixture.connecting.isDone());
        fixture.passMs(1_000_000);
        assertEquals(1, asked.size(), "a token that does not expire is not renewed");
        fixture.end();
    }

    @Test
    void shouldShowANewerTokenWhenAFifthOfTheTimeIsLeft() {
        Fixture fixture = welcomed(10_000);
        fixture.passMs(7_999);
        assertEquals(1, asked.size());
        fixture.passMs(1);
        give(fixture, 2, "two");
        long first = expectRenew(fixture, "two");
        renewed(fixture, first, 20_000);
        fixture.passMs(16_000);
        give(fixture, 3, "three");
        assertTrue(expectRenew(fixture, "three") != first);
        fixture.expectEvents("connected");
        fixture.end();
    }

    @Test
    void shouldTryAgainAtEachHalfOfWhatIsLeft() {
        Fixture fixture = welcomed(20_000);
        fixture.passMs(16_000);
        asked.get(1).completeExceptionally(new IllegalStateException("planted"));
        fixture.transport.run();
        fixture.server().expectNothing();
        fixture.passMs(2_000);
        give(fixture, 3, "three");
        long request = expectRenew(fixture, "three");
        fixture.server().error(ErrorCode.POLICY_UNAVAILABLE, request, 200);
        fixture.passMs(999);
        assertEquals(3, asked.size());
        fixture.passMs(1);
        give(fixture, 4, "four");
        fixture.server().error(ErrorCode.UNAUTHENTICATED, expectRenew(fixture, "four"), 0);
        fixture.passMs(60_000);
        assertEquals(4, asked.size(), "less than a second was left");
        fixture.expectEvents("connected");
        fixture.end();
    }

    @Test
    void shouldConnectAgainWithANewTokenWhenTheSessionHasExpired() {
        Fixture fixture = welcomed(0);
        fixture.server().error(ErrorCode.TOKEN_EXPIRED, 0, 0);
        fixture.passMs(10_000);
        fixture.server().hello();
        give(fixture, 2, "two");
        welcome(fixture, "two", 0);
        fixture.expectEvents("connected", "disconnected TOKEN_EXPIRED true", "connected");
        fixture.end();
    }

    @Test
    void shouldEndWhenItsOnlyTokenHasExpired() {
        Fixture fixture = Fixture.welcomed();
        fixture.server().error(ErrorCode.TOKEN_EXPIRED, 0, 0);
        fixture.expectEvents("connected", "disconnected TOKEN_EXPIRED false");
        fixture.end();
    }

    @Test
    void shouldEndWhenTheServerRefusesAFreshToken() {
        Fixture fixture = welcomed(0);
        fixture.server().drop();
        fixture.passMs(10_000);
        fixture.server().hello();
        give(fixture, 2, "two");
        fixture.server().error(ErrorCode.UNAUTHENTICATED, 0, 0);
        fixture.expectEvents("connected", "disconnected DISCONNECTED true", "disconnected UNAUTHENTICATED false");
        fixture.end();
    }

    @Test
    void shouldFailToConnectWhenItsSourceFailsAndSayNothingOfTheToken() {
        Fixture fixture = new Fixture(config -> config.tokens(() -> {
            throw new IllegalStateException("planted");
        }));
        fixture.server().hello();
        assertFailed(ErrorCode.DISCONNECTED, fixture.connecting);
        FreshetException failure = Fixture.failure(fixture.connecting);
        assertTrue(failure.toString().contains("token source failed"), failure.toString());
        fixture.end();
    }

    @Test
    void shouldIgnoreATokenThatComesAfterItsConnection() {
        Fixture fixture = welcomed(10_000);
        fixture.passMs(8_000);
        fixture.server().drop();
        give(fixture, 2, "late");
        fixture.passMs(10_000);
        fixture.server().hello();
        fixture.server().expectNothing();
        give(fixture, 3, "three");
        welcome(fixture, "three", 0);
        fixture.end();
    }

    @Test
    void shouldTakeARenewedThatAnswersNothingForABreach() {
        Fixture fixture = welcomed(10_000);
        renewed(fixture, 5, 1);
        assertFalse(fixture.events.isEmpty());
        assertEquals("disconnected UNEXPECTED_FRAME true", fixture.events.get(1));
        give(fixture, 1, "unused");
        fixture.end();
    }

    @Test
    void shouldNameNoTokenInItsTexts() {
        ClientConfig config = ClientConfig.builder().token("very-secret").build();
        assertFalse(config.toString().contains("very-secret"));
    }
}
