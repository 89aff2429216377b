package io.freshet.client;

import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FrameType;
import io.freshet.protocol.FreshetException;
import io.freshet.protocol.v1.Response;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.agrona.collections.Long2ObjectHashMap;
import org.agrona.collections.LongHashSet;

/**
 * The calls of services: those that the server was asked, no more at a time than it told, and the rest waiting behind them, for a
 * session too. Client's thread.
 */
final class ServiceRequests {
    private final ClientCore core;
    private final Channels channels;
    private final Counters counters;
    private final ArrayDeque<ServiceRequest<?>> unsent = new ArrayDeque<>();
    private final Long2ObjectHashMap<ServiceRequest<?>> sent = new Long2ObjectHashMap<>();
    /** Nobody waits for these any more, but the server still counts them. */
    private final LongHashSet late = new LongHashSet();

    /** @param channels give the numbers, which differ among all requests of a session */
    ServiceRequests(ClientCore core, Channels channels) {
        this.core = core;
        this.channels = channels;
        counters = core.counters();
    }

    void add(ServiceRequest<?> request) {
        request.timer = core.schedule(() -> onTimeout(request), request.timeoutNs());
        unsent.addLast(request);
    }

    /** Sends what may be sent. */
    void advance(ServerSession session) {
        while (!unsent.isEmpty()
                && session.takesRequests()
                && session.isWritable()
                && sent.size() + late.size() < session.maxRequests()) {
            send(session, unsent.removeFirst());
        }
    }

    private void send(ServerSession session, ServiceRequest<?> request) {
        if (request.body().size() > session.maxPayloadLength()) {
            request.end(new FreshetException(
                    ErrorCode.PAYLOAD_TOO_LONG,
                    "a request of " + request.body().size() + " bytes; the limit is " + session.maxPayloadLength()));
            return;
        }
        request.requestId = channels.newRequestId();
        sent.put(request.requestId, request);
        session.send(
                FrameType.REQUEST,
                io.freshet.protocol.v1.Request.newBuilder()
                        .setRequest(request.requestId)
                        .setMethod(request.method())
                        .setBody(request.body())
                        .build());
    }

    private void onTimeout(ServiceRequest<?> request) {
        request.timer = null;
        boolean wasSent = sent.remove(request.requestId) != null;
        if (wasSent) {
            late.add(request.requestId);
        } else {
            unsent.remove(request);
        }
        String time = TimeUnit.NANOSECONDS.toMillis(request.timeoutNs()) + " ms";
        request.end(
                wasSent
                        ? new FreshetException(
                                ErrorCode.OUTCOME_UNKNOWN, request.method() + " was not answered within " + time)
                        : new FreshetException(
                                ErrorCode.DISCONNECTED, request.method() + " could not be sent within " + time));
    }

    void onResponse(Response response) {
        ServiceRequest<?> request = sent.remove(response.getRequest());
        if (request != null) {
            request.answer(response.getBody());
        } else if (!late.remove(response.getRequest())) {
            Counters.increment(counters.unexpectedAnswers);
        }
    }

    /** Whether the request with this number, which the server refused, was one of these. */
    boolean onError(long requestId, FreshetException cause) {
        ServiceRequest<?> request = sent.remove(requestId);
        if (request != null) {
            request.end(cause);
        }
        return request != null || late.remove(requestId);
    }

    /** Whether a caller waits for an answer of this session. */
    boolean awaitsAnswers() {
        return !sent.isEmpty();
    }

    /** Whether a caller waits for a session. */
    boolean isWanted() {
        return !unsent.isEmpty();
    }

    /** The session is over: what it was asked may have been done or not; what it was not asked waits for the next. */
    void onDisconnected(FreshetException cause) {
        fail(
                List.copyOf(sent.values()),
                request -> new FreshetException(
                        ErrorCode.OUTCOME_UNKNOWN,
                        "the connection ended before the answer of " + request.method(),
                        cause));
    }

    void end(FreshetException cause) {
        List<ServiceRequest<?>> all = new ArrayList<>(sent.values());
        all.addAll(unsent);
        unsent.clear();
        fail(all, request -> cause);
    }

    private void fail(List<ServiceRequest<?>> requests, Function<ServiceRequest<?>, FreshetException> cause) {
        sent.clear();
        late.clear();
        requests.forEach(request -> request.end(cause.apply(request)));
    }
}
