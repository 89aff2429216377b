package io.freshet.engine.metrics;

import static io.freshet.engine.metrics.Metric.Kind.COUNTER;
import static io.freshet.engine.metrics.Metric.Kind.GAUGE;
import static io.freshet.engine.metrics.Metric.Unit.BYTES;
import static io.freshet.engine.metrics.Metric.Unit.COUNT;

import io.freshet.engine.metrics.Metric.Kind;
import io.freshet.engine.metrics.Metric.Unit;

/** What is counted for each shard, by the reactor that owns it. */
public enum ShardCounter {
    ADMITTED("publishes.admitted", COUNTER, COUNT, "Publishes that were appended to the log"),
    REPEATED("publishes.repeated", COUNTER, COUNT, "Publishes that were known already and answered as the first time"),
    NO_MEMORY("publishes.no.memory", COUNTER, COUNT, "Publishes that were refused, since there was no memory for them"),
    BATCHES("batches", COUNTER, COUNT, "Batches that were appended to the log; each has records of one channel"),
    HELD(
            "batches.held",
            COUNTER,
            COUNT,
            "Batches that were kept open for another cycle, to write to sockets less often"),
    RECENT_EVENTS(
            "events.recent", GAUGE, COUNT, "Checked events that are in memory, since the index may not know them yet"),
    STALE_EVENTS(
            "events.stale",
            COUNTER,
            COUNT,
            "Events whose target was looked up too long ago to decide on them: it is looked up again"),
    APPENDED_BYTES("appended", COUNTER, BYTES, "Bytes of documents that were appended to the log, envelopes included"),
    AWAITING_BYTES("awaiting.commit", GAUGE, BYTES, "Bytes of batches that were appended and wait for a sync"),
    CHANNELS("channels.loaded", GAUGE, COUNT, "Channels whose state is in memory"),
    CHANNEL_LOADS("channel.loads", COUNTER, COUNT, "Channels whose state was loaded"),
    CHANNEL_LOAD_FAILURES("channel.load.failures", COUNTER, COUNT, "Channels whose state could not be loaded"),
    CHANNEL_EVICTIONS("channel.evictions", COUNTER, COUNT, "Idle channels whose state was let go of"),
    SIGNAL_CHANNELS("signal.channels", GAUGE, COUNT, "Channels of which signals, or how many are there, is in memory"),
    SIGNAL_FRAMES("signal.frames", COUNTER, COUNT, "Frames of signals that were made, at most one a channel and tick"),
    SIGNAL_FRAMES_MISSED(
            "signal.frames.missed",
            COUNTER,
            COUNT,
            "Frames of signals that a reactor did not get, since it had not taken those before; the next stands for both"),
    SIGNALS_UNTAKEN(
            "signals.untaken", COUNTER, COUNT, "Signals that a channel's owner dropped, since there were too many"),
    TOTALS_SAVED("totals.saved", COUNTER, COUNT, "Events that say what a channel's counters stand at"),
    CHANNEL_CHANGES("channel.changes", COUNTER, COUNT, "Records that were admitted and say what their channel is"),
    CHANNEL_ENDINGS(
            "channel.endings",
            COUNTER,
            COUNT,
            "Uses of a channel that were ended, since it was deleted or is for others");

    private final String metric;
    private final Kind kind;
    private final Unit unit;
    private final String description;

    ShardCounter(String metric, Kind kind, Unit unit, String description) {
        this.metric = metric;
        this.kind = kind;
        this.unit = unit;
        this.description = description;
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
}
