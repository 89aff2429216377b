package io.freshet.engine.session;

import com.google.protobuf.ByteString;
import com.google.protobuf.DiscardUnknownFieldsParser;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.freshet.engine.Principal;
import io.freshet.engine.limit.TokenBucket;
import io.freshet.engine.mailbox.Mailbox;
import io.freshet.engine.metrics.ReactorCounter;
import io.freshet.engine.service.Caller;
import io.freshet.engine.service.Services;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FrameType;
import io.freshet.protocol.Frames;
import io.freshet.protocol.ServiceName;
import io.freshet.protocol.v1.Error;
import io.freshet.protocol.v1.Request;
import io.freshet.protocol.v1.Response;
import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.agrona.collections.Long2ObjectHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What one session asks of services, and what they tell it. Owned by the session's reactor. A session at rest holds no table.
 *
 * <p>Each request is answered once: by its service, by its time being over, or not at all when the session ends. An answer has its place in the
 * reactor's mailbox, since no more requests are under way on a reactor than that holds.
 */
final class SessionCalls {
    private static final Parser<Request> PARSER = DiscardUnknownFieldsParser.wrap(Request.parser());

    private static final long MS_NS = TimeUnit.MILLISECONDS.toNanos(1);

    private final Session session;
    private final SessionEnvironment environment;
    private @Nullable SessionCaller caller;
    private @Nullable Principal principal;
    private @Nullable TokenBucket rate;
    private @Nullable Long2ObjectHashMap<Pending> pending;

    SessionCalls(Session session, SessionEnvironment environment) {
        this.session = session;
        this.environment = environment;
    }

    /** The session speaks for this principal from now on. */
    void begin(Principal who) {
        principal = who;
        if (!session.isTrusted()) {
            rate = TokenBucket.of(
                    environment.limits().rates().requests(), environment.clock().nowNs());
        }
        if (environment.calls().agent().isToldOfSessions()) {
            environment.calls().agent().began(caller());
        }
    }

    private SessionCaller caller() {
        SessionCaller known = caller;
        if (known == null) {
            assert principal != null;
            known = new SessionCaller(session, environment, session.id(), principal);
            caller = known;
        }
        return known;
    }

    void onRequest(ByteBuf buffer, int frameIndex, int frameLength) {
        Request request = Frames.parse(PARSER, buffer, frameIndex, frameLength);
        int payloadLength = environment.limits().payloadLength();
        environment.counters().add(ReactorCounter.REQUESTS, 1);
        if (request.getRequest() == 0 || isPending(request.getRequest())) {
            refuse(
                    request,
                    ErrorCode.INVALID_ARGUMENT,
                    "REQUEST needs a number that is not 0 nor one that waits for its answer",
                    0);
        } else if (!ServiceName.isLegalMethod(request.getMethod())) {
            refuse(request, ErrorCode.INVALID_ARGUMENT, "a method is 1 to " + ServiceName.MAX_LENGTH + " bytes", 0);
        } else if (request.getBody().size() > payloadLength) {
            refuse(
                    request,
                    ErrorCode.PAYLOAD_TOO_LONG,
                    "a body of " + request.getBody().size() + " bytes; the limit is " + payloadLength,
                    0);
        } else {
            call(request);
        }
    }

    private boolean isPending(long request) {
        return pending != null && pending.containsKey(request);
    }

    private void call(Request request) {
        Services.Entry entry = environment.calls().services().find(request.getMethod());
        long waitNs = rate == null ? 0 : rate.take(environment.clock().nowNs());
        if (waitNs > 0) {
            refuse(request, ErrorCode.SESSION_RATE, "too many requests of late", waitNs);
        } else if (entry == null) {
            refuse(request, ErrorCode.UNKNOWN_METHOD, "there is no such method", 0);
        } else if (pending != null && pending.size() >= environment.limits().requestCount()) {
            refuse(request, ErrorCode.LIMIT_REACHED, "too many requests of this session are unanswered", 0);
        } else if (environment.counters().value(ReactorCounter.REQUESTS_UNDER_WAY) >= Mailbox.ANSWER_CAPACITY) {
            refuse(request, ErrorCode.SERVICE_BUSY, "too many requests are under way", 0);
        } else {
            submit(request, entry);
        }
    }

    private void submit(Request request, Services.Entry entry) {
        long nowNs = environment.clock().nowNs();
        Pending added = new Pending(request, nowNs, nowNs + entry.method().timeoutNs());
        SessionCaller own = caller();
        Caller seen = entry.isOwn() ? own : own.ofApplication();
        if (!environment.calls().submit(entry, seen, added.length, added)) {
            refuse(request, ErrorCode.SERVICE_BUSY, "too many calls are under way", 0);
            return;
        }
        Long2ObjectHashMap<Pending> table = pending;
        if (table == null) {
            table = new Long2ObjectHashMap<>();
            pending = table;
        }
        table.put(request.getRequest(), added);
        environment.counters().add(ReactorCounter.REQUESTS_UNDER_WAY, 1);
    }

    private void refuse(Request request, ErrorCode code, String message, long waitNs) {
        environment.counters().add(ReactorCounter.REQUESTS_REFUSED, 1);
        long waitMs = TimeUnit.NANOSECONDS.toMillis(waitNs + MS_NS - 1);
        session.send(FrameType.ERROR, error(request.getRequest(), code, message, waitMs));
    }

    private static Error error(long request, ErrorCode code, String message, long retryAfterMs) {
        Error error = Errors.ofRequest(request, code, message);
        return retryAfterMs == 0
                ? error
                : error.toBuilder()
                        .setRetryAfterMs((int) Math.min(Integer.MAX_VALUE, retryAfterMs))
                        .build();
    }

    /** The answer has come back to the reactor, where the session may have ended. */
    private void onAnswer(Pending answered, FrameType type, MessageLite body) {
        release(answered);
        remove(answered);
        if (!session.isClosed()) {
            environment.counters().requests().record(environment.clock().nowNs() - answered.askedNs);
            environment.counters().add(ReactorCounter.REQUESTS_FAILED, type == FrameType.ERROR ? 1 : 0);
            session.send(type, body);
        }
    }

    private void remove(Pending over) {
        if (pending != null && pending.get(over.request) == over) {
            pending.remove(over.request);
            if (pending.isEmpty()) {
                pending = null;
            }
        }
    }

    private void release(Pending over) {
        environment.calls().release(over.length);
        environment.counters().add(ReactorCounter.REQUESTS_UNDER_WAY, -1);
    }

    /** Answers those whose time is over. */
    void onTimer(long nowNs) {
        if (pending == null) {
            return;
        }
        for (Pending each : List.copyOf(pending.values())) {
            if (nowNs - each.deadlineNs >= 0 && each.end()) {
                environment.counters().add(ReactorCounter.REQUESTS_FAILED, 1);
                release(each);
                remove(each);
                session.send(
                        FrameType.ERROR,
                        Errors.ofRequest(
                                each.request, ErrorCode.OUTCOME_UNKNOWN, "the service did not answer in time"));
            }
        }
    }

    /** The connection has room again. */
    void onWritable() {
        if (caller != null) {
            caller.onWritable();
        }
    }

    /** Whether a request waits for its answer, or a service for the session's end: it has something to do here. */
    boolean isEngaged() {
        return pending != null || (caller != null && caller.isEngaged());
    }

    /** The session ends, once: nobody waits for answers any more, and services hear of it. */
    void close() {
        if (pending != null) {
            for (Pending each : pending.values()) {
                if (each.end()) {
                    release(each);
                }
            }
            pending = null;
        }
        if (caller != null) {
            caller.end();
        }
    }

    /** A request that is not answered yet. Answered from any thread, otherwise the reactor's. */
    private final class Pending implements Calls.Call {
        final long request;
        final int length;
        final long askedNs;
        final long deadlineNs;
        private final AtomicBoolean isOver = new AtomicBoolean();
        private volatile @Nullable ByteString body;

        Pending(Request asked, long askedNs, long deadlineNs) {
            request = asked.getRequest();
            body = asked.getBody();
            length = asked.getBody().size();
            this.askedNs = askedNs;
            this.deadlineNs = deadlineNs;
        }

        @Override
        public @Nullable ByteString body() {
            return body;
        }

        /** Ends it; whether it was not ended before. */
        boolean end() {
            boolean isFirst = isOver.compareAndSet(false, true);
            if (isFirst) {
                body = null;
            }
            return isFirst;
        }

        @Override
        public void succeed(ByteString answer) {
            if (end()) {
                answer(
                        FrameType.RESPONSE,
                        Response.newBuilder()
                                .setRequest(request)
                                .setBody(answer)
                                .build());
            }
        }

        @Override
        public void fail(ErrorCode code, String message, long retryAfterMs) {
            if (end()) {
                answer(FrameType.ERROR, error(request, code, message, retryAfterMs));
            }
        }

        private void answer(FrameType type, MessageLite answer) {
            environment.reactor().offerAnswer(() -> onAnswer(this, type, answer));
        }
    }
}
