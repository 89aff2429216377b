package io.freshet.log;

import java.time.Duration;
import java.util.Objects;
import java.util.function.LongSupplier;

/** How a storage is laid out and paced. Immutable; built by {@link #builder}, which checks every range by name. */
public final class StorageConfig {
    private static final int KIB = 1024;
    private static final int MIB = 1024 * KIB;

    private final int shardCount;
    private final int maxDocumentLength;
    private final long syncIntervalNs;
    private final long checkpointIntervalNs;
    private final int checkpointRunCount;
    private final long indexMapLength;
    private final long minFreeLength;
    private final int prepareLength;
    private final Retention retention;
    private final long retentionIntervalNs;
    private final LongSupplier epochMsClock;
    private final LongSupplier nanoClock;

    private StorageConfig(Builder builder) {
        shardCount = builder.shardCount;
        maxDocumentLength = builder.maxDocumentLength;
        syncIntervalNs = builder.syncIntervalNs;
        checkpointIntervalNs = builder.checkpointIntervalNs;
        checkpointRunCount = builder.checkpointRunCount;
        indexMapLength = builder.indexMapLength;
        minFreeLength = builder.minFreeLength;
        prepareLength = builder.prepareLength;
        retention = builder.retention;
        retentionIntervalNs = builder.retentionIntervalNs;
        epochMsClock = builder.epochMsClock;
        nanoClock = builder.nanoClock;
    }

    public static Builder builder() {
        return new Builder();
    }

    /** A storage with every value at its default. */
    public static StorageConfig defaults() {
        return builder().build();
    }

    public int shardCount() {
        return shardCount;
    }

    public int maxDocumentLength() {
        return maxDocumentLength;
    }

    public long syncIntervalNs() {
        return syncIntervalNs;
    }

    public long checkpointIntervalNs() {
        return checkpointIntervalNs;
    }

    public int checkpointRunCount() {
        return checkpointRunCount;
    }

    public long indexMapLength() {
        return indexMapLength;
    }

    public long minFreeLength() {
        return minFreeLength;
    }

    public int prepareLength() {
        return prepareLength;
    }

    public Retention retention() {
        return retention;
    }

    public long retentionIntervalNs() {
        return retentionIntervalNs;
    }

    public LongSupplier epochMsClock() {
        return epochMsClock;
    }

    public LongSupplier nanoClock() {
        return nanoClock;
    }

    /** Collects the values; not thread-safe. */
    public static final class Builder {
        private int shardCount = 4;
        private int maxDocumentLength = MIB;
        private long syncIntervalNs = Duration.ofSeconds(1).toNanos();
        private long checkpointIntervalNs = Duration.ofMillis(200).toNanos();
        private int checkpointRunCount = 100_000;
        private long indexMapLength = 64L * MIB;
        private long minFreeLength = 256L * MIB;
        private int prepareLength = 8 * MIB;
        private Retention retention = Retention.NONE;
        private long retentionIntervalNs = Duration.ofSeconds(30).toNanos();
        private LongSupplier epochMsClock = System::currentTimeMillis;
        private LongSupplier nanoClock = System::nanoTime;

        private Builder() {}

        /** Slices of the channel space, each with a log of its own: a power of two up to 64; fixed for a directory. */
        public Builder shardCount(int shardCount) {
            check(
                    Integer.bitCount(shardCount) == 1 && shardCount <= 64,
                    "shardCount",
                    shardCount,
                    "a power of two, 1..64");
            this.shardCount = shardCount;
            return this;
        }

        /** Longest document, envelope included: 4 KiB to 8 MiB. */
        public Builder maxDocumentLength(int maxDocumentLength) {
            checkRange(maxDocumentLength, 4 * KIB, 8 * MIB, "maxDocumentLength");
            this.maxDocumentLength = maxDocumentLength;
            return this;
        }

        /** How long what nobody waits for stays unsynced: 1 ms to 1 minute. */
        public Builder syncInterval(Duration interval) {
            syncIntervalNs = checkDuration(interval, "syncInterval");
            return this;
        }

        /** How far the index may lag behind what is synced: 1 ms to 1 minute. */
        public Builder checkpointInterval(Duration interval) {
            checkpointIntervalNs = checkDuration(interval, "checkpointInterval");
            return this;
        }

        /** After how many runs the index makes a checkpoint before its time: 1 to 1,000,000. */
        public Builder checkpointRunCount(int count) {
            checkRange(count, 1, 1_000_000, "checkpointRunCount");
            this.checkpointRunCount = count;
            return this;
        }

        /** Bytes of address space that each index starts with; doubled whenever it is full: 1 MiB to 1 TiB. */
        public Builder indexMapLength(long length) {
            checkRange(length, MIB, 1L << 40, "indexMapLength");
            this.indexMapLength = length;
            return this;
        }

        /** Below this many usable bytes on the device appends are refused with NO_SPACE: 0 to 1 TiB. */
        public Builder minFreeLength(long length) {
            checkRange(length, 0, 1L << 40, "minFreeLength");
            this.minFreeLength = length;
            return this;
        }

        /** Bytes of each log that are allocated and faulted in ahead of the appender: 64 KiB to 64 MiB. */
        public Builder prepareLength(int length) {
            checkRange(length, 64 * KIB, 64 * MIB, "prepareLength");
            this.prepareLength = length;
            return this;
        }

        /** What is kept of the logs; everything unless told. */
        public Builder retention(Retention kept) {
            this.retention = Objects.requireNonNull(kept, "kept");
            return this;
        }

        /** How often it is looked what is to go: 1 ms to 1 minute. */
        public Builder retentionInterval(Duration interval) {
            retentionIntervalNs = checkDuration(interval, "retentionInterval");
            return this;
        }

        /** Milliseconds since 1970: it names roll files. */
        public Builder epochMsClock(LongSupplier clock) {
            this.epochMsClock = clock;
            return this;
        }

        /** Nanoseconds from any origin: it paces syncs and checkpoints. */
        public Builder nanoClock(LongSupplier clock) {
            this.nanoClock = clock;
            return this;
        }

        public StorageConfig build() {
            return new StorageConfig(this);
        }

        private static long checkDuration(Duration duration, String name) {
            check(
                    duration.compareTo(Duration.ofMillis(1)) >= 0 && duration.compareTo(Duration.ofMinutes(1)) <= 0,
                    name,
                    duration,
                    "1 ms to 1 minute");
            return duration.toNanos();
        }

        private static void checkRange(long value, long min, long max, String name) {
            check(value >= min && value <= max, name, value, min + ".." + max);
        }

        private static void check(boolean isInRange, String name, Object value, String range) {
            if (!isInRange) {
                throw new IllegalArgumentException(name + " is " + value + ", must be " + range);
            }
        }
    }
}
