package io.freshet.benchmarks.baseline;

import io.freshet.benchmarks.baseline.Subscriptions.Subscriber;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the two fan-out servers share: subscribing, writing one buffer to every subscriber of a channel, and one flush for
 * each subscriber that was written to at the end of a connection's reads. Owned by the event loop's thread.
 */
@SuppressWarnings("FutureReturnValueIgnored") // failures of a channel come as events of its pipeline
abstract class FanOutHandler extends RawHandler {
    private final Subscriptions subscriptions;
    private final List<Subscriber> dirty = new ArrayList<>();
    private @Nullable Subscriber self;

    FanOutHandler(Subscriptions subscriptions) {
        this.subscriptions = subscriptions;
    }

    final void subscribe(ChannelHandlerContext ctx, int channel) {
        Subscriber subscriber = self;
        if (subscriber == null) {
            subscriber = new Subscriber(ctx);
            self = subscriber;
        }
        subscriptions.add(channel, subscriber);
        ctx.writeAndFlush(RawFrame.empty(ctx.alloc(), RawFrame.SUBSCRIBED, channel));
    }

    /** Writes the same bytes to all subscribers; the caller transfers {@code bytes}. */
    final void fanOut(int channel, ByteBuf bytes) {
        List<Subscriber> subscribers = subscriptions.of(channel);
        if (subscribers != null) {
            for (int i = 0, count = subscribers.size(); i < count; i++) {
                Subscriber subscriber = subscribers.get(i);
                if (!subscriber.isDirty) {
                    subscriber.isDirty = true;
                    dirty.add(subscriber);
                }
                subscriber.ctx.write(bytes.retainedDuplicate(), subscriber.ctx.voidPromise());
            }
        }
        bytes.release();
    }

    @Override
    public final void channelReadComplete(ChannelHandlerContext ctx) {
        for (int i = 0, count = dirty.size(); i < count; i++) {
            Subscriber subscriber = dirty.get(i);
            subscriber.isDirty = false;
            subscriber.ctx.flush();
        }
        dirty.clear();
    }

    @Override
    public final void channelInactive(ChannelHandlerContext ctx) {
        if (self != null) {
            subscriptions.remove(self);
        }
        super.channelInactive(ctx);
    }
}
