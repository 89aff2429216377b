package io.freshet.examples.cli.fuzz;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * Fuzzes the targets, each in a process of its own, and says how often each was run. Ends with 1 when one broke a promise; what
 * broke it then lies in {@code examples/target/fuzz}.
 *
 * <pre>
 *   mvn -q -DskipTests -Pfuzz -pl examples -am package -Dfuzz.args='--seconds 300 --keep session'
 * </pre>
 */
@Command(name = "fuzz", mixinStandardHelpOptions = true)
final class FuzzRun implements Callable<Integer> {
    private static final Pattern RUNS = Pattern.compile("Done (\\d+) runs in (\\d+) second");
    private static final Pattern COVERAGE = Pattern.compile("cov: (\\d+) ft: (\\d+)");

    @Option(names = "--seconds", defaultValue = "5", description = "For how long each target is run.")
    private int seconds;

    @Option(names = "--jobs", defaultValue = "2", description = "How many targets are run at a time.")
    private int jobCount;

    @Option(names = "--keep", description = "Keep the fewest inputs that reach everything that was reached.")
    private boolean isKeeping;

    @Parameters(description = "Targets, of ${COMPLETION-CANDIDATES}; all when none is named.")
    private List<FuzzTarget> targets = List.of();

    /** What became of one target. */
    private record Outcome(int exitCode, String line) {}

    public static void main(String[] args) {
        System.exit(new CommandLine(new FuzzRun())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .execute(args));
    }

    @Override
    public Integer call() throws InterruptedException, ExecutionException {
        List<FuzzTarget> chosen = targets.isEmpty() ? Arrays.asList(FuzzTarget.values()) : targets;
        ExecutorService jobs = Executors.newFixedThreadPool(jobCount);
        try {
            List<Future<Outcome>> outcomes = new ArrayList<>();
            for (FuzzTarget target : chosen) {
                outcomes.add(jobs.submit(() -> fuzz(target)));
            }
            int exitCode = 0;
            for (Future<Outcome> outcome : outcomes) {
                System.out.println(outcome.get().line);
                exitCode |= outcome.get().exitCode;
            }
            return exitCode == 0 ? 0 : 1;
        } finally {
            jobs.shutdownNow();
        }
    }

    private Outcome fuzz(FuzzTarget target) throws IOException, InterruptedException {
        String name = target.name().toLowerCase(Locale.ROOT);
        Path directory = Path.of("target", "fuzz", name).toAbsolutePath();
        Path corpus = directory.resolve("corpus");
        KeptInputs kept =
                new KeptInputs(target.keptFile(Path.of("..").toAbsolutePath().normalize()));
        kept.unpack(corpus);
        Path log = directory.resolve("log.txt");
        int exitCode = jazzer(target, directory, log, "-max_total_time=" + seconds, corpus.toString());
        String said = Files.readString(log);
        if (exitCode != 0) {
            return new Outcome(
                    exitCode, name + ": BROKEN, ended with " + exitCode + "; see " + log + "\n" + tail(said));
        }
        Matcher runs = RUNS.matcher(said);
        if (!runs.find() || runs.group(1).equals("0")) {
            return new Outcome(1, name + ": did not run; see " + log + "\n" + tail(said));
        }
        String line = name + ": " + runs.group(1) + " executions in " + runs.group(2) + " s, " + coverage(said);
        return new Outcome(0, isKeeping ? line + ", " + keep(target, directory, corpus, kept) : line);
    }

    private static String coverage(String said) {
        String last = "coverage unknown";
        for (Matcher matcher = COVERAGE.matcher(said); matcher.find(); ) {
            last = matcher.group(1) + " edges";
        }
        return last;
    }

    private static String keep(FuzzTarget target, Path directory, Path corpus, KeptInputs kept)
            throws IOException, InterruptedException {
        Path merged = Files.createTempDirectory(directory, "merged");
        Path log = directory.resolve("merge.txt");
        int exitCode = jazzer(target, directory, log, "-merge=1", merged.toString(), corpus.toString());
        return exitCode == 0 ? kept.pack(merged) + " inputs kept" : "not merged, see " + log;
    }

    /** Runs Jazzer to its end; returns its exit code. */
    private static int jazzer(FuzzTarget target, Path directory, Path log, String... further)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(flag -> flag.startsWith("--"))
                .forEach(command::add);
        command.addAll(List.of(
                "-ea",
                "-Xmx1g",
                "-XX:+EnableDynamicAgentLoading",
                "-Djdk.attach.allowAttachSelf=true",
                "-Dchronicle.announcer.disable=true",
                "-Dio.netty.leakDetection.level=disabled",
                "-Djava.io.tmpdir=" + temporary(),
                "-cp",
                System.getProperty("java.class.path"),
                "com.code_intelligence.jazzer.Jazzer",
                "--target_class=" + target.className(),
                "--instrumentation_includes=io.freshet.**",
                // What tests are made of; SoundLog also writes whole logs, which takes long when each step is followed.
                "--instrumentation_excludes=io.freshet.engine.simulation.**:io.freshet.testing.**"
                        + ":io.freshet.engine.fuzz.SoundLog**",
                // Its hooks look for other kinds of mistakes, and the one for Unsafe cannot bear what Netty does.
                "--custom_hook_includes=io.freshet.**",
                "--disabled_hooks=com.code_intelligence.jazzer.sanitizers.UnsafeSanitizer",
                "--reproducer_path=" + directory,
                "-artifact_prefix=" + directory + "/",
                "-max_len=" + target.maxLength(),
                "-timeout=30",
                "-rss_limit_mb=0"));
        command.addAll(List.of(further));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start()
                .waitFor();
    }

    /** Where targets write files: in memory if possible, since each execution of some syncs several. */
    private static String temporary() {
        Path memory = Path.of("/dev/shm");
        return Files.isWritable(memory) ? memory.toString() : System.getProperty("java.io.tmpdir");
    }

    private static String tail(String text) {
        List<String> lines = text.lines().toList();
        return String.join("\n", lines.subList(Math.max(0, lines.size() - 40), lines.size()));
    }
}
