package io.freshet.log;

/** What an append has survived once it is called committed. */
public enum Durability {
    /** In the operating system's page cache: survives the death of the process. */
    WRITTEN,
    /** Forced to the device: survives loss of power. */
    SYNCED
}
