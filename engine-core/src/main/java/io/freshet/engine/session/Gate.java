package io.freshet.engine.session;

import io.freshet.engine.Access;
import io.freshet.engine.AccessPolicy;
import io.freshet.engine.Authenticator;
import io.freshet.engine.Credentials;
import io.freshet.engine.Identity;
import io.freshet.engine.Principal;
import io.freshet.engine.mailbox.ReactorProxy;
import io.freshet.log.ChannelDirectory;
import io.freshet.log.StorageException;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FreshetException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
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
    private final Executor authenticatorExecutor;
    private final Executor policyExecutor;
    private final Executor ownExecutor;

    public Gate(Authenticator authenticator, AccessPolicy policy, ChannelDirectory directory, Executor executor) {
        this(authenticator, policy, directory, executor, executor, executor);
    }

    /**
     * With executors of their own, so that what is slow holds up only what needs it.
     *
     * @param ownExecutor for what the engine itself opens, which asks only the directory
     */
    public Gate(
            Authenticator authenticator,
            AccessPolicy policy,
            ChannelDirectory directory,
            Executor authenticatorExecutor,
            Executor policyExecutor,
            Executor ownExecutor) {
        this.authenticator = authenticator;
        this.policy = policy;
        this.directory = directory;
        this.authenticatorExecutor = authenticatorExecutor;
        this.policyExecutor = policyExecutor;
        this.ownExecutor = ownExecutor;
    }

    /** Finds out who this is. The answer runs once, on the reactor. */
    void authenticate(Credentials credentials, ReactorProxy reactor, Consumer<Answer> answer) {
        execute(authenticatorExecutor, reactor, () -> identify(credentials), code -> new Answer(null, code), answer);
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

    /** Finds the channel by id (0: by name) and what the principal may do with it. The answer runs once, on the reactor. */
    void open(
            Principal principal,
            long channel,
            String name,
            boolean isCreating,
            ReactorProxy reactor,
            Consumer<Decision> answer) {
        Executor executor = principal.equals(Principal.SYSTEM) ? ownExecutor : policyExecutor;
        execute(executor, reactor, () -> decide(principal, channel, name, isCreating), Decision::refused, answer);
    }

    /** A channel that does not exist goes the same way as one that may not be seen, to the end: both take as long as the policy does. */
    private Decision decide(Principal principal, long channel, String givenName, boolean isCreating) {
        String known = channel == ChannelDirectory.NO_CHANNEL ? givenName : directory.name(channel);
        // Names were checked: an empty one means that OPEN had channel 0, which is no id.
        String name = known == null ? "" : known;
        boolean isNamed = !name.isEmpty();
        long found = channel == ChannelDirectory.NO_CHANNEL && isNamed ? directory.find(name) : channel;
        boolean exists = isNamed && found != ChannelDirectory.NO_CHANNEL;
        Access access = principal.equals(Principal.SYSTEM) ? Access.ALL : policy.access(principal, name, exists);
        if (!access.maySubscribe() && !access.mayPublish()) {
            return Decision.refused(ErrorCode.UNKNOWN_CHANNEL);
        }
        if (!exists) {
            if (!isNamed || !isCreating || !access.mayCreate()) {
                return Decision.refused(ErrorCode.UNKNOWN_CHANNEL);
            }
            found = directory.findOrCreate(name);
        }
        return new Decision(found, name, access, null);
    }

    private <T> void execute(
            Executor executor, ReactorProxy reactor, Question<T> question, Refusal<T> refusal, Consumer<T> answer) {
        try {
            executor.execute(() -> {
                T result = ask(question, refusal);
                reactor.sendControl(() -> answer.accept(result));
            });
        } catch (RejectedExecutionException e) {
            answer.accept(refusal.of(ErrorCode.OVERLOADED));
        }
    }

    private static <T> T ask(Question<T> question, Refusal<T> refusal) {
        try {
            return question.ask();
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

    private interface Question<T> {
        T ask();
    }

    private interface Refusal<T> {
        T of(ErrorCode code);
    }

    /** Who somebody is, or why that is not known. */
    record Answer(@Nullable Identity identity, @Nullable ErrorCode refusal) {}

    /** Which channel it is and what is allowed there, or why not. */
    record Decision(
            long channel,
            String name,
            Access access,
            @Nullable ErrorCode refusal) {
        static Decision refused(ErrorCode code) {
            return new Decision(ChannelDirectory.NO_CHANNEL, "", Access.NONE, code);
        }
    }
}
