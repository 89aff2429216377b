package io.freshet.engine.transport;

import io.freshet.protocol.Connection;
import io.freshet.protocol.ConnectionHandler;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.socket.SocketChannel;
import java.io.IOException;
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

    /** @param accept begins the session of this connection, on the loop's thread */
    NettyConnection(SocketChannel channel, NettyLoop loop, Function<Connection, ConnectionHandler> accept) {
        this.channel = channel;
        this.loop = loop;
        this.accept = accept;
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
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (!(cause instanceof IOException)) {
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
            writeWaiting();
            write(bytes);
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
        copy(bytes);
        bytes.release();
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
        ByteBuf buffer = channel.alloc().directBuffer(mergeCapacity, GREATEST_MERGE_CAPACITY);
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
        if (ready != null) {
            if (isMerged) {
                mergeCapacity = Math.max(LEAST_MERGE_CAPACITY, (mergeCapacity + ready.readableBytes()) / 2);
            }
            waiting = null;
            isMerged = false;
            write(ready);
        }
    }

    private void write(ByteBuf bytes) {
        isUnflushed = true;
        channel.write(bytes, channel.voidPromise());
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
        outbound.addFlush(); // only what is flushed can be taken out, and what is not must not be overtaken
        int length = leftLength(outbound);
        if (length == 0) {
            return 0;
        }
        ByteBuf copy = channel.alloc().directBuffer(length);
        while (outbound.current() instanceof ByteBuf left) {
            copy.writeBytes(left, left.readerIndex(), left.readableBytes());
            outbound.remove();
        }
        channel.writeAndFlush(copy, channel.voidPromise());
        isCompact = true;
        return length;
    }

    /** Bytes that are really left: Netty's own count is reduced only with each entry that has gone whole. */
    private static int leftLength(ChannelOutboundBuffer outbound) {
        int[] length = new int[1];
        try {
            outbound.forEachFlushedMessage(message -> {
                if (message instanceof ByteBuf bytes) {
                    length[0] += bytes.readableBytes();
                }
                return true;
            });
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
        return length[0];
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
        writeWaiting();
        isClosing = true;
        channel.config().setAutoRead(true);
        channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(done -> {
            if (done.isSuccess()) {
                channel.shutdownOutput();
            }
        });
        loop.schedule(channel::close, CLOSE_TIMEOUT_NS);
    }

    @Override
    public void abort() {
        isClosing = true;
        dropWaiting();
        channel.close();
    }

    @Override
    public String remoteAddress() {
        InetSocketAddress address = channel.remoteAddress();
        return address == null ? "unknown" : address.getHostString() + ":" + address.getPort();
    }
}
