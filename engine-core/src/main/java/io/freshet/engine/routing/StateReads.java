package io.freshet.engine.routing;

import io.freshet.log.IndexReader;
import java.util.function.Consumer;
import java.util.function.Function;

/** How a shard has its index read: on another thread, with the answer on the shard's. */
@FunctionalInterface
public interface StateReads {
    /**
     * Runs {@code read} on a reader's thread and then {@code answer} on the caller's reactor; when the read fails,
     * {@code failure} instead. Exactly one of the two runs, unless the engine ends first.
     */
    <T> void submit(Function<IndexReader, T> read, Consumer<T> answer, Consumer<RuntimeException> failure);
}
