package io.freshet.log;

import org.jspecify.annotations.Nullable;

/** A storage that cannot be opened or has failed for good. Its reason says what can be done. */
public final class StorageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Why. */
    public enum Reason {
        /** Another process, or this one, has the directory open. */
        IN_USE,
        /** The directory or a file in it cannot be written. */
        NOT_WRITABLE,
        /** The directory or a file in it cannot be read. */
        NOT_READABLE,
        /** The device has too little room to begin with. */
        NO_SPACE,
        /** The directory was made by another version of the format. */
        WRONG_VERSION,
        /** The directory holds something else; it was left untouched. */
        NOT_FRESHET,
        /** The directory was made with another number of shards. */
        SHARD_COUNT_MISMATCH,
        /** What is stored cannot be read, and not by rebuilding it either. */
        CORRUPT
    }

    private final Reason reason;

    public StorageException(Reason reason, String message) {
        this(reason, message, null);
    }

    public StorageException(Reason reason, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
