package io.freshet.client.chat;

import io.freshet.client.Channel;
import io.freshet.client.ChannelState;
import io.freshet.client.Cursor;
import io.freshet.client.GapReason;
import io.freshet.client.ReceivedRecord;
import io.freshet.client.RecordHandler;
import io.freshet.client.Subscription;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FreshetException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A {@link Conversation} and the subscription that feeds it. Any thread may call it. */
public final class FollowedConversation implements AutoCloseable {
    private static final int MIN_WINDOW_COUNT = 200;
    private static final int EARLIER_ATTEMPTS = 20;

    private final Channel channel;
    private final int historyCount;
    private final Conversation conversation;
    private final Feed feed;
    private final TypingFeed typing;
    private volatile @Nullable Subscription subscription;
    private volatile boolean isEnded;

    private FollowedConversation(ChatChannel chat, int historyCount, ConversationListener listener) {
        channel = chat.channel();
        this.historyCount = historyCount;
        conversation = chat.conversation(Math.max(MIN_WINDOW_COUNT, historyCount), listener);
        feed = new Feed(chat, listener);
        typing = new TypingFeed(chat.user(), listener);
    }

    static CompletionStage<FollowedConversation> open(
            ChatChannel chat, int historyCount, ConversationListener listener) {
        return chat.channel().open().thenCompose(opened -> {
            FollowedConversation followed = new FollowedConversation(chat, historyCount, listener);
            return followed.readHistory(historyCount).thenCompose(read -> followed.subscribe(opened));
        });
    }

    private CompletionStage<Boolean> readHistory(int messageCount) {
        int asked = conversation.generation();
        return new HistoryReader(channel, messageCount).read(0).thenApply(pages -> conversation.history(pages, asked));
    }

    /** What comes after the pages' moment comes by the subscription. */
    private CompletionStage<FollowedConversation> subscribe(ChannelState opened) {
        Cursor from = Cursor.after(Math.max(0, conversation.position()), opened.epoch());
        return channel.subscribe(from, feed).thenApply(established -> {
            subscription = established;
            CompletionStage<Void> unused = channel.signals().watch(typing); // who may not be told goes without
            return this;
        });
    }

    /** What people see. */
    public Conversation conversation() {
        return conversation;
    }

    /**
     * Reads what was said before the messages that are kept, so that these are kept as well. One call at a time.
     *
     * @param messageCount how many at most, 1 to {@value ChatChannel#HISTORY_LIMIT}; fewer where other records take the room
     * @return them as they are now, ascending; none at the channel's beginning. The listener is told of them too. Fails with {@code
     *     LIMIT_REACHED} when the conversation keeps 10,000 messages, and with {@code STALE_VIEW} when the server is too far behind
     */
    public CompletionStage<List<ChatMessage>> earlier(int messageCount) {
        return earlier(ChatChannel.checked(messageCount), EARLIER_ATTEMPTS);
    }

    private CompletionStage<List<ChatMessage>> earlier(int messageCount, int attempts) {
        int asked = conversation.generation();
        long first = conversation.first();
        if (first <= 1) {
            return CompletableFuture.completedFuture(List.of());
        }
        if (!conversation.makeRoom(messageCount)) {
            return CompletableFuture.failedFuture(FreshetException.refused(
                    ErrorCode.LIMIT_REACHED, "the conversation keeps " + conversation.count() + " messages", 0));
        }
        return new HistoryReader(channel, messageCount).read(first - 1).thenCompose(pages -> {
            if (conversation.earlier(pages, first, asked)) {
                return CompletableFuture.completedFuture(conversation.messages(0, first));
            }
            return attempts > 1
                    ? earlier(messageCount, attempts - 1)
                    : CompletableFuture.failedFuture(
                            FreshetException.refused(ErrorCode.STALE_VIEW, "the server's views are too far behind", 0));
        });
    }

    /** Ends the subscription. The conversation stays as it is. Idempotent. */
    public CompletionStage<Void> closeAsync() {
        isEnded = true;
        channel.signals().unwatch();
        Subscription open = subscription;
        return open == null ? CompletableFuture.completedFuture(null) : open.closeAsync();
    }

    /** {@link #closeAsync}, and waits for it, except on the client's own thread. */
    @Override
    public void close() {
        isEnded = true;
        channel.signals().unwatch();
        Subscription open = subscription;
        if (open != null) {
            open.close();
        }
    }

    /** What the subscription tells. Client's thread. */
    private final class Feed implements RecordHandler {
        private final ConversationListener listener;
        private final ChatChannel chat;
        private boolean isReading;

        Feed(ChatChannel chat, ConversationListener listener) {
            this.chat = chat;
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
            isEnded = true;
            listener.onEnd(cause);
        }

        /** Reads the history again until nothing in it is in doubt. */
        private void readAnew() {
            if (!isReading) {
                isReading = true;
                readAnew(chat.newBackOff());
            }
        }

        private void readAnew(Consumer<Runnable> backOff) {
            if (isEnded) {
                isReading = false;
                return;
            }
            int count = Math.max(historyCount, Math.min(conversation.count(), ChatChannel.HISTORY_LIMIT));
            CompletionStage<?> unused = readHistory(count).whenComplete((isTaken, failure) -> {
                boolean isDone = failure == null ? isTaken && conversation.isCertain() : !mayAskAgain(failure);
                if (isDone) {
                    isReading = false;
                } else {
                    backOff.accept(() -> readAnew(backOff));
                }
            });
        }

        private static boolean mayAskAgain(Throwable failure) {
            Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
            return cause instanceof FreshetException refused && (refused.isRetryable() || refused.isOutcomeUnknown());
        }
    }
}
