package io.freshet.benchmarks.report;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.function.DoubleFunction;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * Two results side by side: rates, latencies, cost and memory, each with the ratio of the second to the first, and what
 * makes the two unlike. Immutable.
 */
public final class LoadComparison {
    private final List<Row> rows = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();

    private LoadComparison(LoadResult a, LoadResult b) {
        compareTotals(a.totals(), b.totals());
        Set<String> timed = new LinkedHashSet<>(a.latencies().keySet());
        timed.addAll(b.latencies().keySet());
        timed.forEach(
                key -> compareLatency(key, a.latencies().get(key), b.latencies().get(key)));
        compareUse(a, b);
        warn(a, b);
    }

    /**
     * Compares two results of one format.
     *
     * @throws IllegalArgumentException when their formats differ
     */
    public static LoadComparison of(LoadResult a, LoadResult b) {
        if (a.format() != b.format()) {
            throw new IllegalArgumentException(
                    "results of format " + a.format() + " and " + b.format() + " cannot be compared");
        }
        return new LoadComparison(a, b);
    }

    /** What was measured in at least one of the two, in a fixed order. */
    public List<Row> rows() {
        return List.copyOf(rows);
    }

    /** Sentences, each of which says why the ratios may mean nothing; empty when like was compared with like. */
    public List<String> warnings() {
        return List.copyOf(warnings);
    }

    /** All of it as lines of text, a table first. */
    public List<String> lines() {
        List<String> lines = new ArrayList<>();
        int width = rows.stream().mapToInt(row -> row.name().length()).max().orElse(0);
        String format = "%-" + Math.max(width, 1) + "s  %12s  %12s  %8s";
        lines.add(String.format(Locale.ROOT, format, "", "A", "B", "B/A"));
        rows.forEach(row -> lines.add(String.format(Locale.ROOT, format, row.name(), row.a(), row.b(), row.ratio())));
        warnings.forEach(warning -> lines.add("warning: " + warning));
        return lines;
    }

    private void compareTotals(Totals a, Totals b) {
        add("published", a, b, Totals::publishedPerS, Figures::rate);
        add("delivered", a, b, Totals::deliveredPerS, Figures::rate);
        add("bytes delivered", a, b, Totals::bytesPerS, value -> Figures.bytes(value) + "/s");
        add("lost", a, b, Totals::lost, LoadComparison::count);
        add("repeated", a, b, Totals::repeated, LoadComparison::count);
        add("misordered", a, b, Totals::misordered, LoadComparison::count);
        add("damaged", a, b, Totals::damaged, LoadComparison::count);
        add("refused", a, b, Totals::refused, LoadComparison::count);
        add("left out (gaps)", a, b, Totals::gaps, LoadComparison::count);
        add("failed connections", a, b, Totals::failedConnections, LoadComparison::count);
    }

    private void compareLatency(String key, @Nullable LatencySummary a, @Nullable LatencySummary b) {
        add(key + " mean", a, b, LatencySummary::meanUs, Figures::durationUs);
        add(key + " p50", a, b, LatencySummary::p50Us, Figures::durationUs);
        add(key + " p90", a, b, LatencySummary::p90Us, Figures::durationUs);
        add(key + " p99", a, b, LatencySummary::p99Us, Figures::durationUs);
        add(key + " p99.9", a, b, LatencySummary::p999Us, Figures::durationUs);
        add(key + " max", a, b, LatencySummary::maxUs, Figures::durationUs);
    }

    private void compareUse(LoadResult a, LoadResult b) {
        ServerUse serverA = a.server();
        ServerUse serverB = b.server();
        add("server CPU per delivery", serverA, serverB, ServerUse::cpuNsPerDelivery, Figures::costNs);
        add("server CPU per publish", serverA, serverB, ServerUse::cpuNsPerPublish, Figures::costNs);
        add("server CPU per client", serverA, serverB, ServerUse::cpuNsPerClient, Figures::costNs);
        add("deliveries per write", serverA, serverB, ServerUse::deliveriesPerWrite, Figures::digits);
        add("allocated per delivery", serverA, serverB, ServerUse::allocatedBytesPerDelivery, Figures::bytes);
        add("garbage collections", serverA, serverB, ServerUse::gcCount, LoadComparison::count);
        add("resident memory", serverA, serverB, ServerUse::residentBytes, Figures::bytes);
        add("resident growth", serverA, serverB, ServerUse::residentGrowthBytes, Figures::bytes);
        add("kernel socket memory", serverA, serverB, ServerUse::kernelSocketBytes, Figures::bytes);
        add("load CPU per delivery", a.load(), b.load(), LoadUse::cpuNsPerDelivery, Figures::costNs);
    }

    /** Adds a row, unless both sides have nothing to say in it. */
    private <T> void add(
            String name, @Nullable T a, @Nullable T b, ToDoubleFunction<T> value, DoubleFunction<String> text) {
        double valueA = a == null ? 0 : value.applyAsDouble(a);
        double valueB = b == null ? 0 : value.applyAsDouble(b);
        if (valueA != 0 || valueB != 0) {
            String ratio = a == null || b == null ? "–" : Figures.ratio(valueB, valueA);
            rows.add(new Row(name, a == null ? "–" : text.apply(valueA), b == null ? "–" : text.apply(valueB), ratio));
        }
    }

    private static String count(double count) {
        return Figures.count((long) count);
    }

    private void warn(LoadResult a, LoadResult b) {
        Environment here = a.environment();
        Environment there = b.environment();
        warnIfUnlike(
                "machine",
                here.machine() + ", " + here.processors() + " processors, " + here.kernel(),
                there.machine() + ", " + there.processors() + " processors, " + there.kernel());
        warnIfUnlike("load generator's JDK", here.jdk(), there.jdk());
        warnIfUnlike("load generator's flags", here.flags(), there.flags());
        warnIfUnlike("target", a.target().name(), b.target().name());
        warnIfUnlike("wire", a.target().wire(), b.target().wire());
        warnIfUnlike("server's JDK", a.target().serverJdk(), b.target().serverJdk());
        Set<String> keys = new LinkedHashSet<>(a.settings().keySet());
        keys.addAll(b.settings().keySet());
        for (String key : keys) {
            warnIfUnlike("setting " + key, a.settings().get(key), b.settings().get(key));
        }
        warnIfDoubtful("A", a);
        warnIfDoubtful("B", b);
    }

    private void warnIfUnlike(String what, @Nullable Object a, @Nullable Object b) {
        if (!Objects.equals(a, b)) {
            warnings.add(what + " differs: A " + told(a) + ", B " + told(b));
        }
    }

    private static String told(@Nullable Object value) {
        return value == null ? "has none" : "'" + value + "'";
    }

    private void warnIfDoubtful(String name, LoadResult result) {
        if (!result.passed()) {
            warnings.add(name + " failed: " + String.join(" ", result.findings()));
        }
        if (!result.totals().isTargetReached()) {
            warnings.add(name + " did not reach its target rate");
        }
        if (result.load().wasLimit()) {
            warnings.add("the load generator was the limit of " + name);
        }
    }

    /** One measured thing; values with their unit, {@code –} where one is not known. */
    public record Row(String name, String a, String b, String ratio) {}
}
