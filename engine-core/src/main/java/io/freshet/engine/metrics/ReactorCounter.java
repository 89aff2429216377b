package io.freshet.engine.metrics;

import static io.freshet.engine.metrics.Metric.Kind.COUNTER;
import static io.freshet.engine.metrics.Metric.Kind.GAUGE;
import static io.freshet.engine.metrics.Metric.Unit.BYTES;
import static io.freshet.engine.metrics.Metric.Unit.COUNT;
import static io.freshet.engine.metrics.Metric.Unit.SECONDS;

import io.freshet.engine.metrics.Metric.Kind;
import io.freshet.engine.metrics.Metric.Unit;
import java.util.Map;

/** What each reactor counts. What is in seconds is counted in nanoseconds. */
public enum ReactorCounter {
    CONNECTIONS("connections", GAUGE, COUNT, "Connections now, those within the process included"),
    SESSIONS("sessions", GAUGE, COUNT, "Connections that are authenticated"),
    ACCEPTED("connections.accepted", COUNTER, COUNT, "Connections that were accepted"),
    REFUSED_ADDRESSES(
            "connections.refused",
            COUNTER,
            COUNT,
            "Connections that ended before their protocol began",
            "reason",
            "address"),
    REFUSED_PROXY_HEADERS(
            "connections.refused",
            COUNTER,
            COUNT,
            "Connections that ended before their protocol began",
            "reason",
            "proxy_header"),
    REFUSED_TLS_HANDSHAKES(
            "connections.refused",
            COUNTER,
            COUNT,
            "Connections that ended before their protocol began",
            "reason",
            "tls"),
    REFUSED_UPGRADES(
            "connections.refused",
            COUNTER,
            COUNT,
            "Connections that ended before their protocol began",
            "reason",
            "upgrade"),
    AUTHENTICATED("authentications", COUNTER, COUNT, "Answers of the authenticator", "result", "accepted"),
    NOT_AUTHENTICATED("authentications", COUNTER, COUNT, "Answers of the authenticator", "result", "refused"),
    AUTHENTICATION_NS("authentication", COUNTER, SECONDS, "Time until the authenticator had answered, all together"),
    ACCESS_GRANTED("access.decisions", COUNTER, COUNT, "Answers of the access policy to an OPEN", "result", "granted"),
    ACCESS_REFUSED("access.decisions", COUNTER, COUNT, "Answers of the access policy to an OPEN", "result", "refused"),
    QUESTIONS_POSTPONED(
            "questions.postponed",
            COUNTER,
            COUNT,
            "Questions to authenticator and access policy that waited for others of the same address or principal"),
    QUESTIONS_REFUSED(
            "questions.refused",
            COUNTER,
            COUNT,
            "Questions to authenticator and access policy that were not asked since too many waited"),
    OPENS_LIMITED(
            "opens.limited",
            COUNTER,
            COUNT,
            "Opens that were refused because the session has as many channels as it may"),
    ACCESS_NS("access.decision", COUNTER, SECONDS, "Time until the access policy had answered, all together"),
    ACCESS_ASKED_AGAIN("access.asked.again", COUNTER, COUNT, "OPENs that met a revocation and were decided anew"),
    NO_MEMORY("connections.no.memory", COUNTER, COUNT, "Connections that were cut, since there was no memory for them"),
    REVOKED_CHANNELS("revoked.channels", COUNTER, COUNT, "Open channels of sessions that a revocation closed"),
    REVOKED_CONNECTIONS(
            "revoked.connections",
            COUNTER,
            COUNT,
            "Connections that a revocation closed, since they did not take in time what was on its way"),

    READS("reads", COUNTER, COUNT, "Times that bytes were read from a connection"),
    RECEIVED_BYTES("received", COUNTER, BYTES, "Bytes read from connections"),
    RECEIPTS("receipts", COUNTER, COUNT, "Publishes that were acknowledged, repeats included"),

    HELD_PUBLISHES(
            "publishes.held",
            GAUGE,
            COUNT,
            "Publishes that wait in their sender's place for an event to be decided on"),
    EVENTS_LOOKED_UP("events.looked.up", COUNTER, COUNT, "Events of which the target was looked up"),
    EVENTS_LOOKED_UP_AGAIN(
            "events.looked.up.again",
            COUNTER,
            COUNT,
            "Events of which the target was looked up again, since the first answer came too late"),

    SUBSCRIPTIONS_AT_HEAD("subscriptions", GAUGE, COUNT, "Subscriptions by where they stand", "at", "head"),
    SUBSCRIPTIONS_BEHIND("subscriptions", GAUGE, COUNT, "Subscriptions by where they stand", "at", "behind"),
    HEAD_RECORDS(
            "delivered.records", COUNTER, COUNT, "Records given to connections, by where they were", "from", "head"),
    WINDOW_RECORDS(
            "delivered.records", COUNTER, COUNT, "Records given to connections, by where they were", "from", "window"),
    LOG_RECORDS("delivered.records", COUNTER, COUNT, "Records given to connections, by where they were", "from", "log"),
    HEAD_BYTES(
            "delivered", COUNTER, BYTES, "Bytes of records given to connections, by where they were", "from", "head"),
    WINDOW_BYTES(
            "delivered", COUNTER, BYTES, "Bytes of records given to connections, by where they were", "from", "window"),
    LOG_BYTES("delivered", COUNTER, BYTES, "Bytes of records given to connections, by where they were", "from", "log"),
    REPLY_BYTES("replies", COUNTER, BYTES, "Bytes of everything but records given to connections"),
    FLUSHES(
            "flushes",
            COUNTER,
            COUNT,
            "Times that what was given to a connection was flushed, one socket write mostly"),
    WRITES(
            "socket.writes",
            COUNTER,
            COUNT,
            "Times that a socket was given what had been offered since the time before"),

    COLD_READS("cold.reads", COUNTER, COUNT, "Reads of the log for subscriptions that were begun"),
    COLD_READ_FAILURES("cold.read.failures", COUNTER, COUNT, "Reads of the log for subscriptions that failed"),
    COLD_READS_UNDER_WAY("cold.reads.under.way", GAUGE, COUNT, "Reads of the log for subscriptions that are under way"),
    COLD_READS_WAITING("cold.reads.waiting", GAUGE, COUNT, "Subscriptions that wait to have the log read"),
    PAGES("pages", COUNTER, COUNT, "Pages of history that were fetched"),
    FETCHES_LIMITED(
            "fetches.limited",
            COUNTER,
            COUNT,
            "Fetches that were refused because too many were unanswered or too much was read of late"),
    PAGE_BYTES("page", COUNTER, BYTES, "Bytes of records in pages that were fetched"),

    REQUESTS("requests", COUNTER, COUNT, "Calls of services that came"),
    REQUESTS_REFUSED("requests.refused", COUNTER, COUNT, "Calls of services that were not made"),
    REQUESTS_FAILED(
            "requests.failed", COUNTER, COUNT, "Calls of services that were answered with an error, or not in time"),
    REQUESTS_UNDER_WAY("requests.under.way", GAUGE, COUNT, "Calls of services without an answer"),
    PUSHES("pushes", COUNTER, COUNT, "Messages that services pushed to sessions"),
    SIGNALS("signals", COUNTER, COUNT, "Frames of signals that clients sent"),
    SIGNALS_REFUSED("signals.refused", COUNTER, COUNT, "Frames of signals that were refused"),
    SIGNALS_DROPPED(
            "signals.dropped",
            COUNTER,
            COUNT,
            "Signals that were dropped by the sender's reactor, since too many came in one tick"),
    SIGNAL_INCREMENTS("signal.increments", COUNTER, COUNT, "What clients added to counters"),
    SIGNALS_POSTPONED(
            "signals.postponed",
            COUNTER,
            COUNT,
            "Times that what a reactor had collected found no room on its way to a shard and was kept for the next tick"),
    SIGNALS_DELIVERED("signals.delivered", COUNTER, COUNT, "Frames of signals given to connections"),
    SIGNAL_WATCHERS("signal.watchers", GAUGE, COUNT, "Open channels whose signals their session is told"),

    RECENT_BYTES("window", GAUGE, BYTES, "Bytes of batches in the recent window"),
    PINNED_BYTES("pinned", GAUGE, BYTES, "Bytes of older batches that connections hold"),
    OUTBOUND_BYTES("outbound", GAUGE, BYTES, "Bytes that wait in the outbound queues of connections"),
    COMPACTED("compacted.connections", COUNTER, COUNT, "Times that what a connection held was copied to free batches"),

    LANE_BYTES("lanes", GAUGE, BYTES, "Bytes of batches and publishes on their way to other reactors"),
    COALESCED(
            "coalesced.batches", COUNTER, COUNT, "Batches for another reactor that only a mark of the head stands for"),
    MAILBOX_FAILURES("mailbox.failures", COUNTER, COUNT, "Messages to a reactor that failed");

    private final String metric;
    private final Kind kind;
    private final Unit unit;
    private final String description;
    private final String label;
    private final String labelValue;

    ReactorCounter(String metric, Kind kind, Unit unit, String description) {
        this(metric, kind, unit, description, "", "");
    }

    ReactorCounter(String metric, Kind kind, Unit unit, String description, String label, String labelValue) {
        this.metric = metric;
        this.kind = kind;
        this.unit = unit;
        this.description = description;
        this.label = label;
        this.labelValue = labelValue;
    }

    String metric() {
        return metric;
    }

    Kind kind() {
        return kind;
    }

    Unit unit() {
        return unit;
    }

    String description() {
        return description;
    }

    /** Tells it from others that count into the same metric; beside the label that names the reactor. */
    Map<String, String> labels() {
        return label.isEmpty() ? Map.of() : Map.of(label, labelValue);
    }
}
