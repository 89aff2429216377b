package io.freshet.engine.session;

import io.freshet.engine.Principal;
import io.freshet.engine.chat.ChatEvents;
import io.freshet.engine.chat.ContentWalk;
import io.freshet.engine.chat.EventDraft;
import io.freshet.engine.routing.Producer;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.EventKind;
import io.freshet.protocol.InboxEvents;
import io.freshet.protocol.RecordFrame;
import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one session publishes: the checks that need nobody else, and the way to the shard. What others must be asked about waits, and
 * with it what comes behind it in its channel. Owned by the session's reactor.
 */
final class SessionPublishes {
    /** Bytes that may wait before the session is not read from. */
    private static final int HELD_LENGTH = 64 * 1024;

    /** Bytes at which publishes are refused: one read may still bring as many bytes of the shortest frames, each with what an entry takes. */
    private static final int REFUSED_LENGTH = 5 * HELD_LENGTH;

    /** Look-ups of one session under way at a time. */
    private static final int LOOKUP_COUNT = 8;

    /** Kinds below this and above 0 are Freshet's to say, and those that it does not know are refused. */
    private static final int FIRST_OF_THE_ENGINE = EventKind.ERASURE.code();

    private final Session session;
    private final SessionEnvironment environment;
    private final SessionChannels channels;
    private final SessionAccounts accounts;
    private @Nullable SessionChannel last;
    /** Null in a session that has never had something to wait for. */
    private @Nullable List<HeldPublishes> held;

    private final ArrayDeque<HeldPublishes> wishing = new ArrayDeque<>(0);
    private int heldLength;
    private int lookUpCount;
    private boolean isResuming;

    SessionPublishes(
            Session session, SessionEnvironment environment, SessionChannels channels, SessionAccounts accounts) {
        this.session = session;
        this.environment = environment;
        this.channels = channels;
        this.accounts = accounts;
    }

    void onRecord(int kind, ByteBuf in, int frameIndex, int frameLength) {
        if (RecordFrame.isCanonical(in, frameIndex, frameLength)) {
            publish(kind, in, frameIndex, frameLength);
            return;
        }
        ByteBuf canonical = environment.allocator().directBuffer(frameLength);
        try {
            int length = RecordFrame.reencode(in, frameIndex, frameLength, canonical);
            publish(kind, canonical, 0, length);
        } finally {
            canonical.release();
        }
    }

    private void publish(int kind, ByteBuf in, int frameIndex, int frameLength) {
        long id = RecordFrame.channel(in, frameIndex);
        SessionChannel channel = last;
        if (channel == null || channel.id() != id) {
            channel = channels.find(id);
            last = channel;
        }
        if (channel == null) {
            refuse(id, in, frameIndex, ErrorCode.NOT_OPEN);
            return;
        }
        ErrorCode refusal = refusal(channel, in, frameIndex, frameLength);
        boolean isOpaque = kind == EventKind.MESSAGE.code() || kind >= FIRST_OF_THE_ENGINE;
        if (isOpaque && channel.held() == null) {
            if (refusal == null) {
                handOn(channel, in, frameIndex, frameLength);
            } else {
                refuse(id, in, frameIndex, refusal);
            }
        } else {
            publishEvent(channel, kind, in, frameIndex, frameLength, refusal);
        }
    }

    /** An event, or what comes behind one that waits. */
    private void publishEvent(
            SessionChannel channel,
            int kind,
            ByteBuf in,
            int frameIndex,
            int frameLength,
            @Nullable ErrorCode refused) {
        ErrorCode refusal = refused;
        EventDraft draft = null;
        if (refusal == null && ChatEvents.isChecked(kind)) {
            if (!isPlainPost(kind, in, frameIndex, frameLength)) {
                draft = ChatEvents.draft(in, frameIndex, frameLength, channels.principalId());
                refusal = draft == null ? ErrorCode.INVALID_CONTENT : null;
            }
        } else if (refusal == null) {
            refusal = channel.refusal(kind, isTaken(kind));
        }
        boolean isToBeDecided = draft != null && !draft.isPlain();
        HeldPublishes waiting = channel.held();
        if (waiting == null && isToBeDecided && refusal == null) {
            waiting = hold(channel);
        }
        if (refusal == null && waiting != null && heldLength + frameLength > REFUSED_LENGTH) {
            refusal = ErrorCode.OVERLOADED;
        }
        if (waiting == null) {
            if (refusal == null) {
                handOn(channel, in, frameIndex, frameLength);
            } else {
                refuse(channel.id(), in, frameIndex, refusal);
            }
        } else if (refusal == null) {
            waiting.add(channels.principal(), in, frameIndex, frameLength, isToBeDecided ? draft : null);
        } else {
            waiting.addRefused(RecordFrame.nonce(in, frameIndex), refusal, accounts.retryAfterMs(refusal));
        }
    }

    private static boolean isPlainPost(int kind, ByteBuf in, int frameIndex, int frameLength) {
        int payload = frameIndex + RecordFrame.payloadOffset(in, frameIndex, frameLength);
        return kind == EventKind.POST.code() && ContentWalk.isPlain(in, payload, frameIndex + frameLength);
    }

    /** The application itself may say what it likes. */
    private boolean isTaken(int kind) {
        return kind == EventKind.MESSAGE.code()
                || kind >= FIRST_OF_THE_ENGINE
                || InboxEvents.isOfInboxes(kind) // which its channel has taken
                || channels.principalId() == Principal.SYSTEM.id();
    }

    private HeldPublishes hold(SessionChannel channel) {
        HeldPublishes made = new HeldPublishes(this, channel, session, environment);
        channel.held(made);
        if (held == null) {
            held = new ArrayList<>();
        }
        held.add(made);
        return made;
    }

    private @Nullable ErrorCode refusal(SessionChannel channel, ByteBuf in, int frameIndex, int frameLength) {
        if (!channel.isOpen()) {
            return ErrorCode.NOT_OPEN;
        }
        ErrorCode misplaced = channel.refusal(in, frameIndex, frameLength, channels.principalId());
        if (misplaced != null) {
            return misplaced;
        }
        int payloadLength = frameLength - RecordFrame.payloadOffset(in, frameIndex, frameLength);
        if (payloadLength > environment.limits().payloadLength()) {
            return ErrorCode.PAYLOAD_TOO_LONG;
        }
        return accounts.publish();
    }

    private void refuse(long channel, ByteBuf in, int frameIndex, ErrorCode refusal) {
        session.onRefused(channel, RecordFrame.nonce(in, frameIndex), 1, refusal, accounts.retryAfterMs(refusal));
    }

    /** Gives a publish to the channel's shard, as it is. <em>Borrows</em> the buffer. */
    void handOn(SessionChannel channel, ByteBuf in, int frameIndex, int frameLength) {
        Producer producer = channel.producer();
        assert producer != null;
        ErrorCode refusal = channel.gateway().publish(producer, in, frameIndex, frameLength);
        onGiven(channel);
        if (refusal != null) {
            refuse(channel.id(), in, frameIndex, refusal);
        }
    }

    /** The channel's gateway was given something. */
    void onGiven(SessionChannel channel) {
        if (channel.gateway().isFull()) {
            session.stopReading();
        }
    }

    /** So many publishes more, or less, wait, with so many bytes. */
    void held(int count, int length) {
        heldLength += length;
        environment.checks().held(count);
        if (isFull()) {
            session.stopReading();
        }
    }

    /** Whether so much waits that the session is not to be read from. */
    boolean isFull() {
        return heldLength >= HELD_LENGTH;
    }

    /** Whether a look-up may begin; otherwise it is told when it may. */
    boolean mayLookUp(HeldPublishes wish) {
        if (lookUpCount < LOOKUP_COUNT) {
            lookUpCount++;
            return true;
        }
        if (!wishing.contains(wish)) {
            wishing.addLast(wish);
        }
        return false;
    }

    void lookedUp() {
        lookUpCount--;
        if (isResuming) {
            return;
        }
        isResuming = true;
        for (HeldPublishes next = wishing.pollFirst(); next != null; next = wishing.pollFirst()) {
            next.resume();
            if (lookUpCount == LOOKUP_COUNT) {
                break;
            }
        }
        isResuming = false;
    }

    /** Nothing waits in this channel any more. */
    void letGo(SessionChannel channel) {
        HeldPublishes done = channel.held();
        if (done != null && held != null) {
            held.remove(done);
            channel.held(null);
        }
    }

    void onTimer(long nowNs) {
        if (held != null) {
            List.copyOf(held).forEach(each -> each.onTimer(nowNs));
        }
    }

    /** The channel is not open any more. */
    void drop(SessionChannel channel) {
        if (last == channel) {
            last = null;
        }
        HeldPublishes waiting = channel.held();
        if (waiting != null) {
            letGo(channel);
            waiting.close();
        }
    }
}
