package io.freshet.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FrameType;
import io.freshet.protocol.v1.Error;
import io.freshet.protocol.v1.JoinRoom;
import io.freshet.protocol.v1.LeaveRoom;
import io.freshet.protocol.v1.Response;
import io.freshet.protocol.v1.RoomEndReason;
import io.freshet.protocol.v1.RoomJoined;
import io.freshet.protocol.v1.RoomSignalKind;
import io.freshet.protocol.v1.RoomState;
import io.freshet.protocol.v1.RoomUpdate;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a client does about its place in a voice room, against a server that the test plays. */
@Timeout(60)
class RoomTest {
    private static final long CHANNEL = 5;
    private static final ByteString TICKET = ByteString.copyFromUtf8("ticket");
    private static final int GRACE_MS = 5000;

    private final Fixture fixture = new Fixture();
    private final List<String> told = new ArrayList<>();
    private final Room room = welcomed().room("voice", new RoomListener() {
        @Override
        public void onChange(RoomView view) {
            told.add("change");
        }

        @Override
        public void onSignal(long peer, RoomSignalKind kind, byte[] payload) {
            told.add("signal");
        }

        @Override
        public void onEnd(RoomEndReason reason) {
            told.add("end");
        }
    });

    @AfterEach
    void end() {
        fixture.end();
    }

    private FreshetClient welcomed() {
        server().welcomes(welcome -> welcome.setMaxRequests(4));
        return fixture.client();
    }

    private void reconnect() {
        server().drop();
        fixture.passMs(10_000);
        welcomed();
    }

    private ScriptedServer server() {
        return fixture.server();
    }

    private io.freshet.protocol.v1.Request expectRequest(String method) {
        io.freshet.protocol.v1.Request request =
                server().expect(FrameType.REQUEST, io.freshet.protocol.v1.Request.parser());
        assertEquals("freshet.v1.Rooms/" + method, request.getMethod());
        return request;
    }

    private void joins(io.freshet.protocol.v1.Request request) {
        RoomJoined joined = RoomJoined.newBuilder()
                .setChannel(CHANNEL)
                .setPeer(1)
                .setTicket(TICKET)
                .setGraceMs(GRACE_MS)
                .setRoom(RoomUpdate.newBuilder()
                        .setChannel(CHANNEL)
                        .setVersion(1)
                        .setWhole(true))
                .build();
        server().send(
                        FrameType.RESPONSE,
                        Response.newBuilder()
                                .setRequest(request.getRequest())
                                .setBody(joined.toByteString())
                                .build());
        fixture.transport.run();
    }

    private void refuse(io.freshet.protocol.v1.Request request, ErrorCode code, int retryAfterMs) {
        server().send(
                        FrameType.ERROR,
                        Error.newBuilder()
                                .setCode(code.number())
                                .setRequest(request.getRequest())
                                .setRetryAfterMs(retryAfterMs)
                                .build());
        fixture.transport.run();
    }

    private CompletableFuture<RoomView> join() {
        CompletableFuture<RoomView> joined =
                room.join(RoomState.getDefaultInstance()).toCompletableFuture();
        fixture.transport.run();
        return joined;
    }

    private void joined() {
        CompletableFuture<RoomView> joined = join();
        joins(expectRequest("Join"));
        assertTrue(joined.isDone() && !joined.isCompletedExceptionally());
    }

    @Test
    void shouldNotComeBackWhoLeavesWhileThePlaceIsAskedForAgain() throws Exception {
        joined();
        reconnect();
        io.freshet.protocol.v1.Request again = expectRequest("Join");
        assertEquals(TICKET, JoinRoom.parseFrom(again.getBody()).getTicket());
        CompletableFuture<Void> left = room.leave().toCompletableFuture();
        fixture.transport.run();
        refuse(expectRequest("Leave"), ErrorCode.NOT_IN_ROOM, 0);
        Fixture.assertFailed(ErrorCode.NOT_IN_ROOM, left);
        joins(again);
        io.freshet.protocol.v1.Request leave = expectRequest("Leave");
        assertEquals(CHANNEL, LeaveRoom.parseFrom(leave.getBody()).getChannel());
        refuse(leave, ErrorCode.NOT_IN_ROOM, 0);
        assertNull(room.view());
        assertEquals(List.of(), told);
        reconnect();
        server().expectNothing();
    }

    @Test
    void shouldGiveUpThePlaceOfAJoinThatWasNotWaitedFor() {
        CompletableFuture<RoomView> joined = join();
        io.freshet.protocol.v1.Request request = expectRequest("Join");
        Fixture.assertFailed(ErrorCode.NOT_IN_ROOM, room.leave());
        joins(request);
        Fixture.assertFailed(ErrorCode.NOT_IN_ROOM, joined);
        expectRequest("Leave");
        assertNull(room.view());
    }

    @Test
    void shouldKeepThePlaceOfALaterJoin() {
        CompletableFuture<RoomView> first = join();
        io.freshet.protocol.v1.Request request = expectRequest("Join");
        Fixture.assertFailed(ErrorCode.NOT_IN_ROOM, room.leave());
        CompletableFuture<RoomView> second = join();
        io.freshet.protocol.v1.Request later = expectRequest("Join");
        joins(request);
        Fixture.assertFailed(ErrorCode.NOT_IN_ROOM, first);
        server().expectNothing();
        joins(later);
        assertFalse(second.isCompletedExceptionally());
        assertNotNull(room.view());
        server().expectNothing();
    }

    @Test
    void shouldAskAgainForThePlaceWhenItWasPutOff() {
        joined();
        reconnect();
        refuse(expectRequest("Join"), ErrorCode.SERVICE_BUSY, 700);
        assertNotNull(room.view());
        fixture.passMs(699);
        server().expectNothing();
        fixture.passMs(1);
        refuse(expectRequest("Join"), ErrorCode.POLICY_UNAVAILABLE, 0);
        fixture.passMs(500);
        joins(expectRequest("Join"));
        assertEquals(List.of("change"), told);
        fixture.passMs(10_000);
        server().expectNothing();
    }

    @Test
    void shouldTellOnceThatThePlaceIsLostWhenItWasPutOffForTooLong() {
        joined();
        reconnect();
        int askedCount = 0;
        for (int i = 0; i < 20 && told.isEmpty(); i++) {
            refuse(expectRequest("Join"), ErrorCode.OVERLOADED, 0);
            askedCount++;
            fixture.passMs(500);
        }
        assertEquals(GRACE_MS / 500 + 1, askedCount);
        assertEquals(List.of("end"), told);
        assertNull(room.view());
        server().expectNothing();
        reconnect();
        server().expectNothing();
    }

    @Test
    void shouldAskOnTheNextSessionAtOnce() {
        joined();
        reconnect();
        refuse(expectRequest("Join"), ErrorCode.SERVICE_BUSY, 4000);
        reconnect();
        joins(expectRequest("Join"));
        assertEquals(List.of("change"), told);
        fixture.passMs(10_000);
        server().expectNothing();
    }

    @Test
    void shouldEndWithARefusalThatIsALastOne() {
        joined();
        reconnect();
        refuse(expectRequest("Join"), ErrorCode.FORBIDDEN, 0);
        assertEquals(List.of("end"), told);
        fixture.passMs(10_000);
        server().expectNothing();
    }
}
