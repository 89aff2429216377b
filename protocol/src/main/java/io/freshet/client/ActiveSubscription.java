package io.freshet.client;

import com.google.protobuf.InvalidProtocolBufferException;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.EventKind;
import io.freshet.protocol.FreshetException;
import io.freshet.protocol.ProtocolException;
import io.freshet.protocol.v1.ChannelAttributes;
import io.freshet.protocol.v1.Open;
import io.freshet.protocol.v1.Opened;
import io.freshet.protocol.v1.Signal;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Where one subscription stands, and the guard of what it delivers: every sequence once, in order, a hole only where the
 * server told of it. Client's thread, except for the public methods.
 */
final class ActiveSubscription implements Subscription {
    private final ClientChannel channel;
    private final ClientCore core;
    private final Cursor first;
    private final Delivery delivery;
    private final RecordHandler handler;
    private final Request<Subscription> request;
    /** Written by the client's thread. 0 until the server has said where the subscription stands. */
    private final AtomicLong nextSequence = new AtomicLong();

    private volatile ChannelState state;
    /** How the server was asked to deliver, and is to be from now on. */
    private Delivery opened;

    private Delivery chosen;
    private boolean isReadingAttributes;
    private boolean isEstablished;
    private boolean isEnded;

    ActiveSubscription(
            ClientChannel channel,
            ClientCore core,
            Cursor first,
            Delivery delivery,
            RecordHandler handler,
            Request<Subscription> request) {
        this.channel = channel;
        this.core = core;
        this.first = first;
        this.delivery = delivery;
        this.handler = handler;
        this.request = request;
        opened = delivery;
        chosen = delivery;
        this.state = new ChannelState(0, channel.name(), 0, 0, 0, false, false);
    }

    @Override
    public ChannelState channel() {
        return state;
    }

    @Override
    public long nextSequence() {
        return nextSequence.get();
    }

    @Override
    public CompletionStage<Void> closeAsync() {
        return core.request(closing -> channel.unsubscribe(this, closing));
    }

    @Override
    public void close() {
        core.await(closeAsync());
    }

    /** Whether the server has opened it at least once. */
    boolean isEstablished() {
        return isEstablished;
    }

    /** Says where to open it now: as the user said at first, and where it stands ever after. */
    void writeTo(Open.Builder open) {
        Cursor cursor = isEstablished ? Cursor.after(nextSequence.getPlain() - 1, state.epoch()) : first;
        open.setCursor(cursor.message());
        chosen.writeTo(open);
        opened = chosen;
    }

    /** Whether it needs to be told the channel's signals. */
    boolean needsSignals() {
        return delivery.isByPace();
    }

    /** Whether it is to be opened anew, to be delivered otherwise. */
    boolean mustReopen() {
        return isEstablished && opened != chosen;
    }

    /**
     * The channel's signals: how fast it goes, and what it is, which a subscription that has skipped it reads; when that fails, with
     * the next signal.
     */
    void onSignal(Signal signal) {
        if (!isEstablished || isEnded) {
            return;
        }
        chosen = delivery.at(signal.getRecordsPerSecond(), chosen);
        long sequence = signal.getAttributesSequence();
        boolean isSkipped = sequence > state.attributesSequence() && sequence < nextSequence.getPlain();
        if (isSkipped && !isReadingAttributes) {
            isReadingAttributes = true;
            CompletionStage<?> unused = core.fetchOne(channel, sequence).whenComplete((page, failure) -> {
                isReadingAttributes = false;
                if (page != null) {
                    page.records().forEach(this::onSkipped);
                }
            });
        }
    }

    private void onSkipped(StoredRecord record) {
        if (!isEnded
                && record.kind() == EventKind.ATTRIBUTES.code()
                && record.isChecked()
                && !record.isErased()
                && record.sequence() > state.attributesSequence()) {
            try {
                state = state.with(ChannelAttributes.parseFrom(record.payload()), record.sequence());
            } catch (InvalidProtocolBufferException e) {
                throw malformedAttributes();
            }
            tellAttributes();
        }
    }

    /**
     * The server has opened it.
     *
     * @throws ProtocolException when it would repeat or skip something
     */
    void onOpened(Opened opened, ChannelState opening) {
        if (isEnded) {
            return;
        }
        long next = opened.getNext();
        long expected = isEstablished ? nextSequence.getPlain() : first.expectedSequence();
        if (expected == 0) {
            expected = next;
        }
        long validUpTo = opened.getValidUpTo();
        boolean isRewound = opened.hasValidUpTo() && validUpTo >= 0 && expected > validUpTo + 1;
        if (isRewound) {
            expected = validUpTo + 1;
        }
        if (next < 1 || next != expected) {
            throw new ProtocolException(
                    ErrorCode.UNEXPECTED_FRAME,
                    "channel " + opening.name() + " was opened at sequence " + Long.toUnsignedString(next)
                            + ", expected " + expected);
        }
        nextSequence.setRelease(expected);
        boolean isOther = isEstablished && opening.attributesSequence() != state.attributesSequence();
        state = opening;
        isEstablished = true;
        request.succeed(this);
        if (isRewound) {
            rewind(opening.epoch(), validUpTo);
        }
        if (isOther) {
            tellAttributes();
        }
    }

    /**
     * Delivers a record. The view is <em>borrowed</em>.
     *
     * @throws ProtocolException when it is not the one that comes next
     */
    void onRecord(RecordView record) {
        if (isEnded) {
            return;
        }
        long sequence = record.sequence();
        long expected = nextSequence.getPlain();
        if (sequence != expected) {
            throw new ProtocolException(
                    ErrorCode.UNEXPECTED_FRAME,
                    "a record of channel " + state.name() + " with sequence " + Long.toUnsignedString(sequence)
                            + ", expected " + expected);
        }
        nextSequence.setRelease(expected + 1);
        if (record.kind() == EventKind.ATTRIBUTES.code()) {
            onAttributes(record);
        }
        core.callbacks().record(handler, record.channelName(state.name()));
    }

    /** Only what the server has checked counts, and only when it is newer than what it told at the opening. */
    private void onAttributes(RecordView record) {
        if (!record.isChecked() || record.isErased() || record.sequence() <= state.attributesSequence()) {
            return;
        }
        try {
            state = state.with(ChannelAttributes.parseFrom(record.payload()), record.sequence());
        } catch (InvalidProtocolBufferException e) {
            throw malformedAttributes();
        }
        tellAttributes();
    }

    private ProtocolException malformedAttributes() {
        return new ProtocolException(
                ErrorCode.MALFORMED, "the attributes of channel " + state.name() + " are no such message");
    }

    private void tellAttributes() {
        ChannelState told = state;
        core.callbacks().run("RecordHandler.onAttributes", () -> handler.onAttributes(told));
    }

    /**
     * Skips what the server said will not come.
     *
     * @throws ProtocolException when it does not begin where the subscription stands
     */
    void onGap(long firstSequence, long count, GapReason reason) {
        if (isEnded) {
            return;
        }
        long expected = nextSequence.getPlain();
        if (firstSequence != expected || count < 1 || firstSequence + count < firstSequence) {
            throw new ProtocolException(
                    ErrorCode.UNEXPECTED_FRAME,
                    "a gap of channel " + state.name() + " from sequence " + Long.toUnsignedString(firstSequence)
                            + " with count " + Long.toUnsignedString(count) + ", expected " + expected);
        }
        nextSequence.setRelease(firstSequence + count);
        core.callbacks().run("RecordHandler.onGap", () -> handler.onGap(firstSequence, count, reason));
    }

    /** The epoch has changed, and what lies beyond {@code validUpTo} with it. */
    void onEpoch(int epoch, long validUpTo, ChannelState changed) {
        state = changed;
        if (validUpTo >= 0 && nextSequence.getPlain() > validUpTo + 1) {
            nextSequence.setRelease(validUpTo + 1);
            rewind(epoch, validUpTo);
        }
    }

    private void rewind(int epoch, long validUpTo) {
        if (!isEnded) {
            core.callbacks().run("RecordHandler.onRewind", () -> handler.onRewind(epoch, validUpTo));
        }
    }

    /** Nothing is delivered any more, and the handler is not told: its user has closed it. */
    void stop() {
        isEnded = true;
    }

    /** Ends it: the user's request fails, or the handler is told. */
    void fail(FreshetException cause) {
        if (!isEnded) {
            isEnded = true;
            if (isEstablished) {
                core.callbacks().run("RecordHandler.onEnd", () -> handler.onEnd(cause));
            } else {
                request.fail(cause);
            }
        }
    }

    /** Ends it because the client was closed: no handler is told. */
    void close(FreshetException cause) {
        isEnded = true;
        request.fail(cause);
    }
}
