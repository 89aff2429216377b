package io.freshet.engine.session;

import com.google.protobuf.ByteString;
import io.freshet.engine.limit.TokenBucket;
import io.freshet.engine.metrics.ReactorCounter;
import io.freshet.engine.signal.Seat;
import io.freshet.protocol.ChannelName;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FrameType;
import io.freshet.protocol.Frames;
import io.freshet.protocol.SignalFrame;
import io.freshet.protocol.v1.Count;
import io.freshet.protocol.v1.Error;
import io.freshet.protocol.v1.Said;
import io.freshet.protocol.v1.Signal;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What one session says and is not kept: checks it, and hands it to its {@link Seat} in the channel. Of the signals that come too
 * fast in one tick the first is told so. Owned by the session's reactor.
 */
final class SessionSignals {
    private static final long TOLD_NS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long MS_NS = TimeUnit.MILLISECONDS.toNanos(1);

    private final Session session;
    private final SessionEnvironment environment;
    private final SessionChannels channels;
    private @Nullable TokenBucket bucket;
    private boolean hasBucket;
    private boolean hasTold;
    private long toldNs;

    SessionSignals(Session session, SessionEnvironment environment, SessionChannels channels) {
        this.session = session;
        this.environment = environment;
        this.channels = channels;
    }

    void onSignal(ByteBuf buffer, int frameIndex, int frameLength) {
        environment.counters().add(ReactorCounter.SIGNALS, 1);
        if (SignalFrame.isCount(buffer, frameIndex, frameLength)) {
            onCount(buffer, frameIndex, frameLength);
            return;
        }
        Signal signal = Frames.parse(Signal.parser(), buffer, frameIndex, frameLength);
        SessionChannel channel = admit(signal.getChannel());
        if (channel != null) {
            ErrorCode refusal = violation(signal, channel);
            if (refusal == null) {
                refusal = say(signal, channel);
            }
            if (refusal != null) {
                refuse(channel.id(), refusal, 0);
            }
        }
    }

    /** The most frequent of them, without an object. */
    private void onCount(ByteBuf buffer, int frameIndex, int frameLength) {
        SessionChannel channel = admit(SignalFrame.channel(buffer, frameIndex));
        if (channel == null) {
            return;
        }
        long more = SignalFrame.more(buffer, frameIndex, frameLength);
        int nameLength = SignalFrame.nameLength(buffer, frameIndex);
        ErrorCode refusal =
                !channel.access().maySubscribe() && !channel.access().mayPublish()
                        ? ErrorCode.FORBIDDEN
                        : more < 1 || more > SignalFrame.MAX_MORE
                                ? ErrorCode.INVALID_ARGUMENT
                                : seat(channel)
                                        .count(
                                                buffer,
                                                frameIndex + SignalFrame.NAME_OFFSET,
                                                nameLength,
                                                more,
                                                channel.access().mayPublish());
        if (refusal != null) {
            refuse(channel.id(), refusal, 0);
        }
    }

    /** The open channel of a signal that may come now; null when it was refused. */
    private @Nullable SessionChannel admit(long id) {
        long waitNs = waitNs();
        if (waitNs > 0) {
            refuseTooFast(id, waitNs);
            return null;
        }
        SessionChannel channel = channels.open(id);
        if (channel == null) {
            refuse(id, ErrorCode.NOT_OPEN, 0);
        } else if (channel.isInbox()) {
            refuse(id, ErrorCode.FORBIDDEN, 0);
            return null;
        }
        return channel;
    }

    private long waitNs() {
        if (!hasBucket) {
            hasBucket = true;
            bucket = session.isTrusted()
                    ? null
                    : TokenBucket.of(
                            environment.limits().rates().signals(),
                            environment.clock().nowNs());
        }
        return bucket == null ? 0 : bucket.take(environment.clock().nowNs());
    }

    private void refuseTooFast(long id, long waitNs) {
        long nowNs = environment.clock().nowNs();
        if (hasTold && nowNs - toldNs < TOLD_NS) {
            environment.counters().add(ReactorCounter.SIGNALS_REFUSED, 1);
            return;
        }
        hasTold = true;
        toldNs = nowNs;
        refuse(id, ErrorCode.SIGNAL_RATE, (int) Math.min(Integer.MAX_VALUE, (waitNs + MS_NS - 1) / MS_NS));
    }

    private void refuse(long id, ErrorCode code, int retryAfterMs) {
        environment.counters().add(ReactorCounter.SIGNALS_REFUSED, 1);
        Error.Builder error = Errors.ofChannel(id, code, "signal refused: " + code).toBuilder()
                .setSignal(true);
        if (retryAfterMs > 0) {
            error.setRetryAfterMs(retryAfterMs);
        }
        session.send(FrameType.ERROR, error.build());
    }

    /** Why a signal is refused as a whole; null when it is not. */
    private @Nullable ErrorCode violation(Signal signal, SessionChannel channel) {
        boolean isEmpty =
                !signal.hasWatch() && !signal.hasTyping() && signal.getCountsCount() == 0 && signal.getSaidCount() == 0;
        if (isEmpty
                || signal.getCountsCount() > SignalFrame.COUNTER_COUNT
                || signal.getSaidCount() > SignalFrame.SAID_COUNT) {
            return ErrorCode.INVALID_ARGUMENT;
        }
        for (Count count : signal.getCountsList()) {
            int nameLength = count.getNameBytes().size();
            boolean isFitting = session.isTrusted() || count.getMore() <= SignalFrame.MAX_MORE;
            boolean isName = nameLength <= SignalFrame.NAME_LENGTH && ChannelName.violation(count.getName()) == null;
            if (!isName || count.getMore() < 1 || !isFitting) {
                return ErrorCode.INVALID_ARGUMENT;
            }
        }
        for (Said said : signal.getSaidList()) {
            if (said.getBody().size() > SignalFrame.BODY_LENGTH) {
                return ErrorCode.INVALID_ARGUMENT;
            }
        }
        boolean mayRead = channel.access().maySubscribe();
        boolean mayWrite = channel.access().mayPublish();
        boolean isForbidden = (signal.getWatch() && !mayRead)
                || ((signal.getTyping() || signal.getSaidCount() > 0) && !mayWrite)
                || (signal.getCountsCount() > 0 && !mayRead && !mayWrite);
        return isForbidden ? ErrorCode.FORBIDDEN : null;
    }

    private @Nullable ErrorCode say(Signal signal, SessionChannel channel) {
        Seat seat = seat(channel);
        if (signal.hasWatch()) {
            seat.watch(signal.getWatch());
        }
        if (signal.hasTyping()) {
            seat.typing(signal.getTyping());
        }
        ErrorCode refusal = null;
        for (Count count : signal.getCountsList()) {
            ByteString name = count.getNameBytes();
            ErrorCode notCounted = seat.count(
                    Unpooled.wrappedBuffer(name.asReadOnlyByteBuffer()),
                    0,
                    name.size(),
                    count.getMore(),
                    channel.access().mayPublish());
            refusal = refusal == null ? notCounted : refusal;
        }
        for (Said said : signal.getSaidList()) {
            if (!seat.say(said.getKind(), said.getBody())) {
                environment.counters().add(ReactorCounter.SIGNALS_DROPPED, 1);
                refusal = refusal == null ? ErrorCode.SIGNAL_RATE : refusal;
            }
        }
        return refusal;
    }

    private Seat seat(SessionChannel channel) {
        Seat seat = channel.seat();
        if (seat == null) {
            seat = environment.signals().sit(channel.id(), session, channel.subscription(), channels.principalId());
            channel.seat(seat);
        }
        return seat;
    }
}
