package io.freshet.benchmarks.load;

import io.freshet.benchmarks.report.Environment;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The machine and the virtual machine that the load generator runs on. */
final class Machine {
    private static final String UNKNOWN = "unknown";

    private Machine() {}

    static Environment environment() {
        Runtime.Version version = Runtime.version();
        String commit = Machine.class.getPackage().getImplementationVersion();
        return new Environment(
                processor(),
                Runtime.getRuntime().availableProcessors(),
                System.getProperty("os.name") + " " + System.getProperty("os.version"),
                System.getProperty("java.vendor") + " " + version,
                ManagementFactory.getRuntimeMXBean().getInputArguments(),
                commit == null ? UNKNOWN : commit);
    }

    private static String processor() {
        String name = processorLine("model name");
        return name == null ? System.getProperty("os.arch", UNKNOWN) : name;
    }

    private static @Nullable String processorLine(String key) {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/cpuinfo"))) {
                int colon = line.indexOf(':');
                if (colon > 0 && line.substring(0, colon).strip().equals(key)) {
                    return line.substring(colon + 1).strip();
                }
            }
        } catch (IOException e) {
            // Not this system.
        }
        return null;
    }
}
