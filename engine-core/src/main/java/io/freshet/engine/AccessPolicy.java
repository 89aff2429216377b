package io.freshet.engine;

/**
 * Decides who may do what with a channel. Asked when a channel is opened, on the engine's executor, never on a reactor; it
 * may block. A policy that throws or takes too long denies with POLICY_UNAVAILABLE. What it answered holds for as long as the
 * session has the channel open, or until {@link FreshetEngine#revoke(long, String)}.
 */
@FunctionalInterface
public interface AccessPolicy {
    /**
     * What this principal may do with a channel of this name.
     *
     * @param channel the name; empty when a client gave an id that no channel has: the answer does not matter then, and is asked for
     *     only so that a channel that one may not see takes as long to be refused as one that does not exist
     * @param exists whether the channel exists; when it does not and {@link Access#mayCreate} is granted, it is made
     */
    Access access(Principal principal, String channel, boolean exists);

    /**
     * What the principal of this id may do with a channel that exists: asked for whoever is mentioned in it, and need not be connected. A policy
     * that decides by names overrides this, since here the name is empty.
     */
    default Access accessOf(long principal, String channel) {
        return access(new Principal(principal, ""), channel, true);
    }

    /** Everybody may do everything, creating channels included. */
    static AccessPolicy allowAll() {
        return (principal, channel, exists) -> Access.ALL;
    }
}
