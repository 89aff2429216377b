package io.freshet.engine.transport;

import io.freshet.engine.EngineConfig.SocketApi;
import io.freshet.engine.reactor.IoLoop;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelPromise;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ManualIoEventLoop;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringServerSocketChannel;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Netty's event loop, driven by a reactor's duty cycle. Owned by the reactor's thread, but for {@link #wakeup} and
 * {@link #register}.
 *
 * <p>The wake-up: {@code ManualIoEventLoop} asks {@code canBlock()} a second time after it has declared that it waits, and
 * only from then on does {@code wakeup()} write to its event descriptor. So the mailbox is looked into there, and an offer
 * is either seen by that look or finds the loop waiting.
 */
@SuppressWarnings("FutureReturnValueIgnored") // failures of a channel come as events of its pipeline
public final class NettyLoop implements IoLoop {
    /** Bytes read from one connection in one cycle at most: as much as a batch holds. */
    public static final int READ_LENGTH = 64 * 1024;

    private final SocketApi socketApi;
    private final ManualIoEventLoop loop;
    private final ReceiveBuffer receiveBuffer;
    private final WebSocketHeader webSocketHeader;
    private final ArrayDeque<NettyConnection> becameWritable = new ArrayDeque<>();
    private long writeCount;

    /**
     * @param socketApi how sockets are driven, as {@link #available} found it
     * @param mayWait asked, on the owner's thread, before each wait
     */
    public NettyLoop(SocketApi socketApi, BooleanSupplier mayWait, ByteBufAllocator allocator) {
        this.socketApi = socketApi;
        loop = new ManualIoEventLoop(null, handlers(socketApi)) {
            @Override
            protected boolean canBlock() {
                return mayWait.getAsBoolean();
            }
        };
        receiveBuffer = new ReceiveBuffer(allocator, READ_LENGTH);
        webSocketHeader = new WebSocketHeader(allocator);
    }

    private static IoHandlerFactory handlers(SocketApi socketApi) {
        return switch (socketApi) {
            case EPOLL -> EpollIoHandler.newFactory();
            case IO_URING -> IoUringIoHandler.newFactory();
            case NIO, AUTO -> NioIoHandler.newFactory();
        };
    }

    /**
     * What is meant by a setting on this machine; never {@code AUTO}.
     *
     * @throws IllegalStateException when this machine does not have it
     */
    public static SocketApi available(SocketApi wanted) {
        return switch (wanted) {
            case AUTO -> Epoll.isAvailable() ? SocketApi.EPOLL : SocketApi.NIO;
            case EPOLL -> checked(wanted, Epoll.unavailabilityCause());
            case IO_URING -> checked(wanted, IoUring.unavailabilityCause());
            case NIO -> wanted;
        };
    }

    private static SocketApi checked(SocketApi wanted, @Nullable Throwable missing) {
        if (missing != null) {
            throw new IllegalStateException(wanted + " cannot be used on this machine: " + missing, missing);
        }
        return wanted;
    }

    /** Makes the calling thread the owner; once, before the first {@link #poll}. */
    public void claim() {
        loop.setOwningThread(Thread.currentThread());
    }

    @Override
    public int poll(long waitNs) {
        int count = tellWritable();
        return count + loop.run(count > 0 || waitNs <= 0 ? -1 : waitNs, 0);
    }

    /** Connections tell of room only here, never from within a call of their session. */
    private int tellWritable() {
        int count = becameWritable.size();
        for (int i = 0; i < count; i++) {
            becameWritable.removeFirst().tellWritable();
        }
        return count;
    }

    void writable(NettyConnection connection) {
        becameWritable.addLast(connection);
    }

    /** A connection gives its socket what was offered to it. */
    void onWrite() {
        writeCount++;
    }

    @Override
    public long writeCount() {
        return writeCount;
    }

    @Override
    public void wakeup() {
        loop.wakeup();
    }

    /** Gives a channel to this loop. Any thread. */
    ChannelFuture register(Channel channel) {
        ChannelPromise promise = new DefaultChannelPromise(channel, loop);
        channel.unsafe().register(loop, promise);
        return promise;
    }

    /** Runs a task on this loop after a delay. */
    void schedule(Runnable task, long delayNs) {
        loop.schedule(task, delayNs, TimeUnit.NANOSECONDS);
    }

    ServerSocketChannel newServerChannel() {
        return switch (socketApi) {
            case EPOLL -> new EpollServerSocketChannel();
            case IO_URING -> new IoUringServerSocketChannel();
            case NIO, AUTO -> new NioServerSocketChannel();
        };
    }

    /** What the connections of this loop are read into. */
    ReceiveBuffer receiveBuffer() {
        return receiveBuffer;
    }

    /**
     * What goes before a WebSocket message of these frames; connections that get the same batch share it. Transfers it; borrows the frames,
     * and releases them when there is no memory for it.
     */
    ByteBuf webSocketHeader(ByteBuf frames) {
        try {
            return webSocketHeader.binary(frames.readableBytes());
        } catch (OutOfMemoryError e) {
            frames.release();
            throw e;
        }
    }

    @Override
    public void close() {
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        while (!loop.isTerminated()) {
            loop.runNow();
        }
        receiveBuffer.close();
        webSocketHeader.close();
    }
}
