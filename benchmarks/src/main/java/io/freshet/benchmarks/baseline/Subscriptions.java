package io.freshet.benchmarks.baseline;

import io.netty.channel.ChannelHandlerContext;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Who subscribes to what, in one server. Owned by the event loop's thread. */
final class Subscriptions {
    private final @Nullable List<Subscriber>[] byChannel = newTable();

    @SuppressWarnings({"unchecked", "rawtypes"})
    private static @Nullable List<Subscriber>[] newTable() {
        return new List[RawFrame.CHANNEL_COUNT];
    }

    void add(int channel, Subscriber subscriber) {
        List<Subscriber> subscribers = byChannel[channel];
        if (subscribers == null) {
            subscribers = new ArrayList<>();
            byChannel[channel] = subscribers;
        }
        subscribers.add(subscriber);
        subscriber.channels.add(channel);
    }

    void remove(Subscriber subscriber) {
        for (int channel : subscriber.channels) {
            List<Subscriber> subscribers = byChannel[channel];
            if (subscribers != null) {
                subscribers.remove(subscriber);
            }
        }
    }

    /** The subscribers of a channel, or {@code null} when it never had one. */
    @Nullable
    List<Subscriber> of(int channel) {
        return byChannel[channel];
    }

    /** One connection, as those see it who write to it. */
    static final class Subscriber {
        final ChannelHandlerContext ctx;
        private final List<Integer> channels = new ArrayList<>(2);

        /** Whether something was written to it in this read and not flushed. */
        boolean isDirty;

        Subscriber(ChannelHandlerContext ctx) {
            this.ctx = ctx;
        }
    }
}
