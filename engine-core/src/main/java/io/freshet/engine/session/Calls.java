package io.freshet.engine.session;

import com.google.protobuf.ByteString;
import io.freshet.engine.service.CallAnswer;
import io.freshet.engine.service.Caller;
import io.freshet.engine.service.Services;
import io.freshet.engine.service.ServicesAgent;
import io.freshet.protocol.ErrorCode;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Takes calls of sessions to where they run: those of the engine's own services to its agent, those of the application's to the application's executor, in the turn
 * of whoever calls, as {@link Gate} asks the policy. Any thread.
 */
public final class Calls {
    /** Bytes of requests that are under way in the engine: they are held until they are answered. */
    static final long HELD_LIMIT_BYTES = 64L << 20;

    private final Services services;
    private final ServicesAgent agent;
    private final Executor executor;
    private final Turns turns;
    private final AtomicLong heldBytes = new AtomicLong();

    /**
     * Of one engine.
     *
     * @param executor where the application's services run
     * @param atOnce calls of one principal that it is given at a time
     */
    public Calls(Services services, ServicesAgent agent, Executor executor, int atOnce) {
        this.services = services;
        this.agent = agent;
        this.executor = executor;
        turns = new Turns(executor, atOnce);
    }

    /** Of an engine that has no service. */
    public static Calls none() {
        Executor nowhere = Runnable::run;
        return new Calls(new Services(), new ServicesAgent(1, () -> 0, () -> {}), nowhere, 1);
    }

    Services services() {
        return services;
    }

    ServicesAgent agent() {
        return agent;
    }

    /** Runs what a service of the application waits for. */
    Executor executor() {
        return executor;
    }

    /** A call on its way, which holds its request for no longer than somebody waits for the answer. */
    interface Call extends CallAnswer {
        /** The request; null when nobody waits any more. */
        @Nullable
        ByteString body();
    }

    /**
     * Hands in a call. It is answered once, unless it is over before its turn.
     *
     * @param length of the request
     * @return false when it is refused, SERVICE_BUSY; otherwise its bytes are to be released when it is over
     */
    boolean submit(Services.Entry entry, Caller caller, int length, Call call) {
        Runnable task = () -> {
            ByteString body = call.body();
            if (body != null) {
                entry.method().call(caller, body, call);
            }
        };
        boolean isTaken = heldBytes.addAndGet(length) <= HELD_LIMIT_BYTES
                && (entry.isOwn() ? agent.offer(task) : take(caller.principal().id(), task, call));
        if (!isTaken) {
            release(length);
        }
        return isTaken;
    }

    private boolean take(long asker, Runnable task, CallAnswer answer) {
        Turns.Outcome outcome = turns.take(asker, new Turns.Question() {
            @Override
            public void ask() {
                task.run();
            }

            @Override
            public void refuse(ErrorCode code) {
                answer.fail(ErrorCode.SERVICE_BUSY, "the application takes no more calls", 0);
            }
        });
        return outcome == Turns.Outcome.ASKED || outcome == Turns.Outcome.WAITING;
    }

    /** A call of so many bytes is over. */
    void release(int length) {
        heldBytes.addAndGet(-length);
    }

    /** Bytes of the requests that are under way. */
    public long heldBytes() {
        return heldBytes.get();
    }
}
