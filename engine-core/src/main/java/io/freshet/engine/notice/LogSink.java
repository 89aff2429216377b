package io.freshet.engine.notice;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes each notification into the log of the process, a line each. */
public final class LogSink implements NotificationSink {
    private static final Logger LOG = LoggerFactory.getLogger(LogSink.class);

    @Override
    public void deliver(Notification notification) {
        LOG.info(
                "user {} should hear of {}:{}, by {} ({})",
                Long.toUnsignedString(notification.user()),
                notification.channel(),
                notification.sequence(),
                Long.toUnsignedString(notification.author()),
                notification.reason());
    }
}
