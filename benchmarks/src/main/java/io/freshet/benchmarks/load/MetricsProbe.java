package io.freshet.benchmarks.load;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * What a Freshet server counts itself, asked for at its metrics address: the kernel's statistics do not tell how often a socket
 * was sent to. Where it cannot be asked nothing is known and nothing fails.
 */
final class MetricsProbe {
    /** In place of a count that is not known. */
    static final long UNKNOWN = -1;

    private static final String SOCKET_WRITES = "freshet_socket_writes_total";
    private static final int TIMEOUT_MS = 2_000;
    private static final int MAX_LENGTH = 4 << 20;

    private final @Nullable URI address;

    /** @param address {@code null} when nobody is to be asked */
    MetricsProbe(@Nullable URI address) {
        this.address = address;
    }

    /** Times that a socket was given bytes, over all reactors; {@link #UNKNOWN} when it is not told. Blocks for seconds at most. */
    long socketWrites() {
        if (address == null) {
            return UNKNOWN;
        }
        try {
            HttpURLConnection connection = (HttpURLConnection) address.toURL().openConnection();
            connection.setConnectTimeout(TIMEOUT_MS);
            connection.setReadTimeout(TIMEOUT_MS);
            try (InputStream body = connection.getInputStream()) {
                return sum(new String(body.readNBytes(MAX_LENGTH), StandardCharsets.UTF_8), SOCKET_WRITES);
            } finally {
                connection.disconnect();
            }
        } catch (IOException | RuntimeException e) {
            return UNKNOWN;
        }
    }

    /** Of all samples of one name, whatever their labels, in Prometheus' text format. */
    static long sum(String text, String name) {
        double sum = UNKNOWN;
        for (String line : text.lines().toList()) {
            if (line.startsWith(name + "{") || line.startsWith(name + " ")) {
                sum = Math.max(0, sum) + Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1));
            }
        }
        return Math.round(sum);
    }
}
