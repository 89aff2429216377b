package io.freshet.examples.top;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

final class TopViewTest {
    private static final long TWO_SECONDS_NS = 2_000_000_000L;

    private static final String BEFORE = """
            # HELP freshet_connections Connections now
            # TYPE freshet_connections gauge
            freshet_connections{reactor="0"} 3.0
            freshet_delivered_records_total{from="head",reactor="0"} 1000.0
            freshet_delivered_bytes_total{from="head",reactor="0"} 0.0
            freshet_socket_writes_total{reactor="0"} 10.0
            freshet_duty_cycle_seconds_bucket{reactor="0",le="1.0E-4"} 100
            freshet_duty_cycle_seconds_bucket{reactor="0",le="2.0E-4"} 100
            freshet_duty_cycle_seconds_bucket{reactor="0",le="+Inf"} 100
            """;

    private static final String NOW = """
            freshet_connections{reactor="0"} 5.0
            freshet_sessions{reactor="0"} 4.0
            freshet_delivered_records_total{from="head",reactor="0"} 2001000.0
            freshet_delivered_bytes_total{from="head",reactor="0"} 4194304.0
            freshet_socket_writes_total{reactor="0"} 20010.0
            freshet_flush_longest_seconds{reactor="0"} 0.0045
            freshet_duty_cycle_seconds_bucket{reactor="0",le="1.0E-4"} 150
            freshet_duty_cycle_seconds_bucket{reactor="0",le="2.0E-4"} 200
            freshet_duty_cycle_seconds_bucket{reactor="0",le="+Inf"} 200
            freshet_duty_cycle_longest_seconds{reactor="0"} 0.0123
            freshet_window_bytes{reactor="0"} 1048576.0
            freshet_window_limit_bytes 6.7108864E7
            freshet_index_lag_documents{shard="0"} 12.0
            freshet_publishes_refused_total{code="nonce_jump"} 7.0
            freshet_publishes_refused_total{code="overloaded"} 0.0
            freshet_connections_closed_total{reason="peer"} 2.0
            """;

    private static String view() {
        List<String> lines = TopView.lines(Scrape.parse(BEFORE), Scrape.parse(NOW), TWO_SECONDS_NS);
        return String.join("\n", lines);
    }

    @Test
    void shouldShowRatesBetweenTwoMoments() {
        assertTrue(view().contains("\ndeliveries      1.0M/s   2.0 MiB/s   100 a write"), TopViewTest::view);
        assertTrue(view().contains("\nconnections     5   4 authenticated"), TopViewTest::view);
    }

    @Test
    void shouldShowPercentilesOfWhatHappenedBetween() {
        assertTrue(view().contains("\nduty cycle      p50 100 us   p99 198 us   longest 12.3 ms"), TopViewTest::view);
        assertTrue(view().contains("\nwrites          p50 -   p99 -   longest 4.5 ms"), TopViewTest::view);
    }

    @Test
    void shouldShowBoundsLagAndRefusals() {
        assertTrue(view().contains("window 1.0 MiB of 64.0 MiB"), TopViewTest::view);
        assertTrue(view().contains("index behind by 12 documents"), TopViewTest::view);
        assertTrue(view().contains("\nrefused         nonce_jump 7\n"), TopViewTest::view);
        assertTrue(view().contains("\nclosed          peer 2\n"), TopViewTest::view);
    }

    @Test
    void shouldShowWhatIsNotThereAsNothing() {
        Scrape empty = Scrape.parse("");
        String view = String.join("\n", TopView.lines(empty, empty, 1));
        assertTrue(view.contains("p99 -"), view);
        assertFalse(view.contains("NaN"), view);
    }

    @Test
    void shouldReadLabelsWithQuotesAndNumbersWithExponents() {
        Scrape scrape = Scrape.parse("some{a=\"x\\\"y\\\\z\\n\",b=\"{},= \"} 1.5E3 1700000000\nother +Inf\n");
        assertEquals(1500, scrape.sum("some", Map.of("a", "x\"y\\z\n", "b", "{},= ")));
        assertEquals(List.of("{},= "), scrape.values("some", "b"));
        assertEquals(Double.POSITIVE_INFINITY, scrape.sum("other"));
    }

    @Test
    void shouldRefuseWhatIsNoMetric() {
        for (String text : List.of("<html>", "some", "some{a=1} 2", "some x", " 1")) {
            assertThrows(IllegalArgumentException.class, () -> Scrape.parse(text), text);
        }
    }

    @Test
    void shouldReadAQuantileWithinItsBucket() {
        TreeMap<Double, Double> none = new TreeMap<>();
        TreeMap<Double, Double> now = new TreeMap<>(Map.of(1.0, 10.0, 2.0, 30.0, Double.POSITIVE_INFINITY, 40.0));
        assertEquals(1.5, Quantile.of(0.5, none, now), 1e-9);
        assertEquals(2.0, Quantile.of(0.99, none, now), 1e-9, "beyond the last limit nothing more is known");
        assertTrue(Double.isNaN(Quantile.of(0.5, now, now)));
    }

    @Test
    void shouldWriteNumbersShort() {
        assertEquals("0", Figures.count(0));
        assertEquals("12.5", Figures.count(12.5));
        assertEquals("999", Figures.count(999));
        assertEquals("1.2k", Figures.count(1234));
        assertEquals("123M", Figures.count(123_456_789));
        assertEquals("64.0 MiB", Figures.bytes(64 << 20));
        assertEquals("12 us", Figures.duration(12e-6));
        assertEquals("3.4 ms", Figures.duration(3.4e-3));
        assertEquals("1.5 s", Figures.duration(1.5));
        assertEquals("1:02:03", Figures.time(3723));
    }
}
