package io.freshet.client;

import io.freshet.protocol.FreshetException;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A request other than a publish: the caller's future, and what the client's thread does about it. */
class Request<T extends @Nullable Object> extends CompletableFuture<T> implements Command {
    private final CommandQueue commands;
    private final Consumer<Request<T>> action;
    /** Plain, for the reason that {@link Publish} gives for its own. */
    private boolean isSettled;

    /** {@code action} is run on the client's thread and sees to it that the request succeeds or fails some day. */
    Request(CommandQueue commands, Consumer<Request<T>> action) {
        this.commands = commands;
        this.action = action;
    }

    @Override
    public final void run() {
        action.accept(this);
    }

    final void succeed(@Nullable T result) {
        if (!isSettled) {
            isSettled = true;
            commands.releaseRequest();
            complete(result);
        }
    }

    @Override
    public final void fail(FreshetException cause) {
        if (!isSettled) {
            isSettled = true;
            commands.releaseRequest();
            completeExceptionally(cause);
        }
    }

    /** Fails it before it got a permit. */
    final void reject(FreshetException cause) {
        isSettled = true;
        completeExceptionally(cause);
    }
}
