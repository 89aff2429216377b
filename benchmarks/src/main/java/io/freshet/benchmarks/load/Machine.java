package io.freshet.benchmarks.load;

import io.freshet.benchmarks.report.Environment;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import org.jspecify.annotations.Nullable;

/** The machine and the virtual machine that the load generator runs on. */
final class Machine {
    private static final String UNKNOWN = "unknown";

    private Machine() {}

    static Environment environment() {
        Runtime.Version version = Runtime.version();
        return new Environment(
                processor(),
                Runtime.getRuntime().availableProcessors(),
                System.getProperty("os.name") + " " + System.getProperty("os.version"),
                System.getProperty("java.vendor") + " " + version,
                ManagementFactory.getRuntimeMXBean().getInputArguments(),
                commit());
    }

    /** The commit that the program was built from, as its manifest tells, and whether the tree had been changed since. */
    private static String commit() {
        CodeSource source = Machine.class.getProtectionDomain().getCodeSource();
        try (JarFile jar = new JarFile(Path.of(source.getLocation().toURI()).toFile())) {
            Attributes attributes = jar.getManifest().getMainAttributes();
            String commit = attributes.getValue("Implementation-Commit");
            if (commit == null || !commit.matches("[0-9a-f]+")) {
                return UNKNOWN;
            }
            return "true".equals(attributes.getValue("Implementation-Changed")) ? commit + "-changed" : commit;
        } catch (IOException | URISyntaxException e) {
            return UNKNOWN; // it runs from classes
        }
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
