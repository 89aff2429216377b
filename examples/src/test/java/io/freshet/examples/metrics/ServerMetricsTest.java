package io.freshet.examples.metrics;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.freshet.engine.EngineConfig;
import io.freshet.engine.FreshetEngine;
import io.freshet.examples.top.Scrape;
import io.freshet.log.StorageConfig;
import io.freshet.log.memory.MemoryDisk;
import io.freshet.log.memory.MemoryStorage;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the server exposes is what its page says, and what Prometheus accepts. */
final class ServerMetricsTest {
    private static final Pattern SAMPLE = Pattern.compile("(freshet_\\w+?)(_bucket|_sum|_count)?(\\{(.*)})? \\S+");
    private static final Pattern LABEL = Pattern.compile("(\\w+)=\"");
    private static final Pattern ROW = Pattern.compile("\\| `(freshet_\\w+)` \\| (.*)");

    @TempDir
    private Path directory;

    private final FreshetEngine engine = FreshetEngine.start(EngineConfig.builder()
            .storage(MemoryStorage.open(
                    new MemoryDisk(), StorageConfig.builder().shardCount(2).build()))
            .reactors(2)
            .build());
    private final ServerMetrics metrics = new ServerMetrics(engine.metrics());

    @AfterEach
    void close() {
        metrics.close();
        engine.close();
    }

    private String textAfterAPublish() {
        engine.channel("some").publish("thing").toCompletableFuture().join();
        return metrics.text();
    }

    @Test
    void shouldExposeExactlyWhatItsPageSays() throws IOException {
        Path page = Path.of("..", "docs", "metrics.md");
        Map<String, String> documented = new TreeMap<>();
        Files.readAllLines(page).stream()
                .map(ROW::matcher)
                .filter(Matcher::matches)
                .forEach(row -> documented.put(row.group(1), row.group(2)));
        assertEquals(rows(documented), rows(exposed(textAfterAPublish())));
    }

    private static String rows(Map<String, String> metrics) {
        return metrics.entrySet().stream()
                .map(metric -> "| `" + metric.getKey() + "` | " + metric.getValue())
                .collect(Collectors.joining("\n"));
    }

    /** Kind, labels and description by name, as a row of the page has them. */
    private static Map<String, String> exposed(String text) {
        Map<String, String> kinds = new TreeMap<>();
        Map<String, String> descriptions = new TreeMap<>();
        Map<String, Set<String>> labels = new TreeMap<>();
        for (String line : text.lines().toList()) {
            String[] words = line.split(" ", 4);
            if (line.startsWith("# TYPE freshet_")) {
                kinds.put(words[2], words[3]);
            } else if (line.startsWith("# HELP freshet_")) {
                descriptions.put(words[2], words[3]);
            } else if (line.startsWith("freshet_")) {
                Matcher sample = SAMPLE.matcher(line);
                assertTrue(sample.matches(), line);
                Set<String> names = labels.computeIfAbsent(sample.group(1), name -> new TreeSet<>());
                Matcher label = LABEL.matcher(sample.group(4) == null ? "" : sample.group(4));
                while (label.find()) {
                    names.add("`" + label.group(1) + "`");
                }
                names.remove("`le`");
            }
        }
        Map<String, String> rows = new TreeMap<>();
        kinds.forEach((name, kind) -> {
            Set<String> names = labels.getOrDefault(name, Set.of());
            String listed = names.isEmpty() ? "–" : String.join(", ", names);
            rows.put(name, kind + " | " + listed + " | " + descriptions.get(name) + " |");
        });
        return rows;
    }

    @Test
    void shouldBeReadByItsOwnView() {
        Scrape scrape = Scrape.parse(textAfterAPublish());
        assertTrue(scrape.has("freshet_publishes_admitted_total"));
        assertTrue(scrape.has("freshet_duty_cycle_seconds_bucket"));
        assertTrue(scrape.has("jvm_memory_used_bytes"));
    }

    @Test
    void shouldCountInTheTextWhatTheEngineCounted() {
        double published = textAfterAPublish()
                .lines()
                .filter(line -> line.startsWith("freshet_publishes_admitted_total{"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .sum();
        assertEquals(1, published);
        assertEquals(1, engine.metrics().sum("publishes.admitted"));
    }

    @Test
    void shouldBeAcceptedByPrometheus() throws IOException, InterruptedException {
        assumeTrue(isInstalled("promtool"), "promtool is not installed; it is in Debian's package prometheus");
        Path said = directory.resolve("promtool.out");
        Process promtool = new ProcessBuilder("promtool", "check", "metrics")
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        try (OutputStream in = promtool.getOutputStream()) {
            in.write(textAfterAPublish().getBytes(UTF_8));
        }
        assertTrue(promtool.waitFor(60, TimeUnit.SECONDS), "promtool does not end");
        assertEquals("", Files.readString(said));
        assertEquals(0, promtool.exitValue());
    }

    private static boolean isInstalled(String program) {
        String path = System.getenv("PATH");
        return path != null
                && Arrays.stream(path.split(":"))
                        .anyMatch(each -> Files.isExecutable(Path.of(each).resolve(program)));
    }
}
