package io.freshet.engine.metrics;

import io.freshet.engine.metrics.Metric.Kind;

/** What the notifier counts. */
public enum NoticeCounter {
    WRITTEN("notices", Kind.COUNTER, "Notices that were put into inboxes"),
    UNWANTED("notices.unwanted", Kind.COUNTER, "Notices that their user's settings held back"),
    UNSEEN("notices.unseen", Kind.COUNTER, "Notices to users who may not see the channel"),
    ASKED_AGAIN(
            "notices.asked.again",
            Kind.COUNTER,
            "Times that it could not be found out whether a user may see a channel, which is tried again"),
    STRANGERS(
            "notices.strangers",
            Kind.COUNTER,
            "Notices to users without an inbox, whose author's posts had made too many in the last hour"),
    FAILED("notices.failed", Kind.COUNTER, "Posts that were given up, since it could not be found whom they concern"),
    REPEATED(
            "notices.repeated",
            Kind.COUNTER,
            "Notices that were in their inbox already when a post was looked at again"),
    BEYOND_EVERYONE(
            "notices.beyond.everyone",
            Kind.COUNTER,
            "Users who did not hear of a post to everyone or to roles, since these are too many"),
    ROLES_GIVEN_UP(
            "notices.roles.given.up",
            Kind.COUNTER,
            "Roles named in posts whose users were told nothing for it, since nobody said who they are"),
    REFUSED("notices.refused", Kind.COUNTER, "Times that an inbox did not take notices, which are tried again"),
    DROPPED(
            "notices.dropped",
            Kind.COUNTER,
            "Notices that were given up, since their inbox did not take them or nobody said whether they may be seen"),
    WAITING("notices.waiting", Kind.GAUGE, "Notices on their way to an inbox"),
    PUSHED("sinks.notices", Kind.COUNTER, "Notices that were handed to sinks, once for each"),
    PUSH_READ("sinks.read", Kind.COUNTER, "Notices that no sink was given, since their user has read the post"),
    PUSH_UNDISTURBED(
            "sinks.undisturbed",
            Kind.COUNTER,
            "Notices that no sink was given, since their user is not to be disturbed"),
    PUSH_OVERFLOW("sinks.overflow", Kind.COUNTER, "Notices that no sink was given, since too many waited"),
    PUSH_FAILED("sinks.failed", Kind.COUNTER, "Times that a sink threw"),
    PUSH_WAITING("sinks.waiting", Kind.GAUGE, "Notices that wait whether their user reads the post");

    private final String metric;
    private final Kind kind;
    private final String description;

    NoticeCounter(String metric, Kind kind, String description) {
        this.metric = metric;
        this.kind = kind;
        this.description = description;
    }

    String metric() {
        return metric;
    }

    Kind kind() {
        return kind;
    }

    String description() {
        return description;
    }
}
