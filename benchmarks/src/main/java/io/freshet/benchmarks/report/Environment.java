package io.freshet.benchmarks.report;

import java.util.List;

/**
 * Where a run ran.
 *
 * @param machine the processor's model
 * @param processors how many processors the load generator saw
 * @param kernel the operating system and its version
 * @param jdk the load generator's virtual machine: vendor and version
 * @param flags the load generator's own JVM flags
 * @param commit the commit that the jar was built from, {@code "unknown"} when it does not say
 */
public record Environment(
        String machine, int processors, String kernel, String jdk, List<String> flags, String commit) {
    public Environment {
        flags = List.copyOf(flags);
    }
}
