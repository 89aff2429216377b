package io.freshet.engine.notice;

/** Tells users of what they have not read, by a push service for example. The engine closes it when it ends. */
@FunctionalInterface
public interface NotificationSink extends AutoCloseable {
    /**
     * Takes a notification on. Called on the notifier's thread: it must return at once, and keeps what it cannot send yet in a bound
     * of its own. Each notification comes once while the engine runs; what waits when the process ends does not come again, since the
     * user's inbox has it.
     */
    void deliver(Notification notification);

    /** Notifications that it was given and has given up, for whatever reason. Any thread. */
    default long droppedCount() {
        return 0;
    }

    /** Ends it; what it has not sent may be lost. */
    @Override
    default void close() {}
}
