package io.freshet.benchmarks.suite;

import io.freshet.benchmarks.report.ResultFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Runs rows one after the other and keeps what came of each at once: what fails later takes nothing with it. */
public final class Suite {
    private final SuiteOptions options;
    private final LoadDriver driver;
    private final ServerLauncher launcher;
    private final Consumer<String> progress;

    private Suite(SuiteOptions options, LoadDriver driver, ServerLauncher launcher, Consumer<String> progress) {
        this.options = options;
        this.driver = driver;
        this.launcher = launcher;
        this.progress = progress;
    }

    /**
     * Runs the suite and blocks until it is done, which takes minutes for a row and a round of seconds each.
     *
     * @param progress is told a line for each run
     * @return whether every row ran and was counted right; a bar that is missed changes nothing here
     * @throws IOException when the results cannot be written
     */
    public static boolean run(SuiteOptions options, LoadDriver driver, Consumer<String> progress)
            throws IOException, InterruptedException {
        return new Suite(options, driver, ServerProcess.launcher(options.java(), options.program()), progress)
                .run(Rows.named(options.names()));
    }

    /** The same with other rows and servers. */
    static boolean run(
            SuiteOptions options, List<Row> rows, LoadDriver driver, ServerLauncher launcher, Consumer<String> progress)
            throws IOException, InterruptedException {
        return new Suite(options, driver, launcher, progress).run(rows);
    }

    private boolean run(List<Row> rows) throws IOException, InterruptedException {
        Files.createDirectories(options.out());
        List<RowResult> results = new ArrayList<>();
        for (Row row : rows) {
            RowResult result = new RowRun(row, options, driver, launcher, progress).run();
            results.add(result);
            write(result.name() + ".json", ResultFile.toJson(result));
            SummaryTable table = new SummaryTable(results);
            write("summary.json", ResultFile.toJson(table.lines()));
            write("summary.md", table.markdown());
            String failure = result.failure();
            if (failure != null) {
                progress.accept(row.name() + " FAILED: " + failure);
            }
        }
        return results.stream().allMatch(result -> result.failure() == null);
    }

    private void write(String name, String text) throws IOException {
        Path file = options.out().resolve(name);
        Files.writeString(file, text);
    }
}
