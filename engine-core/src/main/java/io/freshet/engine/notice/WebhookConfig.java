package io.freshet.engine.notice;

import java.net.URI;
import java.time.Duration;
import java.util.Locale;

/**
 * Where a {@link WebhookSink} posts to and how long it tries.
 *
 * @param target an {@code http} or {@code https} address
 * @param secret the key of the signature, 16 bytes or more; copied, and never shown
 * @param capacity notifications that may wait; a further one is dropped and counted
 * @param timeout for one attempt, from the connection to the head of the answer
 * @param attempts for one request, before it is dropped
 * @param backOff before the second attempt, at most; doubled for each further one
 * @param longestBackOff where the doubling ends, also when the server asks for longer
 */
@SuppressWarnings(
        "ArrayRecordComponent") // copied on the way in and out; equality is identity, so that no secret is compared
public record WebhookConfig(
        URI target,
        byte[] secret,
        int capacity,
        Duration timeout,
        int attempts,
        Duration backOff,
        Duration longestBackOff) {
    private static final int LEAST_SECRET_LENGTH = 16;
    private static final int GREATEST_CAPACITY = 1 << 20;
    private static final int GREATEST_ATTEMPTS = 100;

    public WebhookConfig {
        String scheme = target.getScheme() == null ? "" : target.getScheme().toLowerCase(Locale.ROOT);
        check(
                (scheme.equals("http") || scheme.equals("https")) && target.getHost() != null,
                "the address of a webhook begins with http:// or https:// and names a host");
        check(target.getUserInfo() == null, "the address of a webhook has no password in it");
        check(
                secret.length >= LEAST_SECRET_LENGTH,
                "the secret of a webhook has " + LEAST_SECRET_LENGTH + " bytes or more, not " + secret.length);
        check(
                capacity >= 1 && capacity <= GREATEST_CAPACITY,
                "capacity is " + capacity + ", it must be 1 to 1,048,576");
        check(attempts >= 1 && attempts <= GREATEST_ATTEMPTS, "attempts is " + attempts + ", it must be 1 to 100");
        check(
                isPositive(timeout) && isPositive(backOff) && longestBackOff.compareTo(backOff) >= 0,
                "the times of a webhook are above 0, and its longest back-off is not below the first");
        secret = secret.clone();
    }

    /** With 10,000 that wait, 10 seconds for an attempt, and 10 attempts over some ten minutes. */
    public static WebhookConfig of(URI target, byte[] secret) {
        return new WebhookConfig(
                target, secret, 10_000, Duration.ofSeconds(10), 10, Duration.ofSeconds(1), Duration.ofMinutes(2));
    }

    private static boolean isPositive(Duration duration) {
        return !duration.isNegative() && !duration.isZero();
    }

    private static void check(boolean isGood, String otherwise) {
        if (!isGood) {
            throw new IllegalArgumentException(otherwise);
        }
    }

    @Override
    public byte[] secret() {
        return secret.clone();
    }

    @Override
    public boolean equals(Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(this);
    }

    @Override
    public String toString() {
        return "WebhookConfig[" + target.getScheme() + "://" + target.getAuthority() + "]";
    }
}
