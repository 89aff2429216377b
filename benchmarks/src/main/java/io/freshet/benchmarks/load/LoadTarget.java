package io.freshet.benchmarks.load;

import java.net.InetSocketAddress;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * The server that is put under load.
 *
 * @param server where it listens
 * @param wire which framing it speaks
 * @param name what it is called in reports
 * @param pid its process on this machine, 0 when its use of the processor and memory is not to be looked at
 * @param token what is shown to it when it asks who this is
 * @param hasJmx whether to ask its virtual machine about allocation and garbage collection
 * @param transport how frames get there
 * @param metrics where a Freshet server answers with its metrics, {@code null} where there are none to be asked for
 */
public record LoadTarget(
        InetSocketAddress server,
        WireKind wire,
        String name,
        long pid,
        String token,
        boolean hasJmx,
        LoadTransport transport,
        @Nullable URI metrics) {
    public LoadTarget {
        if (wire == WireKind.RAW && !transport.isPlain()) {
            throw new IllegalArgumentException("the framing of the baselines is not spoken over TLS or WebSocket");
        }
    }

    /** Which framing. */
    public enum WireKind {
        /** Freshet's protocol. */
        FRESHET,
        /** That of the baselines: a length, a type and a channel's number. */
        RAW
    }
}
