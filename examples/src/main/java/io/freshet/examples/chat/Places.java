package io.freshet.examples.chat;

import io.freshet.client.chat.ChatChannel;
import io.freshet.client.chat.ChatMessage;
import io.freshet.client.chat.Conversation;
import io.freshet.client.chat.FollowedConversation;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FreshetException;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Where the user talks: in a channel, or in the thread of one of its messages. One place at a time is followed, and shown. On the user's
 * thread, which waits while it moves; {@link #typing} as well.
 */
public final class Places {
    private final ChatChannel main;
    private final long user;
    private final int historyCount;
    private final ChatScreen screen;
    private final Function<Throwable, String> sentence;
    private Consumer<String> prompt = text -> {};
    private Consumer<String> status = line -> {};
    private boolean isSeen;
    private @Nullable FollowedConversation followed;

    /** Message of the channel in whose thread the user is; 0 for the channel itself. */
    private long post;

    /** Where the user is; what is shown is marked as read there, on the client's thread. */
    private volatile ChatChannel channel;

    /**
     * In no place yet.
     *
     * @param main the channel
     * @param user id of whoever talks
     * @param historyCount messages that are shown of a place at first
     * @param sentence what to tell people of a failure
     */
    public Places(
            ChatChannel main, long user, int historyCount, ChatScreen screen, Function<Throwable, String> sentence) {
        this.main = main;
        this.user = user;
        this.historyCount = historyCount;
        this.screen = screen;
        this.sentence = sentence;
        channel = main;
    }

    /** What stands before the line that is typed is told, too. */
    public void tell(Consumer<String> line) {
        prompt = line;
    }

    /** Somebody sits there: others see when they write, and their other devices what they have read. */
    public void beSeen(Consumer<String> line) {
        isSeen = true;
        status = line;
        screen.tell(line, sequence -> channel.markRead(sequence));
    }

    /** The user writes, or does not any more. */
    public void typing(boolean isOn) {
        channel.typing(isOn);
    }

    /** Goes into the channel. Fails as following it does, with a {@link CompletionException}. */
    public void begin() {
        follow(main, 0);
    }

    /** Goes into the thread of a message, which is started when there is none. Fails with a {@link CompletionException}, and stays. */
    public void enter(long message) {
        if (post != 0) {
            screen.note("this is the thread of #" + post + ", where messages have none; /up leads back to the channel");
            return;
        }
        ChatChannel thread = await(thread(message));
        move(thread, message);
        screen.note("this is the thread of #" + message + "; /up leads back to the channel");
    }

    /** Goes back from a thread. Fails with a {@link CompletionException}, and stays. */
    public void leave() {
        if (post == 0) {
            screen.note("this is the channel itself; /thread N leads into the thread of message N");
            return;
        }
        move(main, 0);
    }

    /** The thread that there is; who may start none may still read it. */
    private CompletionStage<ChatChannel> thread(long message) {
        ChatMessage known = conversation().message(message);
        String title = known == null ? "" : ChatScreen.beginning(known.text());
        return main.thread(message)
                .thenCompose(thread -> thread.channel().open().thenApply(opened -> thread))
                .exceptionallyCompose(failure -> {
                    if (cause(failure) instanceof FreshetException refused
                            && refused.code() == ErrorCode.UNKNOWN_CHANNEL) {
                        return main.startThread(message, title);
                    }
                    throw new CompletionException(cause(failure));
                });
    }

    private void move(ChatChannel to, long toPost) {
        ChatChannel from = channel;
        long fromPost = post;
        from.typing(false);
        status.accept("");
        await(followed().closeAsync());
        try {
            follow(to, toPost);
        } catch (CompletionException e) {
            follow(from, fromPost);
            throw e;
        }
    }

    private void follow(ChatChannel to, long toPost) {
        channel = to;
        post = toPost;
        prompt.accept(post == 0 ? "> " : "#" + post + "> ");
        if (isSeen) {
            divide();
        }
        screen.show(user, sequence -> null); // the history is shown before there is a conversation to look in
        followed = await(to.follow(historyCount, screen));
        screen.show(user, conversation()::message);
    }

    private void divide() {
        try {
            screen.divideAt(await(channel.unread()));
        } catch (CompletionException e) {
            screen.note("what you have not read is not known: " + VisibleText.line(sentence.apply(e)));
        }
    }

    private static <T> T await(CompletionStage<T> stage) {
        return stage.toCompletableFuture().join();
    }

    private static Throwable cause(Throwable failure) {
        Throwable cause = failure.getCause();
        return failure instanceof CompletionException && cause != null ? cause : failure;
    }

    /** Where the user is. */
    ChatChannel channel() {
        return channel;
    }

    /** The channel, also while the user is in a thread. */
    ChatChannel main() {
        return main;
    }

    FollowedConversation followed() {
        return Objects.requireNonNull(followed, "begin() comes first");
    }

    Conversation conversation() {
        return followed().conversation();
    }
}
