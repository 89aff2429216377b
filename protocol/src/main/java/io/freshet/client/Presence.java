package io.freshet.client;

import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
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
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Who is there: what this client says of its user, and what it is told of others. What was said and asked is said and asked again on each new session. Any thread may
 * call it; stages complete, and listeners are called, on the client's thread.
 */
public final class Presence {
    private static final String SERVICE = "freshet.v1.Presence/";
    private static final CompletionStage<@Nullable Void> DONE = CompletableFuture.completedStage(null);

    private final ClientCore core;
    private final Map<String, PresenceWatch> watches = new LinkedHashMap<>();
    private SetPresence said = SetPresence.getDefaultInstance();
    /** Whether this session knows all of that. */
    private boolean isSaid;
    /** Where the user is, as the server has confirmed it. */
    private Set<String> groups = Set.of();
    /** The last change of the groups: the next one is asked for when it has its answer. */
    private CompletionStage<?> entering = DONE;

    private final SessionQuestions questions;

    Presence(ClientCore core) {
        this.core = core;
        questions = new SessionQuestions(core);
        core.onSession(this::announce);
        core.pushes().add(PresenceUpdate.getDefaultInstance(), this::onUpdate);
    }

    /** Says whether the user has done nothing here for a while. A user is idle who is so on every session. */
    public CompletionStage<Void> idle(boolean isIdle) {
        return set(SetPresence.newBuilder().setIdle(isIdle).build());
    }

    /** Says how the user wants to be seen, on whatever session. */
    public CompletionStage<Void> mode(PresenceMode mode) {
        return set(SetPresence.newBuilder().setMode(mode).build());
    }

    /** Says what others are to read beside the user's name, at most {@link PresenceLimits#STATUS_LENGTH} bytes; empty for nothing. */
    public CompletionStage<Void> status(String status) {
        String violation = PresenceLimits.statusViolation(status);
        return violation != null
                ? refused(violation)
                : set(SetPresence.newBuilder().setStatus(status).build());
    }

    private CompletionStage<Void> set(SetPresence change) {
        return onThread(() -> {
            SetPresence before = said;
            boolean wasSaid = isAllSaid();
            SetPresence all = before.toBuilder().mergeFrom(change).build();
            said = all;
            isSaid = false;
            int session = questions.sessionCount();
            return ask("Set", change, PresenceSet.parser())
                    .whenComplete((set, failure) -> {
                        if (said.equals(all) && session == questions.sessionCount()) {
                            boolean isRefused = failure instanceof FreshetException cause && isForGood(cause);
                            said = isRefused ? before : all;
                            isSaid = wasSaid && (failure == null || isRefused);
                        }
                    })
                    .thenAccept(set -> {});
        });
    }

    private static boolean isForGood(FreshetException cause) {
        return !cause.isRetryable() && !cause.isOutcomeUnknown();
    }

    private static <T extends @Nullable Object> CompletionStage<T> refused(String violation) {
        return CompletableFuture.failedFuture(FreshetException.refused(ErrorCode.INVALID_ARGUMENT, violation, 0));
    }

    /**
     * Is in these groups, and in no other any more: their members see the user. A group has the name of a channel that one may subscribe.
     *
     * @return those of them that the user may not know
     */
    public CompletionStage<Set<String>> enter(Set<String> names) {
        Set<String> wanted = new LinkedHashSet<>(names);
        return onThread(() -> enterNext(groups -> wanted));
    }

    /** Is in one group more; true when it is, false when the user may not know of it. */
    public CompletionStage<Boolean> join(String group) {
        return onThread(() -> {
            return enterNext(wanted -> {
                        wanted.add(group);
                        return wanted;
                    })
                    .thenApply(refused -> !refused.contains(group));
        });
    }

    /** Is in one group less. */
    public CompletionStage<Void> leave(String group) {
        return onThread(() -> {
            return enterNext(wanted -> {
                        wanted.remove(group);
                        return wanted;
                    })
                    .thenAccept(refused -> {});
        });
    }

    /**
     * Looks at a group, instead of how it was looked at before.
     *
     * @param first place of the first member of the window, from 0
     * @param count members of the window, at most {@link PresenceLimits#WINDOW_COUNT}; 0 for none
     * @param users whom of the group to tell of besides, at most {@link PresenceLimits#USER_COUNT}
     * @param listener told of what is known now and whenever it has changed
     * @return once it is known how the group is; fails with UNKNOWN_CHANNEL where one may not look
     */
    public CompletionStage<PresenceWatch> watch(
            String group, int first, int count, Set<Long> users, Consumer<? super PresenceView> listener) {
        String violation = PresenceLimits.watchViolation(group, first, count, users.size());
        if (violation != null) {
            return refused(violation);
        }
        PresenceWatch watch = new PresenceWatch(this, group, first, count, users, listener);
        return onThread(() -> {
            watches.put(group, watch);
            return look(watch).handle((nothing, failure) -> {
                if (failure == null) {
                    return watch;
                }
                unwatch(watch); // or what was looked at before would still be told
                throw new CompletionException(failure instanceof CompletionException ? failure.getCause() : failure);
            });
        });
    }

    void close(PresenceWatch watch) {
        core.execute(() -> unwatch(watch));
    }

    // ---- client's thread

    /** One change after the other: each begins with what the one before has come to. */
    private CompletionStage<Set<String>> enterNext(UnaryOperator<Set<String>> change) {
        CompletionStage<Set<String>> next =
                entering.thenCompose(done -> enterOnly(change.apply(new LinkedHashSet<>(groups))));
        entering = next.handle((refused, failure) -> true);
        return next;
    }

    private CompletionStage<Set<String>> enterOnly(Set<String> names) {
        String violation = PresenceLimits.groupsViolation(names);
        if (violation != null) {
            return refused(violation);
        }
        EnterGroups request = EnterGroups.newBuilder().addAllGroup(names).build();
        return say().thenCompose(set -> ask("Enter", request, GroupsEntered.parser()))
                .thenApply(done -> {
                    Set<String> refused = new TreeSet<>(done.getRefusedList());
                    Set<String> entered = new LinkedHashSet<>(names);
                    entered.removeAll(refused);
                    groups = entered;
                    return refused;
                });
    }

    private boolean isAllSaid() {
        return said.equals(SetPresence.getDefaultInstance()) || (isSaid && core.hasSession());
    }

    /** Says what this session does not know yet. Nobody is to be seen otherwise than they want, not even for a moment. */
    private CompletionStage<@Nullable Void> say() {
        if (isAllSaid()) {
            return DONE;
        }
        SetPresence all = said;
        return ask("Set", all, PresenceSet.parser()).thenAccept(set -> isSaid = isSaid || said.equals(all));
    }

    private CompletionStage<Void> look(PresenceWatch watch) {
        return ask("Watch", watch.request(), PresenceUpdate.parser()).thenAccept(answer -> {
            if (watches.get(watch.group()) == watch) {
                show(watch, answer);
            }
        });
    }

    /** What is pushed before a watch has its answer belongs to the one before it. */
    private void onUpdate(PresenceUpdate update) {
        PresenceWatch watch = watches.get(update.getGroup());
        if (watch != null && watch.hasBegun()) {
            show(watch, update);
        }
    }

    private void show(PresenceWatch watch, PresenceUpdate update) {
        core.callbacks()
                .run(
                        "the listener of a PresenceWatch",
                        () -> watch.show(watch.view().after(update)));
        if (update.getEnded()) {
            watches.remove(watch.group(), watch);
        }
    }

    /** A session begins, which knows nothing of what was said on the one before. */
    private void announce() {
        questions.begin();
        isSaid = false;
        if (groups.isEmpty()) {
            questions.ask(this::say, () -> {});
        } else {
            questions.ask(() -> enterNext(UnaryOperator.identity()), () -> {});
        }
        for (PresenceWatch watch : List.copyOf(watches.values())) {
            questions.ask(() -> watches.containsValue(watch) ? look(watch) : DONE, () -> end(watch));
        }
    }

    /** What was seen before may not be seen any more. */
    private void end(PresenceWatch watch) {
        if (watches.get(watch.group()) == watch) {
            show(
                    watch,
                    PresenceUpdate.newBuilder()
                            .setGroup(watch.group())
                            .setFull(true)
                            .setEnded(true)
                            .build());
        }
    }

    private void unwatch(PresenceWatch watch) {
        if (watches.remove(watch.group(), watch)) {
            UnwatchGroup request =
                    UnwatchGroup.newBuilder().setGroup(watch.group()).build();
            CompletionStage<?> unused = ask("Unwatch", request, GroupUnwatched.parser());
        }
    }

    private <A extends MessageLite> CompletionStage<A> ask(String method, MessageLite request, Parser<A> answer) {
        return core.call(SERVICE + method, request.toByteString(), answer, core.requestTimeoutNs());
    }

    /** So that an answer is never overtaken by what is pushed after it. */
    private <T extends @Nullable Object> CompletionStage<T> onThread(Supplier<CompletionStage<T>> action) {
        CompletableFuture<T> result = new CompletableFuture<>();
        boolean isTaken = core.execute(() -> {
            CompletionStage<T> unused = action.get().whenComplete((value, failure) -> {
                if (failure == null) {
                    result.complete(value);
                } else {
                    result.completeExceptionally(failure instanceof CompletionException ? failure.getCause() : failure);
                }
            });
        });
        if (!isTaken) {
            result.completeExceptionally(new FreshetException(ErrorCode.CLIENT_CLOSED, "the client was closed"));
        }
        return result;
    }
}
