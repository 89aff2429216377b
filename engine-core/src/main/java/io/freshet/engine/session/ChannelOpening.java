package io.freshet.engine.session;

import io.freshet.engine.channel.KnownAttributes;
import io.freshet.engine.delivery.Feed;
import io.freshet.engine.delivery.Pace;
import io.freshet.engine.delivery.ReaderProxy;
import io.freshet.engine.delivery.Subscription;
import io.freshet.engine.routing.Attachment;
import io.freshet.engine.routing.Producer;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FrameType;
import io.freshet.protocol.v1.Cursor;
import io.freshet.protocol.v1.Open;
import io.freshet.protocol.v1.Opened;
import org.jspecify.annotations.Nullable;

/**
 * The last steps of one OPEN, after the application has let it through: what the channel's shard answers, for a cursor of an older
 * epoch the log, then OPENED. At each the session may have ended, or lost the right. Owned by the session's reactor.
 */
final class ChannelOpening implements Attachment.Listener {
    private final Session session;
    private final SessionEnvironment environment;
    private final SessionChannels channels;
    private final SessionChannel channel;
    private final Open open;
    private final String name;

    ChannelOpening(
            Session session,
            SessionEnvironment environment,
            SessionChannels channels,
            SessionChannel channel,
            Open open,
            String name) {
        this.session = session;
        this.environment = environment;
        this.channels = channels;
        this.channel = channel;
        this.open = open;
        this.name = name;
    }

    @Override
    public void onAttached(
            Producer producer,
            int epoch,
            long head,
            long first,
            int nonceCounter,
            @Nullable KnownAttributes attributes) {
        if (!channels.isCurrent(channel)) {
            channel.gateway().detach(producer);
            environment.feeds().dropInterest(channel.id());
            channels.onLost(open);
            return;
        }
        channel.attached(producer, first);
        Feed feed = channel.feed();
        if (feed != null) {
            environment.feeds().headAtLeast(feed, head);
        }
        Opened.Builder opened = Opened.newBuilder()
                .setRequest(open.getRequest())
                .setChannel(channel.id())
                .setName(name)
                .setEpoch(epoch)
                .setHead(head)
                .setFirst(first)
                .setNonceCounter(nonceCounter)
                .setMayPublish(channel.access().mayPublish())
                .setMaySubscribe(channel.access().maySubscribe());
        if (attributes != null) {
            opened.setAttributes(attributes.message()).setAttributesSequence(attributes.sequence());
        }
        Cursor.After after = open.getCursor().getAfter();
        if (after.getEpoch() == 0 || after.getEpoch() == epoch) {
            start(opened, after.getSequence());
        } else {
            findValid(opened, epoch);
        }
    }

    @Override
    public void onAttachFailed(ErrorCode code) {
        if (!channels.isCurrent(channel)) {
            channels.onLost(open);
        } else if (code == ErrorCode.UNKNOWN_CHANNEL) {
            channels.drop(channel);
            channels.refuseFor(open, code); // as if there were none
        } else {
            channels.drop(channel);
            channels.refuse(open, code, "the channel's state could not be read");
        }
    }

    /** The cursor is of another epoch: what it saw is valid up to where the next epoch begins. */
    private void findValid(Opened.Builder opened, int epoch) {
        Cursor.After after = open.getCursor().getAfter();
        if (after.getEpoch() > epoch) {
            startWithin(opened, 0);
            return;
        }
        environment
                .reader()
                .readValidUpTo(channel.id(), after.getEpoch(), validUpTo -> startWithin(opened, validUpTo), failure -> {
                    if (channels.isCurrent(channel)) {
                        channels.drop(channel);
                        channels.refuse(open, ReaderProxy.codeOf(failure), "the log cannot be read now");
                    } else {
                        channels.onLost(open);
                    }
                });
    }

    private void startWithin(Opened.Builder opened, long validUpTo) {
        if (!channels.isCurrent(channel)) {
            channels.onLost(open);
            return;
        }
        Cursor.After after = open.getCursor().getAfter();
        long valid = Math.min(validUpTo, opened.getHead());
        boolean isBeyond = Long.compareUnsigned(after.getSequence(), valid) > 0;
        start(opened.setValidUpTo(valid), isBeyond ? valid : after.getSequence());
    }

    private void start(Opened.Builder opened, long afterSequence) {
        Feed feed = channel.feed();
        if (feed == null) {
            channel.opened();
            session.send(FrameType.OPENED, opened.build());
            return;
        }
        long head = opened.getHead(); // that of the attributes, though this reactor may have got more since
        if (afterSequence < 0 || afterSequence > head) {
            channels.drop(channel);
            channels.refuse(
                    open,
                    ErrorCode.BEYOND_HEAD,
                    "sequence " + Long.toUnsignedString(afterSequence) + " is beyond the head, " + head);
            return;
        }
        long next = SessionChannel.firstDelivered(open.getCursor(), head, opened.getFirst(), afterSequence);
        channel.opened();
        session.send(FrameType.OPENED, opened.setNext(next).build());
        Pace pace = Pace.of(open.getMode(), open.getRate());
        assert pace != null;
        Subscription subscription =
                feed.subscribe(session, next, pace, open.getCursor().hasLast() ? head : next - 1);
        channel.subscribed(subscription);
        session.becameReady(subscription);
    }
}
