package io.freshet.client;

import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.EventKind;
import io.freshet.protocol.FreshetException;
import io.freshet.protocol.InboxEvents;
import io.freshet.protocol.v1.ReadMark;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Tells the server what was read: of each channel the highest mark, once a second at most, and again what was not kept; what is left when the client closes. Client's thread. */
final class ReadMarks {
    static final long INTERVAL_NS = TimeUnit.SECONDS.toNanos(1);

    private static final class Mark {
        long wanted;
        long kept;
        long sent;
        boolean isUnderWay;
    }

    private final ClientCore core;
    private final Supplier<Channel> inbox;
    /** Those of the last second. */
    private final Map<Long, Mark> recent = new HashMap<>();

    ReadMarks(ClientCore core, Supplier<Channel> inbox) {
        this.core = core;
        this.inbox = inbox;
        core.onClosing(this::tellRest);
    }

    void mark(long channel, long sequence, Request<Void> request) {
        Mark mark = recent.get(channel);
        if (mark != null) {
            mark.wanted = Math.max(mark.wanted, sequence);
        } else if (recent.size() >= InboxEvents.MARK_COUNT) {
            request.fail(FreshetException.refused(
                    ErrorCode.OVERLOADED,
                    "channels were marked as read faster than " + InboxEvents.MARK_COUNT + " a second",
                    0));
            return;
        } else {
            mark = new Mark();
            mark.wanted = sequence;
            recent.put(channel, mark);
            send(channel, mark);
        }
        request.succeed(null);
    }

    private void send(long channel, Mark mark) {
        publish(channel, mark);
        core.schedule(() -> onTime(channel, mark), INTERVAL_NS);
    }

    /** The client ends: what it has not told yet it tells now. */
    private void tellRest() {
        recent.forEach((channel, mark) -> {
            if (mark.wanted > Math.max(mark.kept, mark.isUnderWay ? mark.sent : 0)) {
                publish(channel, mark);
            }
        });
    }

    private void publish(long channel, Mark mark) {
        long sequence = mark.wanted;
        mark.sent = sequence;
        mark.isUnderWay = true;
        byte[] payload = ReadMark.newBuilder()
                .setChannel(channel)
                .setSequence(sequence)
                .build()
                .toByteArray();
        CompletionStage<Receipt> unused = inbox.get()
                .publish(EventKind.READ.code(), payload)
                .whenComplete((receipt, failure) -> {
                    mark.isUnderWay = false;
                    if (failure == null || !isWorthAnother(failure)) {
                        mark.kept = sequence;
                    }
                });
    }

    /** Whether a request that failed like this may succeed the next time. */
    static boolean isWorthAnother(Throwable failure) {
        Throwable cause = failure instanceof CompletionException wrapped ? wrapped.getCause() : failure;
        return cause instanceof FreshetException named && (named.isRetryable() || named.isOutcomeUnknown());
    }

    private void onTime(long channel, Mark mark) {
        if (mark.isUnderWay) {
            core.schedule(() -> onTime(channel, mark), INTERVAL_NS);
        } else if (mark.wanted > mark.kept) {
            send(channel, mark);
        } else {
            recent.remove(channel);
        }
    }
}
