package io.freshet.engine.session;

import io.freshet.engine.Access;
import io.freshet.engine.AccessPolicy;
import io.freshet.engine.Authenticator;
import io.freshet.engine.Credentials;
import io.freshet.engine.Identity;
import io.freshet.engine.Limits;
import io.freshet.engine.Principal;
import io.freshet.engine.channel.ReservedNames;
import io.freshet.engine.limit.AddressKey;
import io.freshet.engine.mailbox.ReactorProxy;
import io.freshet.engine.metrics.ReactorCounter;
import io.freshet.engine.metrics.ReactorCounters;
import io.freshet.engine.service.ServiceHost;
import io.freshet.engine.session.PendingOpens.PendingOpen;
import io.freshet.log.ChannelDirectory;
import io.freshet.log.StorageException;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FreshetException;
import io.freshet.protocol.InboxName;
import io.freshet.protocol.v1.Open;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks what only the application and the channel directory know, on the application's executor, and brings the answer back
 * to the reactor that asked. Any reactor's thread.
 */
public final class Gate {
    private static final Logger LOG = LoggerFactory.getLogger(Gate.class);

    private final Authenticator authenticator;
    private final AccessPolicy policy;
    private final ChannelDirectory directory;
    /** By address. */
    private final Turns authentications;
    /** By principal. */
    private final Turns decisions;

    private final Executor ownExecutor;
    private final Admittance admittance;

    public Gate(Authenticator authenticator, AccessPolicy policy, ChannelDirectory directory, Executor executor) {
        this(
                authenticator,
                policy,
                directory,
                executor,
                executor,
                executor,
                Limits.DEFAULTS.askedAtOnce(),
                Admittance.OF_EVERYBODY);
    }

    /**
     * With executors of their own, so that what is slow holds up only what needs it.
     *
     * @param ownExecutor for what the engine itself opens, which asks only the directory
     * @param askedAtOnce questions of one address to the authenticator, and about one principal to the policy, at a time
     * @param admittance knows what channels themselves allow
     */
    public Gate(
            Authenticator authenticator,
            AccessPolicy policy,
            ChannelDirectory directory,
            Executor authenticatorExecutor,
            Executor policyExecutor,
            Executor ownExecutor,
            int askedAtOnce,
            Admittance admittance) {
        this.authenticator = authenticator;
        this.policy = policy;
        this.directory = directory;
        authentications = new Turns(authenticatorExecutor, askedAtOnce);
        decisions = new Turns(policyExecutor, askedAtOnce);
        this.ownExecutor = ownExecutor;
        this.admittance = admittance;
    }

    /** Finds out who this is. The answer runs once, on the reactor that asks. */
    void authenticate(Credentials credentials, SessionEnvironment asking, Consumer<Answer> answer) {
        Asked<Answer> question = new Asked<>(
                () -> false, () -> identify(credentials), code -> new Answer(null, code), asking.reactor(), answer);
        take(authentications, AddressKey.of(credentials.address()), question, asking.counters());
    }

    private Answer identify(Credentials credentials) {
        Identity identity = authenticator.identify(credentials);
        if (identity.principal().id() == Principal.SYSTEM.id()) {
            throw new IllegalStateException(
                    "an authenticator answered with the id of the engine itself, " + identity.principal());
        }
        boolean isAllowed = identity.addresses().contains(credentials.address());
        return isAllowed ? new Answer(identity, null) : new Answer(null, ErrorCode.ADDRESS_NOT_ALLOWED);
    }

    /**
     * Finds the channel of an OPEN by id (0: by name) and what the principal may do with it. The answer runs once, on the reactor that asks;
     * or never, when the OPEN is over before its turn.
     */
    void open(Principal principal, PendingOpen pending, SessionEnvironment asking, Consumer<Decision> answer) {
        Open open = pending.open;
        Asked<Decision> question = new Asked<>(
                pending::isOver,
                () -> decide(principal, open.getChannel(), open.getName(), open.getCreate()),
                Decision::refused,
                asking.reactor(),
                answer);
        take(principal, question, asking.counters());
    }

    /** Asks whether all these users may see a channel, in the turn of who mentions them. The answer runs once, on the reactor that asks; or never. */
    void mention(
            Principal asker,
            long channel,
            Set<Long> users,
            SessionEnvironment asking,
            BooleanSupplier isOver,
            Consumer<Decision> answer) {
        Asked<Decision> question =
                new Asked<>(isOver, () -> mentioned(channel, users), Decision::refused, asking.reactor(), answer);
        take(asker, question, asking.counters());
    }

    private Decision mentioned(long channel, Set<Long> users) {
        String own = directory.name(channel);
        long parent = own == null ? ChannelDirectory.NO_CHANNEL : ReservedNames.parentOf(own);
        String name = parent == ChannelDirectory.NO_CHANNEL ? own : directory.name(parent);
        for (long user : users) {
            if (name == null || !policy.accessOf(user, name).maySubscribe()) {
                return Decision.refused(ErrorCode.MENTION_REFUSED);
            }
        }
        return new Decision(channel, own == null ? "" : own, Access.NONE, parent, null);
    }

    /**
     * Asks the policy about a channel by its name, which nobody opens, and the channel whom it admits, for a service of the engine's own, in the turn of the {@code asker}. The answer runs once, on any thread; or never, when it {@code
     * isOver} before its turn.
     */
    public void access(
            long asker, Principal principal, String channel, BooleanSupplier isOver, ServiceHost.Answer answer) {
        askPolicy(
                asker,
                isOver,
                () -> admittance.narrow(
                        principal.id(), resultOf(() -> rights(principal, channel), Decision::refused), answer),
                code -> answer.accept(Access.NONE, code));
    }

    /** Asks the policy who has a role, in the turn of the {@code author} who mentions it. The answer runs once, on any thread; or never, when it {@code isOver} before its turn. */
    public void roleMembers(long role, long author, String channel, BooleanSupplier isOver, RoleAnswer answer) {
        askPolicy(
                author,
                isOver,
                () -> {
                    RoleMembers known = resultOf(
                            () -> new RoleMembers(members(role, author, channel), null),
                            code -> new RoleMembers(List.of(), code));
                    answer.accept(known.users, known.failure);
                },
                code -> answer.accept(List.of(), code));
    }

    /** Runs the question in the turn of the {@code asker}, unless it {@code isOver} by then, or the refusal, at once or later, when it cannot be asked. */
    private void askPolicy(long asker, BooleanSupplier isOver, Runnable question, Consumer<ErrorCode> refusal) {
        Turns.Outcome outcome = decisions.take(asker, new Turns.Question() {
            @Override
            public void ask() {
                if (!isOver.getAsBoolean()) {
                    question.run();
                }
            }

            @Override
            public void refuse(ErrorCode code) {
                refusal.accept(code);
            }
        });
        if (outcome == Turns.Outcome.TOO_MANY || outcome == Turns.Outcome.OVERLOADED) {
            refusal.accept(codeOf(outcome));
        }
    }

    private static ErrorCode codeOf(Turns.Outcome refused) {
        return refused == Turns.Outcome.TOO_MANY ? ErrorCode.LIMIT_REACHED : ErrorCode.OVERLOADED;
    }

    private List<Long> members(long role, long author, String channel) {
        long parent = ReservedNames.parentOf(channel);
        String asked = parent == ChannelDirectory.NO_CHANNEL ? channel : directory.name(parent);
        return asked == null ? List.of() : List.copyOf(policy.roleMembers(role, author, asked));
    }

    /** What came of a question about a role. */
    @FunctionalInterface
    public interface RoleAnswer {
        void accept(List<Long> users, @Nullable ErrorCode failure);
    }

    private record RoleMembers(List<Long> users, @Nullable ErrorCode failure) {}

    /** Somebody without a name is known by its number alone, such as who is invited, and need not be connected. */
    private Decision rights(Principal principal, String channel) {
        long found = directory.find(channel);
        boolean exists = found != ChannelDirectory.NO_CHANNEL;
        long parent = ReservedNames.parentOf(channel);
        Access access;
        if (isHidden(principal, channel)) {
            access = Access.NONE;
        } else if (exists && principal.name().isEmpty()) {
            String asked = parent == ChannelDirectory.NO_CHANNEL ? channel : directory.name(parent);
            access = asked == null ? Access.NONE : policy.accessOf(principal.id(), asked);
        } else {
            access = access(principal, channel, exists, parent);
        }
        return new Decision(found, channel, access, parent, null);
    }

    /** In the turn of a principal, but for the engine itself. */
    private void take(Principal principal, Asked<Decision> question, ReactorCounters counters) {
        if (principal.equals(Principal.SYSTEM)) {
            askDirectory(question);
        } else {
            take(decisions, principal.id(), question, counters);
        }
    }

    private void askDirectory(Asked<Decision> question) {
        try {
            ownExecutor.execute(question::ask);
        } catch (RejectedExecutionException e) {
            question.answer().accept(Decision.refused(ErrorCode.OVERLOADED));
        }
    }

    /** Hands in a question of a reactor, on whose thread this is; one that cannot be asked is answered at once. */
    private static <T> void take(Turns turns, long asker, Asked<T> question, ReactorCounters counters) {
        Turns.Outcome outcome = turns.take(asker, question);
        if (outcome == Turns.Outcome.WAITING) {
            counters.add(ReactorCounter.QUESTIONS_POSTPONED, 1);
        } else if (outcome != Turns.Outcome.ASKED) {
            counters.add(ReactorCounter.QUESTIONS_REFUSED, 1);
            question.answer().accept(question.refusal().of(codeOf(outcome)));
        }
    }

    /** A channel that does not exist goes the same way as one that may not be seen, to the end: both take as long as the policy does. */
    private Decision decide(Principal principal, long channel, String givenName, boolean isCreating) {
        String known = channel == ChannelDirectory.NO_CHANNEL ? givenName : directory.name(channel);
        // Names were checked: an empty one means that OPEN had channel 0, which is no id.
        String name = known == null || isHidden(principal, known) ? "" : known;
        boolean isNamed = !name.isEmpty();
        long found = channel == ChannelDirectory.NO_CHANNEL && isNamed ? directory.find(name) : channel;
        boolean exists = isNamed && found != ChannelDirectory.NO_CHANNEL;
        long parent = ReservedNames.parentOf(name);
        Access access = access(principal, name, exists, parent);
        if (!access.maySubscribe() && !access.mayPublish()) {
            return Decision.refused(ErrorCode.UNKNOWN_CHANNEL);
        }
        if (!exists) {
            boolean isKept =
                    InboxName.isReserved(name) && !InboxName.isOfInboxes(name) && !principal.equals(Principal.SYSTEM);
            if (!isNamed || !isCreating || isKept || !access.mayCreate()) {
                return Decision.refused(ErrorCode.UNKNOWN_CHANNEL);
            }
            return new Decision(ChannelDirectory.NO_CHANNEL, name, access, parent, null);
        }
        return new Decision(found, name, access, parent, null);
    }

    /** Somebody else's inbox is, by id or by name, as a channel that does not exist. */
    private static boolean isHidden(Principal principal, String name) {
        return InboxName.isOfInboxes(name)
                && !principal.equals(Principal.SYSTEM)
                && !name.equals(InboxName.of(principal.id()));
    }

    /**
     * What the policy says: of a thread, about the channel that it belongs to. It is not asked about the engine itself, nor about who may use
     * an inbox.
     */
    private Access access(Principal principal, String name, boolean exists, long parent) {
        if (InboxName.isOfInboxes(name)) {
            return InboxName.owner(name).isPresent() ? Access.ALL : Access.NONE;
        }
        if (principal.equals(Principal.SYSTEM)) {
            return Access.ALL;
        }
        if (parent == ChannelDirectory.NO_CHANNEL) {
            return policy.access(principal, name, exists);
        }
        String parentName = directory.name(parent);
        return policy.access(principal, parentName == null ? "" : parentName, parentName != null);
    }

    /**
     * Makes the channel of a decision that lets it be made. A step of its own: what the policy says may have been overtaken by a revocation, which only
     * the reactor knows. The answer runs once, on the reactor that asks; or never, when the OPEN is over before its turn.
     */
    void create(
            Principal principal,
            PendingOpen pending,
            Decision decision,
            SessionEnvironment asking,
            Consumer<Decision> answer) {
        Asked<Decision> question =
                new Asked<>(pending::isOver, () -> made(decision), Decision::refused, asking.reactor(), answer);
        take(principal, question, asking.counters());
    }

    private Decision made(Decision decision) {
        long channel = directory.findOrCreate(decision.name());
        return new Decision(channel, decision.name(), decision.access(), decision.accessOf(), null);
    }

    /** A question whose answer goes back to the reactor that it came from. */
    private record Asked<T>(
            BooleanSupplier isOver, Supplier<T> question, Refusal<T> refusal, ReactorProxy reactor, Consumer<T> answer)
            implements Turns.Question {
        @Override
        public void ask() {
            if (!isOver.getAsBoolean()) {
                T result = resultOf(question, refusal);
                reactor.sendControl(() -> answer.accept(result));
            }
        }

        @Override
        public void refuse(ErrorCode code) {
            T result = refusal.of(code);
            reactor.sendControl(() -> answer.accept(result));
        }
    }

    private static <T> T resultOf(Supplier<T> question, Refusal<T> refusal) {
        try {
            return question.get();
        } catch (FreshetException e) {
            return refusal.of(e.code());
        } catch (StorageException e) {
            LOG.warn("the channel directory failed", e);
            boolean isFull = e.reason() == StorageException.Reason.NO_SPACE;
            return refusal.of(isFull ? ErrorCode.STORAGE_FULL : ErrorCode.CHANNEL_UNAVAILABLE);
        } catch (RuntimeException e) {
            LOG.warn("the authenticator, the access policy or the channel directory failed", e);
            return refusal.of(ErrorCode.POLICY_UNAVAILABLE);
        }
    }

    private interface Refusal<T> {
        T of(ErrorCode code);
    }

    /** Who somebody is, or why that is not known. */
    record Answer(@Nullable Identity identity, @Nullable ErrorCode refusal) {}

    /**
     * Which channel it is and what is allowed there, or why not.
     *
     * @param accessOf the channel that the policy was asked about; {@link ChannelDirectory#NO_CHANNEL} when it was this one
     */
    record Decision(
            long channel,
            String name,
            Access access,
            long accessOf,
            @Nullable ErrorCode refusal) {
        /** Whether there is no such channel yet, and it may be made. */
        boolean isToBeMade() {
            return refusal == null && channel == ChannelDirectory.NO_CHANNEL;
        }

        /** Why it may not be followed, or null: what one may not know of is not told from what is not there. */
        @Nullable
        ErrorCode refusalToFollow() {
            if (access.maySubscribe()) {
                return null;
            }
            return ReservedNames.needsAttributes(name) ? ErrorCode.UNKNOWN_CHANNEL : ErrorCode.FORBIDDEN;
        }

        /** Whether it is a user's inbox, which takes its own kinds of events only. */
        boolean isInbox() {
            return InboxName.owner(name).isPresent();
        }

        static Decision refused(ErrorCode code) {
            return new Decision(ChannelDirectory.NO_CHANNEL, "", Access.NONE, ChannelDirectory.NO_CHANNEL, code);
        }
    }
}
