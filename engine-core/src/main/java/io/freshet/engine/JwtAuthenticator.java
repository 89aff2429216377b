package io.freshet.engine;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FreshetException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.text.ParseException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Knows clients by signed JSON Web Tokens (RFC 7519): signed with one algorithm that is fixed here and never taken from the token, not
 * expired, valid already, of the issuer and for the audience that are wanted. Any thread.
 *
 * <p>The subject {@code sub} says who it is: a decimal number of up to 18 digits is the principal's id itself, any other text gives an id by its SHA-256. The
 * name is the claim {@code name}, or the subject. {@code exp} must be there and ends the session. A claim {@code addresses}, a list as {@link AddressRanges} reads
 * it, says where the client may connect from.
 */
public final class JwtAuthenticator implements Authenticator {
    private static final Logger LOG = LoggerFactory.getLogger(JwtAuthenticator.class);
    private static final int MAX_NAME_LENGTH = 255;

    private final JWSAlgorithm algorithm;
    private final JwtKeys keys;
    private final @Nullable String issuer;
    private final @Nullable String audience;
    private final Duration clockSkew;
    private final InstantSource clock;

    private JwtAuthenticator(Builder builder, JWSAlgorithm algorithm, JwtKeys keys) {
        this.algorithm = algorithm;
        this.keys = keys;
        issuer = builder.issuer;
        audience = builder.audience;
        clockSkew = builder.clockSkew;
        clock = builder.clock;
    }

    /** Tokens signed with a secret that the issuer shares; HS256 unless told, which needs at least 32 bytes. */
    public static Builder hmac(byte[] secret) {
        return new Builder(secret.clone(), null, "HS256");
    }

    /**
     * Tokens signed with a private key, whose public half is in a file with a JWK set (RFC 7517); RS256 unless told. The file is read
     * again when it has changed, so that keys can rotate.
     */
    public static Builder keySet(Path file) {
        return new Builder(null, Objects.requireNonNull(file, "file"), "RS256");
    }

    @Override
    public Principal authenticate(Credentials credentials) {
        return identify(credentials).principal();
    }

    @Override
    public Identity identify(Credentials credentials) {
        Instant now = clock.instant();
        try {
            return identity(verified(credentials.token(), now), now);
        } catch (RefusedException e) {
            LOG.debug("a token of {} was refused: {}", credentials.remoteAddress(), e.getMessage());
            throw e.isExpired
                    ? new FreshetException(ErrorCode.TOKEN_EXPIRED, "the token has expired")
                    : Authenticator.refused();
        }
    }

    @Override
    public String toString() {
        return "JSON Web Tokens, " + algorithm + (issuer == null ? "" : " of " + issuer); // and no secret
    }

    private JWTClaimsSet verified(byte[] token, Instant now) throws RefusedException {
        try {
            SignedJWT jwt = SignedJWT.parse(new String(token, StandardCharsets.US_ASCII));
            JWSHeader header = jwt.getHeader();
            if (!algorithm.equals(header.getAlgorithm())) {
                throw new RefusedException("it is not signed with " + algorithm);
            }
            for (JWSVerifier verifier : keys.verifiers(header.getKeyID(), now.toEpochMilli())) {
                if (jwt.verify(verifier)) {
                    return jwt.getJWTClaimsSet();
                }
            }
        } catch (ParseException | JOSEException | IllegalArgumentException | IllegalStateException e) {
            throw new RefusedException("it is no signed token"); // the cause might show some of it
        }
        throw new RefusedException("its signature is not that of a known key");
    }

    private Identity identity(JWTClaimsSet claims, Instant now) throws RefusedException {
        Date expires = claims.getExpirationTime();
        Date validFrom = claims.getNotBeforeTime();
        if (expires == null) {
            throw new RefusedException("it does not say when it expires");
        }
        Instant end = expires.toInstant().plus(clockSkew);
        if (!now.isBefore(end)) {
            throw new RefusedException();
        }
        if (validFrom != null && now.isBefore(validFrom.toInstant().minus(clockSkew))) {
            throw new RefusedException("it is not valid yet");
        }
        if (issuer != null && !issuer.equals(claims.getIssuer())) {
            throw new RefusedException("it is of another issuer");
        }
        if (audience != null && !claims.getAudience().contains(audience)) {
            throw new RefusedException("it is for another audience");
        }
        try {
            return new Identity(principal(claims), end, addresses(claims));
        } catch (ParseException | IllegalArgumentException e) {
            throw new RefusedException("a claim of it cannot be used");
        }
    }

    private static Principal principal(JWTClaimsSet claims) throws ParseException, RefusedException {
        String subject = claims.getSubject();
        String name = claims.getStringClaim("name");
        String shown = name == null || name.isEmpty() ? subject : name;
        if (subject == null
                || subject.isEmpty()
                || subject.length() > MAX_NAME_LENGTH
                || shown.length() > MAX_NAME_LENGTH) {
            throw new RefusedException("its subject or name is missing or too long");
        }
        return new Principal(idOf(subject), shown);
    }

    private static long idOf(String subject) {
        if (subject.matches("[1-9][0-9]{0,17}")) {
            return Long.parseLong(subject);
        }
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(subject.getBytes(StandardCharsets.UTF_8));
            return ByteBuffer.wrap(hash).getLong() | Long.MIN_VALUE; // no number that a subject can be
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    private static AddressRanges addresses(JWTClaimsSet claims) throws ParseException {
        List<String> texts = claims.getStringListClaim("addresses");
        if (texts != null && texts.stream().anyMatch(Objects::isNull)) {
            throw new ParseException("an address that is null", 0);
        }
        return texts == null ? AddressRanges.ALL : AddressRanges.of(texts);
    }

    /** Why a token is refused; for the log only. Without a stack, it is the client's doing. */
    private static final class RefusedException extends Exception {
        private static final long serialVersionUID = 1;

        private final boolean isExpired;

        RefusedException(String reason) {
            super(reason, null, false, false);
            isExpired = false;
        }

        /** It was good once. */
        RefusedException() {
            super("it has expired", null, false, false);
            isExpired = true;
        }
    }

    /** Collects the settings of a {@link JwtAuthenticator}. */
    public static final class Builder {
        private static final Duration GREATEST_SKEW = Duration.ofMinutes(5);

        private final byte @Nullable [] secret;
        private final @Nullable Path file;
        private String algorithm;
        private @Nullable String issuer;
        private @Nullable String audience;
        private Duration clockSkew = Duration.ofSeconds(30);
        private InstantSource clock = Clock.systemUTC();

        private Builder(byte @Nullable [] secret, @Nullable Path file, String algorithm) {
            this.secret = secret;
            this.file = file;
            this.algorithm = algorithm;
        }

        /** The one algorithm, by its name in RFC 7518: of the HS family for a secret, of RS, PS or ES for a key set. */
        public Builder algorithm(String name) {
            algorithm = Objects.requireNonNull(name, "name");
            return this;
        }

        /** What {@code iss} must be; anything unless told. */
        public Builder issuer(String wanted) {
            issuer = Objects.requireNonNull(wanted, "wanted");
            return this;
        }

        /** What {@code aud} must name; anything unless told. */
        public Builder audience(String wanted) {
            audience = Objects.requireNonNull(wanted, "wanted");
            return this;
        }

        /** How far the issuer's clock may be off; 30 seconds unless told, 5 minutes at most. */
        public Builder clockSkew(Duration most) {
            Checks.inRange("clockSkew", most, Duration.ZERO, GREATEST_SKEW);
            clockSkew = most;
            return this;
        }

        /** Tells the time; the system's clock unless told. */
        public Builder clock(InstantSource source) {
            clock = Objects.requireNonNull(source, "source");
            return this;
        }

        /**
         * The authenticator, with the keys read.
         *
         * @throws IllegalArgumentException for an algorithm that does not fit, or a secret that is too short for it
         * @throws UncheckedIOException when the file cannot be read or has no key for the algorithm
         */
        public JwtAuthenticator build() {
            JWSAlgorithm wanted = JWSAlgorithm.parse(algorithm);
            boolean isKnown = secret != null
                    ? JWSAlgorithm.Family.HMAC_SHA.contains(wanted)
                    : JWSAlgorithm.Family.RSA.contains(wanted) || JWSAlgorithm.Family.EC.contains(wanted);
            if (!isKnown) {
                throw new IllegalArgumentException(
                        "the algorithm " + algorithm + " does not fit " + (secret != null ? "a secret" : "a key set"));
            }
            try {
                JwtKeys keys = secret != null
                        ? JwtKeys.ofSecret(wanted, secret)
                        : JwtKeys.ofFile(wanted, Objects.requireNonNull(file));
                return new JwtAuthenticator(this, wanted, keys);
            } catch (IOException e) {
                throw new UncheckedIOException("the key set cannot be used: " + e.getMessage(), e);
            }
        }
    }
}
