package io.freshet.benchmarks.load;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.StringTokenizer;
import org.jspecify.annotations.Nullable;

/**
 * What a process of this machine has used, read from {@code /proc}. Not safe for several threads.
 *
 * <p>The time on a processor is the sum over the threads of the first number in {@code schedstat}, in nanoseconds. A
 * thread that has ended keeps what was last seen of it.
 */
final class ProcessProbe {
    private static final int PAGE_LENGTH = 4096;
    private static final int RESIDENT_FIELD = 1;

    private final Path directory;
    private final Map<String, Long> cpuNsByThread = new HashMap<>();

    /** @param pid 0 stands for no process: everything is 0 then */
    ProcessProbe(long pid) {
        directory = Path.of("/proc", pid == 0 ? "none" : Long.toString(pid));
    }

    /** Whether there is such a process. */
    boolean isThere() {
        return Files.isDirectory(directory);
    }

    /** What has been used up to now. */
    Use use() {
        long busiestNs = 0;
        try (DirectoryStream<Path> tasks = Files.newDirectoryStream(directory.resolve("task"))) {
            for (Path task : tasks) {
                String line = firstLine(task.resolve("schedstat"));
                if (line != null) {
                    long cpuNs = Long.parseLong(field(line, 0));
                    cpuNsByThread.put(Objects.requireNonNull(task.getFileName()).toString(), cpuNs);
                }
            }
        } catch (IOException e) {
            // The process has ended: what was seen of it remains.
        }
        long cpuNs = 0;
        for (long each : cpuNsByThread.values()) {
            cpuNs += each;
            busiestNs = Math.max(busiestNs, each);
        }
        return new Use(cpuNs, busiestNs, residentBytes(), writeCalls());
    }

    private long residentBytes() {
        String line = firstLine(directory.resolve("statm"));
        return line == null ? 0 : Long.parseLong(field(line, RESIDENT_FIELD)) * PAGE_LENGTH;
    }

    private long writeCalls() {
        try {
            for (String line : Files.readAllLines(directory.resolve("io"))) {
                if (line.startsWith("syscw: ")) {
                    return Long.parseLong(line.substring("syscw: ".length()));
                }
            }
        } catch (IOException e) {
            // Not told to this user.
        }
        return 0;
    }

    /** The command line, one argument each; empty when there is no such process. */
    List<String> command() {
        List<String> command = new ArrayList<>();
        try {
            String line = Files.readString(directory.resolve("cmdline"), StandardCharsets.UTF_8);
            StringTokenizer arguments = new StringTokenizer(line, "\0");
            while (arguments.hasMoreTokens()) {
                command.add(arguments.nextToken());
            }
        } catch (IOException e) {
            // None.
        }
        return command;
    }

    /** Bytes that the kernel keeps for all TCP sockets of the machine, 0 when it does not say. */
    static long kernelSocketBytes() {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/net/sockstat"))) {
                int at = line.indexOf(" mem ");
                if (line.startsWith("TCP:") && at >= 0) {
                    return Long.parseLong(line.substring(at + " mem ".length()).strip()) * PAGE_LENGTH;
                }
            }
        } catch (IOException e) {
            // Not this system.
        }
        return 0;
    }

    private static String field(String line, int index) {
        StringTokenizer fields = new StringTokenizer(line);
        for (int i = 0; i < index; i++) {
            fields.nextToken();
        }
        return fields.nextToken();
    }

    private static @Nullable String firstLine(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            return null;
        }
    }

    /**
     * @param cpuNs time on a processor of all threads
     * @param busiestThreadNs that of the thread that has used the most
     * @param residentBytes resident memory now
     * @param writeCalls calls of write and writev, 0 when not told
     */
    record Use(long cpuNs, long busiestThreadNs, long residentBytes, long writeCalls) {
        static final Use NONE = new Use(0, 0, 0, 0);
    }
}
