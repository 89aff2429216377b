package io.freshet.engine.routing;

import io.freshet.engine.channel.KnownAttributes;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A session's right to publish to one channel, as the channel's owner keeps it. Sessions hold it as a ticket; only the
 * owner thread looks inside.
 */
public final class Producer {
    private final Sequencer sequencer;
    private final Publisher publisher;
    private final long sender;
    private final int instance;
    private final NonceWindow nonces;
    private boolean isDetached;
    /** Publishes with a nonce, repeats among them, that were taken and not answered. */
    private int unansweredCount;
    /** The others who use the channel, for {@link Sequencer}. */
    @Nullable
    Producer next;

    @Nullable
    Producer previous;

    Producer(Sequencer sequencer, Publisher publisher, long sender, int instance, NonceWindow nonces) {
        this.sequencer = sequencer;
        this.publisher = publisher;
        this.sender = sender;
        this.instance = instance;
        this.nonces = nonces;
    }

    /** Has this told what the channel is, each time that this has changed and is committed. On the shard's thread. */
    public void watch(Consumer<@Nullable KnownAttributes> watcher) {
        sequencer.watch(watcher);
    }

    /** Ends that. On the shard's thread. */
    public void unwatch(Consumer<@Nullable KnownAttributes> watcher) {
        sequencer.unwatch(watcher);
    }

    Sequencer sequencer() {
        return sequencer;
    }

    Publisher publisher() {
        return publisher;
    }

    /**
     * Whether its session may publish with it. Not once it was given back, nor once the same client instance has opened the
     * channel on a newer connection: what the old one still has under way would take numbers that the new one uses.
     */
    boolean isValid() {
        return !isDetached && nonces.isHeldBy(this);
    }

    void detached() {
        isDetached = true;
    }

    /** Whether it has so many publishes without an answer that it must wait for one. */
    boolean isWindowFull(int windowCount) {
        return unansweredCount >= windowCount;
    }

    /** One more publish is to be answered. */
    void owed() {
        unansweredCount++;
    }

    /** So many publishes are being answered, the one way or the other. */
    void answered(int count) {
        unansweredCount -= count;
        assert unansweredCount >= 0;
    }

    long sender() {
        return sender;
    }

    int instance() {
        return instance;
    }

    NonceWindow nonces() {
        return nonces;
    }
}
