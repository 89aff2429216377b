package io.freshet.benchmarks.baseline;

import io.netty.buffer.ByteBufAllocator;

/**
 * How the sockets of a baseline are set up, so that it can be given what the server that it is compared with uses.
 *
 * @param readLength bytes read from one connection at once, at most
 * @param readCount reads from one connection before the next has its turn, at most
 * @param backlog connections that the kernel keeps until they are accepted
 * @param outboundMarkLength bytes waiting for a socket from which on its connection counts as full, and half of which
 *     make it writable again
 * @param unsentMarkLength bytes unsent on a connection from which on the kernel takes no more, where sockets are driven by epoll
 * @param allocator where buffers come from
 */
public record SocketSettings(
        int readLength,
        int readCount,
        int backlog,
        int outboundMarkLength,
        long unsentMarkLength,
        ByteBufAllocator allocator) {
    public SocketSettings {
        if (readLength < 1 || readCount < 1 || backlog < 1 || outboundMarkLength < 2 || unsentMarkLength < 1) {
            throw new IllegalArgumentException("readLength is " + readLength + ", readCount " + readCount + ", backlog "
                    + backlog + ", outboundMarkLength " + outboundMarkLength + ", unsentMarkLength " + unsentMarkLength
                    + "; each must be positive");
        }
    }
}
