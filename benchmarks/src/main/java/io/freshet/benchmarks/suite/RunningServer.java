package io.freshet.benchmarks.suite;

import java.net.InetSocketAddress;

/** A server that can be connected to; closing it ends its process and waits until it has ended. */
public interface RunningServer extends AutoCloseable {
    Contender contender();

    InetSocketAddress address();

    /** Its process. */
    long pid();

    @Override
    void close();
}
