package io.freshet.client;

import static io.freshet.client.Fixture.assertFailed;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FrameHeader;
import io.freshet.protocol.FrameType;
import io.freshet.protocol.Frames;
import io.freshet.protocol.v1.Direction;
import io.freshet.protocol.v1.Fetch;
import io.freshet.protocol.v1.Record;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class FetchTest {
    private final Fixture fixture = Fixture.welcomed();

    private ScriptedServer server() {
        return fixture.server();
    }

    private CompletableFuture<Page> fetchBackward(long fromSequence, int limit) {
        var page = fixture.channel().fetchBackward(fromSequence, limit).toCompletableFuture();
        fixture.transport.run();
        return page;
    }

    private void page(long request, long nextSequence, ByteString records) {
        server().send(
                        FrameType.PAGE,
                        io.freshet.protocol.v1.Page.newBuilder()
                                .setRequest(request)
                                .setChannel(3)
                                .setNextSequence(nextSequence)
                                .setRecords(records)
                                .build());
    }

    @Test
    void shouldFetchBothWays() {
        var backward = fetchBackward(0, 2);
        server().opens(3);
        Fetch fetch = server().expect(FrameType.FETCH, Fetch.parser());
        assertEquals(Direction.DIRECTION_BACKWARD, fetch.getDirection());
        assertEquals(3, fetch.getChannel());
        assertEquals(0, fetch.getFromSequence());
        assertEquals(2, fetch.getLimit());
        page(fetch.getRequest(), 7, ScriptedServer.frame(3, 8, "x").concat(ScriptedServer.frame(3, 9, "y")));
        Page page = backward.join();
        assertEquals(
                List.of("x", "y"),
                page.records().stream().map(StoredRecord::text).toList());
        assertEquals(
                List.of(8L, 9L),
                page.records().stream().map(StoredRecord::sequence).toList());
        assertEquals(7, page.nextSequence());
        assertFalse(page.isLast());

        var forward = fixture.channel().fetchForward(10, 5).toCompletableFuture();
        fetch = server().expect(FrameType.FETCH, Fetch.parser());
        assertEquals(Direction.DIRECTION_FORWARD, fetch.getDirection());
        assertEquals(10, fetch.getFromSequence());
        page(fetch.getRequest(), 0, ByteString.EMPTY);
        assertTrue(forward.join().records().isEmpty());
        assertTrue(forward.join().isLast());
        fixture.end();
    }

    @Test
    void shouldReadErasedAndLegalOtherRecordsOfAPage() {
        ByteBuf frame = Unpooled.buffer();
        Frames.write(
                frame,
                FrameType.RECORD,
                FrameHeader.FLAG_ERASED,
                Record.newBuilder()
                        .setPayload(ByteString.copyFromUtf8("z"))
                        .setSequence(5)
                        .setChannel(3)
                        .build());
        var page = fetchBackward(0, 2);
        server().opens(3);
        page(server().expect(FrameType.FETCH, Fetch.parser()).getRequest(), 0, ByteString.copyFrom(frame.nioBuffer()));
        StoredRecord record = page.join().records().get(0);
        assertEquals("z", record.text());
        assertTrue(record.isErased());
        fixture.end();
    }

    @Test
    void shouldFailWhenTheServerRefuses() {
        var page = fetchBackward(99, 2);
        server().opens(3);
        long request = server().expect(FrameType.FETCH, Fetch.parser()).getRequest();
        server().error(ErrorCode.BEYOND_HEAD, request, 0);
        assertFailed(ErrorCode.BEYOND_HEAD, page);
        fixture.end();
    }

    @Test
    void shouldAskAgainOnTheNextConnection() {
        var first = fetchBackward(20, 2);
        var second = fetchBackward(10, 2);
        server().opens(3);
        long request = server().expect(FrameType.FETCH, Fetch.parser()).getRequest();
        server().expect(FrameType.FETCH, Fetch.parser());
        fixture.reconnect();
        server().opens(3);
        page(request, 0, ByteString.EMPTY);
        assertFalse(first.isDone());
        assertEquals(1, fixture.client().statistics().unexpectedAnswers());
        Fetch again = server().expect(FrameType.FETCH, Fetch.parser());
        assertEquals(20, again.getFromSequence());
        page(again.getRequest(), 0, ByteString.EMPTY);
        assertTrue(first.isDone());
        page(server().expect(FrameType.FETCH, Fetch.parser()).getRequest(), 0, ByteString.EMPTY);
        assertTrue(second.isDone());
        fixture.end();
    }

    @Test
    void shouldAskForSixteenAtATime() {
        for (int i = 1; i <= 20; i++) {
            assertFalse(fetchBackward(i, 1).isDone());
        }
        server().opens(3);
        long request = server().expect(FrameType.FETCH, Fetch.parser()).getRequest();
        for (int i = 1; i < 16; i++) {
            server().expect(FrameType.FETCH, Fetch.parser());
        }
        server().expectNothing();
        page(request, 0, ByteString.EMPTY);
        server().expect(FrameType.FETCH, Fetch.parser());
        server().expectNothing();
        fixture.end();
    }

    @Test
    void shouldAskAgainAfterTheTimeThatTheServerTellsWhenItReadTooMuch() {
        CompletableFuture<Page> page = fetchBackward(1, 1);
        server().opens(3);
        long request = server().expect(FrameType.FETCH, Fetch.parser()).getRequest();
        server().error(ErrorCode.HISTORY_RATE, request, 3_000);
        fixture.passMs(2_999);
        server().expectNothing();
        assertFalse(page.isDone());
        fixture.passMs(1_000);
        long again = server().expect(FrameType.FETCH, Fetch.parser()).getRequest();
        page(again, 0, ByteString.EMPTY);
        assertTrue(page.isDone());
        fixture.end();
    }

    @Test
    void shouldGiveUpWhenTheServerRefusesForTooLong() {
        CompletableFuture<Page> page = fetchBackward(1, 1);
        server().opens(3);
        for (int tryCount = 1; tryCount <= 4; tryCount++) {
            assertFalse(page.isDone(), "try " + tryCount);
            server().error(
                            ErrorCode.HISTORY_RATE,
                            server().expect(FrameType.FETCH, Fetch.parser()).getRequest(),
                            20_000);
            fixture.passMs(25_000);
        }
        assertFailed(ErrorCode.HISTORY_RATE, page);
        assertFalse(fetchBackward(2, 1).isDone(), "the next is tried for as long again");
        server().expect(FrameType.FETCH, Fetch.parser());
        fixture.end();
    }

    @Test
    void shouldNameItsLimitOfRequests() {
        for (int i = 0; i < CommandQueue.MAX_REQUESTS; i++) {
            assertFalse(fetchBackward(1, 1).isDone());
        }
        assertFailed(ErrorCode.OVERLOADED, fixture.channel().fetchBackward(1, 1));
        fixture.end();
    }

    static List<ByteString> hostilePages() {
        ByteString good = ScriptedServer.frame(3, 5, "x");
        byte[] tooLong = good.toByteArray();
        tooLong[3] = (byte) 0x80;
        byte[] tooShort = good.toByteArray();
        tooShort[0] = 0;
        byte[] otherType = good.toByteArray();
        otherType[4] = (byte) FrameType.PING.code();
        byte[] noRecord = good.toByteArray();
        noRecord[8] = 7;
        return List.of(
                good.substring(0, 5),
                good.substring(0, good.size() - 1),
                good.concat(good),
                good.concat(ScriptedServer.frame(3, 4, "y")),
                ScriptedServer.frame(4, 5, "x"),
                ScriptedServer.frame(3, 0, "x"),
                ScriptedServer.frame(3, -1, "x"),
                ByteString.copyFrom(tooLong),
                ByteString.copyFrom(tooShort),
                ByteString.copyFrom(otherType),
                ByteString.copyFrom(noRecord));
    }

    @ParameterizedTest
    @MethodSource("hostilePages")
    void shouldFailAndReconnectWhenAPageIsBroken(ByteString records) {
        var page = fetchBackward(0, 2);
        server().opens(3);
        page(server().expect(FrameType.FETCH, Fetch.parser()).getRequest(), 0, records);
        assertFailed(ErrorCode.MALFORMED, page);
        assertTrue(server().isAborted());
        fixture.nextWelcome();
        server().opens(3);
        server().expectNothing();
        fixture.end();
    }

    @Test
    void shouldRefuseImpossibleArguments() {
        assertThrows(IllegalArgumentException.class, () -> fixture.channel().fetchForward(0, 1));
        assertThrows(IllegalArgumentException.class, () -> fixture.channel().fetchForward(1, 0));
        assertThrows(IllegalArgumentException.class, () -> fixture.channel().fetchBackward(-1, 1));
        fixture.end();
    }
}
