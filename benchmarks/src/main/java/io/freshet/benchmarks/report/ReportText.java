package io.freshet.benchmarks.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The part of a report that is read without a script: the verdict, the main figures, and all that was noted of the run. */
final class ReportText {
    private final StringBuilder html;
    private final LoadResult result;

    private ReportText(StringBuilder html, LoadResult result) {
        this.html = html;
        this.result = result;
    }

    static void append(StringBuilder html, LoadResult result) {
        ReportText text = new ReportText(html, result);
        text.appendHead();
        text.appendFigures();
        text.appendPlots();
        text.appendLatencies();
        text.appendCounts();
        text.appendSettings();
        text.appendEnvironment();
        html.append("</main>\n");
    }

    static String title(LoadResult result) {
        String scenario = result.settings().getOrDefault("scenario", "load");
        return scenario + " on " + result.target().name();
    }

    static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }

    private void appendHead() {
        html.append("<main>\n<header>\n<h1>")
                .append(escaped(title(result)))
                .append("</h1>\n<p class=\"when\">")
                .append(escaped(result.startedAt().replaceFirst("\\.\\d+Z$", "Z")))
                .append(" · ")
                .append(escaped(result.environment().machine()))
                .append(" · ")
                .append(result.environment().processors())
                .append(" processors</p>\n<ul class=\"verdict\">\n");
        appendVerdict(mark(result.passed()), result.passed() ? "Passed" : "Failed");
        boolean hasTarget = result.totals().targetPerS() > 0;
        String rate = rateVerdict(result.totals());
        appendVerdict(hasTarget ? mark(result.totals().isTargetReached()) : "plain", rate);
        appendVerdict(mark(result.totals().isWhole()), lossVerdict(result.totals()));
        if (result.totals().failedConnections() > 0) {
            appendVerdict("bad", Figures.count(result.totals().failedConnections()) + " connections failed");
        }
        if (result.load().wasLimit()) {
            appendVerdict("bad", "The load generator was the limit, not the server");
        }
        html.append("</ul>\n<ul class=\"findings\">\n");
        result.findings()
                .forEach(finding -> html.append("<li>").append(escaped(finding)).append("</li>\n"));
        html.append("</ul>\n</header>\n");
    }

    private static String mark(boolean isGood) {
        return isGood ? "good" : "bad";
    }

    private void appendVerdict(String mark, String text) {
        html.append("<li class=\"")
                .append(mark)
                .append("\">")
                .append(escaped(text))
                .append("</li>\n");
    }

    private static String rateVerdict(Totals totals) {
        if (totals.targetPerS() == 0) {
            return "No target rate: as fast as the window allowed";
        }
        return "Target rate " + Figures.rate(totals.targetPerS()) + (totals.isTargetReached() ? " " : " not ")
                + "reached: " + Figures.rate(totals.publishedPerS());
    }

    private static String lossVerdict(Totals totals) {
        if (totals.isWhole()) {
            return "Nothing lost, repeated, misordered or damaged";
        }
        List<String> parts = new ArrayList<>();
        addCount(parts, totals.lost(), "lost");
        addCount(parts, totals.repeated(), "repeated");
        addCount(parts, totals.misordered(), "out of order");
        addCount(parts, totals.damaged(), "damaged");
        return "Deliveries: " + String.join(", ", parts);
    }

    private static void addCount(List<String> parts, long count, String what) {
        if (count > 0) {
            parts.add(Figures.count(count) + " " + what);
        }
    }

    private void appendFigures() {
        Map<String, String> figures = new LinkedHashMap<>();
        Totals totals = result.totals();
        figures.put("published", Figures.rate(totals.publishedPerS()));
        if (totals.delivered() > 0) {
            figures.put("delivered", Figures.rate(totals.deliveredPerS()));
        }
        result.latencies().forEach((name, latency) -> {
            if (!name.equals(LoadResult.CONNECT) || result.latencies().size() == 1) {
                figures.put(name + " p50", Figures.durationUs(latency.p50Us()));
                figures.put(name + " p99", Figures.durationUs(latency.p99Us()));
            }
        });
        ServerUse server = result.server();
        if (server != null) {
            putCost(figures, "server CPU per delivery", server.cpuNsPerDelivery());
            putCost(figures, "server CPU per publish", server.cpuNsPerPublish());
            putCost(figures, "server CPU per client", server.cpuNsPerClient());
            figures.put("server resident", Figures.bytes(server.residentBytes()));
        }
        html.append("<dl class=\"figures\">\n");
        figures.forEach((name, value) -> html.append("<div><dt>")
                .append(escaped(name))
                .append("</dt><dd>")
                .append(escaped(value))
                .append("</dd></div>\n"));
        html.append("</dl>\n");
    }

    private static void putCost(Map<String, String> figures, String name, double ns) {
        if (ns > 0) {
            figures.put(name, Figures.costNs(ns));
        }
    }

    private void appendPlots() {
        html.append("<noscript><p>The plots need scripts to be allowed.</p></noscript>\n<div class=\"plots\">\n");
        for (String plot : List.of("rate", "users", "latency", "cpu", "memory", "distribution")) {
            html.append("<figure id=\"").append(plot).append("\"></figure>\n");
        }
        html.append("</div>\n");
    }

    private void appendLatencies() {
        html.append("<h2>Latency</h2>\n<div class=\"wide\"><table>\n<thead><tr><th></th><th>count</th><th>mean</th>")
                .append("<th>p50</th><th>p90</th><th>p99</th><th>p99.9</th><th>max</th></tr></thead>\n<tbody>\n");
        result.latencies().forEach((name, latency) -> {
            html.append("<tr><th>").append(escaped(name)).append("</th>");
            appendCell(Figures.count(latency.count()));
            appendCell(Figures.durationUs(latency.meanUs()));
            appendCell(Figures.durationUs(latency.p50Us()));
            appendCell(Figures.durationUs(latency.p90Us()));
            appendCell(Figures.durationUs(latency.p99Us()));
            appendCell(Figures.durationUs(latency.p999Us()));
            appendCell(Figures.durationUs(latency.maxUs()));
            html.append("</tr>\n");
        });
        html.append("</tbody></table></div>\n");
    }

    private void appendCell(String text) {
        html.append("<td>").append(escaped(text)).append("</td>");
    }

    private void appendCounts() {
        Totals totals = result.totals();
        Map<String, String> rows = new LinkedHashMap<>();
        rows.put("measured for", String.format(Locale.ROOT, "%.1f s", totals.durationS()));
        rows.put("published", Figures.count(totals.published()));
        rows.put("acknowledged", Figures.count(totals.acknowledged()));
        rows.put("delivered", Figures.count(totals.delivered()));
        rows.put("due to be delivered", Figures.count(totals.expectedDeliveries()));
        rows.put("bytes delivered", Figures.bytes(totals.bytesPerS()) + "/s");
        rows.put("refused by the server", Figures.count(totals.refused()));
        rows.put("left out by the server", Figures.count(totals.gaps()));
        rows.put("connections failed", Figures.count(totals.failedConnections()));
        rows.put("load generator's CPU", Figures.durationUs(result.load().cpuS() * 1e6));
        rows.put("load CPU per delivery", Figures.costNs(result.load().cpuNsPerDelivery()));
        ServerUse server = result.server();
        if (server != null) {
            rows.put("server's CPU", Figures.durationUs(server.cpuS() * 1e6));
            rows.put("deliveries per write", Figures.digits(server.deliveriesPerWrite()));
            rows.put("resident memory, growth", Figures.bytes(server.residentGrowthBytes()));
            rows.put("kernel socket memory", Figures.bytes(server.kernelSocketBytes()));
            if (server.allocatedBytes() >= 0) {
                rows.put("allocated", Figures.bytes(server.allocatedBytes()));
                rows.put("collections", server.gcCount() + " in " + server.gcTimeMs() + " ms");
            }
        }
        appendTable("Counts", rows);
    }

    private void appendSettings() {
        appendTable("Settings", result.settings());
    }

    private void appendEnvironment() {
        Environment environment = result.environment();
        Target target = result.target();
        Map<String, String> rows = new LinkedHashMap<>();
        rows.put("machine", environment.machine());
        rows.put("processors", String.valueOf(environment.processors()));
        rows.put("kernel", environment.kernel());
        rows.put("commit", environment.commit());
        rows.put("JDK of the load generator", environment.jdk());
        rows.put("flags of the load generator", String.join(" ", environment.flags()));
        rows.put("server", target.name() + " at " + target.address() + ", wire " + target.wire());
        rows.put("JDK of the server", target.serverJdk());
        rows.put("command of the server", String.join(" ", target.serverCommand()));
        appendTable("Where it ran", rows);
    }

    private void appendTable(String name, Map<String, String> rows) {
        html.append("<h2>")
                .append(escaped(name))
                .append("</h2>\n<div class=\"wide\"><table class=\"pairs\">\n<tbody>\n");
        rows.forEach((key, value) -> {
            html.append("<tr><th>").append(escaped(key)).append("</th>");
            appendCell(value.isEmpty() ? "–" : value);
            html.append("</tr>\n");
        });
        html.append("</tbody></table></div>\n");
    }
}
