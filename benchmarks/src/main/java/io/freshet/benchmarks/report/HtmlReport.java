package io.freshet.benchmarks.report;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * One result as one HTML file that needs nothing else: no network, no second file, also when it is opened from a disk.
 * Scripts, styles and data are written into it; every text that comes from the result is escaped.
 */
public final class HtmlReport {
    private static final String PLOTS = "/META-INF/resources/webjars/uplot/1.6.30/";

    /** Escapes {@code <}, {@code >} and {@code &} too, so that no text can end the element that the data stands in. */
    private static final Gson DATA = new GsonBuilder().serializeNulls().create();

    private HtmlReport() {}

    /** Replaces the file; its directory must be there. */
    public static void write(Path file, LoadResult result) throws IOException {
        Files.writeString(file, of(result));
    }

    /** The text of the file. */
    public static String of(LoadResult result) {
        StringBuilder html = new StringBuilder(1 << 17);
        html.append("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
                .append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
                .append("<meta name=\"color-scheme\" content=\"light dark\">\n<title>")
                .append(ReportText.escaped(ReportText.title(result)))
                .append("</title>\n<style>\n")
                .append(resource(PLOTS + "dist/uPlot.min.css"))
                .append(resource("report.css"))
                .append("</style>\n</head>\n<body>\n");
        ReportText.append(html, result);
        html.append("<script type=\"application/json\" id=\"data\">")
                .append(DATA.toJson(new Data(result.timeline(), LatencyPlot.of(result.latencies()))))
                .append("</script>\n<script>\n/*! uPlot\n")
                .append(resource(PLOTS + "LICENSE"))
                .append("*/\n")
                .append(resource(PLOTS + "dist/uPlot.iife.min.js"))
                .append(resource("report.js"))
                .append("</script>\n</body>\n</html>\n");
        return html.toString();
    }

    private static String resource(String name) {
        try (InputStream in = Objects.requireNonNull(HtmlReport.class.getResourceAsStream(name), name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What the script draws. */
    private record Data(List<Sample> timeline, LatencyPlot distribution) {}
}
