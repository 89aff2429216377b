package io.freshet.client;

import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FreshetException;
import io.freshet.protocol.ProtocolException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The publishes of one channel that have no receipt: some in flight, the rest waiting behind them. Client's thread.
 *
 * <p>The server accepts exactly the counter that follows the last one it accepted, so a refused publish takes with it all
 * that were sent behind it. Therefore, after a refusal nothing is sent until everything in flight is answered; then {@link
 * #settle} fails what will never be accepted, and the rest is sent again in its order under new counters. So no publish
 * overtakes an earlier one. After a reconnect {@link #onOpened} sorts what is in flight by the counter that the server
 * remembers: up to it the nonce stays and the server answers with the original sequence; above it nothing was processed.
 *
 * <p>After a refusal for now one publish is tried alone, and each receipt lets one more be in flight: as in the slow start of TCP
 * (RFC 5681, 3.1), so that a server that takes little is not sent a whole window each time it may be asked again.
 */
final class PublishWindow {
    private static final long LAST_COUNTER = 0xFFFF_FFFFL;
    private static final int MAX_UNEXPLAINED_JUMPS = 5;
    private static final long NONE = Long.MAX_VALUE;
    private static final int UNBOUNDED = 1 << 30;

    private final Counters counters;
    /** Sent and not answered, ascending by counter. */
    private final PublishList inFlight = new PublishList();
    /** The server has accepted them, and owes their receipts: to be sent as they are before what waits, ascending by counter. */
    private final PublishList toRepeat = new PublishList();
    /** Not sent, or to be sent again under another counter. */
    private final PublishList waiting = new PublishList();

    /** The last counter that the server is known to have accepted. */
    private long acceptedCounter;

    private long nextCounter = 1;
    private int refusedCount;
    /** Of those refused that were not repeats; {@link #NONE} when there is none. */
    private long firstRefusedCounter = NONE;
    /** How many may be in flight since the last refusal for now. */
    private int probeCount = UNBOUNDED;

    PublishWindow(Counters counters) {
        this.counters = counters;
    }

    void add(Publish publish) {
        waiting.add(publish);
    }

    boolean isEmpty() {
        return inFlight.isEmpty() && toRepeat.isEmpty() && waiting.isEmpty();
    }

    /** Whether something was sent that the server owes an answer to. */
    boolean awaitsAnswers() {
        return !inFlight.isEmpty();
    }

    /** Sends what may be sent now: repeats first, then as much of the rest as window and connection take. */
    void send(ServerSession session, long channelId, long nowNs) {
        if (refusedCount > 0) {
            return;
        }
        Publish publish;
        while ((publish = toRepeat.first()) != null && inFlight.count() < probeCount && session.isWritable()) {
            toRepeat.removeAfter(null, publish);
            if (!publish.isGivenUp()) {
                Counters.increment(counters.publishesRepeated);
                inFlight.add(publish);
                session.publish(channelId, publish);
            }
        }
        while (toRepeat.isEmpty()
                && (publish = waiting.first()) != null
                && hasRoom(session.maxInFlight())
                && session.isWritable()) {
            waiting.removeAfter(null, publish);
            if (publish.isGivenUp()) {
                continue;
            }
            FreshetException refusal = localRefusal(publish, session);
            if (refusal != null) {
                publish.fail(refusal);
                continue;
            }
            publish.counter = nextCounter++;
            publish.sentNs = nowNs;
            publish.isRepeat = false;
            inFlight.add(publish);
            session.publish(channelId, publish);
        }
    }

    private boolean hasRoom(int maxInFlight) {
        Publish oldest = inFlight.first();
        return oldest == null || (nextCounter - oldest.counter < maxInFlight && inFlight.count() < probeCount);
    }

    private @Nullable FreshetException localRefusal(Publish publish, ServerSession session) {
        if (publish.payload.length > session.maxPayloadLength()) {
            return FreshetException.refused(
                    ErrorCode.PAYLOAD_TOO_LONG,
                    "a payload of " + publish.payload.length + " bytes; the server's limit is "
                            + session.maxPayloadLength(),
                    0);
        }
        if (nextCounter > LAST_COUNTER) {
            return FreshetException.refused(
                    ErrorCode.LIMIT_REACHED,
                    "this client has used all of its " + LAST_COUNTER + " nonces of the channel; make another client",
                    0);
        }
        return null;
    }

    /**
     * Receipts for consecutive counters that got consecutive sequences. Returns how many were in flight.
     *
     * @throws ProtocolException when one is behind a refused one, which the server must have refused then
     */
    int onPublished(long firstCounter, long count, long channelId, long firstSequence) {
        Publish previous = lastBefore(firstCounter);
        Publish publish = after(previous);
        int answeredCount = 0;
        while (publish != null && publish.counter - firstCounter < count) {
            if (publish.refusal != null || (!publish.isRepeat && publish.counter > firstRefusedCounter)) {
                throw new ProtocolException(
                        ErrorCode.UNEXPECTED_FRAME,
                        "a receipt for counter " + publish.counter + " after a refusal of "
                                + Math.min(firstRefusedCounter, publish.counter));
            }
            inFlight.removeAfter(previous, publish);
            acceptedCounter = Math.max(acceptedCounter, publish.counter);
            publish.succeed(channelId, firstSequence + (publish.counter - firstCounter));
            publish = after(previous);
            answeredCount++;
        }
        probeCount = Math.min(UNBOUNDED, probeCount + answeredCount);
        return answeredCount;
    }

    /** Refusals of consecutive counters. Returns how many were in flight and unanswered. */
    int onRefused(long firstCounter, long count, FreshetException refusal) {
        int answeredCount = 0;
        Publish publish = after(lastBefore(firstCounter));
        for (; publish != null && publish.counter - firstCounter < count; publish = publish.next) {
            if (publish.refusal == null) {
                publish.refusal = refusal;
                refusedCount++;
                answeredCount++;
                if (!publish.isRepeat) {
                    firstRefusedCounter = Math.min(firstRefusedCounter, publish.counter);
                }
            }
        }
        return answeredCount;
    }

    private @Nullable Publish lastBefore(long counter) {
        Publish previous = null;
        for (Publish p = inFlight.first(); p != null && p.counter < counter; p = p.next) {
            previous = p;
        }
        return previous;
    }

    private @Nullable Publish after(@Nullable Publish previous) {
        return previous == null ? inFlight.first() : previous.next;
    }

    /** Whether there were refusals and everything in flight is answered, so that {@link #settle} is due. */
    boolean isSettleable() {
        return refusedCount > 0 && refusedCount == inFlight.count();
    }

    /** Fails what was refused for good and has the rest sent again, in its order. Tells what is to be done first. */
    Settlement settle() {
        PublishList refused = inFlight.takeAll();
        forgetRefusals();
        PublishList again = new PublishList();
        PublishList repeated = new PublishList();
        boolean isFirst = true;
        boolean mustReopen = false;
        FreshetException reasonToWait = null;
        Publish publish;
        while ((publish = refused.poll()) != null) {
            FreshetException refusal = Objects.requireNonNull(publish.refusal);
            publish.refusal = null;
            if (publish.isSettled()) {
                continue;
            }
            boolean isJump = refusal.code() == ErrorCode.NONCE_JUMP;
            boolean isUnexplained = isJump && (isFirst || publish.isRepeat);
            mustReopen |= isUnexplained;
            if (isUnexplained && ++publish.jumpCount > MAX_UNEXPLAINED_JUMPS) {
                publish.fail(publish.isRepeat ? receiptLost(refusal) : refusal);
            } else if (publish.isRepeat) {
                settleRepeat(publish, refusal, repeated);
            } else if (refusal.isRetryable()) {
                again.add(publish);
            } else {
                mustReopen |= refusal.isOutcomeUnknown();
                publish.fail(refusal);
            }
            if (refusal.isRetryable() && !isJump) {
                reasonToWait = refusal;
            }
            isFirst &= publish.isRepeat;
        }
        waiting.prepend(again);
        toRepeat.prepend(repeated);
        nextCounter = acceptedCounter + 1;
        probeCount = reasonToWait == null ? probeCount : 1;
        return new Settlement(reasonToWait, mustReopen);
    }

    /** The server had told that it accepted this one: it keeps its nonce, and is never said to be unprocessed. */
    private static void settleRepeat(Publish publish, FreshetException refusal, PublishList repeated) {
        if (refusal.isRetryable()) {
            repeated.add(publish);
        } else {
            publish.fail(refusal.isOutcomeUnknown() ? refusal : receiptLost(refusal));
        }
    }

    private static FreshetException receiptLost(FreshetException refusal) {
        return FreshetException.refused(
                ErrorCode.OUTCOME_UNKNOWN, "the receipt was lost, and the repeat refused: " + refusal.getMessage(), 0);
    }

    /**
     * The channel is open on a new session (or again on this one), and nothing is answered any more that was sent before.
     *
     * @param nonceCounter the last counter that the server remembers, 0 for none
     * @param nonceMemoryNs how long it remembers; what was sent before that is given up, its outcome is unknown
     */
    void onOpened(long nonceCounter, long nowNs, long nonceMemoryNs) {
        PublishList sent = toRepeat.takeAll();
        sent.prepend(inFlight);
        forgetRefusals();
        PublishList again = new PublishList();
        Publish publish;
        while ((publish = sent.poll()) != null) {
            FreshetException refusal = publish.refusal;
            publish.refusal = null;
            if (publish.isSettled()) {
                continue;
            }
            if (refusal != null && !publish.isRepeat) {
                if (refusal.isRetryable()) {
                    again.add(publish);
                } else {
                    publish.fail(refusal);
                }
            } else if (nowNs - publish.sentNs >= nonceMemoryNs) {
                publish.fail(expired(nonceMemoryNs));
            } else if (publish.counter <= nonceCounter) {
                publish.isRepeat = true;
                toRepeat.add(publish);
            } else {
                Counters.increment(counters.publishesRepeated);
                again.add(publish);
            }
        }
        waiting.prepend(again);
        acceptedCounter = nonceCounter;
        nextCounter = nonceCounter + 1;
    }

    /**
     * Gives up what was sent so long ago that the server may have forgotten it.
     *
     * @param isConnected whether an answer may still come: then only the futures complete, the counters stay in flight
     * @return when to look again, or {@link Long#MAX_VALUE} when nothing is in flight
     */
    long expire(long nowNs, long nonceMemoryNs, boolean isConnected) {
        long inFlightNs = expire(inFlight, nowNs, nonceMemoryNs, isConnected);
        return Math.min(inFlightNs, expire(toRepeat, nowNs, nonceMemoryNs, false));
    }

    private static long expire(PublishList sent, long nowNs, long nonceMemoryNs, boolean isConnected) {
        Publish previous = null;
        Publish publish;
        while ((publish = previous == null ? sent.first() : previous.next) != null) {
            boolean isRefused = publish.refusal != null && !publish.isRepeat;
            if (!isRefused && !publish.isSettled()) {
                if (nowNs - publish.sentNs < nonceMemoryNs) {
                    return publish.sentNs + nonceMemoryNs;
                }
                publish.fail(expired(nonceMemoryNs));
            }
            if (isConnected || isRefused) {
                previous = publish;
            } else {
                sent.removeAfter(previous, publish);
            }
        }
        return Long.MAX_VALUE;
    }

    private static FreshetException expired(long nonceMemoryNs) {
        return FreshetException.refused(
                ErrorCode.OUTCOME_UNKNOWN,
                "no receipt within the " + nonceMemoryNs / 1_000_000 + " ms for which the server remembers a publish",
                0);
    }

    /** Fails everything: what was sent with an outcome unknown (unless it was refused), the rest with the cause itself. */
    void end(FreshetException cause) {
        FreshetException unknown = outcomeUnknown(cause);
        Publish publish;
        while ((publish = inFlight.poll()) != null) {
            FreshetException refusal = publish.refusal;
            publish.fail(refusal != null && !publish.isRepeat ? refusal : unknown);
        }
        forgetRefusals();
        while ((publish = toRepeat.poll()) != null) {
            publish.fail(unknown);
        }
        failWaiting(cause);
    }

    /** After {@link #settle}: fails what the server goes on to refuse for now, and what waits behind it. */
    void giveUp(FreshetException refusal) {
        Publish publish;
        while ((publish = toRepeat.poll()) != null) {
            publish.fail(receiptLost(refusal));
        }
        failWaiting(refusal);
    }

    /** Fails what was not sent, or was refused. */
    void failWaiting(FreshetException cause) {
        Publish publish;
        while ((publish = waiting.poll()) != null) {
            publish.fail(cause);
        }
    }

    private static FreshetException outcomeUnknown(FreshetException cause) {
        return cause.isOutcomeUnknown()
                ? cause
                : new FreshetException(
                        ErrorCode.OUTCOME_UNKNOWN, "sent, and not answered before: " + cause.getMessage(), cause);
    }

    private void forgetRefusals() {
        refusedCount = 0;
        firstRefusedCounter = NONE;
    }

    /**
     * What is to be done before the window sends again.
     *
     * @param reasonToWait a refusal for now, after which to wait; null when there is nothing to wait for
     * @param mustReopen whether the channel is to be opened again, since the server's counter is not known
     */
    record Settlement(@Nullable FreshetException reasonToWait, boolean mustReopen) {}
}
