package io.freshet.engine.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.engine.mailbox.Mailbox;
import io.freshet.engine.mailbox.ReactorProxy;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MetricCatalogueTest {
    private final ReactorCounters counters = new ReactorCounters(() -> 1);
    private final Mailbox mailbox = new Mailbox(1, 1);

    private EngineMetrics metrics() {
        MetricCatalogue catalogue = new MetricCatalogue();
        catalogue.reactor(0, counters, mailbox);
        catalogue.reactor(1, new ReactorCounters(() -> 1), new Mailbox(1, 1));
        catalogue.reactors(List.of(counters));
        return catalogue.build();
    }

    @Test
    void shouldCountWhatAMailboxHoldsAndRefuses() {
        EngineMetrics metrics = metrics();
        ReactorProxy proxy = new ReactorProxy(mailbox, () -> {});
        assertTrue(proxy.offerData(() -> {}));
        while (proxy.offerData(() -> {})) {
            assertTrue(mailbox.dataCount() < 1000);
        }
        assertTrue(proxy.offerControl(() -> {}));
        assertEquals(mailbox.dataCount(), metrics.sum("mailbox.messages", Map.of("lane", "data")));
        assertEquals(1, metrics.sum("mailbox.messages", Map.of("lane", "control", "reactor", "0")));
        assertEquals(0, metrics.sum("mailbox.messages", Map.of("reactor", "1")));
        assertEquals(1, metrics.sum("mailbox.refused"));
        assertTrue(mailbox.drain(1000) >= 2);
        assertEquals(0, metrics.sum("mailbox.messages"));
    }

    @Test
    void shouldGiveEveryCounterOfAReactorItsOwnNumber() {
        EngineMetrics metrics = metrics();
        for (ReactorCounter counter : ReactorCounter.values()) {
            double before = total(metrics);
            long amount = counter.unit() == Metric.Unit.SECONDS ? 3_000_000_000L : 3;
            counters.add(counter, amount);
            assertEquals(before + 3, total(metrics), counter.name());
            counters.set(counter, 0);
            assertEquals(before, total(metrics), counter.name());
        }
    }

    private static double total(EngineMetrics metrics) {
        return metrics.numbers().stream().mapToDouble(Metric::value).sum();
    }

    @Test
    void shouldRefuseNamesThatItDoesNotKnow() {
        assertThrows(IllegalArgumentException.class, () -> metrics().sum("nonsense"));
        assertThrows(IllegalArgumentException.class, () -> metrics().sum("connections", Map.of("reactor", "9")));
    }
}
