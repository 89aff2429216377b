package io.freshet.engine.simulation;

import io.freshet.engine.Access;
import io.freshet.engine.AccessPolicy;
import io.freshet.engine.Authenticator;
import io.freshet.engine.Credentials;
import io.freshet.engine.Identity;
import io.freshet.engine.Principal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * Who is let in and what they may do, as the seed says: for most everything, for some a part, for some nothing; and now and
 * then it fails. (How long it takes is the {@link SimExecutor}'s.) The checkers ask it what was allowed.
 */
final class SimAccess implements Authenticator, AccessPolicy {
    private static final int FAILS_ONE_IN = 40;
    private static final int MODERATORS_ONE_IN = 3;
    private static final int KINDS = 16;

    private final SplittableRandom random;
    private final long salt;
    private final boolean isStrict;
    private final long firstRestricted;
    private final Set<Long> turnedAway = new HashSet<>();
    private final Set<List<Object>> denied = new HashSet<>();
    private boolean isCalm;

    /**
     * @param isStrict whether some may not do everything
     * @param firstRestricted senders below this one always may
     */
    SimAccess(SplittableRandom random, boolean isStrict, long firstRestricted) {
        this.random = random;
        this.isStrict = isStrict;
        this.firstRestricted = firstRestricted;
        salt = random.nextLong();
    }

    void calm(boolean calm) {
        isCalm = calm;
    }

    /** A token is a principal's id, and behind a slash the time on the wall, in milliseconds, at which it expires. */
    @Override
    public Identity identify(Credentials credentials) {
        String token = new String(credentials.token(), StandardCharsets.UTF_8);
        int slash = token.indexOf('/');
        if (slash < 0) {
            return Identity.of(authenticate(credentials));
        }
        byte[] id = token.substring(0, slash).getBytes(StandardCharsets.UTF_8);
        Principal principal = authenticate(new Credentials(id, credentials.remoteAddress(), credentials.address()));
        return Identity.of(principal).expiresAt(Instant.ofEpochMilli(Long.parseLong(token.substring(slash + 1))));
    }

    @Override
    public Principal authenticate(Credentials credentials) {
        failNowAndThen("authenticator");
        String token = new String(credentials.token(), StandardCharsets.UTF_8);
        Principal principal = new Principal(Long.parseLong(token), token);
        if (isStrict && !isCalm && principal.id() >= firstRestricted && random.nextInt(FAILS_ONE_IN) == 0) {
            turnedAway.add(principal.id());
        }
        if (turnedAway.contains(principal.id())) {
            throw Authenticator.refused();
        }
        return principal;
    }

    @Override
    public Access access(Principal principal, String channel, boolean exists) {
        failNowAndThen("policy");
        return denied.contains(List.<Object>of(principal.id(), channel))
                ? Access.NONE
                : allowed(principal.id(), channel);
    }

    private void failNowAndThen(String what) {
        if (!isCalm && random.nextInt(FAILS_ONE_IN) == 0) {
            throw new IllegalStateException("the seed lets the " + what + " fail");
        }
    }

    /** From now on the policy denies everything; false when it does already. */
    boolean deny(long sender, String channel) {
        return denied.add(List.<Object>of(sender, channel));
    }

    /** From now on the policy answers as it did before. */
    void grant(long sender, String channel) {
        denied.remove(List.<Object>of(sender, channel));
    }

    /** What the policy answers when it answers, and nothing was taken back. */
    Access allowed(long sender, String channel) {
        if (sender == Workload.READER) {
            return Access.READ;
        }
        if (!isStrict || sender < firstRestricted) {
            return everything(sender);
        }
        SplittableRandom dice = new SplittableRandom(salt + sender * 31 + channel.hashCode());
        return switch (dice.nextInt(KINDS)) {
            case 0 -> Access.NONE;
            case 1 -> Access.READ;
            case 2 -> new Access(false, true, true);
            default -> everything(sender);
        };
    }

    /** Some may change what others say. */
    private static Access everything(long sender) {
        return sender % MODERATORS_ONE_IN == 0 ? Access.ALL : new Access(true, true, true);
    }

    /** Whether this sender's last word from the authenticator was no. */
    boolean isTurnedAway(long sender) {
        return turnedAway.contains(sender);
    }
}
