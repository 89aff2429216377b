package io.freshet.examples.chat;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** What a typed line asks for. */
public sealed interface ChatInput {
    /** Nothing. */
    record Nothing() implements ChatInput {}

    /** Say this. */
    record Say(String text) implements ChatInput {}

    /** Answer a message. */
    record Reply(long sequence, String text) implements ChatInput {}

    /** Let a message say something else. */
    record Edit(long sequence, String text) implements ChatInput {}

    /** Give a reaction, or take it back. */
    record React(long sequence, String reaction, boolean isThere) implements ChatInput {}

    /** Do something to a message that needs no words. */
    record On(Action action, long sequence) implements ChatInput {}

    /** Go where one talks with somebody alone. */
    record Direct(String name) implements ChatInput {}

    /** Show something, or leave. */
    record Show(What what) implements ChatInput {}

    /** It cannot be understood; {@code problem} says how it should be. */
    record Wrong(String problem) implements ChatInput {}

    /** What can be done to a message. */
    enum Action {
        DELETE,
        PIN,
        UNPIN,
        SHOW,
        HISTORY,
        THREAD
    }

    /** What can be asked for. */
    enum What {
        HELP,
        EARLIER,
        PINS,
        THREADS,
        UP,
        QUIT
    }

    /** What people can type, for /help. */
    List<String> HELP = List.of(
            "text                 say it; @name mentions somebody, @everyone everyone",
            "/reply N text        answer message N",
            "/edit N text         let your message N say something else",
            "/delete N            delete message N",
            "/react N 👍          react to message N; /unreact N 👍 takes it back",
            "/pin N, /unpin N     put message N where everybody finds it, or take it away",
            "/earlier             show what was said before",
            "/show N              show message N as it is now",
            "/history N           show what message N said before it was edited",
            "/thread N            go into the thread of message N, which is started when there is none",
            "/threads, /up        what threads there are; go back to where you came from",
            "/dm name             go where you talk with somebody alone",
            "/pins, /who          what is pinned; who is here",
            "/status text         what others read beside your name; without a text nothing",
            "/away, /dnd          be seen as idle until you type something; as not to be disturbed",
            "/invisible, /back    not be seen; be seen again as usual",
            "/mute 30m            hear nothing of here for 15m, 30m or 1h, or until /unmute, but when you are mentioned",
            "/notify mentions     what you want to hear of from here: all, mentions or nothing",
            "//text               say a text that begins with a slash",
            "/help, /quit         show this; leave");

    /** Commands, for completion. */
    List<String> COMMANDS = List.of(
            "/away",
            "/back",
            "/delete",
            "/dm",
            "/dnd",
            "/earlier",
            "/edit",
            "/help",
            "/history",
            "/invisible",
            "/mute",
            "/notify",
            "/pin",
            "/pins",
            "/quit",
            "/react",
            "/reply",
            "/show",
            "/status",
            "/thread",
            "/threads",
            "/unmute",
            "/unpin",
            "/unreact",
            "/up",
            "/who");

    /** Reads a line. Never fails. */
    static ChatInput parse(String line) {
        String text = line.strip();
        if (text.isEmpty()) {
            return new Nothing();
        }
        if (!text.startsWith("/")) {
            return new Say(line.stripTrailing());
        }
        if (text.startsWith("//")) {
            return new Say(text.substring(1));
        }
        String[] words = text.split("\\s+", 3);
        String command = words[0].toLowerCase(Locale.ROOT);
        String rest = words.length < 3 ? "" : words[2];
        if (Arrays.stream(What.values()).anyMatch(what -> command.equals("/" + lower(what)))) {
            return new Show(What.valueOf(command.substring(1).toUpperCase(Locale.ROOT)));
        }
        if (!COMMANDS.contains(command)) {
            return new Wrong("there is no " + command + "; /help says what there is");
        }
        if (command.equals("/dm")) {
            return words.length == 2
                    ? new Direct(words[1].startsWith("@") ? words[1].substring(1) : words[1])
                    : new Wrong("/dm needs one name, such as /dm ann");
        }
        long sequence = words.length < 2 ? -1 : sequence(words[1]);
        if (sequence < 1) {
            return new Wrong(command + " needs the number of a message, such as " + command + " 17");
        }
        return about(command, sequence, rest);
    }

    private static ChatInput about(String command, long sequence, String rest) {
        return switch (command) {
            case "/reply", "/edit" -> {
                if (rest.isEmpty()) {
                    yield new Wrong(command + " needs a text, such as " + command + " " + sequence + " yes");
                }
                yield command.equals("/reply") ? new Reply(sequence, rest) : new Edit(sequence, rest);
            }
            case "/react", "/unreact" ->
                rest.isEmpty()
                        ? new Wrong(command + " needs a reaction, such as " + command + " " + sequence + " 👍")
                        : new React(sequence, rest, command.equals("/react"));
            default -> new On(Action.valueOf(command.substring(1).toUpperCase(Locale.ROOT)), sequence);
        };
    }

    private static String lower(What what) {
        return what.name().toLowerCase(Locale.ROOT);
    }

    private static long sequence(String word) {
        try {
            return Long.parseLong(word.startsWith("#") ? word.substring(1) : word);
        } catch (NumberFormatException e) {
            return -1;
        }
    }
}
