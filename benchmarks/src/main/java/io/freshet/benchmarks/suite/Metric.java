package io.freshet.benchmarks.suite;

import io.freshet.benchmarks.report.Figures;
import io.freshet.benchmarks.report.LatencySummary;
import io.freshet.benchmarks.report.LoadResult;
import io.freshet.benchmarks.report.ServerUse;
import java.util.Locale;
import java.util.function.DoubleFunction;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** One number of a result, which bars are set on. */
@SuppressWarnings("ImmutableEnumChecker") // the functions keep nothing
enum Metric {
    CPU_PER_DELIVERY("server CPU per delivery", use(ServerUse::cpuNsPerDelivery), Figures::costNs),
    CPU_PER_PUBLISH("server CPU per publish", use(ServerUse::cpuNsPerPublish), Figures::costNs),
    CPU_PER_CLIENT("server CPU per client", use(ServerUse::cpuNsPerClient), Figures::costNs),
    ALLOCATED_PER_DELIVERY(
            "allocated per delivery",
            result -> allocatedPer(result.totals().deliveredPerS(), result),
            Metric::fewBytes),
    ALLOCATED_PER_PUBLISH(
            "allocated per publish", result -> allocatedPer(result.totals().publishedPerS(), result), Metric::fewBytes),
    GC_COUNT("garbage collections", Metric::gcCount, count -> Figures.count(Math.round(count))),
    GROWTH_PER_CONNECTION("resident growth per connection", Metric::growthPerConnection, Figures::bytes),
    /** For TCP buffers, and of both ends, as both are on one machine. */
    KERNEL_PER_CONNECTION("kernel socket memory per connection", Metric::kernelPerConnection, Figures::bytes),
    DELIVERY_P50("delivery p50", latency(LoadResult.DELIVERY, LatencySummary::p50Us), Figures::durationUs),
    DELIVERY_P99("delivery p99", latency(LoadResult.DELIVERY, LatencySummary::p99Us), Figures::durationUs),
    PUBLISH_P50("publish p50", latency(LoadResult.PUBLISH, LatencySummary::p50Us), Figures::durationUs),
    PUBLISH_RATE("publishes", result -> result.totals().publishedPerS(), Figures::rate),
    DELIVERY_RATE("deliveries", result -> result.totals().deliveredPerS(), Figures::rate),

    /** What one publish takes when each waits for the one before it, as with one sync for each. */
    TIME_PER_PUBLISH("time per publish", Metric::timePerPublishUs, Figures::durationUs);

    private static final double US_PER_S = 1_000_000;
    private static final double LEAST_TOLD_BYTES = 0.001;

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

    /** Whether only a virtual machine can tell it. */
    boolean isOfJvm() {
        return this == ALLOCATED_PER_DELIVERY || this == ALLOCATED_PER_PUBLISH || this == GC_COUNT;
    }

    /** Its value; when the result does not hold it, 0, or NaN where 0 is a value as others. */
    double of(LoadResult result) {
        return value.applyAsDouble(result);
    }

    /** A value with its unit. */
    String text(double number) {
        return Double.isNaN(number) ? "–" : text.apply(number);
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
        return perConnection(use(ServerUse::residentGrowthBytes).applyAsDouble(result), result);
    }

    private static double kernelPerConnection(LoadResult result) {
        return perConnection(use(ServerUse::kernelSocketBytes).applyAsDouble(result), result);
    }

    private static double perConnection(double bytes, LoadResult result) {
        double connectionCount = Double.parseDouble(result.settings().getOrDefault("connections", "0"));
        return connectionCount == 0 ? 0 : bytes / connectionCount;
    }

    private static double allocatedPer(double perS, LoadResult result) {
        ServerUse use = result.server();
        double count = perS * result.totals().durationS();
        return use == null || use.allocatedBytes() < 0 || count == 0 ? Double.NaN : use.allocatedBytes() / count;
    }

    private static double gcCount(LoadResult result) {
        ServerUse use = result.server();
        return use == null || use.allocatedBytes() < 0 ? Double.NaN : use.gcCount();
    }

    /** Bytes, of which a part of one is told as well: none at all is not the same as few. */
    private static String fewBytes(double bytes) {
        if (bytes > 0 && bytes < LEAST_TOLD_BYTES) {
            return "< " + LEAST_TOLD_BYTES + " B";
        }
        return bytes > 0 && bytes < 1 ? String.format(Locale.ROOT, "%.3f B", bytes) : Figures.bytes(bytes);
    }

    private static double timePerPublishUs(LoadResult result) {
        double perS = result.totals().publishedPerS();
        return perS == 0 ? 0 : US_PER_S / perS;
    }
}
