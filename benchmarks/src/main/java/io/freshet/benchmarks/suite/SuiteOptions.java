package io.freshet.benchmarks.suite;

import java.nio.file.Path;
import java.util.List;

/**
 * What is measured and where it is put.
 *
 * @param names of the rows, none for all of them
 * @param rounds how often each server of a row runs, 1 to 100
 * @param isQuick a short run with small counts, in which nothing is judged
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
        Path out,
        Path work,
        String java,
        List<String> flags,
        List<String> program) {
    private static final int MAX_ROUNDS = 100;

    public SuiteOptions {
        names = List.copyOf(names);
        flags = List.copyOf(flags);
        program = List.copyOf(program);
        if (rounds < 1 || rounds > MAX_ROUNDS) {
            throw new IllegalArgumentException("rounds is " + rounds + ", must be 1.." + MAX_ROUNDS);
        }
        Rows.named(names);
    }
}
