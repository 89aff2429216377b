package io.freshet.engine;

import java.util.Collection;
import java.util.List;

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

    /**
     * Who hears of a post for the role that it mentions: those who have the role and may see the channel, which {@link #accessOf} is asked of each, 1,000 at
     * most for all roles of a post, of which the first 20 count. Nobody, unless a policy overrides this. A policy that fails or takes too long is asked again for some five seconds.
     *
     * @param role what the application calls the role; any number, since anybody may mention any
     * @param author of the post: nobody hears when the policy does not let this user mention the role
     * @param channel its name; of a thread that of the channel it belongs to
     * @return ids of users, those first who are to hear when there are too many
     */
    default Collection<Long> roleMembers(long role, long author, String channel) {
        return List.of();
    }

    /** Everybody may do everything, creating channels included. */
    static AccessPolicy allowAll() {
        return (principal, channel, exists) -> Access.ALL;
    }
}
