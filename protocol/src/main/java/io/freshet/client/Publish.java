package io.freshet.client;

import io.freshet.protocol.FreshetException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One publish: the caller's future, the command that carries it, and a link of the {@link PublishList} it waits in, all in
 * one object, since it is what publishing allocates. Its fields are the client's thread's once it was offered.
 */
final class Publish extends CompletableFuture<Receipt> implements Command {
    final int kind;
    final byte[] payload;
    private final ClientChannel channel;
    private final CommandQueue commands;

    /** Counter of the nonce it was last sent with. */
    long counter;
    /** When it was sent under that nonce for the first time. */
    long sentNs;
    /** The server has told that it accepted this nonce, and the receipt is still owed. */
    boolean isRepeat;
    /** How often it was refused for a jump that nothing explained. */
    int jumpCount;
    /** The answer, if it was refused and the channel's other publishes are not all answered. */
    @Nullable
    FreshetException refusal;
    /**
     * Whether the future has its result and the permit is given back. Plain: only the client's thread settles a publish
     * that was offered, but for a race at the client's end, where a permit more does not matter.
     */
    private boolean isSettled;
    /** The one behind it in its list. */
    @Nullable
    Publish next;

    Publish(ClientChannel channel, CommandQueue commands, int kind, byte[] payload) {
        this.channel = channel;
        this.commands = commands;
        this.kind = kind;
        this.payload = payload;
    }

    @Override
    public void run() {
        channel.publish(this);
    }

    boolean isSettled() {
        return isSettled;
    }

    /**
     * Whether whoever published does not wait any more, since the future was cancelled or timed out by its holder: then it need not
     * be sent, and its permit is given back.
     */
    boolean isGivenUp() {
        if (isDone() && !isSettled) {
            isSettled = true;
            commands.releasePublish();
        }
        return isSettled;
    }

    void succeed(long channelId, long sequence) {
        if (!isSettled) {
            isSettled = true;
            commands.releasePublish();
            complete(new Receipt(channelId, sequence));
        }
    }

    @Override
    public void fail(FreshetException cause) {
        if (!isSettled) {
            isSettled = true;
            commands.releasePublish();
            completeExceptionally(cause);
        }
    }

    /** Fails it before it got a permit. */
    void reject(FreshetException cause) {
        isSettled = true;
        completeExceptionally(cause);
    }
}
