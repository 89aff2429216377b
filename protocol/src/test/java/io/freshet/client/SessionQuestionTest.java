package io.freshet.client;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FrameType;
import io.freshet.protocol.v1.AwaitingRoomInvitations;
import io.freshet.protocol.v1.EnterGroups;
import io.freshet.protocol.v1.GroupsEntered;
import io.freshet.protocol.v1.PresenceMode;
import io.freshet.protocol.v1.PresenceSet;
import io.freshet.protocol.v1.Request;
import io.freshet.protocol.v1.Response;
import io.freshet.protocol.v1.SetPresence;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a client asks services on each session by itself: who it is seen by, and that it be told of invitations. */
@Timeout(60)
final class SessionQuestionTest {
    private final Fixture fixture = new Fixture(config -> config.requestTimeout(Duration.ofSeconds(5)));

    SessionQuestionTest() {
        server().welcomes(welcome -> welcome.setMaxRequests(4));
    }

    @AfterEach
    void end() {
        fixture.end();
    }

    private ScriptedServer server() {
        return fixture.server();
    }

    private Presence presence() {
        return fixture.client().presence();
    }

    private void reconnect() {
        server().drop();
        fixture.passMs(10_000);
        server().welcomes(welcome -> welcome.setMaxRequests(4));
    }

    private Request expect(String method) {
        Request request = server().expect(FrameType.REQUEST, Request.parser());
        assertEquals("freshet.v1." + method, request.getMethod());
        return request;
    }

    private void expectEnter(String... groups) throws InvalidProtocolBufferException {
        expectEnter(List.of(groups), Set.of());
    }

    private void expectEnter(List<String> groups, Set<String> refused) throws InvalidProtocolBufferException {
        Request enter = expect("Presence/Enter");
        assertEquals(groups, EnterGroups.parseFrom(enter.getBody()).getGroupList());
        answer(enter, GroupsEntered.newBuilder().addAllRefused(refused).build());
    }

    private void answer(Request request, MessageLite body) {
        server().send(
                        FrameType.RESPONSE,
                        Response.newBuilder()
                                .setRequest(request.getRequest())
                                .setBody(body.toByteString())
                                .build());
        fixture.transport.run();
    }

    private void refuse(Request request, ErrorCode code) {
        server().error(code, request.getRequest(), 0);
        fixture.transport.run();
    }

    @Test
    void shouldNotEnterBeforeItIsSaidHowTheUserWantsToBeSeen() throws Exception {
        presence().mode(PresenceMode.PRESENCE_MODE_INVISIBLE);
        answer(expect("Presence/Set"), PresenceSet.getDefaultInstance());
        presence().join("a");
        expectEnter("a");
        reconnect();
        refuse(expect("Presence/Set"), ErrorCode.SERVICE_BUSY);
        server().expectNothing();
        presence().join("b");
        refuse(expect("Presence/Set"), ErrorCode.SESSION_RATE);
        server().expectNothing();
        fixture.passMs(1_000);
        Request set = expect("Presence/Set");
        assertEquals(
                PresenceMode.PRESENCE_MODE_INVISIBLE,
                SetPresence.parseFrom(set.getBody()).getMode());
        answer(set, PresenceSet.getDefaultInstance());
        expectEnter("a");
        fixture.passMs(10_000);
        server().expectNothing();
    }

    @Test
    void shouldSayHowTheUserWantsToBeSeenBeforeWhatWasAskedBetweenTwoSessions() throws Exception {
        presence().mode(PresenceMode.PRESENCE_MODE_INVISIBLE);
        answer(expect("Presence/Set"), PresenceSet.getDefaultInstance());
        server().drop();
        presence().join("a");
        fixture.passMs(1_000);
        server().welcomes(welcome -> welcome.setMaxRequests(4));
        answer(expect("Presence/Set"), PresenceSet.getDefaultInstance());
        answer(expect("Presence/Set"), PresenceSet.getDefaultInstance());
        expectEnter("a");
        server().expectNothing();
    }

    @Test
    void shouldNotSayAgainWhatTheServerRefusedForGood() {
        presence().idle(true);
        answer(expect("Presence/Set"), PresenceSet.getDefaultInstance());
        CompletableFuture<Void> status = presence().status("here").toCompletableFuture();
        refuse(expect("Presence/Set"), ErrorCode.FORBIDDEN);
        Fixture.assertFailed(ErrorCode.FORBIDDEN, status);
        reconnect();
        Request set = expect("Presence/Set");
        assertEquals(SetPresence.newBuilder().setIdle(true).build().toByteString(), set.getBody());
        answer(set, PresenceSet.getDefaultInstance());
        server().expectNothing();
    }

    @Test
    void shouldKeepTheGroupsThatTheServerHasConfirmed() throws Exception {
        CompletableFuture<Set<String>> entered = presence().enter(Set.of("a")).toCompletableFuture();
        CompletableFuture<Boolean> joined = presence().join("secret").toCompletableFuture();
        expectEnter("a");
        expectEnter(List.of("a", "secret"), Set.of("secret"));
        assertEquals(Set.of(), entered.join());
        assertEquals(false, joined.join());
        CompletableFuture<Boolean> failed = presence().join("busy").toCompletableFuture();
        refuse(expect("Presence/Enter"), ErrorCode.POLICY_UNAVAILABLE);
        Fixture.assertFailed(ErrorCode.POLICY_UNAVAILABLE, failed);
        presence().join("b");
        presence().join("c");
        expectEnter("a", "b");
        expectEnter("a", "b", "c");
        presence().leave("a");
        expectEnter("b", "c");
        reconnect();
        expectEnter("b", "c");
        server().expectNothing();
    }

    @Test
    void shouldAskForInvitationsUntilTheServerPromisesThem() {
        Registration registration = fixture.client().onRoomInvitation(invitation -> {});
        for (ErrorCode code : List.of(ErrorCode.SESSION_RATE, ErrorCode.SERVICE_BUSY)) {
            refuse(expect("Rooms/AwaitInvitations"), code);
            fixture.passMs(1_000);
        }
        expect("Rooms/AwaitInvitations");
        fixture.passMs(6_000); // it is not answered in time
        answer(expect("Rooms/AwaitInvitations"), AwaitingRoomInvitations.getDefaultInstance());
        fixture.passMs(10_000);
        server().expectNothing();
        reconnect();
        refuse(expect("Rooms/AwaitInvitations"), ErrorCode.SERVICE_BUSY);
        registration.close();
        fixture.passMs(10_000);
        server().expectNothing();
    }

    @Test
    void shouldNotAskAgainForInvitationsThatOneMayNotHave() {
        fixture.client().onRoomInvitation(invitation -> {});
        refuse(expect("Rooms/AwaitInvitations"), ErrorCode.UNKNOWN_METHOD);
        fixture.passMs(60_000);
        server().expectNothing();
    }
}
