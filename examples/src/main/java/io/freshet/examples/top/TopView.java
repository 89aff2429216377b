package io.freshet.examples.top;

import static io.freshet.examples.top.Figures.bytes;
import static io.freshet.examples.top.Figures.count;
import static io.freshet.examples.top.Figures.duration;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** What a server did between two moments and has at the second, in lines for a terminal. One thread. */
public final class TopView {
    private static final String DUTY_CYCLE = "freshet_duty_cycle_seconds";
    private static final String POLL = "freshet_poll_seconds";
    private static final String FLUSH = "freshet_flush_seconds";
    private static final String APPEND = "freshet_append_seconds";

    private final Scrape before;
    private final Scrape now;
    private final double elapsedS;
    private final List<String> lines = new ArrayList<>();

    private TopView(Scrape before, Scrape now, long elapsedNs) {
        this.before = before;
        this.now = now;
        elapsedS = Math.max(1, elapsedNs) / 1e9;
    }

    /** The lines, none longer than 100 characters unless many things are refused for different reasons. */
    public static List<String> lines(Scrape before, Scrape now, long elapsedNs) {
        TopView view = new TopView(before, now, elapsedNs);
        view.header();
        view.clients();
        view.messages();
        view.durations();
        view.memory();
        view.virtualMachine();
        view.refusals();
        view.reactors();
        return view.lines;
    }

    private void line(String subject, String... parts) {
        lines.add(String.format(Locale.ROOT, "%-15s %s", subject, String.join("   ", parts)));
    }

    private double rate(String name) {
        return rate(name, Map.of());
    }

    private double rate(String name, Map<String, String> labels) {
        return (now.sum(name, labels) - before.sum(name, labels)) / elapsedS;
    }

    private String perSecond(String name) {
        return count(rate(name)) + "/s";
    }

    private void header() {
        lines.add("freshet: up " + Figures.time(now.sum("process_uptime_seconds")) + ", "
                + now.values("freshet_connections", "reactor").size() + " reactors, "
                + now.values("freshet_documents_total", "shard").size() + " shards");
    }

    private void clients() {
        line(
                "connections",
                count(now.sum("freshet_connections")),
                count(now.sum("freshet_sessions")) + " authenticated",
                perSecond("freshet_connections_accepted_total") + " accepted",
                perSecond("freshet_connections_closed_total") + " closed");
        line(
                "subscriptions",
                count(now.sum("freshet_subscriptions", Map.of("at", "head"))) + " at the head",
                count(now.sum("freshet_subscriptions", Map.of("at", "behind"))) + " behind",
                count(now.sum("freshet_channels_loaded")) + " channels loaded");
    }

    private void messages() {
        double records = rate("freshet_delivered_records_total");
        double bytes = rate("freshet_delivered_bytes_total");
        double published = rate("freshet_publishes_admitted_total");
        line(
                "publishes",
                count(published) + "/s",
                perSecond("freshet_receipts_total") + " receipts",
                perSecond("freshet_publishes_repeated_total") + " repeats",
                perSecond("freshet_publishes_refused_total") + " refused",
                bytes(rate("freshet_received_bytes_total")) + "/s read");
        line(
                "deliveries",
                count(records) + "/s",
                bytes(bytes) + "/s",
                count(records / rate("freshet_socket_writes_total")) + " a write",
                count(published / rate("freshet_batches_total")) + " records a batch");
        line(
                "from",
                count(rate("freshet_delivered_records_total", Map.of("from", "head"))) + "/s head",
                count(rate("freshet_delivered_records_total", Map.of("from", "window"))) + "/s window",
                count(rate("freshet_delivered_records_total", Map.of("from", "log"))) + "/s log",
                perSecond("freshet_cold_reads_total") + " cold reads",
                perSecond("freshet_pages_total") + " pages");
    }

    private void durations() {
        line("duty cycle", quantiles(DUTY_CYCLE, "freshet_duty_cycle_longest_seconds"));
        line("reads", quantiles(POLL, "freshet_poll_longest_seconds"));
        line("writes", quantiles(FLUSH, "freshet_flush_longest_seconds"));
        line("append", quantiles(APPEND, "freshet_append_longest_seconds"));
        line(
                "log",
                perSecond("freshet_documents_total") + " documents",
                bytes(rate("freshet_appended_bytes_total")) + "/s",
                perSecond("freshet_syncs_total") + " syncs of "
                        + duration(rate("freshet_sync_seconds_total") / rate("freshet_syncs_total")),
                bytes(now.sum("freshet_awaiting_commit_bytes")) + " not synced",
                "index behind by " + count(now.sum("freshet_index_lag_documents")) + " documents");
    }

    private String[] quantiles(String name, String longest) {
        return new String[] {
            "p50 " + duration(quantile(0.5, name, Map.of())),
            "p99 " + duration(quantile(0.99, name, Map.of())),
            "longest " + duration(now.greatest(longest, Map.of())),
            perSecond(name + "_count")
        };
    }

    private double quantile(double quantile, String name, Map<String, String> labels) {
        return Quantile.of(quantile, before.buckets(name, labels), now.buckets(name, labels));
    }

    private void memory() {
        line(
                "memory",
                "window " + bounded("freshet_window_bytes", "freshet_window_limit_bytes"),
                "pinned " + bounded("freshet_pinned_bytes", "freshet_pinned_limit_bytes"),
                "outbound " + bounded("freshet_outbound_bytes", "freshet_outbound_limit_bytes"));
        line(
                "history",
                count(now.sum("freshet_cold_reads_under_way")) + " of " + count(now.sum("freshet_cold_reads_limit"))
                        + " under way",
                count(now.sum("freshet_cold_reads_waiting")) + " waiting",
                count(now.sum("freshet_reader_waiting")) + " in the reader's queue",
                perSecond("freshet_reader_refused_total") + " refused");
    }

    private String bounded(String name, String limit) {
        return bytes(now.sum(name)) + " of " + bytes(now.sum(limit));
    }

    private void virtualMachine() {
        double pauses = rate("jvm_gc_pause_seconds_count");
        double busy = rate("jvm_gc_pause_seconds_sum");
        line(
                "virtual machine",
                "heap " + bytes(now.sum("jvm_memory_used_bytes", Map.of("area", "heap"))),
                "resident " + bytes(now.sum("process_resident_memory_bytes")),
                "GC " + count(pauses) + "/s, " + String.format(Locale.ROOT, "%.1f %%", 100 * busy),
                "reactors allocate " + bytes(reactorsAllocated()) + "/s",
                String.format(Locale.ROOT, "CPU %.0f %% of one", 100 * rate("process_cpu_seconds_total")));
    }

    private double reactorsAllocated() {
        double sum = 0;
        for (String thread : now.values("freshet_thread_allocated_bytes_total", "thread")) {
            if (thread.startsWith("freshet-reactor")) {
                sum += rate("freshet_thread_allocated_bytes_total", Map.of("thread", thread));
            }
        }
        return sum;
    }

    private void refusals() {
        line("refused", reasons("freshet_publishes_refused_total", "code"));
        line("closed", reasons("freshet_connections_closed_total", "reason"));
    }

    /** The reasons that there were since the start. */
    private String reasons(String name, String label) {
        String reasons = now.values(name, label).stream()
                .filter(value -> now.sum(name, Map.of(label, value)) > 0)
                .map(value -> value + " " + count(now.sum(name, Map.of(label, value))))
                .collect(Collectors.joining(", "));
        return reasons.isEmpty() ? "none" : reasons;
    }

    private void reactors() {
        lines.add("");
        String row = "%-8s %11s %12s %12s %10s %10s %10s %8s";
        lines.add(String.format(
                Locale.ROOT,
                row,
                "reactor",
                "connections",
                "deliveries/s",
                "bytes/s",
                "p50",
                "p99",
                "longest",
                "mailbox"));
        for (String reactor : now.values("freshet_connections", "reactor")) {
            Map<String, String> labels = Map.of("reactor", reactor);
            lines.add(String.format(
                    Locale.ROOT,
                    row,
                    reactor,
                    count(now.sum("freshet_connections", labels)),
                    count(rate("freshet_delivered_records_total", labels)),
                    bytes(rate("freshet_delivered_bytes_total", labels)),
                    duration(quantile(0.5, DUTY_CYCLE, labels)),
                    duration(quantile(0.99, DUTY_CYCLE, labels)),
                    duration(now.greatest("freshet_duty_cycle_longest_seconds", labels)),
                    count(now.sum("freshet_mailbox_messages", labels))));
        }
    }
}
