package io.freshet.engine.metrics;

import static io.freshet.engine.metrics.Metric.Kind.COUNTER;
import static io.freshet.engine.metrics.Metric.Kind.GAUGE;
import static io.freshet.engine.metrics.Metric.Unit.BYTES;
import static io.freshet.engine.metrics.Metric.Unit.COUNT;
import static io.freshet.engine.metrics.Metric.Unit.SECONDS;

import io.freshet.engine.mailbox.Mailbox;
import io.freshet.engine.metrics.Metric.Kind;
import io.freshet.engine.metrics.Metric.Unit;
import io.freshet.engine.metrics.ReactorCounters.CloseReason;
import io.freshet.log.ChannelIndex;
import io.freshet.log.IndexStatistics;
import io.freshet.log.LogStatistics;
import io.freshet.log.MessageLog;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.v1.GapReason;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/** Gives what is counted its names and labels, before the engine starts. One thread. */
public final class MetricCatalogue {
    private static final double NS_PER_S = TimeUnit.SECONDS.toNanos(1);
    private static final Set<ErrorCode> OF_CLIENTS =
            EnumSet.of(ErrorCode.DISCONNECTED, ErrorCode.CLIENT_CLOSED, ErrorCode.REVOKED);

    private final List<Metric> numbers = new ArrayList<>();
    private final List<DurationMetric> durations = new ArrayList<>();

    /** Adds what one reactor counts, and its mailbox. */
    public void reactor(int index, ReactorCounters counters, Mailbox mailbox) {
        Map<String, String> reactor = Map.of("reactor", Integer.toString(index));
        for (ReactorCounter counter : ReactorCounter.values()) {
            add(
                    counter.metric(),
                    counter.kind(),
                    counter.unit(),
                    counter.description(),
                    with(reactor, counter.labels()),
                    () -> counters.value(counter));
        }
        String waiting = "Messages that wait for a reactor";
        add("mailbox.messages", GAUGE, COUNT, waiting, with(reactor, Map.of("lane", "data")), mailbox::dataCount);
        add("mailbox.messages", GAUGE, COUNT, waiting, with(reactor, Map.of("lane", "control")), mailbox::controlCount);
        add("mailbox.messages", GAUGE, COUNT, waiting, with(reactor, Map.of("lane", "urgent")), mailbox::urgentCount);
        add(
                "mailbox.messages",
                GAUGE,
                COUNT,
                waiting,
                with(reactor, Map.of("lane", "services")),
                mailbox::servicesCount);
        add("mailbox.refused", COUNTER, COUNT, "Messages that a full mailbox refused", reactor, mailbox::refusedCount);
        String cycles = "Duration of a reactor's duty cycles that had something to do, without the wait";
        durations.add(new DurationMetric("duty.cycle", cycles, reactor, counters.dutyCycles()::read));
        String polls = "Duration of a duty cycle's reads, with the admission of what was read";
        durations.add(new DurationMetric("poll", polls, reactor, counters.polls()::read));
        String flushes = "Duration of a duty cycle's writes to all of its connections";
        durations.add(new DurationMetric("flush", flushes, reactor, counters.flushDurations()::read));
        String requests = "Duration of calls of services, from the request to the answer";
        durations.add(new DurationMetric("request", requests, reactor, counters.requests()::read));
    }

    /** Adds what all reactors together count by the reason. */
    public void reactors(List<ReactorCounters> all) {
        for (ErrorCode code : ErrorCode.values()) {
            if (!OF_CLIENTS.contains(code)) {
                Map<String, String> label = Map.of("code", lower(code));
                String description = "Publishes that were refused, or whose outcome is unknown (5xx)";
                add("publishes.refused", COUNTER, COUNT, description, label, sum(all, each -> each.refusals(code)));
            }
        }
        String closed = "Connections that ended";
        for (CloseReason reason : CloseReason.values()) {
            Map<String, String> label = Map.of("reason", lower(reason));
            add("connections.closed", COUNTER, COUNT, closed, label, sum(all, each -> each.closes(reason)));
        }
        for (ErrorCode code : ErrorCode.values()) {
            if (!OF_CLIENTS.contains(code)) {
                Map<String, String> label = Map.of("reason", lower(code));
                add("connections.closed", COUNTER, COUNT, closed, label, sum(all, each -> each.failures(code)));
            }
        }
        for (GapReason reason :
                List.of(GapReason.GAP_REASON_SKIPPED, GapReason.GAP_REASON_EXPIRED, GapReason.GAP_REASON_DAMAGED)) {
            Map<String, String> label = Map.of("reason", lower(reason).substring("gap_reason_".length()));
            add("gaps", COUNTER, COUNT, "Holes that were told to subscribers", label, sum(all, e -> e.gaps(reason)));
            String description = "Records in the holes that were told to subscribers";
            add("gap.records", COUNTER, COUNT, description, label, sum(all, each -> each.gapRecords(reason)));
        }
    }

    private static LongSupplier sum(List<ReactorCounters> all, ToLongFunction<ReactorCounters> number) {
        return () -> all.stream().mapToLong(number).sum();
    }

    /** Adds what is counted for one shard, its log and its index. */
    public void shard(int index, ShardCounters counters, MessageLog log, ChannelIndex channels) {
        Map<String, String> shard = Map.of("shard", Integer.toString(index));
        for (ShardCounter counter : ShardCounter.values()) {
            add(
                    counter.metric(),
                    counter.kind(),
                    counter.unit(),
                    counter.description(),
                    shard,
                    () -> counters.value(counter));
        }
        String appends = "Duration of appending what a duty cycle has for a shard";
        durations.add(new DurationMetric("append", appends, shard, counters.appends()::read));
        log(shard, log);
        index(shard, channels);
    }

    private void log(Map<String, String> shard, MessageLog log) {
        Supplier<LogStatistics> all = log::statistics;
        String documents = "Documents that were appended to the log";
        add("documents", COUNTER, COUNT, documents, shard, () -> all.get().documentCount());
        String syncs = "Times that the log was forced to the device";
        add("syncs", COUNTER, COUNT, syncs, shard, () -> all.get().syncCount());
        String time = "Time that forcing the log to the device took";
        add("sync", COUNTER, SECONDS, time, shard, () -> all.get().syncNs());
        String longest = "The longest sync of the log since the start";
        add("sync.longest", GAUGE, SECONDS, longest, shard, () -> all.get().longestSyncNs());
        String freed = "Bytes of files of the log that retention has removed";
        add("freed", COUNTER, BYTES, freed, shard, () -> all.get().freedLength());
        String fenced = "1 when the log failed and takes nothing more";
        add("fenced", GAUGE, COUNT, fenced, shard, () -> log.isFenced() ? 1 : 0);
    }

    private void index(Map<String, String> shard, ChannelIndex index) {
        Supplier<IndexStatistics> all = index::statistics;
        String lag = "Documents that the index does not know yet";
        add("index.lag.documents", GAUGE, COUNT, lag, shard, () -> all.get().lagCount());
        String written = "Checkpoints of the index";
        add("index.checkpoints", COUNTER, COUNT, written, shard, () -> all.get().checkpointCount());
        String time = "Time that checkpoints of the index took";
        add("index.checkpoint", COUNTER, SECONDS, time, shard, () -> all.get().checkpointNs());
        String expired = "Records that retention has let go of";
        add("expired.records", COUNTER, COUNT, expired, shard, () -> all.get().expiredCount());
        String stopped = "1 while the index cannot be written; it tries again every second";
        add("index.stopped", GAUGE, COUNT, stopped, shard, () -> all.get().isStopped() ? 1 : 0);
    }

    /** Adds what the notifier counts. */
    public void notices(Counters<NoticeCounter> counters) {
        for (NoticeCounter counter : NoticeCounter.values()) {
            add(
                    counter.metric(),
                    counter.kind(),
                    COUNT,
                    counter.description(),
                    Map.of(),
                    () -> counters.value(counter));
        }
    }

    /** Adds one number; what is in seconds is given in nanoseconds. */
    public void add(
            String name, Kind kind, Unit unit, String description, Map<String, String> labels, LongSupplier source) {
        DoubleSupplier value = unit == SECONDS ? () -> source.getAsLong() / NS_PER_S : source::getAsLong;
        numbers.add(new Metric(name, kind, unit, description, labels, value));
    }

    /** Adds a bound that the configuration sets. */
    public void limit(String name, Unit unit, String description, long value) {
        assert unit == BYTES || unit == COUNT;
        add(name, GAUGE, unit, description, Map.of(), () -> value);
    }

    public EngineMetrics build() {
        return new EngineMetrics(numbers, durations);
    }

    private static Map<String, String> with(Map<String, String> some, Map<String, String> others) {
        Map<String, String> all = new TreeMap<>(some);
        all.putAll(others);
        return Map.copyOf(all);
    }

    private static String lower(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
