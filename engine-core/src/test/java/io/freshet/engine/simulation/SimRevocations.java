package io.freshet.engine.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/** Takes rights back in the middle of everything, first from the policy and then from the server, and gives them back later. */
final class SimRevocations {
    private static final long MAX_HELD_NS = TimeUnit.MILLISECONDS.toNanos(400);

    private final SplittableRandom random;
    private final Agenda agenda;
    private final SimAccess access;
    private final Truth truth;
    private final SimNetwork network;
    private final WireChecker wire;
    private final RevocationChecker checker;
    private final Verdict verdict;
    private final List<Revocation> pending = new ArrayList<>();
    private long appliedCount;

    private record Revocation(long sender, long channel, String name) {}

    SimRevocations(
            SplittableRandom random,
            Agenda agenda,
            SimAccess access,
            Truth truth,
            SimNetwork network,
            WireChecker wire,
            RevocationChecker checker,
            Verdict verdict) {
        this.random = random;
        this.agenda = agenda;
        this.access = access;
        this.truth = truth;
        this.network = network;
        this.wire = wire;
        this.checker = checker;
        this.verdict = verdict;
    }

    /** Takes back what this sender may do with a channel, unless that is under way or the channel does not exist. */
    void begin(SimServer server, long sender, String name) {
        long channel = server.storage().channels().find(name);
        if (channel == 0 || !access.deny(sender, name)) {
            return;
        }
        Revocation revocation = new Revocation(sender, channel, name);
        pending.add(revocation);
        server.revoke(sender, channel).whenComplete((lastSequence, failure) -> {
            if (!pending.remove(revocation)) {
                return; // its server has died since
            }
            if (failure != null) {
                verdict.fail(revocation + " failed with " + failure);
                return;
            }
            appliedCount++;
            checker.applied(sender, channel, lastSequence, network.serverEnds(), wire);
            liftLater(revocation);
        });
    }

    private void liftLater(Revocation revocation) {
        agenda.after(random.nextLong(MAX_HELD_NS), () -> {
            truth.poll();
            checker.lifted(revocation.sender, revocation.channel);
            access.grant(revocation.sender, revocation.name);
        });
    }

    /** Nobody will answer what was under way; the policy still says no. */
    void serverDied() {
        checker.serverDied();
        List<Revocation> unanswered = List.copyOf(pending);
        pending.clear();
        unanswered.forEach(this::liftLater);
    }

    int pendingCount() {
        return pending.size();
    }

    long appliedCount() {
        return appliedCount;
    }
}
