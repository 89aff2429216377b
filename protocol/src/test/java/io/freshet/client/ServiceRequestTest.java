package io.freshet.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FrameType;
import io.freshet.protocol.FreshetException;
import io.freshet.protocol.v1.Ping;
import io.freshet.protocol.v1.Pong;
import io.freshet.protocol.v1.Push;
import io.freshet.protocol.v1.Response;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

/** What a client does with calls of services and what these push, against a server that the test plays. */
class ServiceRequestTest {
    private Fixture fixture = Fixture.welcomed();

    private ScriptedServer server() {
        return fixture.server();
    }

    private CompletableFuture<Pong> call(long token) {
        CompletableFuture<Pong> answer = fixture.client()
                .request("a/b", Ping.newBuilder().setToken(token).build(), Pong.parser())
                .toCompletableFuture();
        fixture.transport.run();
        return answer;
    }

    private io.freshet.protocol.v1.Request expectRequest() {
        return server().expect(FrameType.REQUEST, io.freshet.protocol.v1.Request.parser());
    }

    private io.freshet.protocol.v1.Request requestBehindHeartbeats() {
        ScriptedServer.Received frame;
        do {
            frame = Objects.requireNonNull(server().poll());
        } while (frame.type() == FrameType.PING);
        return frame.as(io.freshet.protocol.v1.Request.parser());
    }

    private void answer(long request, ByteString body) {
        server().send(
                        FrameType.RESPONSE,
                        Response.newBuilder().setRequest(request).setBody(body).build());
    }

    private static ByteString pong(long token) {
        return Pong.newBuilder().setToken(token).build().toByteString();
    }

    private static void assertFailed(ErrorCode code, CompletableFuture<?> stage) {
        CompletionException failure = assertThrows(CompletionException.class, () -> stage.getNow(null));
        assertEquals(code, ((FreshetException) Objects.requireNonNull(failure.getCause())).code());
    }

    @Test
    void shouldMatchAnswersThatComeInAnyOrder() throws Exception {
        fixture.end();
        fixture = new Fixture();
        server().welcomes(welcome -> welcome.setMaxRequests(2));
        var first = call(1);
        var second = call(2);
        io.freshet.protocol.v1.Request one = expectRequest();
        io.freshet.protocol.v1.Request two = expectRequest();
        assertEquals("a/b", one.getMethod());
        assertEquals(1, Ping.parseFrom(one.getBody()).getToken());
        answer(two.getRequest(), pong(20));
        assertFalse(first.isDone());
        answer(one.getRequest(), pong(10));
        assertEquals(10, first.join().getToken());
        assertEquals(20, second.join().getToken());
        answer(one.getRequest(), pong(11));
        assertEquals(1, fixture.client().statistics().unexpectedAnswers());
        fixture.end();
    }

    @Test
    void shouldFailWithTheServersCodeAndForAnAnswerThatIsNone() {
        var refused = call(1);
        server().error(ErrorCode.UNKNOWN_METHOD, expectRequest().getRequest(), 0);
        assertFailed(ErrorCode.UNKNOWN_METHOD, refused);
        var garbled = call(2);
        answer(expectRequest().getRequest(), ByteString.copyFrom(new byte[] {1, 2, 3}));
        assertFailed(ErrorCode.MALFORMED, garbled);
        fixture.end();
    }

    @Test
    void shouldHaveNoMoreUnderWayThanTheServerTakes() {
        List<CompletableFuture<Pong>> answers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            answers.add(call(i)); // the server has not said how many: one at a time
        }
        for (int i = 0; i < 3; i++) {
            long request = expectRequest().getRequest();
            server().expectNothing();
            answer(request, pong(i));
            assertEquals(i, answers.get(i).join().getToken());
        }
        fixture.end();
    }

    @Test
    void shouldNotKnowWhatBecameOfWhatWasSentAndSendTheRestOnTheNextSession() {
        var sent = call(1);
        var unsent = call(2);
        expectRequest();
        server().drop();
        assertFailed(ErrorCode.OUTCOME_UNKNOWN, sent);
        assertFalse(unsent.isDone());
        fixture.nextWelcome();
        answer(expectRequest().getRequest(), pong(2));
        assertEquals(2, unsent.join().getToken());
        fixture.end();
    }

    @Test
    void shouldGiveUpAfterTheTimeAndStillCountWhatTheServerOwes() {
        var late = call(1);
        io.freshet.protocol.v1.Request request = expectRequest();
        var unsent = call(2);
        for (int i = 0; i < 30; i++) {
            server().send(FrameType.PONG, Pong.getDefaultInstance());
            fixture.passMs(1_000);
        }
        assertFailed(ErrorCode.OUTCOME_UNKNOWN, late);
        assertFailed(ErrorCode.DISCONNECTED, unsent);
        var next = call(3);
        answer(request.getRequest(), pong(1));
        assertEquals(0, fixture.client().statistics().unexpectedAnswers());
        answer(requestBehindHeartbeats().getRequest(), pong(3));
        assertEquals(3, next.join().getToken());
        fixture.end();
    }

    @Test
    void shouldFailWhatWaitsWhenTheClientIsClosed() {
        var sent = call(1);
        var unsent = call(2);
        fixture.end();
        assertFailed(ErrorCode.CLIENT_CLOSED, sent);
        assertFailed(ErrorCode.CLIENT_CLOSED, unsent);
        assertFailed(ErrorCode.CLIENT_CLOSED, call(3));
    }

    @Test
    void shouldRefuseNamesAndTimesThatCannotBe() {
        FreshetClient client = fixture.client();
        Ping ping = Ping.getDefaultInstance();
        assertThrows(IllegalArgumentException.class, () -> client.request("", ping, Pong.parser()));
        assertThrows(IllegalArgumentException.class, () -> client.request("é".repeat(64), ping, Pong.parser()));
        assertThrows(IllegalArgumentException.class, () -> client.request("a/b", ping, Pong.parser(), Duration.ZERO));
        fixture.end();
    }

    @Test
    void shouldHandPushesToThoseWhoWantThem() {
        List<Long> tokens = new ArrayList<>();
        Registration registration =
                fixture.client().onPush(Pong.getDefaultInstance(), pong -> tokens.add(pong.getToken()));
        Registration throwing = fixture.client().onPush(Pong.getDefaultInstance(), pong -> {
            throw new IllegalStateException("a handler that throws");
        });
        push("freshet.v1.Pong", pong(1));
        push("freshet.v1.Unheard", pong(2));
        push("freshet.v1.Pong", ByteString.copyFrom(new byte[] {1, 2}));
        throwing.close();
        push("freshet.v1.Pong", pong(3));
        registration.close();
        registration.close();
        push("freshet.v1.Pong", pong(4));
        assertEquals(List.of(1L, 3L), tokens);
        assertEquals(5, fixture.client().statistics().pushesReceived());
        assertEquals(1, fixture.client().statistics().callbackFailures());
        fixture.end();
    }

    private void push(String type, ByteString body) {
        server().send(
                        FrameType.PUSH,
                        Push.newBuilder().setType(type).setBody(body).build());
    }

    @Test
    void shouldTellOfThePresentSessionAndOfEachThatBegins() {
        List<String> told = new ArrayList<>();
        Registration registration = fixture.client().onSession(() -> told.add("session"));
        assertTrue(told.isEmpty(), "not on the caller's thread");
        fixture.transport.run();
        assertEquals(1, told.size());
        fixture.reconnect();
        assertEquals(2, told.size());
        registration.close();
        fixture.reconnect();
        assertEquals(2, told.size());
        fixture.end();
    }
}
