package io.freshet.engine.transport;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.NanoClock;

/** Looks once a second whether the files of the endpoints' TLS have changed. It may block on the disk. */
public final class TlsReloader implements Agent {
    private static final long INTERVAL_NS = TimeUnit.SECONDS.toNanos(1);

    private final List<TlsContext> contexts;
    private final NanoClock clock;
    private long lookedNs;

    public TlsReloader(List<TlsContext> contexts, NanoClock clock) {
        this.contexts = List.copyOf(contexts);
        this.clock = clock;
        lookedNs = clock.nanoTime();
    }

    @Override
    public int doWork() {
        long nowNs = clock.nanoTime();
        if (nowNs - lookedNs < INTERVAL_NS) {
            return 0;
        }
        lookedNs = nowNs;
        contexts.forEach(TlsContext::refresh);
        return 1;
    }

    @Override
    public String roleName() {
        return "freshet-tls";
    }
}
