package io.freshet.benchmarks.load;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * How frames get to the server and back. Immutable.
 *
 * @param isTls whether they are encrypted, with TLS 1.2 or 1.3; the server must show a certificate for the name or address that the load connects to
 * @param trusted a file with the authorities or the very certificate of the server, in PEM; null for the authorities that the JDK trusts
 * @param webSocketPath what a WebSocket is asked for under, such as {@code /freshet}; null when frames come without one
 */
public record LoadTransport(
        boolean isTls, @Nullable Path trusted, @Nullable String webSocketPath) {
    /** Frames as they are. */
    public static final LoadTransport TCP = new LoadTransport(false, null, null);

    public LoadTransport {
        if (webSocketPath != null && !webSocketPath.matches("/[!-~]*")) {
            throw new IllegalArgumentException("a WebSocket's path is '" + webSocketPath
                    + "', must begin with / and be printable ASCII without spaces");
        }
    }

    /** Whether frames are sent as they are. */
    boolean isPlain() {
        return !isTls && webSocketPath == null;
    }

    /** How people write where a server is that is reached so. */
    String address(InetSocketAddress server) {
        String place = server.getHostString() + ":" + server.getPort();
        return webSocketPath == null
                ? (isTls ? "tls://" : "") + place
                : (isTls ? "wss://" : "ws://") + place + webSocketPath;
    }
}
