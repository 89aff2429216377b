package io.freshet.examples.chat;

import io.freshet.client.chat.ChatChannel;
import io.freshet.client.chat.ChatMessage;
import io.freshet.client.chat.Conversation;
import io.freshet.client.chat.Draft;
import io.freshet.protocol.v1.Extension;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Does what the user's lines ask for. On the user's thread. */
public final class Talker {
    private static final int EARLIER_COUNT = 30;

    private static final int THREADS_COUNT = 1_000;

    private final Places places;
    private final ChatScreen screen;
    private final Nicknames names;
    private final String nick;
    private final Function<Throwable, String> sentence;
    private final Answers answers = new Answers();

    /**
     * A talker in the place that is followed.
     *
     * @param nick how the user wants to be called
     * @param sentence what to tell people of a failure
     */
    public Talker(
            Places places, ChatScreen screen, Nicknames names, String nick, Function<Throwable, String> sentence) {
        this.places = places;
        this.screen = screen;
        this.names = names;
        this.nick = nick;
        this.sentence = sentence;
    }

    /** Does what a line asks for; false when that is to leave. What was refused is told on the screen once it is. */
    public boolean take(String line) {
        ChatInput input = ChatInput.parse(line);
        ChatChannel channel = places.channel();
        if (input instanceof ChatInput.Say say) {
            told(channel.send(draft(say.text())));
        } else if (input instanceof ChatInput.Reply reply) {
            told(channel.send(draft(reply.text()).replyTo(reply.sequence())));
        } else if (input instanceof ChatInput.Edit edit) {
            told(edit(channel, edit), edit.sequence(), "was edited");
        } else if (input instanceof ChatInput.React react) {
            react(channel, react);
        } else if (input instanceof ChatInput.On on) {
            act(on);
        } else if (input instanceof ChatInput.Direct direct) {
            direct(direct.name());
        } else if (input instanceof ChatInput.Wrong wrong) {
            screen.note(VisibleText.line(wrong.problem()));
        } else if (input instanceof ChatInput.Show show) {
            return show(show.what());
        }
        return true;
    }

    /** Its author is called as before, whoever edits it. */
    private CompletionStage<?> edit(ChatChannel channel, ChatInput.Edit edit) {
        Draft draft = draft(edit.text());
        return find(channel, places.conversation(), edit.sequence()).thenCompose(message -> {
            Extension said = message == null
                    ? Extension.getDefaultInstance()
                    : message.content().getExtension();
            return channel.edit(
                    edit.sequence(),
                    said.getType().equals(Nicknames.EXTENSION)
                            ? draft.extension(said.getType(), said.getData().toByteArray())
                            : draft);
        });
    }

    private void react(ChatChannel channel, ChatInput.React react) {
        long sequence = react.sequence();
        String reaction = react.reaction();
        if (react.isThere()) {
            told(channel.react(sequence, reaction), sequence, "has your " + VisibleText.line(reaction));
        } else {
            told(channel.unreact(sequence, reaction), sequence, "has your " + VisibleText.line(reaction) + " no more");
        }
    }

    private void act(ChatInput.On on) {
        ChatChannel channel = places.channel();
        long sequence = on.sequence();
        switch (on.action()) {
            case DELETE -> told(channel.delete(sequence), sequence, "was deleted");
            case PIN -> told(channel.pin(sequence), sequence, "is pinned");
            case UNPIN -> told(channel.unpin(sequence), sequence, "is pinned no more");
            case SHOW ->
                told(find(channel, places.conversation(), sequence).thenAccept(message -> {
                    if (message == null) {
                        screen.note("there is no message #" + sequence);
                    } else {
                        names.learn(message);
                        screen.print(message);
                    }
                }));
            case HISTORY -> told(channel.texts(sequence).thenAccept(texts -> screen.print(sequence, texts)));
            case THREAD -> move(() -> places.enter(sequence));
        }
    }

    /** Whoever is called so; a name that is known to nobody here leads nowhere. */
    private void direct(String name) {
        Long user = names.user(name);
        if (user == null) {
            screen.note("nobody here is called " + VisibleText.line(name)
                    + "; people are known once they are here or have said something");
            return;
        }
        move(() -> places.enterDirect(user, names.of(user)));
    }

    private boolean show(ChatInput.What what) {
        switch (what) {
            case HELP -> ChatInput.HELP.forEach(screen::note);
            case EARLIER -> told(places.followed().earlier(EARLIER_COUNT).thenAccept(this::tellEarlier));
            case PINS -> {
                Conversation conversation = places.conversation();
                ChatChannel channel = places.channel();
                told(channel.pins().thenCompose(pins -> showPins(channel, conversation, pins)));
            }
            case THREADS -> told(places.base().threads(THREADS_COUNT).thenAccept(threads -> screen.print(threads)));
            case UP -> move(places::leave);
            case QUIT -> {
                return false;
            }
        }
        return true;
    }

    /** A message of any time, as it is now; null when there is none. */
    private static CompletionStage<@Nullable ChatMessage> find(
            ChatChannel channel, Conversation conversation, long sequence) {
        ChatMessage known = conversation.message(sequence);
        if (known != null || sequence == Long.MAX_VALUE) {
            return CompletableFuture.completedFuture(known);
        }
        return channel.history(sequence + 1, 1)
                .thenApply(messages -> messages.stream()
                        .filter(each -> each.sequence() == sequence)
                        .findFirst()
                        .orElse(null));
    }

    private CompletionStage<?> showPins(ChatChannel channel, Conversation conversation, List<Long> sequences) {
        if (sequences.isEmpty()) {
            screen.note("nothing is pinned");
        }
        CompletionStage<?> shown = CompletableFuture.completedFuture(null);
        for (long sequence : sequences) {
            shown = shown.thenCompose(before -> find(channel, conversation, sequence))
                    .thenAccept(message -> {
                        if (message != null) {
                            names.learn(message);
                            screen.print(message);
                        }
                    });
        }
        return shown;
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

    /** What is typed next is for the new place, so it is waited for. */
    private void move(Runnable move) {
        try {
            move.run();
        } catch (CompletionException e) {
            screen.note(Refusal.line(e, sentence));
        }
    }

    /** What becomes of a message that is on the screen is seen there; of any other it is told. */
    private void told(CompletionStage<?> asked, long sequence, String outcome) {
        boolean isSeen = places.conversation().message(sequence) != null;
        told(isSeen ? asked : asked.thenRun(() -> screen.note("#" + sequence + " " + outcome)));
    }

    private void told(CompletionStage<?> asked) {
        answers.await(asked, (done, failure) -> {
            if (failure != null) {
                screen.note(Refusal.line(failure, sentence));
            }
        });
    }

    /** Completes when whatever was asked for so far is answered. */
    public CompletionStage<?> answered() {
        return answers.all();
    }
}
