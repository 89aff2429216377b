package io.freshet.client;

import io.freshet.protocol.v1.Direction;
import io.freshet.protocol.v1.Fetch;
import java.util.function.Consumer;

/** A page of history that a caller waits for; asked for again on the next session when this one ends. */
final class FetchRequest extends Request<Page> {
    private final Direction direction;
    private final long fromSequence;
    private final int limit;
    private final boolean hasViews;

    /** The number it was sent under; 0 while it is not sent. */
    long requestId;

    FetchRequest(
            CommandQueue commands,
            ClientChannel channel,
            Direction direction,
            long fromSequence,
            int limit,
            boolean hasViews) {
        super(commands, fetch(channel));
        this.direction = direction;
        this.fromSequence = fromSequence;
        this.limit = limit;
        this.hasViews = hasViews;
    }

    private static Consumer<Request<Page>> fetch(ClientChannel channel) {
        return request -> channel.fetch((FetchRequest) request);
    }

    Fetch message(long channelId) {
        return Fetch.newBuilder()
                .setRequest(requestId)
                .setChannel(channelId)
                .setFromSequence(fromSequence)
                .setDirection(direction)
                .setLimit(limit)
                .setViews(hasViews)
                .build();
    }
}
