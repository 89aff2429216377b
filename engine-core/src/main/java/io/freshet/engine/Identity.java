package io.freshet.engine;

import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What an authenticator has found out about a client.
 *
 * @param expiresAt when the session ends with TOKEN_EXPIRED unless the client has shown a newer token before; null: never
 * @param addresses where this principal may connect from; elsewhere it is refused with ADDRESS_NOT_ALLOWED
 */
public record Identity(Principal principal, @Nullable Instant expiresAt, AddressRanges addresses) {
    public Identity {
        Objects.requireNonNull(principal, "principal");
        Objects.requireNonNull(addresses, "addresses");
    }

    /** For ever and from everywhere. */
    public static Identity of(Principal principal) {
        return new Identity(principal, null, AddressRanges.ALL);
    }

    /** The same until this moment. */
    public Identity expiresAt(Instant moment) {
        return new Identity(principal, moment, addresses);
    }

    /** The same from these addresses only. */
    public Identity addresses(AddressRanges allowed) {
        return new Identity(principal, expiresAt, allowed);
    }
}
