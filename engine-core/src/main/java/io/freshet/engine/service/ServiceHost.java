package io.freshet.engine.service;

import io.freshet.client.Channel;
import io.freshet.client.Receipt;
import io.freshet.engine.Access;
import io.freshet.engine.Principal;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FreshetException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.agrona.concurrent.EpochMicroClock;
import org.jspecify.annotations.Nullable;

/**
 * What a service of the engine's own stands on. Services' thread, except where a method says otherwise; stages complete there too.
 */
public final class ServiceHost {
    private static final long LOOK_NS = TimeUnit.MILLISECONDS.toNanos(100);

    private final ServicesAgent agent;
    private final EpochMicroClock wallClock;
    private final Rights rights;
    private final Function<String, Channel> channels;
    private final long timeoutNs;
    private final List<RevocationListener> revocationListeners = new ArrayList<>();
    private final OpenQuestions questions = new OpenQuestions();
    /** In the order of their deadlines. */
    private final ArrayDeque<Asked> asked = new ArrayDeque<>();

    /** Who knows what somebody may do with a channel. */
    @FunctionalInterface
    public interface Rights {
        /**
         * Finds out; {@code answer} is run once, on any thread, with what the policy says, or with why it does not say anything.
         *
         * @param isOver whether nobody waits for the answer any more
         */
        void ask(long asker, Principal principal, String channel, BooleanSupplier isOver, Answer answer);
    }

    /** What came of a question. */
    @FunctionalInterface
    public interface Answer {
        void accept(Access access, @Nullable ErrorCode failure);
    }

    /** Who goes by what somebody may do. */
    @FunctionalInterface
    public interface RevocationListener {
        /**
         * Something was taken back.
         *
         * @param channel a name; null: every channel
         */
        void onRevoked(long principal, @Nullable String channel);
    }

    private static final class Asked {
        final CompletableFuture<Access> stage = new CompletableFuture<>();
        final long deadlineNs;
        volatile boolean isOver;

        Asked(long deadlineNs) {
            this.deadlineNs = deadlineNs;
        }
    }

    /**
     * For all services of one engine.
     *
     * @param channels the application's own
     * @param timeoutNs for the access policy's answer
     */
    public ServiceHost(
            ServicesAgent agent,
            EpochMicroClock wallClock,
            Rights rights,
            Function<String, Channel> channels,
            long timeoutNs) {
        this.agent = agent;
        this.wallClock = wallClock;
        this.rights = rights;
        this.channels = channels;
        this.timeoutNs = timeoutNs;
        agent.every(LOOK_NS, this::expire);
        agent.onEnd(this::end);
    }

    /** The time of the present duty cycle. */
    public long nowNs() {
        return agent.nowNs();
    }

    /** What the clock on the wall says. */
    public long nowUs() {
        return wallClock.microTime();
    }

    /** Has a task run again and again; while the engine starts, or on the services' thread. */
    public void every(long intervalNs, Runnable task) {
        agent.every(intervalNs, task);
    }

    /** Has a task run on the services' thread when that ends; while the engine starts. */
    public void onEnd(Runnable task) {
        agent.onEnd(task);
    }

    /** Has sessions told as they begin, the application's own too; while the engine starts. {@link Caller#onEnd} tells of the end. */
    public void onSession(Consumer<Caller> listener) {
        agent.onBegin(listener);
    }

    /** Has revocations told, once every session has left what it may not use any more; while the engine starts. */
    public void onRevocation(RevocationListener listener) {
        revocationListeners.add(listener);
    }

    /** What a principal may do with a channel, or every channel, was taken back. Any thread. */
    public void revoked(long principal, @Nullable String channel) {
        agent.execute(() -> {
            questions.revoked(principal);
            revocationListeners.forEach(listener -> listener.onRevoked(principal, channel));
        });
    }

    /**
     * Goes by what the access policy says: asks, and acts in one go with the answer. Asked again when something was taken back from one
     * of these principals meanwhile, some times; then it fails with {@code POLICY_UNAVAILABLE}.
     *
     * @param asking is to complete on the services' thread
     */
    public <A, T> CompletionStage<T> unrevoked(
            List<Long> principals, Supplier<CompletionStage<A>> asking, Function<A, CompletionStage<T>> act) {
        return questions.ask(principals, asking, act);
    }

    /** The same stage, completed on the services' thread. */
    public <T> CompletionStage<T> here(CompletionStage<T> elsewhere) {
        CompletableFuture<T> stage = new CompletableFuture<>();
        CompletionStage<T> unused = elsewhere.whenComplete((result, failure) -> execute(() -> {
            if (failure == null) {
                stage.complete(result);
            } else {
                stage.completeExceptionally(failure);
            }
        }));
        return stage;
    }

    /** Runs a task on the services' thread, sooner or later. Any thread, which is to see to it that only so many wait. */
    public void execute(Runnable task) {
        agent.execute(task);
    }

    /**
     * What the access policy lets a principal do with a channel, as at an OPEN. Who may neither subscribe nor publish is to be answered {@code
     * UNKNOWN_CHANNEL}. Fails with {@code POLICY_UNAVAILABLE}, also when the answer takes too long, {@code OVERLOADED} or {@code LIMIT_REACHED}.
     */
    public CompletionStage<Access> access(Principal principal, String channel) {
        return access(principal.id(), principal, channel);
    }

    /**
     * The same about another one, in the turn of who asks.
     *
     * @param asker id of the principal that waits its turn
     */
    public CompletionStage<Access> access(long asker, Principal principal, String channel) {
        Asked question = new Asked(agent.nowNs() + timeoutNs);
        asked.addLast(question);
        rights.ask(
                asker,
                principal,
                channel,
                () -> question.isOver,
                (access, failure) -> agent.execute(() -> answered(question, access, failure)));
        return question.stage;
    }

    private void answered(Asked question, Access access, @Nullable ErrorCode failure) {
        if (question.isOver) {
            return;
        }
        question.isOver = true;
        if (failure == null) {
            question.stage.complete(access);
        } else {
            fail(question, failure);
        }
    }

    private static void fail(Asked question, ErrorCode code) {
        question.isOver = true;
        question.stage.completeExceptionally(FreshetException.refused(code, "the access policy: " + code, 0));
    }

    private void expire() {
        Asked first;
        while ((first = asked.peekFirst()) != null && (first.isOver || agent.nowNs() - first.deadlineNs >= 0)) {
            asked.removeFirst();
            if (!first.isOver) {
                fail(first, ErrorCode.POLICY_UNAVAILABLE);
            }
        }
    }

    private void end() {
        Asked each;
        while ((each = asked.pollFirst()) != null) {
            if (!each.isOver) {
                fail(each, ErrorCode.SHUTTING_DOWN);
            }
        }
    }

    /**
     * Publishes as the application, which may do everything; sender 0. Fails as {@link Channel#publish(int, byte[])} does.
     *
     * @param kind of the event
     */
    public CompletionStage<Receipt> publish(String channel, int kind, byte[] payload) {
        CompletableFuture<Receipt> stage = new CompletableFuture<>();
        CompletionStage<Receipt> unused = channels.apply(channel)
                .publish(kind, payload)
                .whenComplete((receipt, failure) -> agent.execute(() -> finish(stage, receipt, failure)));
        return stage;
    }

    private static void finish(
            CompletableFuture<Receipt> stage, @Nullable Receipt receipt, @Nullable Throwable failure) {
        if (failure == null) {
            stage.complete(receipt);
        } else {
            stage.completeExceptionally(
                    failure instanceof CompletionException && failure.getCause() != null
                            ? failure.getCause()
                            : failure);
        }
    }
}
