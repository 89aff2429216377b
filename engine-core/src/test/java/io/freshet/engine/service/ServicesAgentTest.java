package io.freshet.engine.service;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What must arrive at the services' thread does, also when that ends. */
class ServicesAgentTest {
    private static final int EVENTS = 1_000;

    private final List<Integer> done = new ArrayList<>();
    private final ServicesAgent agent = new ServicesAgent(8, () -> 0, () -> {});

    @Test
    void shouldDoWhatWaitsBeforeItEndsAndWhatComesOfItsEnd() {
        agent.onEnd(() -> agent.execute(() -> done.add(EVENTS)));
        IntStream.range(0, EVENTS).forEach(each -> agent.execute(() -> done.add(each)));
        agent.onClose();

        assertEquals(IntStream.rangeClosed(0, EVENTS).boxed().toList(), done);
    }
}
