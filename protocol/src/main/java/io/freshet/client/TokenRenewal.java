package io.freshet.client;

import com.google.protobuf.ByteString;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FreshetException;
import io.freshet.protocol.v1.Renew;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Shows the server of one session a newer token before the last one expires: when a fifth of its time is left, and, when that does not succeed, at each half of what is
 * left then. Client's thread.
 */
final class TokenRenewal {
    private static final Logger LOG = LoggerFactory.getLogger(TokenRenewal.class);

    /** Requests of channels count up from 1. */
    private static final long FIRST_REQUEST = 1L << 63;

    private static final long LEAST_DELAY_NS = TimeUnit.SECONDS.toNanos(1);
    private static final long GREATEST_TIME_MS = TimeUnit.DAYS.toMillis(10_000);

    private final TokenSource source;
    private final ClientTransport transport;
    private final Consumer<Renew> sender;
    private long request = FIRST_REQUEST;
    private long expiresNs;
    private boolean isStopped;
    private ClientTransport.@Nullable Cancellation timer;

    /** @param sender sends a RENEW at once */
    TokenRenewal(TokenSource source, ClientTransport transport, Consumer<Renew> sender) {
        this.source = source;
        this.transport = transport;
        this.sender = sender;
    }

    /** Asks a source; the answer, a token or a failure, comes on the client's thread, perhaps at once. */
    static void ask(
            TokenSource source,
            ClientTransport transport,
            BiConsumer<byte @Nullable [], @Nullable FreshetException> answer) {
        try {
            CompletableFuture<?> unused = source.token()
                    .whenComplete((token, failure) -> hand(transport, () -> answer.accept(token, failure(failure))))
                    .toCompletableFuture();
        } catch (RuntimeException e) {
            answer.accept(null, failure(e));
        }
    }

    private static void hand(ClientTransport transport, Runnable task) {
        if (transport.isClientThread()) {
            task.run();
            return;
        }
        try {
            transport.execute(task);
        } catch (RejectedExecutionException e) {
            LOG.debug("a token came after its client was closed");
        }
    }

    private static @Nullable FreshetException failure(@Nullable Throwable cause) {
        return cause == null
                ? null
                : new FreshetException(
                        ErrorCode.DISCONNECTED,
                        "the token source failed: " + cause.getClass().getName(),
                        cause);
    }

    /** The token that the server has now is good for so long; 0: for ever. */
    void start(long expiresInMs) {
        if (expiresInMs <= 0 || expiresInMs > GREATEST_TIME_MS) {
            return;
        }
        long timeNs = TimeUnit.MILLISECONDS.toNanos(expiresInMs);
        expiresNs = transport.nanoTime() + timeNs;
        arm(timeNs - timeNs / 5);
    }

    private void arm(long delayNs) {
        timer = transport.schedule(this::renew, delayNs);
    }

    private void renew() {
        timer = null;
        ask(source, transport, (token, failure) -> {
            if (isStopped) {
                return;
            }
            if (token == null) {
                onRefused(String.valueOf(failure));
            } else {
                request++;
                sender.accept(Renew.newBuilder()
                        .setRequest(request)
                        .setToken(ByteString.copyFrom(token))
                        .build());
            }
        });
    }

    /** Whether this is the number of the request that is not answered yet. */
    boolean isOwn(long answered) {
        return answered == request && answered != FIRST_REQUEST;
    }

    /** Tries again as long as that makes sense; after that the session ends when its token does. */
    void onRefused(String reason) {
        LOG.warn("the token could not be renewed: {}", reason);
        long delayNs = (expiresNs - transport.nanoTime()) / 2;
        if (delayNs >= LEAST_DELAY_NS) {
            arm(delayNs);
        }
    }

    /** Nothing is asked or sent any more. */
    void stop() {
        isStopped = true;
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
    }
}
