package io.freshet.benchmarks.suite;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Starts servers. */
@FunctionalInterface
interface ServerLauncher {
    /**
     * Starts a server and waits until it can be connected to.
     *
     * @param flags of its virtual machine
     * @param data its data directory, which it may make
     * @param stream the stored messages, for those that stream them
     * @throws IOException when it does not come up; the message says why
     */
    RunningServer start(Contender contender, List<String> flags, Path data, Path stream)
            throws IOException, InterruptedException;
}
