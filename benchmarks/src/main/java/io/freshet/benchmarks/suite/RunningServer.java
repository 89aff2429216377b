package io.freshet.benchmarks.suite;

import io.freshet.benchmarks.load.LoadTransport;
import java.net.InetSocketAddress;

/** A server that can be connected to; closing it ends its process and waits until it has ended. */
public interface RunningServer extends AutoCloseable {
    Contender contender();

    InetSocketAddress address();

    /** How it is reached there. */
    LoadTransport transport();

    /** Its process. */
    long pid();

    @Override
    void close();
}
