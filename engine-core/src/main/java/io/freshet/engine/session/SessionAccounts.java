package io.freshet.engine.session;

import io.freshet.engine.Principal;
import io.freshet.engine.limit.Account;
import io.freshet.engine.limit.Admission;
import io.freshet.engine.limit.SharedBucket;
import io.freshet.engine.limit.TokenBucket;
import io.freshet.protocol.ErrorCode;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * How fast one session may publish and read history: a bucket of its own, and those that it shares with the other sessions of its
 * principal and of its address. The application's own sessions have no limits. Owned by the session's reactor.
 */
final class SessionAccounts {
    /** What a fetch costs beside the bytes that it brings. */
    private static final int FETCH_COST_LENGTH = 512;

    private static final long MS_NS = TimeUnit.MILLISECONDS.toNanos(1);

    private final SessionEnvironment environment;
    private Admission.@Nullable Entry entry;
    private @Nullable Principal principal;
    private @Nullable Account user;
    private @Nullable TokenBucket own;
    private @Nullable SharedBucket ofUser;
    private @Nullable SharedBucket ofAddress;
    private @Nullable SharedBucket history;
    private boolean hasPublishLimit;
    private @Nullable ErrorCode refusal;
    private long waitNs;

    /** @param entry how the connection was let in; null for one of the application itself */
    SessionAccounts(SessionEnvironment environment, Admission.@Nullable Entry entry) {
        this.environment = environment;
        this.entry = entry;
    }

    /** The session speaks for this principal from now on. */
    void identified(Principal who) {
        Account address = entry == null ? null : entry.address();
        if (address == null) {
            return;
        }
        long nowNs = environment.clock().nowNs();
        Account held = environment.admission().holdUser(who, nowNs);
        principal = who;
        user = held;
        own = TokenBucket.of(environment.limits().rates().session(), nowNs);
        ofUser = held.publishes();
        ofAddress = address.publishes();
        history = held.other();
        hasPublishLimit = own != null || ofUser != null || ofAddress != null;
    }

    /** Whether one record may be published now: null, and then it counts; or why not, see {@link #retryAfterMs}. */
    @Nullable
    ErrorCode publish() {
        return hasPublishLimit ? take(environment.clock().nowNs()) : null;
    }

    private @Nullable ErrorCode take(long nowNs) {
        long ownNs = own == null ? 0 : own.take(nowNs);
        if (ownNs > 0) {
            return refused(ErrorCode.SESSION_RATE, ownNs);
        }
        long userNs = ofUser == null ? 0 : ofUser.take(nowNs);
        if (userNs > 0) {
            return refused(ErrorCode.USER_RATE, userNs);
        }
        long addressNs = ofAddress == null ? 0 : ofAddress.take(nowNs);
        return addressNs > 0 ? refused(ErrorCode.ADDRESS_RATE, addressNs) : null;
    }

    private ErrorCode refused(ErrorCode code, long forNs) {
        refusal = code;
        waitNs = forNs;
        return code;
    }

    /** Whether history may be read now; what it costs is known and charged once it is read. */
    @Nullable
    ErrorCode fetch() {
        long forNs = history == null ? 0 : history.look(environment.clock().nowNs());
        return forNs > 0 ? refused(ErrorCode.HISTORY_RATE, forNs) : null;
    }

    /** So many bytes of history were read. */
    void fetched(int length) {
        if (history != null) {
            history.charge(FETCH_COST_LENGTH + length, environment.clock().nowNs());
        }
    }

    /** How long to wait after a refusal that was just given here; 0 for one that has another cause. */
    int retryAfterMs(ErrorCode code) {
        return code == refusal ? (int) Math.min(Integer.MAX_VALUE, (waitNs + MS_NS - 1) / MS_NS) : 0;
    }

    /**
     * The connection is over. Idempotent.
     *
     * @param failure why the server has ended it; null when it has not, or without an error
     */
    void close(@Nullable ErrorCode failure) {
        boolean isIdle =
                user == null && failure != ErrorCode.POLICY_UNAVAILABLE; // that nobody looked is not the client's doing
        if (user != null && principal != null) {
            environment.admission().letGoUser(principal, user);
            user = null;
        }
        if (entry != null) {
            environment.admission().leave(entry, isIdle, environment.clock().nowNs());
            entry = null;
        }
    }
}
