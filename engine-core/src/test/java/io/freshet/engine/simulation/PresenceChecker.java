package io.freshet.engine.simulation;

import io.freshet.client.PresenceView;
import io.freshet.protocol.v1.PresenceCounts;
import io.freshet.protocol.v1.PresenceMember;
import io.freshet.protocol.v1.PresenceState;
import io.freshet.protocol.v1.PresenceUpdate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Who is there: at any time nobody is shown something that no user ever said, or a user in a group that it never wanted to be in; and once it is calm, whoever looks knows,
 * by what was pushed, exactly who is there and how.
 */
final class PresenceChecker {
    private static final int LOOKS_ONE_IN = 128;

    private final Verdict verdict;
    private final List<SimPresence> everyone = new ArrayList<>();
    private final Map<Long, Set<String>> statuses = new HashMap<>();
    private final Map<Long, Set<String>> groups = new HashMap<>();
    private final Map<List<Object>, Boolean> answers = new HashMap<>();
    private final Set<Long> revoked = new HashSet<>();
    private boolean isCalm;
    private boolean isSettled;
    private int askedCount;

    PresenceChecker(Verdict verdict) {
        this.verdict = verdict;
    }

    void add(SimPresence user) {
        everyone.add(user);
        statuses.computeIfAbsent(user.sender(), any -> new HashSet<>()).add("");
    }

    /** A user says something, which may never arrive. */
    void says(long sender, String status) {
        statuses.computeIfAbsent(sender, any -> new HashSet<>()).add(status);
    }

    /** A user wants to be there, and may not be let in. */
    void enters(long sender, Set<String> names) {
        groups.computeIfAbsent(sender, any -> new HashSet<>()).addAll(names);
    }

    /** Something was, or is about to be, taken back from a user. */
    void revokes(long sender) {
        revoked.add(sender);
    }

    boolean isRevoked(long sender) {
        return revoked.contains(sender);
    }

    /** The server says whether a user may know of a group: always the same, unless something was taken back. */
    void answered(long sender, String group, boolean mayKnow) {
        Boolean before = answers.putIfAbsent(List.<Object>of(sender, group), mayKnow);
        verdict.check(
                before == null || before == mayKnow || isRevoked(sender),
                () -> "client-" + sender + " may " + (mayKnow ? "" : "not ") + "know of " + group + ", unlike before");
    }

    /** A user is shown this. */
    void shown(long sender, PresenceView view) {
        for (PresenceMember member : view.members()) {
            boolean isSaid = statuses.getOrDefault(member.getUser(), Set.of()).contains(member.getStatus())
                    && groups.getOrDefault(member.getUser(), Set.of()).contains(view.group())
                    && member.getState() != PresenceState.PRESENCE_STATE_OFFLINE;
            verdict.check(isSaid, () -> "client-" + sender + " is shown in " + view.group() + " " + member);
        }
        verdict.check(
                isRevoked(sender)
                        || view.isEnded()
                        || answers.getOrDefault(List.<Object>of(sender, view.group()), true),
                () -> "client-" + sender + " is shown " + view.group() + ", which it may not know");
    }

    /** From now on it is calm, or not. */
    void calm(boolean calm) {
        isCalm = calm;
        isSettled = false;
        everyone.forEach(calm ? SimPresence::say : SimPresence::stop);
    }

    boolean isCalm() {
        return isCalm;
    }

    /** Whether all who look know what is. It is looked at now and then. */
    boolean isSettled() {
        if (!isSettled && isCalm && ++askedCount % LOOKS_ONE_IN == 0) {
            isSettled = unsettled().isEmpty();
        }
        return isSettled;
    }

    /** Who does not know what, as lines. */
    String unsettled() {
        StringBuilder text = new StringBuilder();
        for (SimPresence each : everyone) {
            if (!each.isHere()) {
                continue;
            }
            if (!each.isSaid()) {
                text.append("\n  presence of client-").append(each.sender()).append(" is not said");
            }
            each.looks().forEach((group, look) -> {
                PresenceView expected = expected(group, look);
                if (!expected.equals(look.view())) {
                    text.append("\n  client-")
                            .append(each.sender())
                            .append(" sees ")
                            .append(look.view());
                    text.append("\n    instead of ").append(expected);
                }
            });
        }
        return text.toString();
    }

    private PresenceView expected(String group, SimPresence.Look look) {
        PresenceUpdate.Builder all = PresenceUpdate.newBuilder();
        PresenceCounts.Builder counts = PresenceCounts.newBuilder();
        for (SimPresence each : everyone) {
            if (each.isHere() && each.isIn(group)) {
                count(counts, each.member());
                all.addMembers(each.member());
            }
        }
        List<PresenceMember> sorted =
                PresenceView.empty(group).after(all.build()).members();
        int from = Math.min(look.first(), sorted.size());
        Map<Long, PresenceMember> users = new HashMap<>();
        for (Long user : look.users()) {
            users.put(
                    user,
                    sorted.stream()
                            .filter(member -> member.getUser() == user)
                            .findAny()
                            .map(member -> member.toBuilder().clearName().build())
                            .orElse(PresenceMember.newBuilder().setUser(user).build()));
        }
        return new PresenceView(
                group,
                counts.build(),
                sorted.subList(from, Math.min(from + look.count(), sorted.size())),
                users,
                false);
    }

    private static void count(PresenceCounts.Builder counts, PresenceMember member) {
        switch (member.getState()) {
            case PRESENCE_STATE_ACTIVE -> counts.setActive(counts.getActive() + 1);
            case PRESENCE_STATE_IDLE -> counts.setIdle(counts.getIdle() + 1);
            default -> counts.setDoNotDisturb(counts.getDoNotDisturb() + 1);
        }
    }
}
