package io.freshet.benchmarks.load;

import io.freshet.benchmarks.load.Mark.Stage;
import io.freshet.benchmarks.load.Meter.Counts;
import io.freshet.benchmarks.load.ProcessProbe.Use;
import io.freshet.benchmarks.report.LatencySummary;
import io.freshet.benchmarks.report.LoadResult;
import io.freshet.benchmarks.report.LoadUse;
import io.freshet.benchmarks.report.Sample;
import io.freshet.benchmarks.report.ServerUse;
import io.freshet.benchmarks.report.Target;
import io.freshet.benchmarks.report.Totals;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * Adds up the marks of a run and what the server's process has used at each of them, and makes the result of it. Owned by
 * the thread that calls {@link LoadRun}.
 */
final class Reckoning {
    private static final double SECOND_NS = 1e9;
    private static final double BUSY = 0.95;

    private final Scenario scenario;
    private final LoadTarget target;
    private final ProcessProbe server;
    private final ProcessProbe self = new ProcessProbe(ProcessHandle.current().pid());
    private final Map<Stage, Moment> moments = new EnumMap<>(Stage.class);
    private final List<Sample> timeline = new ArrayList<>();
    private final Histogram deliveries = Meter.newHistogram();
    private final Histogram receipts = Meter.newHistogram();
    private final Histogram connects = Meter.newHistogram();
    private final List<String> command;
    private final JvmProbe jvm;
    private final MetricsProbe metrics;
    private final String serverJdk;
    private JvmProbe.@Nullable Use jvmBegin;
    private JvmProbe.@Nullable Use jvmEnd;
    private long socketWritesBegin = MetricsProbe.UNKNOWN;
    private long socketWritesEnd = MetricsProbe.UNKNOWN;
    private final Moment start;
    private Moment last;
    private boolean isMeasured;

    /** What was known at one moment. */
    private record Moment(long atNs, List<Long> threadCpuNs, Counts counts, long expected, Use server) {
        /** Of all load threads together. */
        long cpuNs() {
            return threadCpuNs.stream().mapToLong(Long::longValue).sum();
        }

        /** Of the thread that was busiest since then. */
        long busiestNsSince(Moment before) {
            long busiestNs = 0;
            for (int i = 0; i < threadCpuNs.size(); i++) {
                long usedBefore = i < before.threadCpuNs.size() ? before.threadCpuNs.get(i) : 0;
                busiestNs = Math.max(busiestNs, threadCpuNs.get(i) - usedBefore);
            }
            return busiestNs;
        }
    }

    /** Before the first connection. {@code nowNs} is the time on the load thread's clock. */
    Reckoning(Scenario scenario, LoadTarget target, long nowNs) {
        this.scenario = scenario;
        this.target = target;
        server = new ProcessProbe(target.pid());
        command = server.command();
        // Asking takes memory, which is what idle connections are about.
        boolean isAsked = scenario.kind() != ScenarioKind.IDLE;
        jvm = isAsked && target.hasJmx() ? JvmProbe.attach(target.pid()) : JvmProbe.none();
        serverJdk = jvm.jdk();
        metrics = new MetricsProbe(isAsked ? target.metrics() : null);
        // Once for nothing, so that what it loads is there before anything is measured.
        jvm.use();
        metrics.socketWrites();
        start = new Moment(nowNs, List.of(), new Meter().take().counts(), 0, server.use());
        last = start;
    }

    void add(Mark mark, ProgressListener listener) {
        Moment now = new Moment(mark.atNs(), mark.cpuNs(), mark.tally().counts(), mark.expected(), server.use());
        connects.add(mark.tally().connects());
        if (isMeasured) {
            deliveries.add(mark.tally().deliveries());
            receipts.add(mark.tally().receipts());
        }
        if (mark.stage() == Stage.SECOND) {
            Sample sample = sample(now, mark.tally());
            timeline.add(sample);
            listener.onSample(sample);
            last = now;
        } else {
            moments.put(mark.stage(), now);
        }
        if (mark.stage() == Stage.BEGIN) {
            isMeasured = true;
            // What answering for the metrics allocates lies outside of what the virtual machine is asked about.
            socketWritesBegin = metrics.socketWrites();
            jvmBegin = jvm.use();
        } else if (mark.stage() == Stage.END) {
            jvmEnd = jvm.use();
            socketWritesEnd = metrics.socketWrites();
        }
    }

    private Sample sample(Moment now, Meter.Tally tally) {
        double seconds = Math.max(1, now.atNs - last.atNs) / SECOND_NS;
        Histogram shown = tally.deliveries().getTotalCount() > 0 ? tally.deliveries() : tally.receipts();
        return new Sample(
                (now.atNs - start.atNs) / SECOND_NS,
                now.counts.users(),
                (now.counts.published() - last.counts.published()) / seconds,
                (now.counts.delivered() - last.counts.delivered()) / seconds,
                us(shown.getValueAtPercentile(50)),
                us(shown.getValueAtPercentile(99)),
                us(shown.getMaxValue()),
                (now.server.cpuNs() - last.server.cpuNs()) / seconds / SECOND_NS * 100,
                (now.cpuNs() - last.cpuNs()) / seconds / SECOND_NS * 100,
                now.server.residentBytes());
    }

    private static double us(long ns) {
        return ns / 1000.0;
    }

    private Moment at(Stage stage, Moment otherwise) {
        return moments.getOrDefault(stage, otherwise);
    }

    /**
     * @param failures why connections failed, and how many each
     * @param flow what was run
     */
    LoadResult result(String startedAt, Map<String, Integer> failures, Flow flow) {
        jvm.close();
        Moment done = at(Stage.DONE, last);
        Moment begin = at(Stage.BEGIN, done);
        Moment end = at(Stage.END, done);
        double durationS = (end.atNs - begin.atNs) / SECOND_NS;
        Totals totals = totals(begin, end, done, durationS);
        LoadUse load = loadUse(begin, end);
        ServerUse use = target.pid() == 0 ? null : serverUse(begin, end, durationS);
        Map<String, LatencySummary> latencies = new LinkedHashMap<>();
        summarize(latencies, LoadResult.DELIVERY, deliveries);
        summarize(latencies, LoadResult.PUBLISH, receipts);
        summarize(latencies, LoadResult.CONNECT, connects);
        Findings findings = new Findings(scenario, totals, done.counts, load.wasLimit(), failures);
        findings.fail(flow.faults());
        findings.tellCost(load, use);
        findings.add(flow.findings());
        long arrived = end.counts.delivered() - begin.counts.delivered();
        if (arrived > 0) {
            long reads = end.counts.reads() - begin.counts.reads();
            findings.add(List.of(
                    String.format(Locale.ROOT, "A read brought %.1f deliveries on average.", ratio(arrived, reads))));
        }
        return new LoadResult(
                LoadResult.FORMAT,
                startedAt,
                Machine.environment(),
                new Target(
                        target.name(),
                        target.wire().name().toLowerCase(Locale.ROOT),
                        target.transport().address(target.server()),
                        target.pid(),
                        command,
                        serverJdk),
                scenario.settings(),
                totals,
                latencies,
                use,
                load,
                timeline,
                findings.sentences(),
                findings.isPassed());
    }

    private Totals totals(Moment begin, Moment end, Moment done, double durationS) {
        Counts all = done.counts;
        // What was under way when the measured part began belongs to what was published before it.
        long delivered = Math.max(0, all.delivered() - begin.expected);
        double seconds = Math.max(1e-9, durationS);
        return new Totals(
                durationS,
                all.published() - begin.counts.published(),
                scenario.hasReceipts() ? Math.max(0, all.acknowledged() - begin.counts.published()) : 0,
                delivered,
                done.expected - begin.expected,
                all.lost(),
                all.repeated(),
                all.misordered(),
                all.damaged(),
                all.refused() - begin.counts.refused(),
                all.gaps() - begin.counts.gaps(),
                all.failedConnections(),
                (end.counts.published() - begin.counts.published()) / seconds,
                (end.counts.delivered() - begin.counts.delivered()) / seconds,
                scenario.isOpenLoop() ? scenario.curve().mean() : 0,
                (end.counts.bytes() - begin.counts.bytes()) / seconds);
    }

    private ServerUse serverUse(Moment begin, Moment end, double durationS) {
        long cpuNs = end.server.cpuNs() - begin.server.cpuNs();
        long delivered = end.counts.delivered() - begin.counts.delivered();
        long published = end.counts.published() - begin.counts.published();
        long writes = writeCalls(begin, end);
        JvmProbe.Use before = jvmBegin;
        JvmProbe.Use after = jvmEnd;
        long allocated = before != null && after != null ? after.allocatedSince(before) : -1;
        Moment connected = at(Stage.CONNECTED, start);
        long connectCpuNs = connected.server.cpuNs() - start.server.cpuNs();
        return new ServerUse(
                cpuNs / SECOND_NS,
                ratio(cpuNs, delivered),
                ratio(cpuNs, published),
                ratio(connectCpuNs, connected.counts.users()),
                end.server.residentBytes(),
                end.server.residentBytes() - start.server.residentBytes(),
                ProcessProbe.kernelSocketBytes(),
                writes / Math.max(1e-9, durationS),
                ratio(delivered, writes),
                allocated,
                before != null && after != null ? after.gcCount() - before.gcCount() : 0,
                before != null && after != null ? after.gcTimeMs() - before.gcTimeMs() : 0,
                allocated < 0 ? 0 : ratio(allocated, delivered));
    }

    /**
     * As the server counts them where it does. The kernel counts write and writev but not send: where there are far fewer of them
     * than reads here, it is not told.
     */
    private long writeCalls(Moment begin, Moment end) {
        if (socketWritesBegin != MetricsProbe.UNKNOWN && socketWritesEnd != MetricsProbe.UNKNOWN) {
            return socketWritesEnd - socketWritesBegin;
        }
        long writes = end.server.writeCalls() - begin.server.writeCalls();
        long reads = end.counts.reads() - begin.counts.reads();
        return writes * 2 < reads ? 0 : writes;
    }

    private LoadUse loadUse(Moment begin, Moment end) {
        long cpuNs = end.cpuNs() - begin.cpuNs();
        long wallNs = Math.max(1, end.atNs - begin.atNs);
        long arrived = end.counts.delivered() - begin.counts.delivered();
        long answered = end.counts.acknowledged() - begin.counts.acknowledged();
        double serverBusy = (double) (end.server.busiestThreadNs() - begin.server.busiestThreadNs()) / wallNs;
        boolean wasLimit = (double) end.busiestNsSince(begin) / wallNs > BUSY && serverBusy < BUSY;
        return new LoadUse(
                cpuNs / SECOND_NS,
                ratio(cpuNs, arrived > 0 ? arrived : answered),
                self.use().residentBytes(),
                wasLimit);
    }

    private static double ratio(long amount, long count) {
        return count <= 0 ? 0 : (double) amount / count;
    }

    private static void summarize(Map<String, LatencySummary> latencies, String name, @Nullable Histogram values) {
        if (values != null && values.getTotalCount() > 0) {
            latencies.put(name, Latencies.summary(values));
        }
    }
}
