package io.freshet.examples.chat;

import io.freshet.client.chat.ChatChannel;
import io.freshet.client.chat.ChatMessage;
import io.freshet.client.chat.Conversation;
import io.freshet.client.chat.Draft;
import io.freshet.client.chat.FollowedConversation;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/** Does what the user's lines ask for. On the user's thread. */
public final class Talker {
    private static final int EARLIER_COUNT = 30;

    private final ChatChannel channel;
    private final FollowedConversation followed;
    private final Conversation conversation;
    private final ChatScreen screen;
    private final Nicknames names;
    private final String nick;
    private final Function<Throwable, String> sentence;
    private CompletableFuture<?> unanswered = CompletableFuture.completedFuture(null);

    /**
     * A talker in a channel that is followed.
     *
     * @param nick how the user wants to be called
     * @param sentence what to tell people of a failure
     */
    public Talker(
            ChatChannel channel,
            FollowedConversation followed,
            ChatScreen screen,
            Nicknames names,
            String nick,
            Function<Throwable, String> sentence) {
        this.channel = channel;
        this.followed = followed;
        conversation = followed.conversation();
        this.screen = screen;
        this.names = names;
        this.nick = nick;
        this.sentence = sentence;
    }

    /** Does what a line asks for; false when that is to leave. What was refused is told on the screen once it is. */
    public boolean take(String line) {
        ChatInput input = ChatInput.parse(line);
        if (input instanceof ChatInput.Say say) {
            told(channel.send(draft(say.text())));
        } else if (input instanceof ChatInput.Reply reply) {
            told(channel.send(draft(reply.text()).replyTo(reply.sequence())));
        } else if (input instanceof ChatInput.Edit edit) {
            told(channel.edit(edit.sequence(), draft(edit.text())));
        } else if (input instanceof ChatInput.React react) {
            told(
                    react.isThere()
                            ? channel.react(react.sequence(), react.reaction())
                            : channel.unreact(react.sequence(), react.reaction()));
        } else if (input instanceof ChatInput.On on) {
            act(on);
        } else if (input instanceof ChatInput.Wrong wrong) {
            screen.note(VisibleText.line(wrong.problem()));
        } else if (input instanceof ChatInput.Show show) {
            return show(show.what());
        }
        return true;
    }

    private void act(ChatInput.On on) {
        switch (on.action()) {
            case DELETE -> told(channel.delete(on.sequence()));
            case PIN -> told(channel.pin(on.sequence()));
            case UNPIN -> told(channel.unpin(on.sequence()));
            case SHOW -> {
                ChatMessage message = conversation.message(on.sequence());
                if (message == null) {
                    screen.note("message #" + on.sequence() + " is not among the last ones");
                } else {
                    screen.print(message);
                }
            }
        }
    }

    private boolean show(ChatInput.What what) {
        switch (what) {
            case HELP -> ChatInput.HELP.forEach(screen::note);
            case EARLIER -> told(followed.earlier(EARLIER_COUNT).thenAccept(this::tellEarlier));
            case PINS ->
                conversation.messages().stream().filter(ChatMessage::isPinned).forEach(screen::print);
            case QUIT -> {
                return false;
            }
        }
        return true;
    }

    /** The messages themselves were shown as history. */
    private void tellEarlier(List<ChatMessage> messages) {
        screen.note(
                messages.isEmpty()
                        ? "there is nothing earlier"
                        : "that was earlier, from #" + messages.get(0).sequence() + " on");
    }

    /** What the user says, with the mentions that are in it, and the user's name. */
    private Draft draft(String text) {
        Draft draft = Draft.of(text).extension(Nicknames.EXTENSION, nick.getBytes(StandardCharsets.UTF_8));
        Mentions mentions = Mentions.of(text, names::user);
        mentions.users().forEach(draft::mention);
        if (mentions.isEveryone()) {
            draft.mentionEveryone();
        }
        mentions.unknown().forEach(name -> screen.note("nobody here is called " + VisibleText.line(name)));
        return draft;
    }

    private void told(CompletionStage<?> asked) {
        CompletableFuture<?> answered = asked.toCompletableFuture().handle((done, failure) -> {
            if (failure != null) {
                screen.note("refused: " + VisibleText.line(sentence.apply(failure)));
            }
            return null;
        });
        unanswered = CompletableFuture.allOf(unanswered, answered);
    }

    /** Completes when whatever was asked for so far is answered. */
    public CompletionStage<?> answered() {
        return unanswered;
    }
}
