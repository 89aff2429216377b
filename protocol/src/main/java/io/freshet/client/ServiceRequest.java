package io.freshet.client;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FreshetException;
import org.jspecify.annotations.Nullable;

/** A call of a service's method that a caller waits for. Sent once: what became of it when its session ends is not known. */
final class ServiceRequest<A extends MessageLite> extends Request<A> {
    private final String method;
    private final ByteString body;
    private final Parser<A> parser;
    private final long timeoutNs;
    /** The number it was sent under; 0 while it is not sent. */
    long requestId;

    ClientTransport.@Nullable Cancellation timer;

    ServiceRequest(
            CommandQueue commands,
            ServiceRequests requests,
            String method,
            ByteString body,
            Parser<A> parser,
            long timeoutNs) {
        super(commands, request -> requests.add((ServiceRequest<?>) request));
        this.method = method;
        this.body = body;
        this.parser = parser;
        this.timeoutNs = timeoutNs;
    }

    String method() {
        return method;
    }

    ByteString body() {
        return body;
    }

    long timeoutNs() {
        return timeoutNs;
    }

    /** The service has answered. */
    void answer(ByteString answer) {
        A message;
        try {
            message = parser.parseFrom(answer);
        } catch (InvalidProtocolBufferException e) {
            end(new FreshetException(ErrorCode.MALFORMED, "the answer of " + method + " is no message of its type", e));
            return;
        }
        stopTimer();
        succeed(message);
    }

    /** It fails, and its time does not matter any more. */
    void end(FreshetException cause) {
        stopTimer();
        fail(cause);
    }

    private void stopTimer() {
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
    }
}
