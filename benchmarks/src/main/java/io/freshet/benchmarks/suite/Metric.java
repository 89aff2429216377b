package io.freshet.benchmarks.suite;

import io.freshet.benchmarks.report.Figures;
import io.freshet.benchmarks.report.LatencySummary;
import io.freshet.benchmarks.report.LoadResult;
import io.freshet.benchmarks.report.ServerUse;
import java.util.function.DoubleFunction;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** One number of a result, which bars are set on. */
@SuppressWarnings("ImmutableEnumChecker") // the functions keep nothing
enum Metric {
    CPU_PER_DELIVERY("server CPU per delivery", use(ServerUse::cpuNsPerDelivery), Figures::costNs),
    CPU_PER_PUBLISH("server CPU per publish", use(ServerUse::cpuNsPerPublish), Figures::costNs),
    CPU_PER_CLIENT("server CPU per client", use(ServerUse::cpuNsPerClient), Figures::costNs),
    GROWTH_PER_CONNECTION("resident growth per connection", Metric::growthPerConnection, Figures::bytes),
    DELIVERY_P50("delivery p50", latency(LoadResult.DELIVERY, LatencySummary::p50Us), Figures::durationUs),
    DELIVERY_P99("delivery p99", latency(LoadResult.DELIVERY, LatencySummary::p99Us), Figures::durationUs),
    PUBLISH_P50("publish p50", latency(LoadResult.PUBLISH, LatencySummary::p50Us), Figures::durationUs),
    PUBLISH_RATE("publishes", result -> result.totals().publishedPerS(), Figures::rate),
    DELIVERY_RATE("deliveries", result -> result.totals().deliveredPerS(), Figures::rate),

    /** What one publish takes when each waits for the one before it, as with one sync for each. */
    TIME_PER_PUBLISH("time per publish", Metric::timePerPublishUs, Figures::durationUs);

    private static final double US_PER_S = 1_000_000;

    private final String label;
    private final ToDoubleFunction<LoadResult> value;
    private final DoubleFunction<String> text;

    Metric(String label, ToDoubleFunction<LoadResult> value, DoubleFunction<String> text) {
        this.label = label;
        this.value = value;
        this.text = text;
    }

    /** What it is called in tables. */
    String label() {
        return label;
    }

    /** Its value; 0 when the result does not hold it. */
    double of(LoadResult result) {
        return value.applyAsDouble(result);
    }

    /** A value with its unit. */
    String text(double number) {
        return text.apply(number);
    }

    private static ToDoubleFunction<LoadResult> use(ToDoubleFunction<ServerUse> part) {
        return result -> {
            ServerUse use = result.server();
            return use == null ? 0 : part.applyAsDouble(use);
        };
    }

    private static ToDoubleFunction<LoadResult> latency(String key, ToDoubleFunction<LatencySummary> part) {
        return result -> {
            @Nullable LatencySummary latency = result.latencies().get(key);
            return latency == null ? 0 : part.applyAsDouble(latency);
        };
    }

    private static double growthPerConnection(LoadResult result) {
        ServerUse use = result.server();
        double connectionCount = Double.parseDouble(result.settings().getOrDefault("connections", "0"));
        return use == null || connectionCount == 0 ? 0 : use.residentGrowthBytes() / connectionCount;
    }

    private static double timePerPublishUs(LoadResult result) {
        double perS = result.totals().publishedPerS();
        return perS == 0 ? 0 : US_PER_S / perS;
    }
}
