package io.freshet.benchmarks.suite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.freshet.benchmarks.load.LoadTransport;
import io.freshet.benchmarks.report.LoadResult;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SuiteTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path directory;

    private final List<String> happened = new ArrayList<>();
    private Map<String, String> overrides = Map.of();

    @Test
    void shouldTurnTheOrderFromRoundToRoundAndEndEachServer() throws IOException, InterruptedException {
        assertTrue(run(3, List.of(row("one")), SuiteTest::measure));
        assertEquals(
                List.of(
                        "start freshet",
                        "load one",
                        "stop freshet",
                        "start naive",
                        "load one",
                        "stop naive",
                        "start naive",
                        "load one",
                        "stop naive",
                        "start freshet",
                        "load one",
                        "stop freshet",
                        "start freshet",
                        "load one",
                        "stop freshet",
                        "start naive",
                        "load one",
                        "stop naive"),
                happened);
    }

    @Test
    void shouldKeepAllResultsAndTheTable() throws IOException, InterruptedException {
        assertTrue(run(2, List.of(row("one"), row("two")), SuiteTest::measure));
        JsonObject one = json("one.json");
        assertEquals(2, one.get("rounds").getAsInt());
        assertEquals("256", one.get("window").getAsString());
        assertEquals(2, one.getAsJsonArray("contenders").size());
        JsonObject naive = one.getAsJsonArray("contenders").get(1).getAsJsonObject();
        assertEquals(2, naive.getAsJsonArray("results").size());
        JsonObject verdict = one.getAsJsonArray("verdicts").get(0).getAsJsonObject();
        assertEquals(0.3, verdict.getAsJsonObject("spread").get("median").getAsDouble(), 1e-9);
        assertFalse(verdict.get("isMet").getAsBoolean());
        String table = Files.readString(out().resolve("summary.md"));
        assertTrue(
                table.contains(
                        "a processor, 2 processors, Linux 6, 17.0.1; commit abc1234; servers with `-Xmx1g -Xmn16m`"),
                table);
        assertTrue(
                table.contains("| one | some work | server CPU per delivery | 30 ns | naive 100 ns"
                        + " | 0.30 × (0.30 ×–0.30 ×) | ≤ 0.25 × | ≤ 0.14 × | **no** | 100.0 : 100.0 | 256 |\n| two |"),
                table);
        assertTrue(Files.exists(out().resolve("summary.json")));
    }

    @Test
    void shouldGoOnWithTheOtherRowsWhenOneFails() throws IOException, InterruptedException {
        assertFalse(run(1, List.of(row("bad"), row("good")), (row, name) -> {
            if (row.equals("bad") && name.equals("naive")) {
                throw new IllegalStateException("the load generator failed");
            }
            return measure(row, name);
        }));
        assertEquals(
                "the load generator failed", json("bad.json").get("failure").getAsString());
        assertEquals(0, json("bad.json").get("rounds").getAsInt());
        assertFalse(json("good.json").has("failure"));
        assertTrue(Files.readString(out().resolve("summary.md")).contains("**bad failed:** the load generator failed"));
        assertTrue(happened.contains("stop naive"));
    }

    @Test
    void shouldFailARowInWhichSomethingWasLost() throws IOException, InterruptedException {
        assertFalse(
                run(2, List.of(row("one")), (row, name) -> Measured.of(name, Map.of(), 1, 1, name.equals("naive"))));
        assertEquals(
                "freshet in round 1: 3 deliveries were lost.",
                json("one.json").get("failure").getAsString());
        assertEquals(2, json("one.json").get("rounds").getAsInt());
        assertFalse(json("one.json")
                .getAsJsonArray("verdicts")
                .get(0)
                .getAsJsonObject()
                .has("isMet"));
    }

    @Test
    void shouldSayWhereOtherWorkWasDoneThanTheRowsOwn() throws IOException, InterruptedException {
        overrides = Map.of("connections", "19000");
        assertTrue(run(1, List.of(row("one")), SuiteTest::measure));
        assertEquals("load one {connections=19000}", happened.get(1));
        assertEquals(
                "some work, but with {connections=19000}",
                json("one.json").get("work").getAsString());
    }

    @Test
    void shouldLeaveNothingBehindInTheWorkDirectory() throws IOException, InterruptedException {
        assertTrue(run(2, List.of(row("one")), SuiteTest::measure));
        try (Stream<Path> left = Files.list(directory.resolve("work"))) {
            assertEquals(List.of(), left.toList());
        }
    }

    @Test
    void shouldKeepAServerOverTheRoundsAndThrowAwayWhatWarmsItUp() throws IOException, InterruptedException {
        assertTrue(run(
                2,
                List.of(row("one", new Preparation(List.of(), true, 2, Map.of("some", "key")))),
                SuiteTest::measure));
        assertEquals(
                List.of("start freshet", "load one {some=key}", "load one {some=key}", "load one", "start naive"),
                happened.subList(0, 5));
        assertEquals(
                List.of("load one", "load one", "stop freshet", "stop naive"),
                happened.subList(happened.size() - 4, happened.size()));
        assertEquals(
                2,
                json("one.json")
                        .getAsJsonArray("contenders")
                        .get(0)
                        .getAsJsonObject()
                        .getAsJsonArray("results")
                        .size());
    }

    @Test
    void shouldTellTheRateInPlaceOfAWindowAndWhichWritesAreNotCounted() throws IOException, InterruptedException {
        assertTrue(run(
                1, List.of(row("one")), (row, name) -> Measured.paced(name, 2_000, name.equals("naive") ? 0 : 100)));
        String table = Files.readString(out().resolve("summary.md"));
        assertTrue(table.contains(" | 100.0 : – | open, 2,000/s |\n"), table);
        String costly = "\nThe load generator took more CPU per delivery than the server in: ";
        assertTrue(table.contains(costly + "one (freshet), one (naive).\n"), table);
    }

    @Test
    void shouldAskTheVirtualMachineOnlyWhereABarIsAboutItAndNotBefore() throws IOException, InterruptedException {
        Row asking = new Row(
                "one",
                "some work",
                "one",
                Map.of(),
                Map.of(),
                List.of(Contender.freshet(), Contender.naive()),
                List.of(Bar.amount(Metric.ALLOCATED_PER_DELIVERY, "naive", 0.0)),
                new Preparation(List.of(), false, 1, Map.of()));
        assertTrue(run(1, List.of(asking), (row, name) -> Measured.allocating(name, name.equals("naive") ? 0 : -1)));
        assertEquals(
                List.of(
                        "start freshet",
                        "load one",
                        "asking load one",
                        "stop freshet",
                        "start naive",
                        "load one",
                        "asking load one",
                        "stop naive"),
                happened);
        String table = Files.readString(out().resolve("summary.md"));
        assertTrue(table.contains("| allocated per delivery | – | – | – | ≤ 0 B | – | – |"), table);
    }

    private interface Load {
        LoadResult run(String row, String contender);
    }

    private static LoadResult measure(String row, String contender) {
        return Measured.of(contender, Map.of("window", "256"), contender.equals("freshet") ? 30 : 100, 1);
    }

    private boolean run(int rounds, List<Row> rows, Load load) throws IOException, InterruptedException {
        SuiteOptions options = new SuiteOptions(
                List.of(),
                rounds,
                false,
                overrides,
                out(),
                directory.resolve("work"),
                "java",
                List.of("-Xmx1g"),
                List.of("-jar", "freshet.jar"));
        LoadDriver driver = (scenario, settings, server, isJvmAsked) -> {
            happened.add(
                    (isJvmAsked ? "asking load " : "load ") + scenario + (settings.isEmpty() ? "" : " " + settings));
            return load.run(scenario, server.contender().name());
        };
        return Suite.run(options, rows, driver, this::start, line -> {});
    }

    private RunningServer start(Contender contender, List<String> flags, ServerFiles files) throws IOException {
        happened.add("start " + contender.name());
        Files.createDirectories(files.data());
        Files.writeString(files.data().resolve("log"), contender.name());
        return new RunningServer() {
            @Override
            public Contender contender() {
                return contender;
            }

            @Override
            public InetSocketAddress address() {
                return new InetSocketAddress(1);
            }

            @Override
            public LoadTransport transport() {
                return LoadTransport.TCP;
            }

            @Override
            public @Nullable URI metrics() {
                return null;
            }

            @Override
            public long pid() {
                return 0;
            }

            @Override
            public void close() {
                happened.add("stop " + contender.name());
            }
        };
    }

    private Path out() {
        return directory.resolve("out");
    }

    private JsonObject json(String name) throws IOException {
        return JsonParser.parseString(Files.readString(out().resolve(name))).getAsJsonObject();
    }

    private static Row row(String name) {
        return row(name, new Preparation(List.of("-Xmn16m"), false, 0, Map.of()));
    }

    private static Row row(String name, Preparation preparation) {
        return new Row(
                name,
                "some work",
                name,
                Map.of(),
                Map.of(),
                List.of(Contender.freshet(), Contender.naive()),
                List.of(Bar.atMost(Metric.CPU_PER_DELIVERY, "naive", 1 / 4.0, 1 / 7.0)),
                preparation);
    }
}
