package io.freshet.engine.session;

import io.freshet.engine.Principal;
import io.freshet.engine.delivery.Feed;
import io.freshet.engine.delivery.PageRequest;
import io.freshet.engine.delivery.PageResult;
import io.freshet.engine.delivery.Subscription;
import io.freshet.engine.routing.Attachment;
import io.freshet.engine.routing.Producer;
import io.freshet.protocol.ChannelName;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FrameType;
import io.freshet.protocol.Frames;
import io.freshet.protocol.RecordFrame;
import io.freshet.protocol.v1.Close;
import io.freshet.protocol.v1.CloseReason;
import io.freshet.protocol.v1.Closed;
import io.freshet.protocol.v1.Cursor;
import io.freshet.protocol.v1.DeliveryMode;
import io.freshet.protocol.v1.Direction;
import io.freshet.protocol.v1.Fetch;
import io.freshet.protocol.v1.Open;
import io.freshet.protocol.v1.Opened;
import io.freshet.protocol.v1.Page;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import org.agrona.collections.Long2LongHashMap;
import org.agrona.collections.Long2ObjectHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The channels that one session has open: opening them step by step, publishing to them, fetching from them. Owned by the
 * session's reactor.
 *
 * <p>Opening goes: request, {@link Gate} (which channel, what is allowed), the channel's shard (ticket, head), and for a
 * cursor of an older epoch the log; each answer comes back here and may find the session closed.
 */
final class SessionChannels {
    private static final long NO_DEADLINE = Long.MIN_VALUE;

    private final Session session;
    private final SessionEnvironment environment;
    private final Long2ObjectHashMap<SessionChannel> channels = new Long2ObjectHashMap<>();
    private final Long2LongHashMap gateDeadlines = new Long2LongHashMap(NO_DEADLINE);
    private @Nullable SessionChannel lastPublished;
    private @Nullable Principal principal;
    private int instance;
    private int requestCount;
    private boolean isClosed;

    SessionChannels(Session session, SessionEnvironment environment) {
        this.session = session;
        this.environment = environment;
    }

    void instance(int clientInstance) {
        instance = clientInstance;
    }

    void principal(Principal authenticated) {
        principal = authenticated;
    }

    void onRecord(ByteBuf in, int frameIndex, int frameLength) {
        if (RecordFrame.isCanonical(in, frameIndex, frameLength)) {
            publish(in, frameIndex, frameLength);
            return;
        }
        ByteBuf canonical = environment.allocator().directBuffer(frameLength);
        try {
            int length = RecordFrame.reencode(in, frameIndex, frameLength, canonical);
            publish(canonical, 0, length);
        } finally {
            canonical.release();
        }
    }

    private void publish(ByteBuf in, int frameIndex, int frameLength) {
        long id = RecordFrame.channel(in, frameIndex);
        SessionChannel channel = lastPublished;
        if (channel == null || channel.id() != id) {
            channel = channels.get(id);
            lastPublished = channel;
        }
        ErrorCode refusal = publish(channel, in, frameIndex, frameLength);
        if (refusal != null) {
            session.onRefused(id, RecordFrame.nonce(in, frameIndex), 1, refusal);
        }
    }

    private @Nullable ErrorCode publish(@Nullable SessionChannel channel, ByteBuf in, int frameIndex, int frameLength) {
        if (channel == null || !channel.isOpen()) {
            return ErrorCode.NOT_OPEN;
        }
        if (!channel.access().mayPublish()) {
            return ErrorCode.FORBIDDEN;
        }
        int payloadLength = frameLength - RecordFrame.payloadOffset(in, frameIndex, frameLength);
        if (payloadLength > environment.limits().payloadLength()) {
            return ErrorCode.PAYLOAD_TOO_LONG;
        }
        Producer producer = channel.producer();
        assert producer != null;
        ErrorCode refusal = channel.gateway().publish(producer, in, frameIndex, frameLength);
        if (channel.gateway().isFull()) {
            session.stopReading();
        }
        return refusal;
    }

    /** Whether a shard that this session publishes to takes no more at the moment. */
    boolean hasFullGateway() {
        for (SessionChannel channel : channels.values()) {
            if (channel.gateway().isFull()) {
                return true;
            }
        }
        return false;
    }

    void onOpen(ByteBuf buffer, int frameIndex, int frameLength) {
        Open open = Frames.parse(Open.parser(), buffer, frameIndex, frameLength);
        String violation = open.hasName() ? ChannelName.violation(open.getName()) : null;
        if (violation != null) {
            refuse(open, ErrorCode.INVALID_NAME, violation);
        } else if (open.getRequest() == 0
                || open.getTargetCase() == Open.TargetCase.TARGET_NOT_SET
                || open.getMode() != DeliveryMode.DELIVERY_MODE_EVERY
                || (open.hasCursor() && open.getCursor().getFromCase() == Cursor.FromCase.FROM_NOT_SET)
                || gateDeadlines.containsKey(open.getRequest())) {
            refuse(
                    open,
                    ErrorCode.INVALID_ARGUMENT,
                    "OPEN needs a new request number, a target, a known mode and cursor");
        } else if (channels.size() + gateDeadlines.size()
                >= environment.limits().channelCount()) {
            refuse(
                    open,
                    ErrorCode.TOO_MANY_CHANNELS,
                    "a session may have " + environment.limits().channelCount() + " channels open");
        } else {
            askGate(open);
        }
    }

    private void askGate(Open open) {
        Principal authenticated = principal;
        assert authenticated != null;
        gateDeadlines.put(
                open.getRequest(),
                environment.clock().nowNs() + environment.limits().gateTimeoutNs());
        environment
                .gate()
                .open(
                        authenticated,
                        open.getChannel(),
                        open.getName(),
                        open.getCreate(),
                        environment.reactor(),
                        decision -> onDecision(open, decision));
    }

    /** Gives up opens that the application has not decided in time. */
    void onTimer(long nowNs) {
        if (gateDeadlines.isEmpty()) {
            return;
        }
        List<Long> late = new ArrayList<>();
        gateDeadlines.forEachLong((request, deadlineNs) -> {
            if (nowNs - deadlineNs >= 0) {
                late.add(request);
            }
        });
        for (long request : late) {
            gateDeadlines.remove(request);
            session.send(
                    FrameType.ERROR,
                    Errors.ofRequest(request, ErrorCode.POLICY_UNAVAILABLE, "the access policy took too long"));
        }
    }

    private void onDecision(Open open, Gate.Decision decision) {
        boolean isAwaited = gateDeadlines.remove(open.getRequest()) != NO_DEADLINE;
        if (isClosed || !isAwaited) {
            return;
        }
        ErrorCode refusal = refusal(open, decision);
        if (refusal != null) {
            refuse(open, refusal, "open refused: " + refusal);
            return;
        }
        Feed feed = open.hasCursor() ? environment.feeds().acquire(decision.channel()) : null;
        SessionChannel channel = new SessionChannel(
                decision.channel(),
                decision.name(),
                decision.access(),
                session.gateway(decision.channel()),
                open,
                feed);
        channels.put(channel.id(), channel);
        Principal authenticated = principal;
        assert authenticated != null;
        channel.gateway()
                .attach(channel.id(), authenticated.id(), instance, feed != null, session, new Attached(channel));
    }

    private @Nullable ErrorCode refusal(Open open, Gate.Decision decision) {
        if (decision.refusal() != null) {
            return decision.refusal();
        }
        if (channels.containsKey(decision.channel())) {
            return ErrorCode.ALREADY_OPEN;
        }
        return open.hasCursor() && !decision.access().maySubscribe() ? ErrorCode.FORBIDDEN : null;
    }

    /** What the channel's shard answers. */
    private final class Attached implements Attachment.Listener {
        private final SessionChannel channel;

        Attached(SessionChannel channel) {
            this.channel = channel;
        }

        @Override
        public void onAttached(Producer producer, int epoch, long head, long first, int nonceCounter) {
            if (isClosed) {
                channel.gateway().detach(producer);
                return;
            }
            channel.attached(producer, first);
            Feed feed = channel.feed();
            if (feed != null) {
                environment.feeds().headAtLeast(feed, head);
            }
            Opened.Builder opened = Opened.newBuilder()
                    .setRequest(channel.open().getRequest())
                    .setChannel(channel.id())
                    .setName(channel.name())
                    .setEpoch(epoch)
                    .setHead(feed == null ? head : feed.head())
                    .setFirst(first)
                    .setNonceCounter(nonceCounter)
                    .setMayPublish(channel.access().mayPublish())
                    .setMaySubscribe(channel.access().maySubscribe());
            Cursor.After after = channel.open().getCursor().getAfter();
            if (after.getEpoch() == 0 || after.getEpoch() == epoch) {
                SessionChannels.this.start(channel, opened, after.getSequence());
            } else {
                findValid(channel, opened, after, epoch);
            }
        }

        @Override
        public void onAttachFailed(ErrorCode code) {
            if (!isClosed) {
                drop(channel);
                refuse(channel.open(), code, "the channel's state could not be read");
            }
        }
    }

    /** The cursor is of another epoch: what it saw is valid up to where the next epoch begins. */
    private void findValid(SessionChannel channel, Opened.Builder opened, Cursor.After after, int epoch) {
        if (after.getEpoch() > epoch) {
            startWithin(channel, opened, after, 0);
            return;
        }
        environment
                .reader()
                .readValidUpTo(
                        channel.id(),
                        after.getEpoch(),
                        validUpTo -> startWithin(channel, opened, after, validUpTo),
                        failure -> {
                            if (isCurrent(channel)) {
                                drop(channel);
                                refuse(channel.open(), ErrorCode.CHANNEL_UNAVAILABLE, "the log cannot be read");
                            }
                        });
    }

    private void startWithin(SessionChannel channel, Opened.Builder opened, Cursor.After after, long validUpTo) {
        if (isCurrent(channel)) {
            long valid = Math.min(validUpTo, opened.getHead());
            start(channel, opened.setValidUpTo(valid), Math.min(after.getSequence(), valid));
        }
    }

    private boolean isCurrent(SessionChannel channel) {
        return !isClosed && channels.get(channel.id()) == channel;
    }

    private void start(SessionChannel channel, Opened.Builder opened, long afterSequence) {
        Feed feed = channel.feed();
        if (feed == null) {
            channel.opened();
            session.send(FrameType.OPENED, opened.build());
            return;
        }
        long head = feed.head();
        if (afterSequence > head) {
            drop(channel);
            refuse(
                    channel.open(),
                    ErrorCode.BEYOND_HEAD,
                    "sequence " + Long.toUnsignedString(afterSequence) + " is beyond the head, " + head);
            return;
        }
        long next = firstDelivered(channel.open().getCursor(), head, opened.getFirst(), afterSequence);
        channel.opened();
        session.send(FrameType.OPENED, opened.setHead(head).setNext(next).build());
        Subscription subscription = feed.subscribe(session, next);
        channel.subscribed(subscription);
        session.becameReady(subscription);
    }

    private static long firstDelivered(Cursor cursor, long head, long first, long afterSequence) {
        return switch (cursor.getFromCase()) {
            case LAST -> Math.max(first, head + 1 - Integer.toUnsignedLong(cursor.getLast()));
            case AFTER -> afterSequence + 1;
            default -> head + 1;
        };
    }

    private void refuse(Open open, ErrorCode code, String message) {
        session.send(FrameType.ERROR, Errors.ofRequest(open.getRequest(), code, message));
    }

    void onClose(ByteBuf buffer, int frameIndex, int frameLength) {
        Close close = Frames.parse(Close.parser(), buffer, frameIndex, frameLength);
        SessionChannel channel = channels.get(close.getChannel());
        if (channel == null || !channel.isOpen()) {
            session.send(
                    FrameType.ERROR,
                    Errors.ofChannel(close.getChannel(), ErrorCode.NOT_OPEN, "this channel is not open here"));
            return;
        }
        drop(channel);
        session.send(
                FrameType.CLOSED,
                Closed.newBuilder()
                        .setChannel(channel.id())
                        .setReason(CloseReason.CLOSE_REASON_REQUESTED)
                        .build());
    }

    /** Gives back everything that a channel holds, at whatever stage it is. */
    private void drop(SessionChannel channel) {
        channels.remove(channel.id());
        if (lastPublished == channel) {
            lastPublished = null;
        }
        release(channel);
    }

    private void release(SessionChannel channel) {
        Feed feed = channel.feed();
        if (feed != null) {
            Subscription subscription = channel.subscription();
            if (subscription != null) {
                feed.unsubscribe(subscription);
            }
            environment.feeds().letGo(feed);
        }
        Producer producer = channel.producer();
        if (producer != null) {
            channel.gateway().detach(producer);
        }
    }

    void closeAll() {
        isClosed = true;
        lastPublished = null;
        for (SessionChannel channel : channels.values()) {
            release(channel);
        }
        channels.clear();
        gateDeadlines.clear();
    }

    void onFetch(ByteBuf buffer, int frameIndex, int frameLength) {
        Fetch fetch = Frames.parse(Fetch.parser(), buffer, frameIndex, frameLength);
        SessionChannel channel = channels.get(fetch.getChannel());
        if (channel == null || !channel.isOpen()) {
            refuse(fetch, ErrorCode.NOT_OPEN, "this channel is not open here");
        } else if (!channel.access().maySubscribe()) {
            refuse(fetch, ErrorCode.FORBIDDEN, "no permission to read this channel");
        } else if (fetch.getRequest() == 0
                || fetch.getLimit() <= 0
                || fetch.getLimit() > SessionLimits.FETCH_COUNT
                || fetch.getDirection() == Direction.UNRECOGNIZED) {
            refuse(
                    fetch,
                    ErrorCode.INVALID_ARGUMENT,
                    "FETCH needs a request number, a direction and a limit of 1 to " + SessionLimits.FETCH_COUNT);
        } else if (requestCount >= environment.limits().requestCount()) {
            refuse(fetch, ErrorCode.OVERLOADED, "too many requests of this session are unanswered");
        } else {
            requestCount++;
            Producer producer = channel.producer();
            assert producer != null;
            channel.gateway().head(producer, head -> fetch(fetch, channel, head));
        }
    }

    private void fetch(Fetch fetch, SessionChannel channel, long head) {
        if (isClosed) {
            return;
        }
        boolean isBackward = fetch.getDirection() == Direction.DIRECTION_BACKWARD;
        long from = fetch.getFromSequence();
        if (from > head + (isBackward ? 0 : 1) || from < 0) {
            requestCount--;
            refuse(
                    fetch,
                    ErrorCode.BEYOND_HEAD,
                    "sequence " + Long.toUnsignedString(from) + " is beyond the head, " + head);
            return;
        }
        long start = from == 0 ? (isBackward ? head : 1) : from;
        if (head == 0 || start > head) {
            onPage(fetch, new PageResult(com.google.protobuf.ByteString.EMPTY, List.of(), 0));
            return;
        }
        environment
                .reader()
                .readPage(
                        new PageRequest(
                                channel.id(), start, head, channel.firstSequence(), isBackward, fetch.getLimit()),
                        page -> onPage(fetch, page),
                        failure -> {
                            requestCount--;
                            if (!isClosed) {
                                refuse(fetch, ErrorCode.CHANNEL_UNAVAILABLE, "the log cannot be read");
                            }
                        });
    }

    private void onPage(Fetch fetch, PageResult page) {
        requestCount--;
        if (!isClosed) {
            session.send(
                    FrameType.PAGE,
                    Page.newBuilder()
                            .setRequest(fetch.getRequest())
                            .setChannel(fetch.getChannel())
                            .setNextSequence(page.nextSequence())
                            .setRecords(page.records())
                            .addAllGaps(page.gaps())
                            .build());
        }
    }

    private void refuse(Fetch fetch, ErrorCode code, String message) {
        session.send(
                FrameType.ERROR,
                Errors.ofRequest(fetch.getRequest(), code, message).toBuilder()
                        .setChannel(fetch.getChannel())
                        .build());
    }
}
