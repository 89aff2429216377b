package io.freshet.examples.cli;

import io.freshet.engine.Authenticator;
import io.freshet.engine.Endpoint;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/** What a server says when it is open to the network and something that protects it is missing. */
final class ExposureNotice {
    private static final String RULE = "freshet: " + "!".repeat(70);

    private ExposureNotice() {}

    /** The lines to print; none when there is nothing to say. */
    static List<String> lines(List<Endpoint> endpoints, Authenticator authenticator) {
        List<Endpoint> open =
                endpoints.stream().filter(endpoint -> !endpoint.isLoopback()).toList();
        List<Endpoint> plain =
                open.stream().filter(endpoint -> endpoint.tls() == null).toList();
        boolean isBelieving = authenticator.isForDevelopment();
        if (open.isEmpty() || (plain.isEmpty() && !isBelieving)) {
            return List.of();
        }
        List<String> lines = new ArrayList<>();
        lines.add(RULE);
        lines.add("freshet: OPEN TO THE NETWORK: " + String.join(", ", texts(open)));
        if (!plain.isEmpty()) {
            lines.add("freshet: NOT ENCRYPTED: whoever is on the way reads and changes tokens and messages");
            lines.add("freshet:   of " + String.join(", ", texts(plain)) + "; --tls-cert and --tls-key end that");
        }
        if (isBelieving) {
            lines.add("freshet: FOR DEVELOPMENT ONLY: clients are believed, or have tokens that never expire;");
            lines.add("freshet:   --auth jwt ends that");
        }
        lines.add(RULE);
        return List.copyOf(lines);
    }

    /** The lines to print about metrics that are answered there; none on the loopback address. */
    static List<String> ofMetrics(InetSocketAddress address) {
        if (address.getAddress() != null && address.getAddress().isLoopbackAddress()) {
            return List.of();
        }
        return List.of("freshet: METRICS ARE OPEN TO THE NETWORK: whoever reaches " + address.getHostString()
                + " reads them," + " and so does whoever is on the way");
    }

    private static List<String> texts(List<Endpoint> endpoints) {
        return endpoints.stream().map(Endpoint::toString).toList();
    }
}
