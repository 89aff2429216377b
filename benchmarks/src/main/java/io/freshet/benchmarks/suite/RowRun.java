package io.freshet.benchmarks.suite;

import io.freshet.benchmarks.load.HistoryFile;
import io.freshet.benchmarks.load.Scenario;
import io.freshet.benchmarks.report.Environment;
import io.freshet.benchmarks.report.LoadResult;
import io.freshet.benchmarks.report.ServerUse;
import io.freshet.benchmarks.suite.RowResult.Runs;
import io.freshet.benchmarks.suite.RowResult.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One row: in each round every server runs once, in an order that is turned by one from round to round, so that none of
 * them always has the machine as another has left it.
 */
final class RowRun {
    private final Row row;
    private final SuiteOptions options;
    private final LoadDriver driver;
    private final ServerLauncher launcher;
    private final Consumer<String> progress;
    private final Map<String, List<LoadResult>> runs = new LinkedHashMap<>();
    private final Map<String, RunningServer> kept = new LinkedHashMap<>();
    private @Nullable String failure;

    RowRun(Row row, SuiteOptions options, LoadDriver driver, ServerLauncher launcher, Consumer<String> progress) {
        this.row = row;
        this.options = options;
        this.driver = driver;
        this.launcher = launcher;
        this.progress = progress;
        row.contenders().forEach(contender -> runs.put(contender.name(), new ArrayList<>()));
    }

    /** Runs all rounds, or up to the first that cannot be run. What was counted wrong is noted, and the rounds go on. */
    RowResult run() throws InterruptedException {
        try (WorkDirectory work = WorkDirectory.create(options.work())) {
            try {
                for (int round = 0; round < options.rounds(); round++) {
                    runRound(round, work);
                }
            } finally {
                kept.values().forEach(RunningServer::close);
            }
        } catch (IOException | RuntimeException e) {
            failure = String.valueOf(e.getMessage() == null ? e : e.getMessage());
        }
        dropIncompleteRound();
        return result();
    }

    private void runRound(int round, WorkDirectory work) throws IOException, InterruptedException {
        int count = row.contenders().size();
        for (int i = 0; i < count; i++) {
            Contender contender = row.contenders().get((i + round) % count);
            LoadResult result = row.preparation().keepsServers()
                    ? driver.run(row.scenario(), settings(contender), server(contender, work), row.asksJvm())
                            .condensed()
                    : measuredAlone(contender, work.data(contender.name() + "-" + round), work);
            runs.getOrDefault(contender.name(), new ArrayList<>()).add(result);
            note(result, contender, "round " + (round + 1));
            progress.accept(told(round, contender, result));
        }
    }

    /** Keeps the first thing that was counted wrong. */
    private void note(LoadResult result, Contender contender, String when) {
        if (!result.passed() && failure == null) {
            failure = contender.name() + " in " + when + ": " + String.join(" ", result.findings());
        }
    }

    /** The process that serves all rounds. */
    private RunningServer server(Contender contender, WorkDirectory work) throws IOException, InterruptedException {
        RunningServer server = kept.get(contender.name());
        if (server == null) {
            server = started(contender, work.data(contender.name()), work);
            kept.put(contender.name(), server);
            prepare(contender, server);
        }
        return server;
    }

    private LoadResult measuredAlone(Contender contender, Path data, WorkDirectory work)
            throws IOException, InterruptedException {
        LoadResult result;
        try (RunningServer server = started(contender, data, work)) {
            prepare(contender, server);
            result = driver.run(row.scenario(), settings(contender), server, row.asksJvm())
                    .condensed();
        }
        work.delete(data);
        return result;
    }

    private RunningServer started(Contender contender, Path data, WorkDirectory work)
            throws IOException, InterruptedException {
        ServerFiles files = work.files(data);
        if (contender.needsStream() && !Files.exists(files.stream())) {
            HistoryFile.write(files.stream(), Scenario.named(row.scenario(), settings(contender)));
        }
        if (contender.needsCertificate() && !Files.exists(files.certificate())) {
            LoopbackCertificate.write(files.certificate(), files.key());
        }
        return launcher.start(contender, flags(), files);
    }

    private void prepare(Contender contender, RunningServer server) throws IOException, InterruptedException {
        for (int i = 0; i < row.preparation().runCount(); i++) {
            note(driver.run(row.scenario(), preparingSettings(contender), server, false), contender, "preparation");
        }
    }

    private Map<String, String> settings(Contender contender) {
        Map<String, String> settings = row.settings(contender, options.isQuick());
        settings.putAll(options.overrides());
        return settings;
    }

    private Map<String, String> preparingSettings(Contender contender) {
        Map<String, String> settings = settings(contender);
        if (!options.isQuick() || !row.preparation().keepsServers()) {
            settings.putAll(row.preparation().settings());
        }
        return settings;
    }

    /** Other work than the row's own says so wherever the row is shown. */
    private String told(String work) {
        return options.overrides().isEmpty() ? work : work + ", but with " + options.overrides();
    }

    private List<String> flags() {
        List<String> flags = new ArrayList<>(options.flags());
        flags.addAll(row.preparation().serverFlags());
        return flags;
    }

    private String told(int round, Contender contender, LoadResult result) {
        StringBuilder line = new StringBuilder()
                .append(row.name())
                .append(" round ")
                .append(round + 1)
                .append('/')
                .append(options.rounds())
                .append(' ')
                .append(contender.name());
        row.bars().stream()
                .map(bar -> contender.equals(row.subject()) ? bar.metric() : bar.baselineMetric())
                .distinct()
                .forEach(metric ->
                        line.append("  ").append(metric.label()).append(' ').append(metric.text(metric.of(result))));
        return line.toString();
    }

    /** A round counts when all servers have run in it. */
    private void dropIncompleteRound() {
        int complete = runs.values().stream().mapToInt(List::size).min().orElse(0);
        runs.replaceAll((name, results) -> List.copyOf(results.subList(0, complete)));
    }

    private RowResult result() {
        List<Runs> contenders = new ArrayList<>();
        for (Contender contender : row.contenders()) {
            List<LoadResult> results = runs.getOrDefault(contender.name(), List.of());
            List<Double> perWrite =
                    results.stream().map(RowRun::deliveriesPerWrite).toList();
            contenders.add(new Runs(
                    contender.name(), contender.arguments(), Spread.of(perWrite).median(), results));
        }
        List<LoadResult> first = contenders.get(0).results();
        List<Verdict> verdicts = new Judge(row, runs, !options.isQuick() && failure == null).verdicts();
        Environment environment = first.isEmpty() ? null : first.get(0).environment();
        Map<String, String> settings =
                first.isEmpty() ? settings(row.subject()) : first.get(0).settings();
        return new RowResult(
                row.name(),
                told(row.work()),
                row.scenario(),
                settings,
                window(first, settings),
                first.size(),
                options.isQuick(),
                environment,
                flags(),
                contenders,
                verdicts,
                failure);
    }

    /** None where nothing is sent; where the time says when to send there is a rate instead. */
    private static String window(List<LoadResult> results, Map<String, String> settings) {
        double perS = results.stream()
                .mapToDouble(result -> result.totals().targetPerS())
                .max()
                .orElse(0);
        if (perS > 0) {
            return String.format(Locale.ROOT, "open, %,.0f/s", perS);
        }
        boolean isSending = results.stream()
                .map(LoadResult::totals)
                .anyMatch(totals -> totals.published() > 0 || totals.delivered() > 0);
        return isSending ? settings.getOrDefault("window", "") : "";
    }

    private static double deliveriesPerWrite(LoadResult result) {
        ServerUse use = result.server();
        return use == null ? 0 : use.deliveriesPerWrite();
    }
}
