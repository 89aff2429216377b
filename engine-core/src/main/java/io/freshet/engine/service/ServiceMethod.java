package io.freshet.engine.service;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FreshetException;
import io.freshet.protocol.ServiceName;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One method of a service, from the bytes of a request to those of its answer. Any thread. */
public final class ServiceMethod<Q extends MessageLite, A extends MessageLite> {
    private static final Logger LOG = LoggerFactory.getLogger(ServiceMethod.class);
    private static final int MAX_LOGGED_KINDS = 16;

    private final String name;
    private final Parser<Q> parser;
    private final Method<Q, A> method;
    private final long timeoutNs;
    private final Set<Class<?>> loggedKinds = ConcurrentHashMap.newKeySet();

    ServiceMethod(String name, Parser<Q> parser, Method<Q, A> method, long timeoutNs) {
        this.name = name;
        this.parser = parser;
        this.method = method;
        this.timeoutNs = timeoutNs;
    }

    /** How long a caller waits at most. */
    public long timeoutNs() {
        return timeoutNs;
    }

    /** Calls it on this thread; the answer comes on any. */
    public void call(Caller caller, ByteString body, CallAnswer answer) {
        Q request;
        try {
            request = parser.parseFrom(body);
        } catch (InvalidProtocolBufferException e) {
            answer.fail(ErrorCode.INVALID_ARGUMENT, "the body is no message that " + name + " takes", 0);
            return;
        }
        try {
            CompletionStage<A> stage = method.call(caller, request);
            stage.whenComplete((message, failure) -> finish(answer, message, failure));
        } catch (Throwable e) { // whoever waits must hear of it
            fail(answer, e);
        }
    }

    private void finish(CallAnswer answer, @Nullable A message, @Nullable Throwable failure) {
        if (failure != null) {
            fail(
                    answer,
                    failure instanceof CompletionException && failure.getCause() != null
                            ? failure.getCause()
                            : failure);
        } else if (message == null) {
            fail(answer, new NullPointerException(name + " has answered with null"));
        } else if (message.getSerializedSize() > ServiceName.MAX_ANSWER_LENGTH) {
            fail(
                    answer,
                    new IllegalStateException(name + " has answered with " + message.getSerializedSize()
                            + " bytes; the limit is " + ServiceName.MAX_ANSWER_LENGTH));
        } else {
            answer.succeed(message.toByteString());
        }
    }

    private void fail(CallAnswer answer, Throwable failure) {
        if (failure instanceof FreshetException known && maySay(known.code())) {
            answer.fail(known.code(), String.valueOf(known.getMessage()), known.retryAfterMs());
            return;
        }
        if (loggedKinds.size() < MAX_LOGGED_KINDS && loggedKinds.add(failure.getClass())) {
            LOG.warn("{} failed; this kind of failure is not logged again", name, failure);
        }
        answer.fail(ErrorCode.REQUEST_FAILED, name + " failed", 0);
    }

    /** Neither what ends a connection, or says that it is to authenticate anew, nor what only a client says to itself. */
    private static boolean maySay(ErrorCode code) {
        return switch (code) {
            case DISCONNECTED, CLIENT_CLOSED, REVOKED, UNAUTHENTICATED, TOKEN_EXPIRED -> false;
            default -> !code.endsConnection();
        };
    }

    @Override
    public String toString() {
        return name;
    }
}
