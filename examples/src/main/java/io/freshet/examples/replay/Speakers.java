package io.freshet.examples.replay;

import io.freshet.client.ClientConfig;
import io.freshet.client.FreshetClient;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * The connections of one log's speakers, each made shortly before its speaker's first line and closed after the last.
 * Owned by the player's thread.
 */
final class Speakers implements AutoCloseable {
    /** A speaker that appears while the server restarts tries again as long as a connected one would. */
    private static final int MAX_ATTEMPTS = 60;

    private static final long RETRY_DELAY_MS = 1_000;

    private final Function<String, ClientConfig> configOf;
    private final ReplayCounters counters;
    private final Map<String, CompletableFuture<FreshetClient>> clients = new HashMap<>();

    Speakers(Function<String, ClientConfig> configOf, ReplayCounters counters) {
        this.configOf = configOf;
        this.counters = counters;
    }

    /** Begins to connect this speaker, unless that has begun. */
    void prepare(String speaker) {
        CompletableFuture<FreshetClient> unused = client(speaker);
    }

    /** This speaker is in the group of a channel's name, as far as the server has presence. */
    void come(String speaker, String channelName) {
        CompletableFuture<Boolean> unused = client(speaker)
                .thenCompose(client -> client.presence().join(channelName))
                .exceptionally(failure -> false);
    }

    /** This speaker is not in the group any more; whatever is said later is said on another connection. */
    void go(String speaker, String channelName) {
        CompletableFuture<FreshetClient> client = clients.remove(speaker);
        if (client != null) {
            CompletableFuture<?> unused = client.thenCompose(
                            leaving -> leaving.presence().leave(channelName))
                    .whenComplete((nothing, failure) -> closeInTime(client));
        }
    }

    private CompletableFuture<FreshetClient> client(String speaker) {
        return clients.computeIfAbsent(speaker, name -> connect(configOf.apply(name), 1));
    }

    private CompletableFuture<FreshetClient> connect(ClientConfig config, int attempt) {
        return FreshetClient.connectAsync(config)
                .toCompletableFuture()
                .thenApply(client -> {
                    counters.onConnected();
                    return client;
                })
                .exceptionallyCompose(failure -> attempt == MAX_ATTEMPTS
                        ? CompletableFuture.failedFuture(failure)
                        : CompletableFuture.supplyAsync(() -> attempt + 1, afterDelay())
                                .thenCompose(next -> connect(config, next)));
    }

    private static Executor afterDelay() {
        return CompletableFuture.delayedExecutor(RETRY_DELAY_MS, TimeUnit.MILLISECONDS);
    }

    /** This speaker's connection; waits for it. */
    FreshetClient connected(String speaker) throws InterruptedException, ExecutionException {
        return client(speaker).get();
    }

    /** This speaker says nothing more: the connection closes once its last line is answered, however long that takes. */
    void leave(String speaker, CompletableFuture<?> lastLine) {
        CompletableFuture<FreshetClient> client = clients.remove(speaker);
        if (client != null) {
            CompletableFuture<?> unused = lastLine.whenComplete((receipt, failure) -> closeInTime(client));
        }
    }

    private void closeInTime(CompletableFuture<FreshetClient> client) {
        CompletableFuture<Void> unused = closed(client);
    }

    private CompletableFuture<Void> closed(CompletableFuture<FreshetClient> client) {
        return client.thenCompose(FreshetClient::closeAsync).whenComplete((nothing, failure) -> {
            if (failure == null) {
                counters.onClosed();
            }
        });
    }

    /** Closes every connection and waits for it. */
    @Override
    public void close() {
        CompletableFuture<?>[] closing =
                clients.values().stream().map(this::closed).toArray(CompletableFuture<?>[]::new);
        clients.clear();
        try {
            CompletableFuture.allOf(closing).join();
        } catch (CompletionException e) {
            // A speaker that never connected; the player has told of it.
        }
    }
}
