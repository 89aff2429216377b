package io.freshet.engine.session;

import com.google.protobuf.DiscardUnknownFieldsParser;
import com.google.protobuf.Parser;
import io.freshet.engine.delivery.Pace;
import io.freshet.protocol.Frames;
import io.freshet.protocol.ProtocolException;
import io.freshet.protocol.v1.Cursor;
import io.freshet.protocol.v1.Open;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.agrona.collections.Long2ObjectHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The OPENs of one session that the application has not decided yet, by request. Owned by the session's reactor. A session at
 * rest, which has none, holds no table.
 */
final class PendingOpens {
    private static final Parser<Open> PARSER = DiscardUnknownFieldsParser.wrap(Open.parser());

    private @Nullable Long2ObjectHashMap<PendingOpen> byRequest;

    /** An OPEN that the application has not decided yet; compared by identity, since a client may use its number again. */
    static final class PendingOpen {
        final Open open;
        final long deadlineNs;
        /** Whether a revocation came after the application was asked: what it answers may be older than that. */
        boolean isStale;
        /** Nobody waits for the answer any more; read by whoever is about to ask. */
        private volatile boolean isOver;

        PendingOpen(Open open, long deadlineNs) {
            this.open = open;
            this.deadlineNs = deadlineNs;
        }

        /** Whether nobody waits for the answer any more. Any thread. */
        boolean isOver() {
            return isOver;
        }
    }

    /**
     * Reads an OPEN without what nobody knows: it may wait for as long as the application takes, and a frame has room for much.
     *
     * @throws ProtocolException when it is no OPEN
     */
    static Open parse(ByteBuf buffer, int frameIndex, int frameLength) {
        return Frames.parse(PARSER, buffer, frameIndex, frameLength);
    }

    int count() {
        return byRequest == null ? 0 : byRequest.size();
    }

    /** Whether an OPEN has a request number that is free, a target, a mode with its rate, and no cursor that says nothing. */
    boolean isTakeable(Open open) {
        boolean isAsked = byRequest != null && byRequest.containsKey(open.getRequest());
        return open.getRequest() != 0
                && !isAsked
                && open.getTargetCase() != Open.TargetCase.TARGET_NOT_SET
                && Pace.of(open.getMode(), open.getRate()) != null
                && (!open.hasCursor() || open.getCursor().getFromCase() != Cursor.FromCase.FROM_NOT_SET);
    }

    /** Whether this very OPEN still waits. */
    boolean isPending(PendingOpen pending) {
        return byRequest != null && byRequest.get(pending.open.getRequest()) == pending;
    }

    void add(PendingOpen pending) {
        if (byRequest == null) {
            byRequest = new Long2ObjectHashMap<>();
        }
        byRequest.put(pending.open.getRequest(), pending);
    }

    void remove(PendingOpen pending) {
        pending.isOver = true;
        if (byRequest != null && byRequest.remove(pending.open.getRequest()) != null && byRequest.isEmpty()) {
            byRequest = null;
        }
    }

    void clear() {
        if (byRequest != null) {
            byRequest.values().forEach(pending -> pending.isOver = true);
            byRequest = null;
        }
    }

    /** What was answered until now, and has not arrived yet, does not count. */
    void outdate() {
        if (byRequest != null) {
            for (PendingOpen pending : byRequest.values()) {
                pending.isStale = true;
            }
        }
    }

    /** Takes out those whose time is over and hands them on. */
    void expire(long nowNs, Consumer<Open> expired) {
        if (byRequest == null) {
            return;
        }
        List<PendingOpen> late = new ArrayList<>();
        for (PendingOpen pending : byRequest.values()) {
            if (nowNs - pending.deadlineNs >= 0) {
                late.add(pending);
            }
        }
        for (PendingOpen pending : late) {
            remove(pending);
            expired.accept(pending.open);
        }
    }
}
