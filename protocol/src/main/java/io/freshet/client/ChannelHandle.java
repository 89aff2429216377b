package io.freshet.client;

import io.freshet.protocol.v1.Direction;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.CompletionStage;

/** What a user holds of a channel: checks what it is given and hands it to the client's thread. Any thread. */
final class ChannelHandle implements Channel {
    private static final int MAX_KIND = 0xFFFF;

    private final ClientCore core;
    private final ClientChannel channel;
    private final CommandQueue commands;

    ChannelHandle(ClientCore core, ClientChannel channel, CommandQueue commands) {
        this.core = core;
        this.channel = channel;
        this.commands = commands;
    }

    @Override
    public String name() {
        return channel.name();
    }

    @Override
    public CompletionStage<ChannelState> open() {
        return core.request(channel::open);
    }

    @Override
    public CompletionStage<Receipt> publish(byte[] payload) {
        return publish(0, payload);
    }

    @Override
    public CompletionStage<Receipt> publish(int kind, byte[] payload) {
        if (kind < 0 || kind > MAX_KIND) {
            throw new IllegalArgumentException("kind is " + kind + ", it must be from 0 to " + MAX_KIND);
        }
        Publish publish = new Publish(channel, commands, kind, Objects.requireNonNull(payload, "payload"));
        commands.offer(publish);
        return publish;
    }

    @Override
    public CompletionStage<Receipt> publish(String text) {
        return publish(0, text.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public CompletionStage<Subscription> subscribe(Cursor from, RecordHandler handler) {
        return subscribe(from, Delivery.every(), handler);
    }

    @Override
    public CompletionStage<Subscription> subscribe(Cursor from, Delivery delivery, RecordHandler handler) {
        Objects.requireNonNull(from, "from");
        Objects.requireNonNull(delivery, "delivery");
        Objects.requireNonNull(handler, "handler");
        return core.request(request -> channel.subscribe(from, delivery, handler, request));
    }

    @Override
    public Signals signals() {
        return channel.signals().outbox();
    }

    @Override
    public CompletionStage<Page> fetchForward(long fromSequence, int limit) {
        return fetchForward(fromSequence, limit, false);
    }

    @Override
    public CompletionStage<Page> fetchBackward(long fromSequence, int limit) {
        return fetchBackward(fromSequence, limit, false);
    }

    @Override
    public CompletionStage<Page> viewForward(long fromSequence, int limit) {
        return fetchForward(fromSequence, limit, true);
    }

    @Override
    public CompletionStage<Page> viewBackward(long fromSequence, int limit) {
        return fetchBackward(fromSequence, limit, true);
    }

    private CompletionStage<Page> fetchForward(long fromSequence, int limit, boolean hasViews) {
        if (fromSequence < 1) {
            throw new IllegalArgumentException("fromSequence is " + fromSequence + ", it must be at least 1");
        }
        return fetch(Direction.DIRECTION_FORWARD, fromSequence, limit, hasViews);
    }

    private CompletionStage<Page> fetchBackward(long fromSequence, int limit, boolean hasViews) {
        if (fromSequence < 0) {
            throw new IllegalArgumentException("fromSequence is " + fromSequence + ", it must not be negative");
        }
        return fetch(Direction.DIRECTION_BACKWARD, fromSequence, limit, hasViews);
    }

    private CompletionStage<Page> fetch(Direction direction, long fromSequence, int limit, boolean hasViews) {
        if (limit < 1) {
            throw new IllegalArgumentException("limit is " + limit + ", it must be at least 1");
        }
        FetchRequest request = new FetchRequest(commands, channel, direction, fromSequence, limit, hasViews);
        commands.offer(request);
        return request;
    }

    @Override
    public String toString() {
        return "Channel[" + name() + "]";
    }
}
