package io.freshet.client.chat;

import io.freshet.client.Channel;
import io.freshet.client.ChannelState;
import io.freshet.client.Cursor;
import io.freshet.client.GapReason;
import io.freshet.client.ReceivedRecord;
import io.freshet.client.RecordHandler;
import io.freshet.client.Subscription;
import io.freshet.protocol.FreshetException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** A {@link Conversation} and the subscription that feeds it. Any thread may call it. */
public final class FollowedConversation implements AutoCloseable {
    private static final int MIN_WINDOW_COUNT = 200;

    private final Channel channel;
    private final int historyCount;
    private final Conversation conversation;
    private final Feed feed;
    private volatile @Nullable Subscription subscription;

    private FollowedConversation(
            Channel channel, int historyCount, Conversation conversation, ConversationListener listener) {
        this.channel = channel;
        this.historyCount = historyCount;
        this.conversation = conversation;
        feed = new Feed(listener);
    }

    static CompletionStage<FollowedConversation> open(
            ChatChannel chat, int historyCount, ConversationListener listener) {
        Channel channel = chat.channel();
        return channel.open().thenCompose(opened -> {
            int windowCount = Math.max(MIN_WINDOW_COUNT, historyCount);
            FollowedConversation followed =
                    new FollowedConversation(channel, historyCount, chat.conversation(windowCount, listener), listener);
            return followed.readHistory().thenCompose(read -> followed.subscribe(opened));
        });
    }

    private CompletionStage<Boolean> readHistory() {
        return new HistoryReader(channel, historyCount).read().thenApply(conversation::end);
    }

    private CompletionStage<FollowedConversation> subscribe(ChannelState opened) {
        Cursor from = Cursor.after(Math.max(0, conversation.position()), opened.epoch());
        return channel.subscribe(from, feed).thenApply(established -> {
            subscription = established;
            return this;
        });
    }

    /** What people see. */
    public Conversation conversation() {
        return conversation;
    }

    /** Ends the subscription. The conversation stays as it is. Idempotent. */
    public CompletionStage<Void> closeAsync() {
        Subscription open = subscription;
        return open == null ? CompletableFuture.completedFuture(null) : open.closeAsync();
    }

    /** {@link #closeAsync}, and waits for it, except on the client's own thread. */
    @Override
    public void close() {
        Subscription open = subscription;
        if (open != null) {
            open.close();
        }
    }

    /** What the subscription tells. Client's thread. */
    private final class Feed implements RecordHandler {
        private final ConversationListener listener;
        private boolean isReading;

        Feed(ConversationListener listener) {
            this.listener = listener;
        }

        @Override
        public void onRecord(ReceivedRecord record) {
            conversation.record(record.copy());
        }

        @Override
        public void onGap(long firstSequence, long count, GapReason reason) {
            conversation.gap(firstSequence, count, reason == GapReason.EXPIRED);
            readAnew();
        }

        @Override
        public void onRewind(int epoch, long validUpTo) {
            conversation.rewind(validUpTo);
            readAnew();
        }

        @Override
        public void onEnd(FreshetException cause) {
            listener.onEnd(cause);
        }

        /** Reads the history again until nothing in it is in doubt; a failure leaves the doubt. */
        private void readAnew() {
            if (!isReading) {
                isReading = true;
                CompletionStage<?> unused = readHistory().whenComplete((isTaken, failure) -> {
                    isReading = false;
                    if (failure == null && !isTaken) {
                        readAnew();
                    }
                });
            }
        }
    }
}
