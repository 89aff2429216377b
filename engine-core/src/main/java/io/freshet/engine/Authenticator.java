package io.freshet.engine;

import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FreshetException;
import java.util.Map;

/** Says who a client is. Called on the engine's executor, never on a reactor; it may block. */
@FunctionalInterface
public interface Authenticator {
    /**
     * The principal behind these credentials.
     *
     * @throws FreshetException with UNAUTHENTICATED to refuse; whatever else is thrown is answered POLICY_UNAVAILABLE
     */
    Principal authenticate(Credentials credentials);

    /** What the engine asks: the principal, and until when and from where it may be connected. Refuses in the same way. */
    default Identity identify(Credentials credentials) {
        return Identity.of(authenticate(credentials));
    }

    /** Whether this is for development: the engine warns when it listens beyond this machine with it. */
    default boolean isForDevelopment() {
        return false;
    }

    /**
     * Believes everybody: the token, as UTF-8 text, is the name, and the id is a hash of it. For development and for
     * networks where everybody is trusted.
     */
    static Authenticator anonymous() {
        return new AnonymousAuthenticator();
    }

    /** Knows principals by tokens that never change nor expire. For development. Keeps hashes of the tokens only. */
    static Authenticator staticTokens(Map<String, Principal> principalsByToken) {
        return new StaticTokenAuthenticator(principalsByToken);
    }

    /** What an authenticator throws to refuse; it tells nothing about why. */
    static FreshetException refused() {
        return new FreshetException(ErrorCode.UNAUTHENTICATED, "the token was refused");
    }
}
