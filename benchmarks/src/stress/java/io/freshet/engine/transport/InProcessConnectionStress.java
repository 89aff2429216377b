package io.freshet.engine.transport;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.freshet.protocol.ConnectionHandler;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZII_Result;

/**
 * {@link InProcessConnection}: one end offers beyond its mark while the other takes. Proved: an end that found itself not writable is
 * told when it is writable again, whatever the other took meanwhile; every byte arrives, and none stays counted as under way.
 */
@JCStressTest
@Outcome(id = "false, 1, 0", expect = ACCEPTABLE, desc = "It was not writable, and is told.")
@Outcome(
        id = {"true, 0, 0", "true, 1, 0"},
        expect = ACCEPTABLE,
        desc = "It stayed writable.")
@Outcome(expect = FORBIDDEN, desc = "It waits for ever, or bytes are missing.")
@State
public class InProcessConnectionStress {
    private static final byte[] HALF = new byte[Listener.OUTBOUND_MARK_LENGTH / 2];

    private final Queue<Runnable> senderTasks = new ConcurrentLinkedQueue<>();
    private final Queue<Runnable> receiverTasks = new ConcurrentLinkedQueue<>();
    private final InProcessConnection sender = new InProcessConnection(senderTasks::add, "sender");
    private final InProcessConnection receiver = new InProcessConnection(receiverTasks::add, "receiver");
    private int toldCount;
    private int missingLength = 3 * HALF.length;
    private boolean isWritable;

    public InProcessConnectionStress() {
        InProcessConnection.join(sender, receiver);
        sender.handler(new Handler() {
            @Override
            public void onWritable() {
                toldCount++;
            }
        });
        receiver.handler(new Handler() {
            @Override
            public void onReceived(ByteBuf bytes) {
                missingLength -= bytes.readableBytes();
            }
        });
        sender.offer(Unpooled.wrappedBuffer(HALF));
        sender.flush();
    }

    @Actor
    public void sender() {
        sender.offer(Unpooled.wrappedBuffer(HALF));
        sender.flush();
        sender.offer(Unpooled.wrappedBuffer(HALF));
        sender.flush();
        isWritable = sender.isWritable();
    }

    @Actor
    public void receiver() {
        run(receiverTasks);
    }

    @Arbiter
    public void rest(ZII_Result r) {
        run(receiverTasks);
        run(senderTasks);
        r.r1 = isWritable;
        r.r2 = Math.min(toldCount, 1);
        r.r3 = missingLength + (int) sender.outboundLength();
    }

    private static void run(Queue<Runnable> tasks) {
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
    }

    /** A handler that does nothing. */
    private static class Handler implements ConnectionHandler {
        @Override
        public void onReceived(ByteBuf bytes) {}

        @Override
        public void onWritable() {}

        @Override
        public void onClosed() {}
    }
}
