package io.freshet.examples.cli;

import io.freshet.engine.Authenticator;
import io.freshet.engine.JwtAuthenticator;
import io.freshet.engine.Principal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of {@code serve} that say who clients are. */
final class AuthOptions {
    /** Ways to find out who a client is. */
    enum Way {
        /** Their word. */
        ANONYMOUS,
        /** A file of names and tokens. */
        TOKENS,
        /** Signed JSON Web Tokens. */
        JWT
    }

    @Option(
            names = "--auth",
            paramLabel = "anonymous|tokens|jwt",
            description =
                    "Who clients are: whoever they say, who has a token of a file, or whom a JSON Web Token names. The "
                            + "first two are for development (default: anonymous on the loopback address; elsewhere it must be said).")
    private @Nullable Way way;

    @Option(
            names = "--tokens",
            paramLabel = "FILE",
            description = "For --auth tokens: lines of an id, a name and a token of 16 characters or more.")
    private @Nullable Path tokens;

    @Option(
            names = "--jwt-secret",
            paramLabel = "FILE",
            description =
                    "For --auth jwt: the secret that tokens are signed with, 32 bytes or more; a line feed at its end "
                            + "does not count.")
    private @Nullable Path jwtSecret;

    @Option(
            names = "--jwt-keys",
            paramLabel = "FILE",
            description =
                    "For --auth jwt: a JWK set with the public keys that tokens are signed with; read again when it "
                            + "changes.")
    private @Nullable Path jwtKeys;

    @Option(
            names = "--jwt-algorithm",
            paramLabel = "ALG",
            description = "The one algorithm of the tokens (default: HS256 with a secret, RS256 with keys).")
    private @Nullable String jwtAlgorithm;

    @Option(
            names = "--jwt-issuer",
            paramLabel = "ISS",
            description = "What the tokens' iss must be (default: anything).")
    private @Nullable String jwtIssuer;

    @Option(
            names = "--jwt-audience",
            paramLabel = "AUD",
            description = "What the tokens' aud must name (default: anything).")
    private @Nullable String jwtAudience;

    @Option(
            names = "--jwt-skew",
            paramLabel = "SECONDS",
            defaultValue = "30",
            description = "How far the issuer's clock may be off (default: ${DEFAULT-VALUE}).")
    private int jwtSkewSeconds;

    /**
     * Says who clients are.
     *
     * @param isLoopback whether only this machine can connect
     * @throws IllegalArgumentException when an option is wrong, or needs another one, or nothing was said and must be
     */
    Authenticator authenticator(boolean isLoopback) {
        if (way == null && !isLoopback) {
            throw new IllegalArgumentException(
                    "to be reached from the network, say who clients are: --auth jwt, or --auth "
                            + "tokens, or --auth anonymous to believe everybody");
        }
        Way chosen = way == null ? Way.ANONYMOUS : way;
        checkNeeds(chosen);
        return switch (chosen) {
            case ANONYMOUS -> Authenticator.anonymous();
            case TOKENS -> Authenticator.staticTokens(read(tokens));
            case JWT -> jwt();
        };
    }

    private void checkNeeds(Way chosen) {
        if ((chosen == Way.TOKENS) != (tokens != null)) {
            throw new IllegalArgumentException("--auth tokens and --tokens need each other");
        }
        boolean hasKeys = jwtSecret != null || jwtKeys != null;
        if ((chosen == Way.JWT) != hasKeys || (jwtSecret != null && jwtKeys != null)) {
            throw new IllegalArgumentException("--auth jwt needs one of --jwt-secret and --jwt-keys, and they need it");
        }
    }

    private JwtAuthenticator jwt() {
        JwtAuthenticator.Builder builder = jwtSecret != null
                ? JwtAuthenticator.hmac(TokenFile.secret(jwtSecret))
                : JwtAuthenticator.keySet(Objects.requireNonNull(jwtKeys));
        if (jwtAlgorithm != null) {
            builder.algorithm(jwtAlgorithm);
        }
        if (jwtIssuer != null) {
            builder.issuer(jwtIssuer);
        }
        if (jwtAudience != null) {
            builder.audience(jwtAudience);
        }
        return builder.clockSkew(Duration.ofSeconds(jwtSkewSeconds)).build();
    }

    private static Map<String, Principal> read(@Nullable Path file) {
        return file == null ? Map.of() : TokenFile.principals(file);
    }
}
