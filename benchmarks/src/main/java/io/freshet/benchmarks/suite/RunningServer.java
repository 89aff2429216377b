package io.freshet.benchmarks.suite;

import io.freshet.benchmarks.load.LoadTransport;
import java.net.InetSocketAddress;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/** A server that can be connected to; closing it ends its process and waits until it has ended. */
public interface RunningServer extends AutoCloseable {
    Contender contender();

    InetSocketAddress address();

    /** How it is reached there. */
    LoadTransport transport();

    /** Where it answers with its metrics; {@code null} when it has none. */
    @Nullable
    URI metrics();

    /** Its process. */
    long pid();

    @Override
    void close();
}
