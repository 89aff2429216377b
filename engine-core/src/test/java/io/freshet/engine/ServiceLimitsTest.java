package io.freshet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.freshet.engine.service.Caller;
import io.freshet.engine.service.Service;
import io.freshet.log.StorageConfig;
import io.freshet.log.memory.MemoryDisk;
import io.freshet.log.memory.MemoryStorage;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FrameHeader;
import io.freshet.protocol.FrameType;
import io.freshet.protocol.v1.Error;
import io.freshet.protocol.v1.Ping;
import io.freshet.protocol.v1.Pong;
import io.freshet.protocol.v1.Push;
import io.freshet.protocol.v1.Record;
import io.freshet.protocol.v1.Request;
import io.freshet.protocol.v1.Response;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a socket may ask of services, and what services may push to it, by hand. */
@Timeout(60)
class ServiceLimitsTest {
    private static final int PUSHED_LENGTH = 4_000;

    private final LinkedBlockingQueue<Caller> callers = new LinkedBlockingQueue<>();
    private final AtomicBoolean isFull = new AtomicBoolean();
    private final ThreadPoolExecutor pool =
            new ThreadPoolExecutor(0, 64, 1, TimeUnit.SECONDS, new SynchronousQueue<>());
    private final CompletableFuture<Pong> held = new CompletableFuture<>();
    private FreshetEngine engine;
    private RawConnection raw;

    @BeforeEach
    void start() throws IOException {
        engine = FreshetEngine.start(EngineConfig.builder()
                .storage(MemoryStorage.open(
                        new MemoryDisk(), StorageConfig.builder().shardCount(1).build()))
                .listen(Endpoint.tcp(0))
                .limits(Limits.builder().requestsPerSession(new Rate(1, 40)).build())
                .executor(task -> {
                    if (isFull.get()) {
                        throw new RejectedExecutionException("full");
                    }
                    pool.execute(task);
                })
                .build());
        engine.service(Service.named("a")
                .method("b", Ping.parser(), (caller, ping) -> {
                    callers.add(caller);
                    return CompletableFuture.completedStage(
                            Pong.newBuilder().setToken(ping.getToken()).build());
                })
                .method("held", Ping.parser(), (caller, ping) -> held)
                .build());
        raw = new RawConnection(engine);
        raw.connect();
    }

    @AfterEach
    void close() throws IOException {
        raw.close();
        engine.close();
        pool.shutdown();
    }

    private static Request.Builder request(long number, String method) {
        return Request.newBuilder()
                .setRequest(number)
                .setMethod(method)
                .setBody(Ping.newBuilder().setToken(number).build().toByteString());
    }

    private void send(Request.Builder request) throws IOException {
        raw.send(FrameType.REQUEST, request.build());
    }

    private void assertAnswered(long number) throws IOException {
        Response response = raw.read(FrameType.RESPONSE, Response.parser());
        assertEquals(number, response.getRequest());
        assertEquals(number, Pong.parseFrom(response.getBody()).getToken());
    }

    private Error assertRefused(long number, ErrorCode code) throws IOException {
        Error error = raw.readError();
        assertEquals(code.number(), error.getCode(), error.toString());
        assertEquals(number, error.getRequest());
        return error;
    }

    @Test
    void shouldAnswerBadRequestsAndGoOn() throws IOException {
        send(request(0, "a/b"));
        assertRefused(0, ErrorCode.INVALID_ARGUMENT);
        send(request(1, ""));
        assertRefused(1, ErrorCode.INVALID_ARGUMENT);
        send(request(2, "x".repeat(128)));
        assertRefused(2, ErrorCode.INVALID_ARGUMENT);
        send(request(3, "a/nothing"));
        assertRefused(3, ErrorCode.UNKNOWN_METHOD);
        send(request(4, "a"));
        assertRefused(4, ErrorCode.UNKNOWN_METHOD);
        send(request(5, "a/b").setBody(ByteString.copyFrom(new byte[32 * 1024 + 1])));
        assertRefused(5, ErrorCode.PAYLOAD_TOO_LONG);
        send(request(6, "a/b").setBody(ByteString.copyFrom(new byte[] {1, 2, 3, 4})));
        assertRefused(6, ErrorCode.INVALID_ARGUMENT);
        send(request(-1, "a/b"));
        assertAnswered(-1);
        send(request(-1, "a/b")); // its number is free again
        assertAnswered(-1);
    }

    @Test
    void shouldRefuseANumberThatWaitsForItsAnswer() throws IOException {
        send(request(7, "a/held"));
        send(request(7, "a/b"));
        assertRefused(7, ErrorCode.INVALID_ARGUMENT);
        held.complete(Pong.newBuilder().setToken(7).build());
        assertAnswered(7);
    }

    @Test
    void shouldEndWhoSendsABodyOfAMebibyteAndNobodyElse() throws IOException {
        try (RawConnection other = new RawConnection(engine)) {
            other.connect();
            ByteBuffer head = ByteBuffer.allocate(FrameHeader.LENGTH).order(ByteOrder.LITTLE_ENDIAN);
            head.putInt(1 << 20).put((byte) FrameType.REQUEST.code());
            other.send(head.array());
            assertEquals(ErrorCode.FRAME_TOO_LONG.number(), other.readError().getCode());
            assertTrue(other.isClosedByServer());
        }
        send(request(1, "a/b"));
        assertAnswered(1);
    }

    @Test
    void shouldTakeSixteenAtATimeAndNoMoreThanTheRate() throws IOException {
        for (int i = 1; i <= 17; i++) {
            send(request(i, "a/held"));
        }
        assertRefused(17, ErrorCode.LIMIT_REACHED);
        held.complete(Pong.newBuilder().setToken(1).build());
        for (int i = 1; i <= 16; i++) {
            raw.read(FrameType.RESPONSE, Response.parser());
        }
        int answeredCount = 17;
        Error error = null;
        while (error == null) {
            send(request(100, "a/b"));
            RawConnection.Frame frame = raw.read();
            if (frame.type() == FrameType.ERROR) {
                error = frame.body(Error.parser());
            } else {
                answeredCount++;
            }
        }
        assertEquals(ErrorCode.SESSION_RATE.number(), error.getCode());
        assertTrue(answeredCount >= 40 && answeredCount < 100, "after " + answeredCount);
        assertTrue(error.getRetryAfterMs() > 0, error.toString());
    }

    @Test
    void shouldSayThatItIsBusyWhenTheApplicationTakesNoMore() throws IOException {
        isFull.set(true);
        send(request(1, "a/b"));
        Error error = assertRefused(1, ErrorCode.SERVICE_BUSY);
        assertTrue(error.getRetryAfterMs() > 0, error.toString());
        isFull.set(false);
        send(request(2, "a/b"));
        assertAnswered(2);
        assertEquals(1, engine.metrics().sum("requests.refused"));
    }

    private static Record pushed(long number) {
        return Record.newBuilder()
                .setSequence(number)
                .setPayload(ByteString.copyFrom(new byte[PUSHED_LENGTH]))
                .build();
    }

    @Test
    void shouldPushToWhoReadsAndTellWhoeverPushesToWhoDoesNot() throws Exception {
        send(request(1, "a/b"));
        assertAnswered(1);
        Caller caller = callers.take();
        List<Long> accepted = new ArrayList<>();
        long number = 0;
        int refusedInARow = 0;
        while (refusedInARow < 1_000_000) { // until even the kernel's buffers are full, and a while longer
            boolean isTaken = caller.push(pushed(++number));
            refusedInARow = isTaken ? 0 : refusedInARow + 1;
            if (isTaken) {
                accepted.add(number);
            }
        }
        assertTrue(
                engine.memoryUse().outboundBytes() < 512 * 1024,
                engine.memoryUse().toString());
        for (long expected : accepted) {
            Push push = raw.read(FrameType.PUSH, Push.parser());
            assertEquals("freshet.v1.Record", push.getType());
            assertEquals(expected, Record.parseFrom(push.getBody()).getSequence());
        }
        while (!caller.push(pushed(0))) {
            Thread.onSpinWait(); // it is told that there is room a moment after it was read
        }
        assertEquals(
                0,
                Record.parseFrom(raw.read(FrameType.PUSH, Push.parser()).getBody())
                        .getSequence());
        assertEquals(accepted.size() + 1, engine.metrics().sum("pushes"));
        assertTrue(engine.metrics().sum("pushes.refused") >= 1_000_000);
    }
}
