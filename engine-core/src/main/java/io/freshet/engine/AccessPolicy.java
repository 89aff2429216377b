package io.freshet.engine;

/**
 * Decides who may do what with a channel. Asked when a channel is opened, on the engine's executor, never on a reactor; it
 * may block. A policy that throws or takes too long denies with POLICY_UNAVAILABLE.
 */
@FunctionalInterface
public interface AccessPolicy {
    /**
     * What this principal may do with a channel of this name.
     *
     * @param exists whether the channel exists; when it does not and {@link Access#mayCreate} is granted, it is made
     */
    Access access(Principal principal, String channel, boolean exists);

    /** Everybody may do everything, creating channels included. */
    static AccessPolicy allowAll() {
        return (principal, channel, exists) -> Access.ALL;
    }
}
