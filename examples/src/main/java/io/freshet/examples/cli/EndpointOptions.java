package io.freshet.examples.cli;

import io.freshet.engine.AddressRanges;
import io.freshet.engine.Endpoint;
import io.freshet.engine.TlsConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of {@code serve} that say where it listens and who may connect there. */
final class EndpointOptions {
    @Option(
            names = "--host",
            paramLabel = "H",
            defaultValue = "127.0.0.1",
            description = "The address to listen on; 0.0.0.0 is all of them (default: ${DEFAULT-VALUE}).")
    private String host;

    @Option(
            names = "--port",
            paramLabel = "PORT",
            defaultValue = "7400",
            description = "The port to listen on; 0 is any that is free (default: ${DEFAULT-VALUE}).")
    private int port;

    @Option(
            names = "--tls-cert",
            paramLabel = "FILE",
            description =
                    "Encrypt with this certificate and those that it was signed with, in PEM. When the file changes, "
                            + "new connections get the new one.")
    private @Nullable Path tlsCertificate;

    @Option(
            names = "--tls-key",
            paramLabel = "FILE",
            description = "The key of the certificate, in PEM (PKCS#8, not encrypted).")
    private @Nullable Path tlsKey;

    @Option(
            names = "--tls-client-ca",
            paramLabel = "FILE",
            description = "Let only clients in that show a certificate of these authorities, in PEM.")
    private @Nullable Path tlsClientAuthorities;

    @Option(
            names = "--ws-port",
            paramLabel = "PORT",
            description = "Listen for WebSocket on this port too; 0 is any that is free (default: off).")
    private @Nullable Integer webSocketPort;

    @Option(
            names = "--ws-path",
            paramLabel = "PATH",
            defaultValue = "/freshet",
            description = "What WebSocket clients ask for (default: ${DEFAULT-VALUE}).")
    private String webSocketPath;

    @Option(
            names = "--ws-origin",
            paramLabel = "ORIGIN",
            split = ",",
            description =
                    "Let pages of these origins connect, such as https://chat.example.org; * is all (default: pages "
                            + "of the same host; to clients on this machine only localhost and its addresses).")
    private List<String> origins = new ArrayList<>();

    @Option(
            names = "--allow",
            paramLabel = "CIDR",
            split = ",",
            description = "Let only these addresses and ranges connect, such as 10.0.0.0/8 (default: all).")
    private List<String> allowed = new ArrayList<>();

    @Option(
            names = "--trust-proxy",
            paramLabel = "CIDR",
            split = ",",
            description =
                    "Proxies that begin each connection with a PROXY header (version 1 or 2), which says where the "
                            + "client is (default: none).")
    private List<String> proxies = new ArrayList<>();

    String host() {
        return host;
    }

    /**
     * Where to listen.
     *
     * @throws IllegalArgumentException when an option is wrong, or needs another one
     */
    List<Endpoint> endpoints() {
        if ((tlsCertificate == null) != (tlsKey == null)) {
            throw new IllegalArgumentException("--tls-cert and --tls-key need each other");
        }
        if (tlsClientAuthorities != null && tlsCertificate == null) {
            throw new IllegalArgumentException("--tls-client-ca needs --tls-cert and --tls-key");
        }
        if (!origins.isEmpty() && webSocketPort == null) {
            throw new IllegalArgumentException("--ws-origin needs --ws-port");
        }
        List<Endpoint> endpoints = new ArrayList<>();
        endpoints.add(guarded(Endpoint.tcp(host, port)));
        if (webSocketPort != null) {
            Endpoint webSocket = Endpoint.webSocket(host, webSocketPort, webSocketPath);
            endpoints.add(guarded(origins.isEmpty() ? webSocket : webSocket.origins(origins.toArray(String[]::new))));
        }
        return endpoints;
    }

    private Endpoint guarded(Endpoint open) {
        Endpoint endpoint = open.trustProxies(AddressRanges.of(proxies));
        if (!allowed.isEmpty()) {
            endpoint = endpoint.allow(AddressRanges.of(allowed));
        }
        if (tlsCertificate != null && tlsKey != null) {
            TlsConfig tls = TlsConfig.of(tlsCertificate, tlsKey);
            endpoint = endpoint.tls(tlsClientAuthorities == null ? tls : tls.requireClientsOf(tlsClientAuthorities));
        }
        return endpoint;
    }
}
