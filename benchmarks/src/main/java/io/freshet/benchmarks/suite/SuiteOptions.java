package io.freshet.benchmarks.suite;

import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What is measured and where it is put.
 *
 * @param names of the rows, none for all of them
 * @param rounds how often each server of a row runs, 1 to 100
 * @param isQuick a short run with small counts, in which nothing is judged
 * @param overrides keys of every scenario that win over the rows' own; the results say so
 * @param out the directory of the results, made when it is missing
 * @param work where data directories are made and deleted again
 * @param java the command of the servers' virtual machine
 * @param flags of it, the same for all servers
 * @param program what follows them, before a server's own arguments: {@code -jar} and a file
 */
public record SuiteOptions(
        List<String> names,
        int rounds,
        boolean isQuick,
        Map<String, String> overrides,
        Path out,
        Path work,
        String java,
        List<String> flags,
        List<String> program) {
    private static final int MAX_ROUNDS = 100;

    public SuiteOptions {
        names = List.copyOf(names);
        overrides = Collections.unmodifiableMap(new LinkedHashMap<>(overrides));
        flags = List.copyOf(flags);
        program = List.copyOf(program);
        if (rounds < 1 || rounds > MAX_ROUNDS) {
            throw new IllegalArgumentException("rounds is " + rounds + ", must be 1.." + MAX_ROUNDS);
        }
        Rows.named(names);
    }
}
