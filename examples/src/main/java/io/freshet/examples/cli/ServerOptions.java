package io.freshet.examples.cli;

import io.freshet.client.ClientConfig;
import io.freshet.client.ClientTls;
import io.freshet.client.ConnectionListener;
import io.freshet.protocol.FreshetException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options of every command that connects to a server. */
final class ServerOptions {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    private static final Duration MIN_BACK_OFF = Duration.ofMillis(100);
    private static final Duration MAX_BACK_OFF = Duration.ofSeconds(2);

    @Option(
            names = "--server",
            paramLabel = "[tls://]HOST:PORT",
            defaultValue = "127.0.0.1:7400",
            converter = ServerAddress.Converter.class,
            description = "Where the server listens, with tls:// if it encrypts (default: ${DEFAULT-VALUE}).")
    private ServerAddress server;

    @Option(
            names = "--trust",
            paramLabel = "FILE",
            description =
                    "With tls://: trust the authorities or the certificate in this file, in PEM (default: those that "
                            + "the JDK trusts).")
    private @Nullable Path trust;

    @Option(
            names = "--token",
            paramLabel = "TOKEN",
            description =
                    "What to show the server; one without an authenticator takes the token for your name. Others on "
                            + "this machine can see it: see --token-file.")
    private @Nullable String token;

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            description = "A file with the token, read again for each connection and before the token expires.")
    private @Nullable Path tokenFile;

    ServerAddress server() {
        return server;
    }

    /** Whom to trust with an encrypted connection; null: whom the JDK trusts. */
    @Nullable
    Path trust() {
        return trust;
    }

    /** What to show the server now, empty when nothing was said. */
    String token() {
        if (tokenFile != null) {
            return new String(TokenFile.secret(tokenFile), StandardCharsets.UTF_8);
        }
        return token == null ? "" : token;
    }

    /** A configuration that may still be changed; it reconnects without bound. */
    ClientConfig.Builder config() {
        if (server.path() != null) {
            throw new ParameterException(
                    command.commandLine(), "this command speaks TCP or TLS, not WebSocket: --server " + server);
        }
        ClientConfig.Builder config = ClientConfig.builder()
                .server(server.host(), server.port())
                .clientName("freshet-cli")
                .backOff(MIN_BACK_OFF, MAX_BACK_OFF);
        if (server.isTls()) {
            config.tls(trust == null ? ClientTls.trustingTheSystem() : ClientTls.trusting(trust));
        }
        Path file = tokenFile;
        if (file != null) {
            config.tokens(() -> CompletableFuture.supplyAsync(() -> TokenFile.secret(file)));
        } else if (token != null) {
            config.token(token);
        }
        return config;
    }

    /** Tells people of lost and new connections. */
    static ConnectionListener announcing(PrintWriter err) {
        return new ConnectionListener() {
            private volatile boolean wasLost;

            @Override
            public void onConnected() {
                if (wasLost) {
                    wasLost = false;
                    err.println("freshet: connected again");
                }
            }

            @Override
            public void onDisconnected(FreshetException cause, boolean willReconnect) {
                if (willReconnect && !wasLost) {
                    wasLost = true;
                    err.println("freshet: " + ErrorLine.sentence(cause) + "; reconnecting");
                }
            }
        };
    }
}
