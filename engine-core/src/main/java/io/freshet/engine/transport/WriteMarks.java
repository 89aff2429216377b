package io.freshet.engine.transport;

import io.netty.buffer.Unpooled;
import io.netty.channel.socket.SocketChannel;
import java.util.ArrayDeque;

/**
 * Who waits until what one connection was given before is written. A mark is an empty message in Netty's queue, which is reached
 * when all before it has gone, or when the connection has ended. Owned by the loop's thread.
 */
@SuppressWarnings("FutureReturnValueIgnored") // failures of a channel come as events of its pipeline
final class WriteMarks {
    private final SocketChannel channel;
    /** Oldest first: the first mark that is reached is for the first of them. */
    private final ArrayDeque<Runnable> waiting = new ArrayDeque<>();

    private int generation;

    WriteMarks(SocketChannel channel) {
        this.channel = channel;
    }

    /** Runs {@code done} once what is in the queue now has gone; nothing is flushed. */
    void add(Runnable done) {
        waiting.addLast(done);
        mark();
    }

    /** What is in the queue is about to be taken out and put back: the marks in it are not reached by that. */
    void outdate() {
        generation++;
    }

    /** It is back: the marks follow it. */
    void restore() {
        for (int i = waiting.size(); i > 0; i--) {
            mark();
        }
    }

    private void mark() {
        int marked = generation;
        channel.write(Unpooled.EMPTY_BUFFER).addListener(reached -> {
            if (marked == generation && !waiting.isEmpty()) {
                waiting.removeFirst().run();
            }
        });
    }
}
