package io.freshet.engine.transport;

import io.freshet.engine.metrics.ReactorCounter;
import io.freshet.engine.metrics.ReactorCounters;
import io.freshet.engine.transport.UpgradeRequest.Refusal;
import io.freshet.protocol.Connection;
import io.freshet.protocol.ConnectionHandler;
import io.freshet.protocol.ErrorCode;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.NotSslRecordException;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A socket, as a {@link Connection} of its reactor. Owned by the loop's thread. */
@SuppressWarnings("FutureReturnValueIgnored") // failures of a channel come as events of its pipeline
final class NettyConnection extends ChannelInboundHandlerAdapter implements Connection {
    private static final Logger LOG = LoggerFactory.getLogger(NettyConnection.class);

    /** How long a peer has to read the last bytes, an ERROR mostly, before the socket goes. */
    private static final long CLOSE_TIMEOUT_NS = TimeUnit.SECONDS.toNanos(2);

    /** An offer of at most this many bytes is copied behind another: cheaper than a part of its own in each write. */
    private static final int MERGED_LENGTH = 2 * 1024;

    private static final int LEAST_MERGE_CAPACITY = 1024;
    private static final int GREATEST_MERGE_CAPACITY = 16 * 1024;

    private final SocketChannel channel;
    private final NettyLoop loop;
    private final Function<Connection, ConnectionHandler> accept;
    private @Nullable ConnectionHandler handler;
    /** Offered since the flush, not given to Netty yet: one small offer as it came, or copies of several. */
    private @Nullable ByteBuf waiting;

    private boolean isMerged;
    /** Whether Netty has something that it was not told to flush. */
    private boolean isUnflushed;

    private int mergeCapacity = LEAST_MERGE_CAPACITY;
    private boolean isWritableTold;
    private boolean isClosing;
    /** Whether the queue holds nothing but a private copy. */
    private boolean isCompact;

    /** Null until somebody has waited for what was offered to be written. */
    private @Nullable WriteMarks marks;

    private final ReactorCounters counters;
    private final @Nullable SslHandler tls;
    /** How far a WebSocket has come; null when this is none. */
    private final @Nullable WebSocketState webSocket;

    private @Nullable InetSocketAddress clientAddress;

    /**
     * @param accept begins the session of this connection, on the loop's thread
     * @param counters counts handshakes of TLS that fail
     * @param tls what encrypts it, which stands before it in the pipeline; null when nothing does
     * @param isWebSocket whether it begins as HTTP and goes on as WebSocket
     */
    NettyConnection(
            SocketChannel channel,
            NettyLoop loop,
            Function<Connection, ConnectionHandler> accept,
            ReactorCounters counters,
            @Nullable SslHandler tls,
            boolean isWebSocket) {
        this.channel = channel;
        this.loop = loop;
        this.accept = accept;
        this.counters = counters;
        this.tls = tls;
        webSocket = isWebSocket ? new WebSocketState() : null;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        handler = accept.apply(this);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        try {
            if (handler != null && !isClosing) {
                handler.onReceived(bytes);
            }
        } finally {
            bytes.release();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (channel.isWritable() && !isWritableTold) {
            isWritableTold = true;
            loop.writable(this);
        }
    }

    void tellWritable() {
        isWritableTold = false;
        if (handler != null && channel.isWritable()) {
            handler.onWritable();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        isClosing = true; // what is offered from now on is dropped
        if (handler != null) {
            handler.onClosed();
            handler = null;
        }
        dropWaiting();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof SslHandshakeCompletionEvent handshake && !handshake.isSuccess()) {
            counters.add(ReactorCounter.REFUSED_TLS_HANDSHAKES, 1);
            Throwable cause = handshake.cause();
            boolean isDump =
                    cause instanceof NotSslRecordException; // its text is all that was received, which may have a token
            LOG.debug("no TLS with {}: {}", remoteAddress(), isDump ? "no record" : String.valueOf(cause));
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (!(cause instanceof IOException || cause instanceof DecoderException)) {
            LOG.error("a connection failed and is closed: {}", remoteAddress(), cause);
        }
        channel.close();
    }

    @Override
    public void offer(ByteBuf bytes) {
        if (isClosing) {
            bytes.release();
            return;
        }
        isCompact = false;
        if (bytes.readableBytes() > MERGED_LENGTH) {
            writeWaitingBefore(bytes);
            write(bytes, false);
        } else if (waiting == null) {
            waiting = bytes;
        } else {
            merge(bytes);
        }
    }

    @Override
    public void offerShared(ByteBuf bytes) {
        boolean isMergedLately = mergeCapacity > LEAST_MERGE_CAPACITY;
        if (bytes.readableBytes() > MERGED_LENGTH || (waiting == null && !isMergedLately) || isClosing) {
            offer(bytes.retainedDuplicate());
        } else {
            isCompact = false;
            copy(bytes);
        }
    }

    /** Moves a small offer behind what waits. */
    private void merge(ByteBuf bytes) {
        try {
            copy(bytes);
        } finally {
            bytes.release();
        }
    }

    private void copy(ByteBuf bytes) {
        if (isMerged && waitingLength() + bytes.readableBytes() > GREATEST_MERGE_CAPACITY) {
            writeWaiting();
        }
        mergeBuffer().writeBytes(bytes, bytes.readerIndex(), bytes.readableBytes());
    }

    /** The private buffer that waits, begun with the one offer that may have waited as it came. */
    private ByteBuf mergeBuffer() {
        ByteBuf first = waiting;
        if (first != null && isMerged) {
            return first;
        }
        int capacity = Math.max(mergeCapacity, WebSocketHeader.SHORT_LENGTH + waitingLength());
        ByteBuf buffer = channel.alloc().directBuffer(capacity, WebSocketHeader.SHORT_LENGTH + GREATEST_MERGE_CAPACITY);
        if (webSocket != null) {
            buffer.setIndex(WebSocketHeader.SHORT_LENGTH, WebSocketHeader.SHORT_LENGTH);
        }
        if (first != null) {
            buffer.writeBytes(first, first.readerIndex(), first.readableBytes());
            first.release();
        }
        waiting = buffer;
        isMerged = true;
        return buffer;
    }

    /** Gives Netty what waits, before anything that is offered next. */
    private void writeWaiting() {
        ByteBuf ready = waiting;
        if (ready != null && isOpen()) {
            boolean isPrivate = isMerged;
            if (isPrivate) {
                mergeCapacity = Math.max(LEAST_MERGE_CAPACITY, (mergeCapacity + ready.readableBytes()) / 2);
            }
            waiting = null;
            isMerged = false;
            write(ready, isPrivate);
        }
    }

    /** The same; what is offered next is let go of when there is no memory for it. */
    private void writeWaitingBefore(ByteBuf next) {
        try {
            writeWaiting();
        } catch (OutOfMemoryError e) {
            next.release();
            throw e;
        }
    }

    /** Whether frames may go out: at once, or after the upgrade of a WebSocket. */
    private boolean isOpen() {
        return webSocket == null || webSocket.isOpen;
    }

    /** Gives Netty whole frames, as a message of their own over WebSocket; whether they are in a buffer that only this connection has. */
    private void write(ByteBuf frames, boolean isPrivate) {
        isUnflushed = true;
        if (webSocket != null && isPrivate) {
            WebSocketHeader.prepend(frames);
        } else if (webSocket != null) {
            channel.write(loop.webSocketHeader(frames), channel.voidPromise());
        }
        // Encryption appends to small buffers that have room behind them, which others may share: a slice has none.
        channel.write(tls == null || isPrivate ? frames : frames.slice(), channel.voidPromise());
    }

    private void dropWaiting() {
        if (waiting != null) {
            waiting.release();
            waiting = null;
            isMerged = false;
        }
    }

    private int waitingLength() {
        return waiting == null ? 0 : waiting.readableBytes();
    }

    @Override
    public void flush() {
        writeWaiting();
        if (isUnflushed) {
            isUnflushed = false;
            loop.onWrite();
            channel.flush();
        }
    }

    @Override
    public long outboundLength() {
        ChannelOutboundBuffer outbound = channel.unsafe().outboundBuffer();
        return waitingLength() + (outbound == null ? 0 : outbound.totalPendingWriteBytes());
    }

    @Override
    public boolean isWritable() {
        int length = waitingLength();
        if (length > 0 && channel.bytesBeforeUnwritable() <= length) {
            writeWaiting();
        }
        return channel.isWritable();
    }

    @Override
    public long compact() {
        writeWaiting();
        ChannelOutboundBuffer outbound = channel.unsafe().outboundBuffer();
        if (outbound == null || isClosing || isCompact) {
            return 0;
        }
        if (tls != null) {
            channel.flush(); // encrypts, and so lets go of what others share
            return 0;
        }
        long length = OutboundCopy.replace(channel, outbound, marks);
        isCompact = length > 0;
        return length;
    }

    @Override
    public void afterWritten(Runnable done) {
        if (!channel.isActive()) {
            done.run();
            return;
        }
        writeWaiting();
        if (marks == null) {
            marks = new WriteMarks(channel);
        }
        marks.add(done);
        isUnflushed = true;
    }

    @Override
    public void readable(boolean enabled) {
        channel.config().setAutoRead(enabled);
    }

    /** Sends what is queued, then the end of the stream, and reads on until the peer has closed too, or too long. */
    @Override
    public void close() {
        if (isClosing) {
            return;
        }
        if (webSocket != null && handler == null && !webSocket.isOpen) {
            webSocket.turnAway(); // before it could say anything: it is told as soon as it can understand
            loop.schedule(this::abort, CLOSE_TIMEOUT_NS);
            return;
        }
        writeWaiting();
        isClosing = true;
        if (webSocket != null) {
            dropWaiting(); // what has waited for an upgrade that did not come
            channel.write(webSocket.farewell(channel.alloc()), channel.voidPromise());
        }
        channel.config().setAutoRead(true);
        channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(done -> {
            if (done.isSuccess()) {
                endOutput();
            }
        });
        loop.schedule(this::abort, CLOSE_TIMEOUT_NS);
    }

    private void endOutput() {
        if (tls == null) {
            channel.shutdownOutput();
        } else {
            tls.closeOutbound().addListener(done -> channel.shutdownOutput());
        }
    }

    /** Ends it below the pipeline: there, encryption would wait for seconds until a peer that does not read has taken its farewell. */
    @Override
    public void abort() {
        isClosing = true;
        dropWaiting();
        channel.unsafe().close(channel.unsafe().voidPromise());
    }

    // ---- what stands before it in the pipeline

    /** The client is elsewhere: a proxy has said where. */
    void clientAddress(InetSocketAddress address) {
        clientAddress = address;
    }

    /** The client may speak WebSocket from now on: sends the answer to its request and what has waited for that. */
    void upgraded(byte[] response) {
        if (webSocket != null && !isClosing) {
            channel.write(Unpooled.wrappedBuffer(response), channel.voidPromise());
            webSocket.isOpen = true;
            isUnflushed = true;
            flush();
            if (webSocket.isTurnedAway) {
                close();
            }
        }
    }

    /** The client's request is not followed: ends the connection with an answer that says why. */
    void refuseUpgrade(Refusal refusal) {
        if (webSocket != null) {
            webSocket.refusal = refusal;
        }
        close();
    }

    /** Answers a ping, unless the peer does not read: then the next one is answered. Borrows the payload. */
    void pong(ByteBuf payload) {
        if (!isClosing && isWritable()) {
            writeWaiting();
            channel.writeAndFlush(
                    WebSocketHeader.control(channel.alloc(), WebSocketHeader.PONG, payload), channel.voidPromise());
        }
    }

    /** The peer has closed the WebSocket, first or as an answer. */
    void peerClosed(int code) {
        if (isClosing) {
            channel.close();
        } else if (webSocket != null) {
            webSocket.answerClose(code);
            close();
        }
    }

    /** The peer broke WebSocket's rules: the session says so and ends. */
    void breach(int closeCode, String message) {
        if (webSocket != null) {
            webSocket.closeCode = closeCode;
        }
        if (handler != null && !isClosing) {
            handler.onBreach(ErrorCode.WEBSOCKET_BREACH, message);
        }
    }

    @Override
    public boolean isEncrypted() {
        return tls != null;
    }

    /** Whether the peer is on this machine, as far as anybody has said. */
    boolean isLocal() {
        InetSocketAddress local = channel.localAddress();
        return clientAddress == null && local != null && local.getAddress().isLoopbackAddress();
    }

    @Override
    public @Nullable InetAddress address() {
        InetSocketAddress address = clientAddress != null ? clientAddress : channel.remoteAddress();
        return address == null ? null : address.getAddress();
    }

    @Override
    public String remoteAddress() {
        InetSocketAddress address = clientAddress != null ? clientAddress : channel.remoteAddress();
        return address == null ? "unknown" : address.getHostString() + ":" + address.getPort();
    }
}
