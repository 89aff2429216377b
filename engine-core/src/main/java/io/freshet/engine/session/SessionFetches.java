package io.freshet.engine.session;

import com.google.protobuf.ByteString;
import io.freshet.engine.delivery.PageRequest;
import io.freshet.engine.delivery.PageResult;
import io.freshet.engine.delivery.ReaderProxy;
import io.freshet.engine.metrics.ReactorCounter;
import io.freshet.engine.routing.Producer;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FrameType;
import io.freshet.protocol.Frames;
import io.freshet.protocol.v1.Direction;
import io.freshet.protocol.v1.Error;
import io.freshet.protocol.v1.Fetch;
import io.freshet.protocol.v1.Page;
import io.freshet.protocol.v1.PostView;
import io.netty.buffer.ByteBuf;
import java.util.List;

/**
 * The pages of history that one session asks for: the channel's owner says where the head is, the reader reads, the answer
 * comes back here and may find the session closed. Owned by the session's reactor.
 */
final class SessionFetches {
    private final Session session;
    private final SessionEnvironment environment;
    private final SessionChannels channels;
    private final SessionAccounts accounts;
    private int requestCount;

    SessionFetches(
            Session session, SessionEnvironment environment, SessionChannels channels, SessionAccounts accounts) {
        this.session = session;
        this.environment = environment;
        this.channels = channels;
        this.accounts = accounts;
    }

    void onFetch(ByteBuf buffer, int frameIndex, int frameLength) {
        Fetch fetch = Frames.parse(Fetch.parser(), buffer, frameIndex, frameLength);
        SessionChannel channel = channels.open(fetch.getChannel());
        if (channel == null) {
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
            limited(fetch, ErrorCode.LIMIT_REACHED, "too many requests of this session are unanswered");
        } else {
            ErrorCode tooMuch = accounts.fetch();
            if (tooMuch == null) {
                ask(fetch, channel);
            } else {
                limited(fetch, tooMuch, "too much history of late");
            }
        }
    }

    private void ask(Fetch fetch, SessionChannel channel) {
        requestCount++;
        Producer producer = channel.producer();
        assert producer != null;
        channel.gateway().head(producer, head -> fetch(fetch, channel, head));
    }

    private void limited(Fetch fetch, ErrorCode code, String message) {
        environment.counters().add(ReactorCounter.FETCHES_LIMITED, 1);
        int retryAfterMs = accounts.retryAfterMs(code);
        Error.Builder error =
                Errors.ofRequest(fetch.getRequest(), code, message).toBuilder().setChannel(fetch.getChannel());
        if (retryAfterMs > 0) {
            error.setRetryAfterMs(retryAfterMs);
        }
        session.send(FrameType.ERROR, error.build());
    }

    private void fetch(Fetch fetch, SessionChannel channel, long head) {
        if (!isStillOpen(fetch, channel)) {
            requestCount--;
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
            long upTo = fetch.getViews() ? head : 0;
            onPage(fetch, channel, new PageResult(ByteString.EMPTY, List.of(), 0, List.of(), upTo, 0));
            return;
        }
        environment
                .reader()
                .readPage(
                        new PageRequest(
                                channel.id(),
                                start,
                                head,
                                channel.firstSequence(),
                                isBackward,
                                fetch.getLimit(),
                                fetch.getViews(),
                                channels.principalId()),
                        page -> onPage(fetch, channel, page),
                        failure -> {
                            requestCount--;
                            if (isStillOpen(fetch, channel)) {
                                refuse(fetch, ReaderProxy.codeOf(failure), "the log cannot be read now");
                            }
                        });
    }

    /** The right to what was asked for may be gone with the opening that it was asked on. */
    private boolean isStillOpen(Fetch fetch, SessionChannel channel) {
        boolean isOpen = channels.open(channel.id()) == channel;
        if (!isOpen && !session.isClosed()) {
            refuse(fetch, ErrorCode.NOT_OPEN, "this channel is not open here any more");
        }
        return isOpen;
    }

    private void onPage(Fetch fetch, SessionChannel channel, PageResult page) {
        requestCount--;
        int length = page.records().size();
        for (PostView view : page.views()) {
            length += view.getSerializedSize();
        }
        accounts.fetched(length + page.followedLength());
        if (!isStillOpen(fetch, channel)) {
            return;
        }
        environment.counters().add(ReactorCounter.PAGES, 1);
        environment.counters().add(ReactorCounter.PAGE_BYTES, length);
        session.send(
                FrameType.PAGE,
                Page.newBuilder()
                        .setRequest(fetch.getRequest())
                        .setChannel(fetch.getChannel())
                        .setNextSequence(page.nextSequence())
                        .setRecords(page.records())
                        .addAllGaps(page.gaps())
                        .addAllViews(page.views())
                        .setViewsUpTo(page.viewsUpTo())
                        .build());
    }

    private void refuse(Fetch fetch, ErrorCode code, String message) {
        session.send(
                FrameType.ERROR,
                Errors.ofRequest(fetch.getRequest(), code, message).toBuilder()
                        .setChannel(fetch.getChannel())
                        .build());
    }
}
