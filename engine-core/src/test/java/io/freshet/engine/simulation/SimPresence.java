package io.freshet.engine.simulation;

import io.freshet.client.FreshetClient;
import io.freshet.client.Presence;
import io.freshet.client.PresenceView;
import io.freshet.client.PresenceWatch;
import io.freshet.protocol.v1.PresenceMember;
import io.freshet.protocol.v1.PresenceMode;
import io.freshet.protocol.v1.PresenceState;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What one user says of itself, and where it looks. */
final class SimPresence {
    private static final long AGAIN_NS = TimeUnit.MILLISECONDS.toNanos(500);
    private static final int MODES = 3;

    private final Simulation simulation;
    private final PresenceChecker checker;
    private final List<String> groups;
    private final long sender;
    private final SplittableRandom random;
    private final Map<String, Look> looks = new TreeMap<>();
    private final Map<String, PresenceWatch> open = new TreeMap<>();
    private final Map<String, Integer> lastLooks = new HashMap<>();
    private @Nullable Presence presence;
    private Set<String> entered = Set.of();
    private boolean isIdle;
    private PresenceMode mode = PresenceMode.PRESENCE_MODE_USUAL;
    private String status = "";
    private int sayCount;
    private int lookCount;
    private boolean isSaid;

    /** What it looks at, and what it is shown. */
    static final class Look {
        private final int first;
        private final int count;
        private final Set<Long> users;
        private PresenceView view;

        Look(String group, int first, int count, Set<Long> users) {
            this.first = first;
            this.count = count;
            this.users = users;
            view = PresenceView.empty(group);
        }

        int first() {
            return first;
        }

        int count() {
            return count;
        }

        Set<Long> users() {
            return users;
        }

        PresenceView view() {
            return view;
        }
    }

    /** @param groups where it may want to be, or to look */
    SimPresence(
            Simulation simulation, PresenceChecker checker, List<String> groups, long sender, SplittableRandom random) {
        this.simulation = simulation;
        this.checker = checker;
        this.groups = groups;
        this.sender = sender;
        this.random = random;
        checker.add(this);
    }

    void begin(FreshetClient client) {
        presence = client.presence();
        if (checker.isCalm()) {
            say();
        }
    }

    /** The client is closed, or is being so. */
    void end() {
        presence = null;
    }

    long sender() {
        return sender;
    }

    boolean isHere() {
        return presence != null;
    }

    boolean isSaid() {
        return isSaid;
    }

    Map<String, Look> looks() {
        return looks;
    }

    /** Whether others are to see it in a group. */
    boolean isIn(String group) {
        return isSaid && entered.contains(group) && mode != PresenceMode.PRESENCE_MODE_INVISIBLE;
    }

    /** How others are to see it. */
    PresenceMember member() {
        PresenceState usual = isIdle ? PresenceState.PRESENCE_STATE_IDLE : PresenceState.PRESENCE_STATE_ACTIVE;
        return PresenceMember.newBuilder()
                .setUser(sender)
                .setName(Long.toString(sender))
                .setState(
                        mode == PresenceMode.PRESENCE_MODE_DO_NOT_DISTURB
                                ? PresenceState.PRESENCE_STATE_DO_NOT_DISTURB
                                : usual)
                .setStatus(status)
                .build();
    }

    private <T> CompletionStage<T> watched(CompletionStage<T> stage, String what) {
        return simulation.futures().watch(stage, "presence " + what + " of client " + sender);
    }

    /** Does something. */
    void act() {
        Presence known = presence;
        if (known == null) {
            return;
        }
        String group = groups.get(random.nextInt(groups.size()));
        switch (random.nextInt(8)) {
            case 0 -> watched(known.idle(random.nextBoolean()), "idle");
            case 1 -> watched(known.mode(PresenceMode.forNumber(random.nextInt(MODES))), "mode");
            case 2 -> watched(known.status(newStatus()), "status");
            case 3, 4 -> enter(known, someGroups());
            case 5, 6 -> look(known, group);
            default -> unlook(group);
        }
    }

    private String newStatus() {
        String said = "s" + ++sayCount;
        checker.says(sender, said);
        return said;
    }

    private Set<String> someGroups() {
        Set<String> some = new LinkedHashSet<>();
        groups.stream().filter(group -> random.nextBoolean()).limit(2).forEach(some::add);
        return some;
    }

    private CompletionStage<Set<String>> enter(Presence known, Set<String> names) {
        checker.enters(sender, names);
        return watched(known.enter(names), "enter").whenComplete((refused, failure) -> {
            if (refused != null) {
                names.forEach(name -> checker.answered(sender, name, !refused.contains(name)));
            }
        });
    }

    private void look(Presence known, String group) {
        Set<Long> users = new HashSet<>();
        for (int i = random.nextInt(3); i > 0; i--) {
            users.add(Workload.FIRST_SENDER + random.nextInt(8));
        }
        int number = ++lookCount;
        lastLooks.put(group, number);
        Look look = new Look(group, random.nextInt(4), random.nextInt(6), users);
        looks.remove(group);
        open.remove(group);
        watched(known.watch(group, look.first, look.count, users, view -> shown(group, look, view)), "watch")
                .whenComplete((watch, failure) -> {
                    boolean isLast = lastLooks.getOrDefault(group, 0) == number;
                    if (watch != null && isLast && !look.view.isEnded()) {
                        checker.answered(sender, group, true);
                        looks.put(group, look);
                        open.put(group, watch);
                    }
                });
    }

    private void shown(String group, Look look, PresenceView view) {
        look.view = view;
        checker.shown(sender, view);
        if (view.isEnded() && looks.get(group) == look) {
            looks.remove(group);
            open.remove(group);
        }
    }

    private void unlook(String group) {
        looks.remove(group);
        PresenceWatch watch = open.remove(group);
        if (watch != null) {
            watch.close();
        }
    }

    /** It is calm: says everything once more, until it has arrived. */
    void say() {
        isSaid = false;
        isIdle = random.nextBoolean();
        mode = PresenceMode.forNumber(random.nextInt(MODES));
        status = newStatus();
        Set<String> wanted = someGroups();
        int number = sayCount;
        untilDone(
                number,
                known -> known.idle(isIdle),
                nothing -> untilDone(
                        number,
                        known -> known.mode(mode),
                        set -> untilDone(number, known -> known.status(status), said -> enterForGood(number, wanted))));
    }

    /** Nothing is said again that was to be. */
    void stop() {
        sayCount++;
    }

    private void enterForGood(int number, Set<String> wanted) {
        untilDone(number, known -> enter(known, wanted), refused -> {
            entered = new HashSet<>(wanted);
            entered.removeAll(refused);
            isSaid = true;
            if (checker.isRevoked(sender)) {
                simulation.agenda().after(AGAIN_NS, () -> {
                    if (number == sayCount) {
                        enterForGood(number, wanted);
                    }
                });
            }
        });
    }

    /** Asks until it has worked, as long as nothing else is said. */
    private <T extends @Nullable Object> void untilDone(
            int number, Function<Presence, CompletionStage<T>> question, Consumer<T> then) {
        Presence known = presence;
        if (known == null || number != sayCount) {
            return;
        }
        CompletionStage<T> unused = watched(question.apply(known), "said").whenComplete((answer, failure) -> {
            if (failure == null) {
                then.accept(answer);
            } else {
                simulation.agenda().after(AGAIN_NS, () -> untilDone(number, question, then));
            }
        });
    }
}
