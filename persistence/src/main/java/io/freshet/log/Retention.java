package io.freshet.log;

import java.time.Duration;

/**
 * How long a log is kept. Files go whole, oldest first: a record is kept for at least the age, and until its whole file (an
 * hour of the log) is over it; the file that is appended to never goes for its size.
 *
 * @param age records younger than this are kept, unless the size asks for them; {@link #FOREVER} keeps all
 * @param lengthBytes bytes that the logs of all shards may take together; {@link Long#MAX_VALUE} is no bound
 */
public record Retention(Duration age, long lengthBytes) {
    /** Older than any record. */
    public static final Duration FOREVER = Duration.ofMillis(Long.MAX_VALUE);

    private static final Duration SHORTEST = Duration.ofMinutes(1);
    private static final long SMALLEST_BYTES = 1 << 20;

    /** Nothing goes. */
    public static final Retention NONE = new Retention(FOREVER, Long.MAX_VALUE);

    public Retention {
        if (age.compareTo(SHORTEST) < 0) {
            throw new IllegalArgumentException("retention age is " + age + ", must be " + SHORTEST + " or more");
        }
        if (lengthBytes < SMALLEST_BYTES) {
            throw new IllegalArgumentException(
                    "retention size is " + lengthBytes + " bytes, must be " + SMALLEST_BYTES + " or more");
        }
    }

    /** By both: what is older goes, and the oldest as long as all together are bigger. */
    public static Retention of(Duration age, long lengthBytes) {
        return new Retention(age, lengthBytes);
    }

    /** Whether anything goes at all. */
    public boolean isBounded() {
        return !equals(NONE);
    }

    /** The age in milliseconds; as many as there are when it is longer than can be told. */
    public long ageMs() {
        return age.compareTo(FOREVER) >= 0 ? Long.MAX_VALUE : age.toMillis();
    }
}
