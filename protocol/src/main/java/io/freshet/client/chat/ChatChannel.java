package io.freshet.client.chat;

import com.google.protobuf.MessageLite;
import io.freshet.client.Channel;
import io.freshet.client.EditHistory;
import io.freshet.client.FreshetClient;
import io.freshet.client.Page;
import io.freshet.client.PresenceView;
import io.freshet.client.PresenceWatch;
import io.freshet.client.Receipt;
import io.freshet.client.Room;
import io.freshet.client.RoomListener;
import io.freshet.client.ThreadState;
import io.freshet.protocol.ContentLimits;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.EventKind;
import io.freshet.protocol.FreshetException;
import io.freshet.protocol.PresenceLimits;
import io.freshet.protocol.ThreadName;
import io.freshet.protocol.v1.ChannelView;
import io.freshet.protocol.v1.ChannelViews;
import io.freshet.protocol.v1.Content;
import io.freshet.protocol.v1.Deletion;
import io.freshet.protocol.v1.Edit;
import io.freshet.protocol.v1.Pin;
import io.freshet.protocol.v1.PinnedPosts;
import io.freshet.protocol.v1.Reaction;
import io.freshet.protocol.v1.ViewChannels;
import io.freshet.protocol.v1.ViewPins;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A channel in which people talk, as one client sees it: {@code client.chat("lobby")}. Any thread may call it; nothing blocks, and
 * stages complete as those of {@link Channel} do.
 *
 * <p>What is done here is kept once and in order, as {@link Channel#publish(int, byte[])} says, and takes effect when the receipt is
 * there. A message is named by its sequence, which the receipt of {@code send} tells. A server refuses what its rules do not allow:
 * {@code NO_SUCH_POST}, {@code POST_DELETED}, {@code FORBIDDEN}, {@code ALREADY_SO}, {@code TOO_MANY}, {@code MENTION_REFUSED}. What
 * is outside of {@link ContentLimits} fails at once with {@code INVALID_CONTENT}, and is not sent.
 *
 * <pre>{@code
 * ChatChannel lobby = client.chat("lobby");
 * FollowedConversation conversation = lobby.follow(50, listener).toCompletableFuture().join();
 * long sequence = lobby.send("the river rises").toCompletableFuture().join().sequence();
 * lobby.react(sequence, "🌊");
 * lobby.markRead(sequence);
 * List<ChatMessage> before = conversation.earlier(50).toCompletableFuture().join();
 * }</pre>
 */
public final class ChatChannel {
    /** Most messages of history that can be asked for at a time. */
    public static final int HISTORY_LIMIT = 1_000;

    private final FreshetClient client;
    private final Channel channel;
    private final Supplier<Consumer<Runnable>> backOffs;

    /**
     * People's view of a channel of this client; users call {@link FreshetClient#chat}.
     *
     * @param backOffs gives new ones, on the client's thread; each runs a task there after a while, a longer one from task to task
     */
    public ChatChannel(FreshetClient client, Channel channel, Supplier<Consumer<Runnable>> backOffs) {
        this.client = client;
        this.channel = channel;
        this.backOffs = backOffs;
    }

    public String name() {
        return channel.name();
    }

    /** The same channel as it is for programs. */
    public Channel channel() {
        return channel;
    }

    // ---- what people do

    /** Says something. */
    public CompletionStage<Receipt> send(String text) {
        return send(Draft.of(text));
    }

    /** Says something. */
    public CompletionStage<Receipt> send(Draft draft) {
        return send(draft.content());
    }

    /** Says something. */
    public CompletionStage<Receipt> send(Content content) {
        return publish(EventKind.POST, content, ContentLimits.violation(content));
    }

    /** Answers a message. */
    public CompletionStage<Receipt> reply(long sequence, String text) {
        return send(Draft.of(text).replyTo(sequence));
    }

    /** Lets a message say something else. */
    public CompletionStage<Receipt> edit(long sequence, String text) {
        return edit(sequence, Draft.of(text));
    }

    /** Lets a message say something else. It still answers what it answered, and notifies nobody anew. */
    public CompletionStage<Receipt> edit(long sequence, Draft draft) {
        Edit edit = Edit.newBuilder()
                .setTarget(sequence)
                .setContent(draft.content())
                .build();
        return publish(EventKind.EDIT, edit, ContentLimits.violation(edit.getContent()));
    }

    /** Deletes a message: what it said is erased for good, its place stays. */
    public CompletionStage<Receipt> delete(long sequence) {
        return publish(
                EventKind.DELETE, Deletion.newBuilder().setTarget(sequence).build(), null);
    }

    /** Gives a reaction: an emoji, or a name of the application's. */
    public CompletionStage<Receipt> react(long sequence, String reaction) {
        return publish(EventKind.REACT, reaction(sequence, reaction), ContentLimits.reactionViolation(reaction));
    }

    /** Takes a reaction back. */
    public CompletionStage<Receipt> unreact(long sequence, String reaction) {
        return publish(EventKind.UNREACT, reaction(sequence, reaction), ContentLimits.reactionViolation(reaction));
    }

    private static Reaction reaction(long sequence, String reaction) {
        return Reaction.newBuilder().setTarget(sequence).setReaction(reaction).build();
    }

    /** Puts a message where everybody finds it. */
    public CompletionStage<Receipt> pin(long sequence) {
        return publish(EventKind.PIN, Pin.newBuilder().setTarget(sequence).build(), null);
    }

    /** Takes it away from there. */
    public CompletionStage<Receipt> unpin(long sequence) {
        return publish(EventKind.UNPIN, Pin.newBuilder().setTarget(sequence).build(), null);
    }

    private CompletionStage<Receipt> publish(EventKind kind, MessageLite payload, @Nullable String violation) {
        if (violation != null) {
            return CompletableFuture.failedFuture(FreshetException.refused(ErrorCode.INVALID_CONTENT, violation, 0));
        }
        return channel.publish(kind.code(), payload.toByteArray());
    }

    // ---- threads

    /**
     * Starts the thread of a message, or finds the one that it has.
     *
     * @param title of a thread that is started, 200 bytes at most
     * @return the thread, a channel like this one; fails with {@code NO_SUCH_POST}, {@code POST_DELETED}, {@code FORBIDDEN}, {@code
     *     CHANNEL_ARCHIVED} or {@code INVALID_ATTRIBUTES}
     */
    public CompletionStage<ChatChannel> startThread(long sequence, String title) {
        return channel.open()
                .thenCompose(opened -> client.channels().startThread(opened.id(), sequence, title))
                .thenApply(thread -> client.chat(thread.getName()));
    }

    /** The thread of a message. When it has none, following it or saying something there fails with {@code UNKNOWN_CHANNEL}. */
    public CompletionStage<ChatChannel> thread(long sequence) {
        return channel.open().thenApply(opened -> client.chat(ThreadName.of(opened.id(), sequence)));
    }

    /**
     * The threads of the channel's last messages, by rising messages. What was said in a thread within the last second or so may be missing;
     * {@link ThreadState#after} adds it.
     *
     * @param recordCount how far back is looked, 1 to {@value #HISTORY_LIMIT} records
     */
    public CompletionStage<List<ChatThread>> threads(int recordCount) {
        int count = checked(recordCount);
        return channel.open().thenCompose(opened -> new ThreadList(channel, count).read());
    }

    // ---- what is not kept, and where one stands

    /** The user is writing, or not any more. To be called as often as one likes, with each key for example. */
    public void typing(boolean isOn) {
        channel.signals().typing(isOn);
    }

    /**
     * The user has read up to this message, as far as all devices are concerned. See {@link io.freshet.client.Inbox#markRead}.
     *
     * @param sequence from 1
     */
    public CompletionStage<Void> markRead(long sequence) {
        return channel.open().thenCompose(opened -> client.inbox().markRead(opened.id(), sequence));
    }

    /** What the user has not read. */
    public CompletionStage<Unread> unread() {
        return channel.open().thenCompose(opened -> {
            ViewChannels.Position position = ViewChannels.Position.newBuilder()
                    .setChannel(opened.id())
                    .setReadUpTo(client.inbox().readUpTo(opened.id()))
                    .build();
            ViewChannels question =
                    ViewChannels.newBuilder().addChannels(position).build();
            return client.request("freshet.v1.Views/Channels", question, ChannelViews.parser())
                    .thenApply(this::unread);
        });
    }

    private Unread unread(ChannelViews views) {
        if (views.getChannelsCount() == 0) {
            throw FreshetException.refused(ErrorCode.UNKNOWN_CHANNEL, "there is no channel " + name() + " to read", 0);
        }
        ChannelView view = views.getChannels(0);
        return new Unread(view.getReadUpTo(), view.getUnreadCount(), view.getMentionCount());
    }

    /** The channel's voice room, to be joined. It listens to the server until it is closed. */
    public Room room(RoomListener listener) {
        return client.room(name(), listener);
    }

    // ---- what people see

    /**
     * The last messages as they are now.
     *
     * @param messageCount how many at most, 1 to {@value #HISTORY_LIMIT}; fewer where other records take the room
     * @return them, ascending
     */
    public CompletionStage<List<ChatMessage>> history(int messageCount) {
        return history(0, messageCount);
    }

    /**
     * The last messages before one, as they are now.
     *
     * @param before its sequence; 0 for the channel's end
     * @param messageCount how many at most, 1 to {@value #HISTORY_LIMIT}; fewer where other records take the room
     * @return them, ascending; none at the channel's beginning
     */
    public CompletionStage<List<ChatMessage>> history(long before, int messageCount) {
        int count = checked(messageCount);
        if (before == 1) {
            return CompletableFuture.completedFuture(List.of());
        }
        return channel.open()
                .thenCompose(opened -> pages(before == 0 ? 0 : before - 1, count, opened.epoch()))
                .thenApply(pages -> {
                    Conversation conversation = conversation(count, new ConversationListener() {});
                    conversation.history(pages, conversation.generation());
                    pages.forEach(page -> page.records().forEach(conversation::record)); // what views did not know yet
                    return conversation.messages();
                });
    }

    /** Pages of one epoch: when another has begun meanwhile, some may hold what is void, and all are read anew. */
    private CompletionStage<List<Page>> pages(long fromSequence, int messageCount, int epoch) {
        return new HistoryReader(channel, messageCount)
                .read(fromSequence)
                .thenCompose(pages -> channel.open()
                        .thenCompose(opened -> opened.epoch() == epoch
                                ? CompletableFuture.completedFuture(pages)
                                : pages(fromSequence, messageCount, opened.epoch())));
    }

    /**
     * What a message has said, one text after the other; the last is what it says now. For whoever has the right {@code SEE_EDITS}. The
     * server counts edits a second or two behind.
     *
     * @param sequence of the message
     * @return 101 texts at most, without those that are erased; fails with {@code FORBIDDEN}, {@code NO_SUCH_POST} or {@code POST_DELETED}
     */
    public CompletionStage<List<MessageText>> texts(long sequence) {
        return channel.open()
                .thenCompose(opened -> new EditHistory(client).read(opened.id(), sequence))
                .thenApply(MessageText::of);
    }

    /** The messages that are pinned, rising by sequence: 50 at most. The server counts them a moment behind. */
    public CompletionStage<List<Long>> pins() {
        return channel.open().thenCompose(opened -> {
            ViewPins question = ViewPins.newBuilder().setChannel(opened.id()).build();
            return client.request("freshet.v1.Views/Pins", question, PinnedPosts.parser())
                    .thenApply(PinnedPosts::getPostsList);
        });
    }

    /**
     * Follows the channel: its last messages as they are now, everything that becomes of them and comes after them, and who is writing.
     * One subscription, and one who watches its signals, per channel and client at a time.
     *
     * @param messageCount of history, 1 to {@value #HISTORY_LIMIT}; the conversation keeps at least that many, and at least 200
     * @param listener told on the client's thread of every change, at first of the history
     * @return the conversation, once it is followed; fails with {@code ALREADY_OPEN} when the channel has a subscription
     */
    public CompletionStage<FollowedConversation> follow(int messageCount, ConversationListener listener) {
        return FollowedConversation.open(this, checked(messageCount), listener);
    }

    /**
     * Is here, and looks who else is: the user is in the group of the channel's name, until {@code Presence.leave}.
     *
     * @param memberCount of the member list, from its beginning, at most {@link PresenceLimits#WINDOW_COUNT}
     * @param listener told on the client's thread of what is known at first, and whenever it has changed
     * @return once it is known; fails with {@code UNKNOWN_CHANNEL} where one may not look
     */
    public CompletionStage<PresenceWatch> presence(int memberCount, Consumer<? super PresenceView> listener) {
        return client.presence()
                .join(name())
                .thenCompose(isIn -> client.presence().watch(name(), 0, memberCount, Set.of(), listener));
    }

    /** An empty conversation of this client's principal; the channel is open. */
    Conversation conversation(int windowCount, ConversationListener listener) {
        return new Conversation(user(), windowCount, listener);
    }

    /** Client's thread. */
    Consumer<Runnable> newBackOff() {
        return backOffs.get();
    }

    /** Id of the principal that acts here; the channel is open. */
    long user() {
        return client.principal();
    }

    static int checked(int messageCount) {
        if (messageCount < 1 || messageCount > HISTORY_LIMIT) {
            throw new IllegalArgumentException(
                    "messageCount is " + messageCount + ", it must be from 1 to " + HISTORY_LIMIT);
        }
        return messageCount;
    }
}
