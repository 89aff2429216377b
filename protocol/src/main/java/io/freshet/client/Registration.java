package io.freshet.client;

/** What was asked to be told. Any thread. */
public interface Registration extends AutoCloseable {
    /** Nothing more is told, but for what is being told right now. Idempotent. */
    @Override
    void close();
}
