package io.freshet.examples.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the process takes: processor time, resident memory, and heap that each of the engine's threads has allocated since it began. */
final class ProcessMeters implements MeterBinder {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final String RESIDENT = "VmRSS:";
    private static final int KIB = 1024;
    private static final double NS_PER_S = 1e9;

    @Override
    public void bindTo(MeterRegistry registry) {
        if (Files.isReadable(STATUS)) {
            Gauge.builder("process.resident.memory", ProcessMeters::residentBytes)
                    .description("Memory of the process that is in RAM")
                    .baseUnit("bytes")
                    .register(registry);
        }
        if (ManagementFactory.getOperatingSystemMXBean() instanceof com.sun.management.OperatingSystemMXBean system) {
            FunctionCounter.builder("process.cpu", system, each -> Math.max(0, each.getProcessCpuTime() / NS_PER_S))
                    .description("Time that processors spent on the process")
                    .baseUnit("seconds")
                    .register(registry);
        }
        if (ManagementFactory.getThreadMXBean() instanceof com.sun.management.ThreadMXBean threads
                && threads.isThreadAllocatedMemorySupported()) {
            Thread.getAllStackTraces().keySet().stream()
                    .filter(thread -> thread.getName().startsWith("freshet-"))
                    .forEach(thread -> bind(thread, threads, registry));
        }
    }

    private static void bind(Thread thread, com.sun.management.ThreadMXBean threads, MeterRegistry registry) {
        long id = thread.getId();
        FunctionCounter.builder(
                        "freshet.thread.allocated",
                        threads,
                        each -> Math.max(0, each.getThreadAllocatedBytes(id))) // -1 once the thread has ended
                .description("Bytes on the heap that a thread of the engine has allocated")
                .baseUnit("bytes")
                .tag("thread", thread.getName())
                .register(registry);
    }

    private static double residentBytes() {
        try {
            for (String line : Files.readAllLines(STATUS)) {
                if (line.startsWith(RESIDENT)) {
                    return (double) KIB * Long.parseLong(line.replaceAll("\\D", ""));
                }
            }
        } catch (IOException e) {
            // Told as not a number.
        }
        return Double.NaN;
    }
}
