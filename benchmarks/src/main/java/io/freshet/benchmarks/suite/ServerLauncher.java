package io.freshet.benchmarks.suite;

import java.io.IOException;
import java.util.List;

/** Starts servers. */
@FunctionalInterface
interface ServerLauncher {
    /**
     * Starts a server and waits until it can be connected to.
     *
     * @param flags of its virtual machine
     * @throws IOException when it does not come up; the message says why
     */
    RunningServer start(Contender contender, List<String> flags, ServerFiles files)
            throws IOException, InterruptedException;
}
