package io.freshet.engine.metrics;

import static io.freshet.engine.metrics.ReactorCounter.ACCESS_GRANTED;
import static io.freshet.engine.metrics.ReactorCounter.ACCESS_NS;
import static io.freshet.engine.metrics.ReactorCounter.ACCESS_REFUSED;
import static io.freshet.engine.metrics.ReactorCounter.AUTHENTICATED;
import static io.freshet.engine.metrics.ReactorCounter.AUTHENTICATION_NS;
import static io.freshet.engine.metrics.ReactorCounter.NOT_AUTHENTICATED;

import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.v1.GapReason;
import org.agrona.concurrent.NanoClock;

/** What one reactor counts. Written by the reactor's thread, read by any. */
public final class ReactorCounters {
    private final Counters<ReactorCounter> counts = new Counters<>(ReactorCounter.class);
    private final Counters<ErrorCode> refusals = new Counters<>(ErrorCode.class);
    private final Counters<CloseReason> closes = new Counters<>(CloseReason.class);
    private final Counters<ErrorCode> failures = new Counters<>(ErrorCode.class);
    private final Counters<GapReason> gaps = new Counters<>(GapReason.class);
    private final Counters<GapReason> gapRecords = new Counters<>(GapReason.class);
    private final DurationHistogram dutyCycles;
    private final DurationHistogram polls;
    private final DurationHistogram flushDurations;
    private final DurationHistogram requests;

    /** Why a connection ended without an error. */
    public enum CloseReason {
        /** The client closed it, or the network did. */
        PEER,
        /** The engine did, as it was asked to. */
        SERVER
    }

    /** @param clock what readers go by */
    public ReactorCounters(NanoClock clock) {
        dutyCycles = new DurationHistogram(clock);
        polls = new DurationHistogram(clock);
        flushDurations = new DurationHistogram(clock);
        requests = new DurationHistogram(clock);
    }

    public void add(ReactorCounter counter, long amount) {
        counts.add(counter, amount);
    }

    public void set(ReactorCounter counter, long value) {
        counts.set(counter, value);
    }

    public long value(ReactorCounter counter) {
        return counts.value(counter);
    }

    /** The authenticator answered. */
    public void authenticated(boolean isAccepted, long durationNs) {
        counts.add(isAccepted ? AUTHENTICATED : NOT_AUTHENTICATED, 1);
        counts.add(AUTHENTICATION_NS, durationNs);
    }

    /** The access policy answered. */
    public void decided(boolean isGranted, long durationNs) {
        counts.add(isGranted ? ACCESS_GRANTED : ACCESS_REFUSED, 1);
        counts.add(ACCESS_NS, durationNs);
    }

    /** Publishes were refused. */
    public void refused(ErrorCode code, int count) {
        refusals.add(code, count);
    }

    /** A connection ended without an error. */
    public void closed(CloseReason reason) {
        closes.add(reason, 1);
    }

    /** A connection ended with an error. */
    public void failed(ErrorCode code) {
        failures.add(code, 1);
    }

    /** A subscription was told of records that it will not get. */
    public void skipped(GapReason reason, long recordCount) {
        gaps.add(reason, 1);
        gapRecords.add(reason, recordCount);
    }

    /** How long the duty cycle takes when it has something to do, without its wait. */
    public DurationHistogram dutyCycles() {
        return dutyCycles;
    }

    /** How long a duty cycle's reads and what they lead to at once take, from the first frame on. */
    public DurationHistogram polls() {
        return polls;
    }

    /** How long a duty cycle's writes to all connections take. */
    public DurationHistogram flushDurations() {
        return flushDurations;
    }

    /** How long services take for an answer, as the reactor sees it. */
    public DurationHistogram requests() {
        return requests;
    }

    long refusals(ErrorCode code) {
        return refusals.value(code);
    }

    long closes(CloseReason reason) {
        return closes.value(reason);
    }

    long failures(ErrorCode code) {
        return failures.value(code);
    }

    long gaps(GapReason reason) {
        return gaps.value(reason);
    }

    long gapRecords(GapReason reason) {
        return gapRecords.value(reason);
    }
}
