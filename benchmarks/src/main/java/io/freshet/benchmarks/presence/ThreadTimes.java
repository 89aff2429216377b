package io.freshet.benchmarks.presence;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** How long the threads of a process of this machine were on a processor, by their names: Linux' {@code /proc}. Stateless but for where that is. */
final class ThreadTimes {
    private final Path tasks;

    /** @param pid of a process; where there is none nothing is read */
    ThreadTimes(long pid) {
        tasks = Path.of("/proc", Long.toString(pid), "task");
    }

    /** Nanoseconds since each began; threads of the same name, but for a number at its end, are summed. */
    Map<String, Long> read() {
        Map<String, Long> timesNs = new TreeMap<>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(tasks)) {
            for (Path task : all) {
                add(timesNs, task);
            }
        } catch (IOException e) {
            // No such process, or not this system: nothing is known.
        }
        return timesNs;
    }

    private static void add(Map<String, Long> timesNs, Path task) {
        try {
            String name = Files.readString(task.resolve("comm")).strip().replaceFirst("[-# ]*\\d+$", "");
            String onProcessorNs = Files.readString(task.resolve("schedstat")).split(" ", 2)[0];
            timesNs.merge(name, Long.parseLong(onProcessorNs), Long::sum);
        } catch (IOException e) {
            // It has ended meanwhile.
        }
    }
}
