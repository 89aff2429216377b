package io.freshet.benchmarks.load;

import io.freshet.benchmarks.load.Segments.Segment;
import io.freshet.benchmarks.load.Subscription.Role;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * One socket of a load run: a subscriber of some channels, or a publisher. Owned by a load thread.
 *
 * <p>It opens its channels as the {@link Wire} tells it, and is <em>open</em> once all of them are.
 */
@SuppressWarnings("FutureReturnValueIgnored") // failures of a channel come as events of its pipeline
@ChannelHandler.Sharable // one socket at a time, and another one when it comes back
final class Connection extends ChannelInboundHandlerAdapter {
    private final LoadLoop loop;
    private final List<LoadChannel> channels;
    private final List<Outlet> outlets;
    private final ByChannel<Subscription> subscriptions = new ByChannel<>();
    private final List<Subscription> subscribed = new ArrayList<>(1);
    private final ByChannel<Outlet> outletsById = new ByChannel<>();
    private final CounterView counter = new CounterView();
    private final Role role;
    private @Nullable Channel socket;
    private byte[] partial = new byte[0];
    private int partialLength;
    private int askedCount;
    private int openedCount;
    private boolean isOpen;
    private boolean wasOpen;
    private boolean isClosed;
    private boolean isClosing;
    private @Nullable Subscription current;
    private long startNs;
    private long lastSentNs;
    private long lastReceivedNs;
    private long instance;
    private int maxInFlight = Integer.MAX_VALUE;

    private Connection(LoadLoop loop, List<LoadChannel> channels, List<Outlet> outlets, Role role) {
        this.loop = loop;
        this.channels = channels;
        this.outlets = outlets;
        this.role = role;
    }

    static Connection subscriber(LoadLoop loop, List<LoadChannel> channels, Role role) {
        return new Connection(loop, channels, List.of(), role);
    }

    static Connection publisher(LoadLoop loop, List<Outlet> outlets) {
        return new Connection(loop, outlets.stream().map(Outlet::channel).toList(), outlets, Role.FREE);
    }

    LoadLoop loop() {
        return loop;
    }

    Meter meter() {
        return loop.meter();
    }

    /** The channels to be opened, in this order. */
    List<LoadChannel> channels() {
        return channels;
    }

    /** What it was told of its channel's counter. */
    CounterView counter() {
        return counter;
    }

    /** What it publishes through, in the order of the channels; empty for a subscriber. */
    List<Outlet> outlets() {
        return outlets;
    }

    boolean isPublisher() {
        return !outlets.isEmpty();
    }

    /** Whether it reads its channels from their first message on. */
    boolean isFromFirst() {
        return role == Role.FROM_FIRST;
    }

    /** Whether it has been open before, and comes back now. */
    boolean wasOpen() {
        return wasOpen;
    }

    /** The last sequence that a subscriber which comes back has of its {@code index}th channel; negative when it is new. */
    long resumesAfter(int index) {
        return index < subscribed.size() ? subscribed.get(index).lastSequence() : -1;
    }

    boolean isOpen() {
        return isOpen && !isClosed;
    }

    /** How many channels were asked for up to now. */
    int askedCount() {
        return askedCount;
    }

    void asked() {
        askedCount++;
    }

    int openedCount() {
        return openedCount;
    }

    void instance(long value) {
        instance = value;
    }

    long instance() {
        return instance;
    }

    void maxInFlight(int count) {
        maxInFlight = count;
    }

    long lastSentNs() {
        return lastSentNs;
    }

    long lastReceivedNs() {
        return lastReceivedNs;
    }

    void begin(long nowNs) {
        startNs = nowNs;
        lastReceivedNs = nowNs;
    }

    /**
     * The server has opened the {@code index}th channel.
     *
     * @param id what the channel is called on this wire
     * @param head messages that the channel holds already
     */
    void onOpened(int index, long id, long head, long nowNs) {
        LoadChannel channel = channels.get(index);
        if (isPublisher()) {
            Outlet outlet = outlets.get(index);
            int inFlight = Math.min(maxInFlight, loop.maxWindow());
            outlet.open(loop.wire().template(id, loop.payloadLength()), instance, inFlight, head);
            outletsById.put(id, outlet);
        } else if (openedCount >= subscribed.size()) {
            Subscription subscription = loop.subscribe(channel, role, head);
            subscription.begins(head);
            subscriptions.put(id, subscription);
            subscribed.add(subscription);
        }
        if (++openedCount == channels.size()) {
            onAllOpen(nowNs);
        }
    }

    void onAllOpen(long nowNs) {
        isOpen = true;
        loop.meter().onConnected(startNs, nowNs);
        loop.onOpen(this);
        wasOpen = true;
    }

    /** A message of this channel, with its number there if the wire has one; its payload lies at this address. */
    void onMessage(long channelId, long sequence, long payload, int length, long nowNs) {
        Subscription subscription = use(channelId);
        if (subscription == null) {
            loop.meter().stray++;
        } else {
            subscription.onMessage(sequence, payload, length, nowNs);
        }
    }

    /** Messages of this channel will not come, says the server. */
    void onGap(long channelId, long firstSequence, long count) {
        loop.meter().gaps += count;
        Subscription subscription = use(channelId);
        if (subscription != null) {
            subscription.onGap(firstSequence, count);
        }
    }

    /** The subscription that is dealt with from now on; the one before is settled. */
    private @Nullable Subscription use(long channelId) {
        Subscription subscription = subscriptions.find(channelId);
        if (subscription != null && subscription != current) {
            settle();
            current = subscription;
        }
        return subscription;
    }

    /** What it subscribes to, in the order in which it was opened. */
    List<Subscription> subscriptions() {
        return subscribed;
    }

    private void settle() {
        if (current != null) {
            current.settle();
        }
    }

    @Nullable
    Outlet outlet(long channelId) {
        return outletsById.find(channelId);
    }

    /** The socket that it has now, if it has one. */
    @Nullable
    Channel socket() {
        return socket;
    }

    boolean isWritable() {
        Channel channel = socket;
        return channel != null && channel.isWritable() && !isClosed;
    }

    /** Sends what was written into this segment. */
    void send(Segment segment, int length) {
        send(segment.filled(length));
    }

    /** Sends these bytes, which may be changed in place for that. Transfers the buffer. */
    void send(ByteBuf bytes) {
        Channel channel = socket;
        if (channel == null) {
            bytes.release();
            return;
        }
        lastSentNs = loop.nowNs();
        loop.wire().write(channel, bytes);
    }

    /** Stops or begins again to read from the socket. */
    void reads(boolean isReading) {
        if (socket != null) {
            socket.config().setAutoRead(isReading);
        }
    }

    /** Drops the socket as a network that is cut would; the connection may begin again and keeps what it has. */
    void cut() {
        if (isOpen) {
            loop.onCut();
        }
        isOpen = false;
        settle();
        current = null;
        partialLength = 0;
        askedCount = 0;
        openedCount = 0;
        Channel cut = socket;
        socket = null;
        if (cut != null) {
            cut.close();
        }
    }

    /** The server takes nobody now and told when to come again. */
    void comeLater(long delayNs) {
        cut();
        loop.onLater(this, delayNs);
    }

    /** Ends the connection because the run is over. */
    void close() {
        isClosing = true;
        subscribed.forEach(Subscription::leave);
        if (socket != null) {
            socket.close();
        }
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        socket = ctx.channel();
        loop.wire().onConnected(this);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf in = (ByteBuf) message;
        try {
            if (ctx.channel() == socket) {
                long nowNs = loop.readClock();
                lastReceivedNs = nowNs;
                receive(ctx, in, nowNs);
            }
        } finally {
            in.release();
        }
    }

    /** What has passed TLS or Netty's decoder of HTTP lies elsewhere, and comes to where received bytes begin first. */
    private void receive(ChannelHandlerContext ctx, ByteBuf in, long nowNs) {
        ReceiveBuffer received = loop.received();
        if (received.isItself(in)) {
            onBytes(in.readableBytes(), nowNs);
            return;
        }
        while (in.isReadable() && ctx.channel() == socket) {
            onBytes(received.take(in), nowNs);
        }
    }

    private void onBytes(int length, long nowNs) {
        ReceiveBuffer received = loop.received();
        Meter meter = loop.meter();
        meter.reads++;
        meter.bytes += length;
        long from = received.start();
        long end = from + length;
        if (partialLength > 0) {
            from = received.prepend(partial, partialLength);
            partialLength = 0;
        }
        long rest = loop.wire().onBytes(this, from, end, nowNs);
        settle();
        if (rest < end) {
            keep(rest, (int) (end - rest));
        }
    }

    private void keep(long at, int length) {
        if (partial.length < length) {
            partial = new byte[Math.max(length, 2 * partial.length)];
        }
        ReceiveBuffer.save(at, partial, length);
        partialLength = length;
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (ctx.channel() == socket) {
            fail("closed by the server");
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        failOf(ctx, cause);
        ctx.close();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof SslHandshakeCompletionEvent handshake && !handshake.isSuccess()) {
            failOf(ctx, handshake.cause());
        }
    }

    private void failOf(ChannelHandlerContext ctx, Throwable cause) {
        Throwable reason = withoutWrapping(cause);
        boolean isForPeople = reason instanceof WireException || reason instanceof IOException;
        failOf(ctx, isForPeople ? String.valueOf(reason.getMessage()) : reason.toString());
    }

    private static Throwable withoutWrapping(Throwable failure) {
        Throwable cause = failure.getCause();
        boolean isWrapping = failure instanceof DecoderException || failure instanceof SSLException;
        return isWrapping && cause != null ? withoutWrapping(cause) : failure;
    }

    private void failOf(ChannelHandlerContext ctx, String reason) {
        if (ctx.channel() == socket) {
            fail(reason);
        }
    }

    /** The connection cannot be made or used any more. Counted once, and not when this side ends it. */
    void fail(String reason) {
        if (!isClosed) {
            boolean wasOpen = isOpen;
            isClosed = true;
            loop.onClosed(this, wasOpen, isClosing ? null : reason);
        }
    }
}
