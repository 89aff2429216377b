package io.freshet.engine.simulation;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletionStage;

/** Every future that was given to somebody, until it completes. */
final class Futures {
    private final Map<Integer, String> open = new LinkedHashMap<>();
    private int count;

    <T> CompletionStage<T> watch(CompletionStage<T> stage, String name) {
        int id = count++;
        open.put(id, name);
        CompletionStage<T> unused = stage.whenComplete((result, failure) -> open.remove(id));
        return stage;
    }

    int openCount() {
        return open.size();
    }

    @Override
    public String toString() {
        return open.values().toString();
    }
}
