package io.freshet.engine.session;

import com.google.protobuf.ByteString;
import io.freshet.engine.Credentials;
import io.freshet.engine.Identity;
import io.freshet.engine.Principal;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FrameType;
import io.freshet.protocol.v1.Renew;
import io.freshet.protocol.v1.Renewed;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Who a session speaks for, and until when: what CONNECT has shown, and each RENEW after it. A class of its own because a session may change the one
 * without the other. Owned by the reactor's thread.
 */
final class SessionIdentity {
    private static final long NEVER_US = Long.MAX_VALUE;

    private final Session session;
    private final SessionEnvironment environment;
    private @Nullable Principal principal;
    private long expiresUs = NEVER_US;
    private boolean isRenewing;
    private long renewRequest;
    private long renewDeadlineNs;
    /** Of the last RENEW that was asked: what is answered to one before is too late. */
    private int renewNumber;

    SessionIdentity(Session session, SessionEnvironment environment) {
        this.session = session;
        this.environment = environment;
    }

    /** The application vouches for this principal, for ever. */
    void trust(Principal other) {
        principal = other;
        session.welcome(other, 0);
    }

    /** Asks who shows this token; the session is told, unless it is over by then. */
    void authenticate(ByteString token) {
        long askedNs = environment.clock().nowNs();
        ask(token, answer -> {
            if (session.isAuthenticating()) {
                onAuthenticated(answer, askedNs);
            }
        });
    }

    private void ask(ByteString token, Consumer<Gate.Answer> onAnswer) {
        Credentials credentials = new Credentials(
                token.toByteArray(),
                session.connection().remoteAddress(),
                session.connection().address());
        environment.gate().authenticate(credentials, environment, onAnswer);
    }

    private void onAuthenticated(Gate.Answer answer, long askedNs) {
        ErrorCode refusal = take(answer, askedNs);
        Principal found = principal;
        if (refusal != null || found == null) {
            ErrorCode code = refusal == null ? ErrorCode.INTERNAL : refusal;
            session.fail(code, reason(code));
        } else {
            session.welcome(found, expiresInMs());
        }
    }

    /** Takes over who it is and until when; or says why not. */
    private @Nullable ErrorCode take(Gate.Answer answer, long askedNs) {
        ErrorCode refusal = refusal(answer);
        environment
                .counters()
                .authenticated(refusal == null, environment.clock().nowNs() - askedNs);
        Identity identity = answer.identity();
        if (refusal == null && identity != null) {
            principal = identity.principal();
            expiresUs = expiresUs(identity);
        }
        return refusal;
    }

    private @Nullable ErrorCode refusal(Gate.Answer answer) {
        Identity identity = answer.identity();
        if (identity == null) {
            return answer.refusal() == null ? ErrorCode.INTERNAL : answer.refusal();
        }
        if (principal != null && principal.id() != identity.principal().id()) {
            return ErrorCode.UNAUTHENTICATED; // a session does not change whom it speaks for
        }
        return expiresUs(identity) <= environment.clock().nowUs() ? ErrorCode.TOKEN_EXPIRED : null;
    }

    private static long expiresUs(Identity identity) {
        Instant moment = identity.expiresAt();
        if (moment == null) {
            return NEVER_US;
        }
        long seconds = Math.min(moment.getEpochSecond(), TimeUnit.MICROSECONDS.toSeconds(NEVER_US) - 1);
        return TimeUnit.SECONDS.toMicros(seconds) + TimeUnit.NANOSECONDS.toMicros(moment.getNano());
    }

    private static String reason(ErrorCode code) {
        return switch (code) {
            case UNAUTHENTICATED -> "the token was refused";
            case TOKEN_EXPIRED -> "the token has expired";
            case ADDRESS_NOT_ALLOWED -> "this principal may not connect from here";
            default -> "authentication: " + code;
        };
    }

    /** For how long the token is still good; 0: it never expires. */
    private long expiresInMs() {
        if (expiresUs == NEVER_US) {
            return 0;
        }
        long leftUs = expiresUs - environment.clock().nowUs();
        return Math.max(1, TimeUnit.MICROSECONDS.toMillis(leftUs));
    }

    /** The client shows a newer token. One at a time: asking costs more than refusing. */
    void onRenew(Renew renew) {
        if (renew.getRequest() == 0 || renew.getToken().size() > SessionLimits.TOKEN_LENGTH) {
            refuse(
                    renew.getRequest(),
                    ErrorCode.INVALID_ARGUMENT,
                    "a RENEW with request 0, or a token of more than " + SessionLimits.TOKEN_LENGTH + " bytes");
            return;
        }
        if (isRenewing) {
            refuse(renew.getRequest(), ErrorCode.LIMIT_REACHED, "a RENEW is not answered yet");
            return;
        }
        long askedNs = environment.clock().nowNs();
        isRenewing = true;
        renewRequest = renew.getRequest();
        renewDeadlineNs = askedNs + environment.limits().gateTimeoutNs();
        renewNumber++;
        int number = renewNumber;
        ask(renew.getToken(), answer -> {
            if (isRenewing && number == renewNumber && session.isReady()) {
                isRenewing = false;
                onRenewed(renew.getRequest(), answer, askedNs);
            }
        });
    }

    /** Gives up a RENEW that the application has not decided in time. */
    void onTimer(long nowNs) {
        if (isRenewing && nowNs - renewDeadlineNs >= 0) {
            isRenewing = false;
            environment.counters().authenticated(false, environment.limits().gateTimeoutNs());
            refuse(renewRequest, ErrorCode.POLICY_UNAVAILABLE, "authentication took too long");
        }
    }

    private void onRenewed(long request, Gate.Answer answer, long askedNs) {
        ErrorCode refusal = take(answer, askedNs);
        if (refusal != null) {
            refuse(request, refusal, reason(refusal));
        } else {
            session.send(
                    FrameType.RENEWED,
                    Renewed.newBuilder()
                            .setRequest(request)
                            .setTokenExpiresInMs(expiresInMs())
                            .build());
        }
    }

    private void refuse(long request, ErrorCode code, String message) {
        session.send(FrameType.ERROR, Errors.ofRequest(request, code, message));
    }

    /** Whether the time of the last token is over. */
    boolean isExpired() {
        return expiresUs != NEVER_US && environment.clock().nowUs() >= expiresUs;
    }
}
