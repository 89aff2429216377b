package io.freshet.engine;

import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FreshetException;
import java.nio.charset.StandardCharsets;

/** Says who a client is. Called on the engine's executor, never on a reactor; it may block. */
@FunctionalInterface
public interface Authenticator {
    /**
     * The principal behind these credentials.
     *
     * @throws FreshetException with UNAUTHENTICATED to refuse; whatever else is thrown is answered POLICY_UNAVAILABLE
     */
    Principal authenticate(Credentials credentials);

    /**
     * Believes everybody: the token, as UTF-8 text, is the name, and the id is a hash of it. For development and for
     * networks where everybody is trusted.
     */
    static Authenticator anonymous() {
        return credentials -> {
            String name = new String(credentials.token(), StandardCharsets.UTF_8);
            return name.isEmpty() ? new Principal(1, "anonymous") : new Principal(idOf(name), name);
        };
    }

    /** What an authenticator throws to refuse; it tells nothing about why. */
    static FreshetException refused() {
        return new FreshetException(ErrorCode.UNAUTHENTICATED, "the token was refused");
    }

    private static long idOf(String name) {
        long hash = 0xCBF29CE484222325L; // FNV-1a, 64 bits
        for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ (b & 0xFF)) * 0x100000001B3L;
        }
        return hash == 0 ? 1 : hash;
    }
}
