package io.freshet.engine;

import io.freshet.engine.notice.NoticePublisher;
import io.freshet.engine.notice.NotificationSink;
import io.freshet.engine.notice.Notifier;
import io.freshet.engine.session.Gate;
import io.freshet.log.Storage;
import java.time.Duration;
import java.util.List;
import org.agrona.concurrent.EpochMicroClock;
import org.agrona.concurrent.NanoClock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who else is told of the notices that come into inboxes: those that the server writes, and those that the application publishes itself.
 *
 * @param sinks told of each notice whose post stays unread; the engine closes them
 * @param unreadFor how long that is
 */
public record Notifications(List<NotificationSink> sinks, Duration unreadFor) {
    private static final Logger LOG = LoggerFactory.getLogger(Notifications.class);
    private static final Duration GREATEST_UNREAD_FOR = Duration.ofHours(1);

    /** Nobody. */
    public static final Notifications NONE = new Notifications(List.of(), Duration.ofSeconds(10));

    public Notifications {
        Checks.inRange("unreadFor", unreadFor, Duration.ZERO, GREATEST_UNREAD_FOR);
        sinks = List.copyOf(sinks);
    }

    /** Who writes notices; before the storage's indexes are brought up to date. */
    static Notifier notifier(
            EngineConfig config,
            Storage storage,
            Gate gate,
            OwnServices services,
            NoticePublisher publisher,
            NanoClock clock,
            EpochMicroClock wallClock) {
        PolicyAudience audience = new PolicyAudience(
                gate, services.presence()::isUndisturbed, config.timeouts().policy());
        Notifications told = config.notifications();
        return new Notifier(storage, audience, publisher, told.sinks, told.unreadFor.toNanos(), clock, wallClock);
    }

    /** Ends every sink; one that throws ends none of the others' end. */
    void close() {
        for (NotificationSink sink : sinks) {
            try {
                sink.close();
            } catch (RuntimeException e) {
                LOG.warn("a notification sink threw as it was closed", e);
            }
        }
    }
}
