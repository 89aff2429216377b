package io.freshet.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FrameType;
import io.freshet.protocol.v1.Open;
import org.junit.jupiter.api.Test;

/** A server ends a session that does nothing; the client comes back once there is something to do. */
final class IdleTest {
    private static final int ASKED_MS = 200;

    private final Fixture fixture = Fixture.welcomed();

    private void endsIdleSession() {
        fixture.server().error(ErrorCode.IDLE_TIMEOUT, 0, ASKED_MS);
        fixture.server().drop();
    }

    private int connectionCount() {
        return fixture.transport.connections.size();
    }

    @Test
    void shouldComeBackOnceThereIsSomethingToDo() {
        assertFalse(fixture.publish("a").isDone());
        fixture.server().opens(3);
        fixture.server().expectPublishes("1:a");
        fixture.server().published(3, fixture.instance(), 1, 1, 1);
        fixture.events.clear();
        endsIdleSession();
        fixture.expectEvents("disconnected IDLE_TIMEOUT true");
        fixture.passMs(600_000);
        assertEquals(1, connectionCount());

        var receipt = fixture.publish("b");
        fixture.passMs(0);
        assertEquals(2, connectionCount());
        assertEquals(fixture.instance(), fixture.server().welcomes().getInstance());
        fixture.server().opens(3, opened -> opened.setNonceCounter(1));
        fixture.server().expectPublishes("2:b");
        fixture.server().published(3, fixture.instance(), 2, 1, 2);
        assertEquals(2, receipt.join().sequence());
        fixture.end();
    }

    @Test
    void shouldComeBackNoSoonerThanTold() {
        endsIdleSession();
        assertFalse(fixture.publish("a").isDone());
        fixture.passMs(ASKED_MS - 1);
        assertEquals(1, connectionCount());
        fixture.passMs(101);
        assertEquals(2, connectionCount());
        fixture.end();
    }

    @Test
    void shouldComeBackByItselfWhenSomethingWasOnItsWay() {
        assertFalse(fixture.publish("a").isDone());
        fixture.server().expect(FrameType.OPEN, Open.parser());
        endsIdleSession();
        fixture.nextWelcome();
        fixture.server().opens(3);
        fixture.server().expectPublishes("1:a");
        fixture.end();
    }

    @Test
    void shouldNotRestBeforeItWasWelcome() {
        Fixture unwelcome = new Fixture();
        unwelcome.server().hello().error(ErrorCode.IDLE_TIMEOUT, 0, ASKED_MS);
        unwelcome.server().drop();
        unwelcome.passMs(1_000);
        assertEquals(2, unwelcome.transport.connections.size());
        unwelcome.server().welcomes();
        assertTrue(unwelcome.connecting.isDone());
        unwelcome.end();
    }

    @Test
    void shouldEndWhileItRests() {
        endsIdleSession();
        fixture.passMs(1_000);
        fixture.end();
        assertEquals(1, connectionCount());
    }
}
