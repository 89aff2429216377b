package io.freshet.engine.presence;

import io.freshet.engine.Access;
import io.freshet.engine.service.Caller;
import io.freshet.engine.service.Service;
import io.freshet.engine.service.ServiceHost;
import io.freshet.engine.service.Services;
import io.freshet.log.ChannelDirectory;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FreshetException;
import io.freshet.protocol.PresenceLimits;
import io.freshet.protocol.v1.EnterGroups;
import io.freshet.protocol.v1.GroupUnwatched;
import io.freshet.protocol.v1.GroupsEntered;
import io.freshet.protocol.v1.PresenceMode;
import io.freshet.protocol.v1.PresenceSet;
import io.freshet.protocol.v1.PresenceUpdate;
import io.freshet.protocol.v1.SetPresence;
import io.freshet.protocol.v1.UnwatchGroup;
import io.freshet.protocol.v1.WatchGroup;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/**
 * The service {@code freshet.v1.Presence}: who may say and see what is checked here, the rest is the {@link PresenceBoard}'s. Who may subscribe a channel may be in the
 * group of its name, and see who else is; the access policy is asked by name, also where there is no such channel. Services' thread, but for what is counted.
 *
 * <p>A session counts from the first time on that it asks for something here.
 */
public final class PresenceService {
    /** The name that clients call it by. */
    public static final String NAME = "freshet.v1.Presence";

    /** Of all sessions. */
    private static final int MAX_WATCHED_USERS = 1_000_000;

    /** Half a second between two updates of a small group. */
    private static final long INTERVAL_NS = TimeUnit.MILLISECONDS.toNanos(500);

    private static final long LOOK_NS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final int UPDATES_PER_LOOK = 1_000;

    private final ServiceHost host;
    private final PresenceBoard board;
    private final Map<Caller, Seat> seats = new HashMap<>();
    private volatile Counts counts = new Counts(0, 0, 0);

    /** What is counted: users, groups, and updates since the start. */
    private record Counts(long users, long groups, long updates) {}

    /** A caller's session, and what it asked last: an older question that is answered later has no effect. */
    private static final class Seat {
        final PresenceSession session;
        /** By group, the question to look that waits for the policy. */
        final Map<String, Long> asking = new HashMap<>();

        long enterNumber;
        long watchNumber;

        Seat(PresenceSession session) {
            this.session = session;
        }
    }

    /**
     * Before the engine runs.
     *
     * @param grace how long a session that has ended counts as there
     */
    private PresenceService(ServiceHost host, ChannelDirectory directory, Duration grace) {
        this.host = host;
        board = new PresenceBoard(grace.toNanos(), INTERVAL_NS);
        host.every(LOOK_NS, this::look);
        host.onRevocation((principal, channel) -> board.revoke(
                principal, channel, channel == null ? ChannelDirectory.NO_CHANNEL : directory.find(channel)));
    }

    /** One that clients may call. */
    public static PresenceService offered(
            Services services, ServiceHost host, ChannelDirectory directory, Duration grace) {
        PresenceService made = new PresenceService(host, directory, grace);
        services.own(made.service());
        return made;
    }

    private Service service() {
        return Service.named(NAME)
                .method("Set", SetPresence.parser(), this::set)
                .method("Enter", EnterGroups.parser(), this::enter)
                .method("Watch", WatchGroup.parser(), this::watch)
                .method("Unwatch", UnwatchGroup.parser(), this::unwatch)
                .build();
    }

    private void look() {
        board.tick(host.nowNs());
        board.deliver(UPDATES_PER_LOOK);
        counts = new Counts(board.userCount(), board.groupCount(), board.updateCount());
    }

    private Seat seat(Caller caller) {
        Seat known = seats.get(caller);
        if (known == null) {
            caller.onEnd(() -> leave(caller));
            Seat made = new Seat(
                    board.begin(caller.principal().id(), caller.principal().name(), caller::push));
            seats.put(caller, made);
            known = made;
        }
        return known;
    }

    private void leave(Caller caller) {
        Seat left = seats.remove(caller);
        if (left != null) {
            board.end(left.session, host.nowNs());
        }
    }

    private CompletionStage<PresenceSet> set(Caller caller, SetPresence request) {
        String violation = PresenceLimits.statusViolation(request.getStatus());
        if (violation != null) {
            return invalid(violation);
        }
        if (request.getMode() == PresenceMode.UNRECOGNIZED) {
            return invalid("no such mode");
        }
        PresenceSession session = seat(caller).session;
        if (request.hasIdle()) {
            board.idle(session, request.getIdle());
        }
        if (request.hasMode()) {
            board.mode(session.user(), request.getMode());
        }
        if (request.hasStatus()) {
            board.status(session.user(), request.getStatus());
        }
        return CompletableFuture.completedStage(PresenceSet.getDefaultInstance());
    }

    private CompletionStage<GroupsEntered> enter(Caller caller, EnterGroups request) {
        Set<String> wanted = new LinkedHashSet<>(request.getGroupList());
        String violation = PresenceLimits.groupsViolation(wanted);
        if (violation != null) {
            return invalid(violation);
        }
        Seat seat = seat(caller);
        long number = ++seat.enterNumber;
        List<Long> asker = List.of(caller.principal().id());
        return host.unrevoked(asker, () -> refused(caller, wanted), refused -> {
            if (number == seat.enterNumber && !seat.session.isEnded()) {
                Set<String> entered = new LinkedHashSet<>(wanted);
                entered.removeAll(refused);
                board.enter(seat.session, entered);
            }
            return CompletableFuture.completedStage(
                    GroupsEntered.newBuilder().addAllRefused(refused).build());
        });
    }

    /** Those of the groups that a caller may not know. */
    private CompletionStage<Set<String>> refused(Caller caller, Set<String> names) {
        Set<String> refused = new TreeSet<>();
        List<CompletableFuture<?>> answers = new ArrayList<>();
        for (String name : names) {
            answers.add(maySee(caller, name)
                    .thenAccept(maySee -> {
                        if (!maySee) {
                            refused.add(name);
                        }
                    })
                    .toCompletableFuture());
        }
        return CompletableFuture.allOf(answers.toArray(new CompletableFuture<?>[0]))
                .thenApply(all -> refused);
    }

    private CompletionStage<Boolean> maySee(Caller caller, String name) {
        return host.access(caller.principal(), name).thenApply(Access::maySubscribe);
    }

    private CompletionStage<PresenceUpdate> watch(Caller caller, WatchGroup request) {
        Set<Long> users = new LinkedHashSet<>(request.getUsersList());
        String name = request.getGroup();
        String violation = PresenceLimits.watchViolation(name, request.getFirst(), request.getCount(), users.size());
        if (violation != null) {
            return invalid(violation);
        }
        Seat seat = seat(caller);
        Long number = ++seat.watchNumber;
        seat.asking.put(name, number);
        CompletionStage<Boolean> answer = host.unrevoked(
                List.of(caller.principal().id()), () -> maySee(caller, name), CompletableFuture::completedStage);
        return answer.handle((maySee, failure) -> {
            boolean isLast = seat.asking.remove(name, number);
            if (failure != null) {
                throw failure instanceof CompletionException known ? known : new CompletionException(failure);
            }
            if (!isLast || seat.session.isEnded()) {
                throw refusal(ErrorCode.REQUEST_FAILED, "something else was asked of this group since");
            }
            return watched(seat.session, request, users, maySee);
        });
    }

    private PresenceUpdate watched(PresenceSession session, WatchGroup request, Set<Long> users, boolean maySee) {
        String name = request.getGroup();
        if (!maySee) {
            board.unwatch(session, name);
            throw refusal(ErrorCode.UNKNOWN_CHANNEL, "there is no such group");
        }
        if (session.lookCount(name) >= PresenceLimits.WATCH_COUNT
                || board.watchedUserCount() + users.size() > MAX_WATCHED_USERS) {
            throw refusal(
                    ErrorCode.LIMIT_REACHED,
                    "a session looks at " + PresenceLimits.WATCH_COUNT + " groups at most, and all together at "
                            + MAX_WATCHED_USERS + " users");
        }
        return board.watch(session, name, request.getFirst(), request.getCount(), users);
    }

    private CompletionStage<GroupUnwatched> unwatch(Caller caller, UnwatchGroup request) {
        Seat seat = seat(caller);
        seat.asking.remove(request.getGroup());
        board.unwatch(seat.session, request.getGroup());
        return CompletableFuture.completedStage(GroupUnwatched.getDefaultInstance());
    }

    private static <T> CompletionStage<T> invalid(String message) {
        return CompletableFuture.failedStage(refusal(ErrorCode.INVALID_ARGUMENT, message));
    }

    private static FreshetException refusal(ErrorCode code, String message) {
        return FreshetException.refused(code, message, 0);
    }

    /** Whether a user has said, in a session that is there or was lately, not to be disturbed. Any thread. */
    public boolean isUndisturbed(long user) {
        return board.isUndisturbed(user);
    }

    /** Users that are there, or were lately. Any thread. */
    public long userCount() {
        return counts.users;
    }

    /** Groups that somebody is in, or looks at. Any thread. */
    public long groupCount() {
        return counts.groups;
    }

    /** Updates that were pushed to those who look, since the start. Any thread. */
    public long updateCount() {
        return counts.updates;
    }
}
