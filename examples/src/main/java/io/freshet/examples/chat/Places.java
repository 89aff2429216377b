package io.freshet.examples.chat;

import io.freshet.client.FreshetClient;
import io.freshet.client.chat.ChatChannel;
import io.freshet.client.chat.ChatMessage;
import io.freshet.client.chat.Conversation;
import io.freshet.client.chat.FollowedConversation;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FreshetException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Where the user talks: in a channel, alone with somebody, or in the thread of a message of one of these. One place at a time is followed,
 * and shown. On the user's thread, which waits while it moves; {@link #typing} as well.
 */
public final class Places {
    private final FreshetClient client;
    private final Place main;
    private final long user;
    private final int historyCount;
    private final ChatScreen screen;
    private final Function<Throwable, String> sentence;
    private Consumer<String> prompt = text -> {};
    private Consumer<String> status = line -> {};
    private boolean isSeen;
    private @Nullable FollowedConversation followed;

    /** Where the user is; what is shown is marked as read there, on the client's thread. */
    private volatile Place at;

    /**
     * A place.
     *
     * @param channel what is talked in
     * @param base the channel it belongs to, which is the channel itself but for a thread
     * @param post message whose thread it is; 0 for none
     * @param name of whoever the user is alone with; empty for nobody
     */
    private record Place(ChatChannel channel, ChatChannel base, long post, String name) {
        String prompt() {
            return (name.isEmpty() ? "" : "@" + name) + (post == 0 ? "" : "#" + post) + "> ";
        }
    }

    /**
     * In no place yet.
     *
     * @param client whose user talks
     * @param main name of the channel
     * @param historyCount messages that are shown of a place at first
     * @param sentence what to tell people of a failure
     */
    public Places(
            FreshetClient client,
            String main,
            int historyCount,
            ChatScreen screen,
            Function<Throwable, String> sentence) {
        this.client = client;
        this.main = place(client.chat(main), "");
        user = client.principal();
        this.historyCount = historyCount;
        this.screen = screen;
        this.sentence = sentence;
        at = this.main;
    }

    private static Place place(ChatChannel channel, String name) {
        return new Place(channel, channel, 0, name);
    }

    /** What stands before the line that is typed is told, too. */
    public void tell(Consumer<String> line) {
        prompt = line;
    }

    /** Somebody sits there: others see when they write, and their other devices what they have read. */
    public void beSeen(Consumer<String> line) {
        isSeen = true;
        status = line;
        screen.tell(line, sequence -> at.channel().markRead(sequence));
    }

    /** The user writes, or does not any more. */
    public void typing(boolean isOn) {
        at.channel().typing(isOn);
    }

    /** Goes into the channel. Fails as following it does, with a {@link CompletionException}. */
    public void begin() {
        follow(main);
    }

    /** Goes into the thread of a message, which is started when there is none. Fails with a {@link CompletionException}, and stays. */
    public void enter(long message) {
        Place from = at;
        if (from.post() != 0) {
            screen.note("this is the thread of #" + from.post() + ", where messages have none; /up leads back");
            return;
        }
        ChatChannel thread = await(thread(from.base(), message));
        move(new Place(thread, from.base(), message, from.name()));
        screen.note("this is the thread of #" + message + "; /up leads back to the channel");
    }

    /** Goes where the user talks with somebody alone. Fails with a {@link CompletionException}, and stays. */
    public void enterDirect(long other, String name) {
        String direct = await(client.channels().openDirect(List.of(other))).getName();
        move(place(client.chat(direct), name));
        screen.note("here you talk with " + name + " alone; /up leads back to the channel");
    }

    /** Goes back from a thread to its channel, and from where two talk alone to where the user began. Fails with a {@link CompletionException}, and stays. */
    public void leave() {
        Place from = at;
        if (from.post() != 0) {
            move(place(from.base(), from.name()));
        } else if (from.base().name().equals(main.base().name())) {
            screen.note("this is the channel itself; /thread N leads into the thread of message N");
        } else {
            move(main);
        }
    }

    /** The thread that there is; who may start none may still read it. */
    private CompletionStage<ChatChannel> thread(ChatChannel of, long message) {
        ChatMessage known = conversation().message(message);
        String title = known == null ? "" : ChatScreen.beginning(known.text());
        return of.thread(message)
                .thenCompose(thread -> thread.channel().open().thenApply(opened -> thread))
                .exceptionallyCompose(failure -> {
                    if (cause(failure) instanceof FreshetException refused
                            && refused.code() == ErrorCode.UNKNOWN_CHANNEL) {
                        return of.startThread(message, title);
                    }
                    throw new CompletionException(cause(failure));
                });
    }

    private void move(Place to) {
        Place from = at;
        from.channel().typing(false);
        status.accept("");
        await(followed().closeAsync());
        try {
            follow(to);
        } catch (CompletionException e) {
            follow(from);
            throw e;
        }
    }

    private void follow(Place to) {
        at = to;
        prompt.accept(to.prompt());
        if (isSeen) {
            divide();
        }
        screen.show(user, sequence -> null); // the history is shown before there is a conversation to look in
        followed = await(to.channel().follow(historyCount, screen));
        screen.show(user, conversation()::message);
    }

    private void divide() {
        try {
            screen.divideAt(await(at.channel().unread()));
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
        return at.channel();
    }

    /** The channel, also while the user is in one of its threads. */
    ChatChannel base() {
        return at.base();
    }

    FollowedConversation followed() {
        return Objects.requireNonNull(followed, "begin() comes first");
    }

    Conversation conversation() {
        return followed().conversation();
    }
}
