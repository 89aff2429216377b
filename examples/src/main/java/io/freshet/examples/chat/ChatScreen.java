package io.freshet.examples.chat;

import io.freshet.client.StoredRecord;
import io.freshet.client.ThreadState;
import io.freshet.client.chat.ChatMessage;
import io.freshet.client.chat.ChatThread;
import io.freshet.client.chat.ConversationListener;
import io.freshet.client.chat.MessageText;
import io.freshet.client.chat.ReactionCount;
import io.freshet.client.chat.Unread;
import io.freshet.protocol.EventKind;
import io.freshet.protocol.FreshetException;
import io.freshet.protocol.v1.Attachment;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.LongFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Writes a conversation as lines, each with the number by which a message is named. On the client's thread, and on the user's. */
public final class ChatScreen implements ConversationListener {
    private static final int QUOTE_LENGTH = 40;
    private static final String INDENT = "      ";
    /** Unread messages that stand for more. */
    private static final int MANY = 1_000;

    private final Nicknames names;
    private final Consumer<String> out;
    private final boolean hasColours;
    private final DateTimeFormatter time;
    private final DateTimeFormatter day;
    private volatile LongFunction<@Nullable ChatMessage> messages = sequence -> null;
    private volatile long user;
    private volatile Consumer<String> status = line -> {};
    private volatile LongConsumer seen = sequence -> {};
    private volatile @Nullable Unread unread;

    /**
     * A screen of nothing yet.
     *
     * @param out takes a line, or several with line feeds between them; any thread
     * @param zone of the times that are shown
     */
    public ChatScreen(Nicknames names, Consumer<String> out, boolean hasColours, ZoneId zone) {
        this.names = names;
        this.out = out;
        this.hasColours = hasColours;
        time = DateTimeFormatter.ofPattern("HH:mm").withZone(zone);
        day = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm").withZone(zone);
    }

    /** Who looks at it, whose mentions stand out, and where the messages are that others answer. */
    public void show(long viewer, LongFunction<@Nullable ChatMessage> known) {
        user = viewer;
        messages = known;
    }

    /**
     * What else is done when something is shown.
     *
     * @param line takes what is to be seen at the edge of the screen for as long as it holds, or nothing
     * @param message takes the sequence of each message that was shown, the last of several
     */
    public void tell(Consumer<String> line, LongConsumer message) {
        status = line;
        seen = message;
    }

    /** In the history that comes next, a line stands above what the user has not read, if the user has ever read here. */
    public void divideAt(Unread position) {
        unread = position;
    }

    @Override
    public void onHistory(List<ChatMessage> history) {
        Map<Long, ChatMessage> bySequence = new HashMap<>();
        for (ChatMessage message : history) {
            names.learn(message);
            bySequence.put(message.sequence(), message);
        }
        Unread divided = unread;
        unread = null;
        for (ChatMessage message : history) {
            if (divided != null && divided.readUpTo() > 0 && message.sequence() > divided.readUpTo()) {
                out.accept(colour(Colour.UNREAD, line(divided)));
                divided = null;
            }
            out.accept(text(message, bySequence::get));
        }
        seen.accept(history.get(history.size() - 1).sequence());
    }

    private static String line(Unread unread) {
        int count = unread.messageCount();
        int mentions = unread.mentionCount();
        return "──── " + count + (count >= MANY ? " or more" : "") + " unread"
                + (mentions == 0 ? "" : ", " + mentions + (mentions == 1 ? " mentions you" : " mention you"))
                + " ────";
    }

    @Override
    public void onTyping(List<Long> users, int userCount) {
        status.accept(TypingLine.of(users, userCount, names::of));
    }

    @Override
    public void onMessage(ChatMessage message) {
        names.learn(message);
        out.accept(text(message, messages));
        seen.accept(message.sequence());
    }

    @Override
    public void onEdit(ChatMessage message) {
        out.accept(text(message, messages));
    }

    @Override
    public void onDelete(ChatMessage message, long by) {
        String whose = by == message.sender() ? "their own message" : "a message of " + names.of(message.sender());
        note(names.of(by) + " deleted " + whose + ", #" + message.sequence());
    }

    @Override
    public void onErase(ChatMessage message) {
        note("what message #" + message.sequence() + " said is gone");
    }

    @Override
    public void onReaction(ChatMessage message, String reaction, long by, boolean isThere) {
        String what = VisibleText.line(reaction);
        note(names.of(by) + (isThere ? " reacted " + what + " to" : " took back " + what + " from") + " #"
                + message.sequence() + quote(message));
    }

    @Override
    public void onPin(ChatMessage message, long by, boolean isPinned) {
        note(names.of(by) + (isPinned ? " pinned #" : " unpinned #") + message.sequence() + quote(message));
    }

    @Override
    public void onThread(long post, long thread, String title, long by) {
        note(names.of(by) + " started the thread of #" + post + quoted(title) + "; /thread " + post + " leads there");
    }

    @Override
    public void onOther(StoredRecord record) {
        if (record.kind() == EventKind.MESSAGE.code() && !record.isErased()) {
            out.accept(colour(Colour.FAINT, clock(record.timestampUs())) + " "
                    + colour(Colour.FAINT, names.of(record.sender()) + ": ") + indented(record.text()));
        }
    }

    @Override
    public void onDoubt() {
        note("something of this channel is missing; its last messages are read again");
    }

    @Override
    public void onEnd(FreshetException cause) {
        note("nothing more comes: " + VisibleText.line(String.valueOf(cause.getMessage())));
    }

    /** A line that nobody said. */
    public void note(String text) {
        out.accept(colour(Colour.FAINT, INDENT + "· " + text));
    }

    /** Threads, each with the number of its message. */
    public void print(List<ChatThread> threads) {
        threads.forEach(thread -> note(text(thread)));
        if (threads.isEmpty()) {
            note("there is no thread of the last messages; /thread N starts one");
        }
    }

    private String text(ChatThread thread) {
        ThreadState state = thread.state();
        String what = "#" + thread.post() + quoted(state.title()) + ": ";
        if (state.lastSequence() == 0) {
            return what + "nothing was said yet";
        }
        return what + state.replyCount() + (state.replyCount() == 1 ? " message" : " messages") + ", the last at "
                + day.format(instant(state.lastUs())) + ", by "
                + state.participants().stream().map(names::of).collect(Collectors.joining(", "));
    }

    /** What a message has said, one text after the other. */
    public void print(long sequence, List<MessageText> texts) {
        note("#" + sequence + (texts.size() == 1 ? " said nothing else before" : " has said"));
        texts.forEach(each -> out.accept(
                colour(Colour.FAINT, INDENT + day.format(instant(each.timestampUs())) + " ") + indented(each.text())));
    }

    /** A message as it is now. */
    public void print(ChatMessage message) {
        out.accept(text(message, messages));
    }

    private String text(ChatMessage message, LongFunction<@Nullable ChatMessage> known) {
        StringBuilder text = new StringBuilder();
        if (message.replyTo() != 0) {
            ChatMessage answered = known.apply(message.replyTo());
            text.append(colour(
                            Colour.FAINT,
                            INDENT + "┌ #" + message.replyTo()
                                    + (answered == null ? "" : " " + names.of(answered.sender()) + quote(answered))))
                    .append('\n');
        }
        text.append(colour(Colour.FAINT, clock(message.timestampUs()) + " #" + message.sequence()))
                .append(' ')
                .append(colour(Colour.ofUser(message.sender()), names.of(message.sender())))
                .append(": ")
                .append(said(message));
        for (Attachment each : message.content().getAttachmentsList()) {
            text.append('\n')
                    .append(INDENT)
                    .append(VisibleText.line(
                            "[" + each.getName() + ", " + each.getLength() + " bytes] " + each.getAddress()));
        }
        if (!message.reactions().isEmpty()) {
            text.append('\n').append(INDENT).append(reactions(message.reactions()));
        }
        return text.toString();
    }

    private String said(ChatMessage message) {
        if (message.isDeleted() || message.isErased()) {
            return colour(Colour.FAINT, message.isDeleted() ? "(deleted)" : "(gone)");
        }
        boolean isForUser = message.content().getMentionsList().stream()
                .anyMatch(each -> each.hasEveryone() || (each.hasUser() && each.getUser() == user));
        String text = indented(message.text());
        return (isForUser ? colour(Colour.FOR_USER, text) : mentions(text))
                + (message.isEdited() ? colour(Colour.FAINT, " (edited)") : "")
                + (message.isPinned() ? colour(Colour.FAINT, " (pinned)") : "");
    }

    /** The text with the names of those who are mentioned in their colours. */
    private String mentions(String text) {
        return hasColours
                ? Mentions.mark(
                        text, names::user, (user, shown) -> Colour.ofUser(user).of(shown))
                : text;
    }

    private static String reactions(Map<String, ReactionCount> reactions) {
        return reactions.entrySet().stream()
                .map(each -> VisibleText.line(each.getKey()) + " "
                        + each.getValue().count() + (each.getValue().isOwn() ? "*" : ""))
                .collect(Collectors.joining("  "));
    }

    /** The beginning of what a message says, in quotes. */
    private static String quote(ChatMessage message) {
        return quoted(beginning(message.text()));
    }

    private static String quoted(String text) {
        String line = VisibleText.line(text);
        return line.isEmpty() ? "" : " “" + line + "”";
    }

    /** As much of a text as names it: one line, of some 40 characters. */
    static String beginning(String text) {
        String line = VisibleText.line(text);
        return line.codePointCount(0, line.length()) <= QUOTE_LENGTH
                ? line
                : line.substring(0, line.offsetByCodePoints(0, QUOTE_LENGTH)) + "…";
    }

    private static String indented(String text) {
        return VisibleText.lines(text).replace("\n", "\n" + INDENT);
    }

    private String clock(long timestampUs) {
        return time.format(instant(timestampUs));
    }

    private static Instant instant(long timestampUs) {
        return Instant.ofEpochMilli(TimeUnit.MICROSECONDS.toMillis(timestampUs));
    }

    private String colour(Colour colour, String text) {
        return hasColours ? colour.of(text) : text;
    }
}
