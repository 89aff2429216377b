package io.freshet.engine.signal;

import io.freshet.engine.channel.KnownAttributes;
import io.freshet.engine.chat.PinBoard;
import io.freshet.engine.routing.ChannelNow;
import io.freshet.engine.routing.StateReads;
import io.freshet.protocol.SignalFrame;
import io.freshet.protocol.v1.Signal;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What nobody should miss who skips records of one channel: which of them says what the channel is, and which posts are pinned. Told with
 * its signals. Owned by the shard's thread.
 */
final class Standing {
    private final long channel;
    private long attributesSequence;
    /** Null until they were read. */
    private @Nullable PinBoard pins;
    /** Read and not looked at yet. */
    private @Nullable PinBoard read;

    private boolean isReading;

    Standing(long channel) {
        this.channel = channel;
    }

    /** Brings it up to date; whether something has changed. Pins that are not known are read, and told with a later call. */
    boolean advance(@Nullable ChannelNow now, StateReads reads) {
        if (now == null) {
            return false;
        }
        KnownAttributes attributes = now.knownAttributes();
        long sequence = attributes == null ? 0 : attributes.sequence();
        boolean isOther = sequence != attributesSequence;
        attributesSequence = sequence;
        boolean isPinnedOtherwise = follow(now, reads);
        return isOther || isPinnedOtherwise;
    }

    private boolean follow(ChannelNow now, StateReads reads) {
        PinBoard latest = read == null ? pins : read;
        ChannelNow.Pins change = latest == null ? ChannelNow.Pins.UNKNOWN : now.follow(latest);
        read = null;
        if (change == ChannelNow.Pins.UNKNOWN) {
            read(reads);
            return false;
        }
        boolean isChanged = change == ChannelNow.Pins.CHANGED
                || (latest != pins && !posts(latest).equals(posts(pins)));
        pins = latest;
        return isChanged;
    }

    private static List<Long> posts(@Nullable PinBoard board) {
        return board == null ? List.of() : board.posts();
    }

    private void read(StateReads reads) {
        if (!isReading) {
            isReading = true;
            reads.submit(index -> PinBoard.read(index, channel), this::onRead, failure -> isReading = false);
        }
    }

    private void onRead(PinBoard board) {
        isReading = false;
        read = board;
    }

    void writeTo(Signal.Builder signal) {
        List<Long> posts = posts(pins);
        signal.setAttributesSequence(attributesSequence)
                .setPinCount(posts.size())
                .addAllPinned(posts.subList(0, Math.min(posts.size(), SignalFrame.NAMED_PINS)));
    }
}
