package io.freshet.examples.cli;

import io.freshet.examples.chat.ChatInput;
import io.freshet.examples.chat.Nicknames;
import io.freshet.examples.input.LineReader;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;
import org.jline.reader.Candidate;
import org.jline.reader.EndOfFileException;
import org.jline.reader.ParsedLine;
import org.jline.reader.UserInterruptException;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.jspecify.annotations.Nullable;

/**
 * Where a person types and reads: a terminal, with a line that is edited below what comes in, or standard input and output as they are.
 * {@link #next} is for one thread, {@link #print} for any.
 */
abstract class ChatConsole implements AutoCloseable {
    private static final int MAX_LINE_LENGTH = 1 << 16;

    /** The terminal, when standard input and output are one; else {@code out} and standard input. */
    static ChatConsole open(PrintWriter out, Nicknames names) throws IOException {
        try {
            return new Screen(TerminalBuilder.builder().dumb(false).build(), names);
        } catch (IllegalStateException e) { // there is no terminal
            return new Plain(out);
        }
    }

    /** The next line that was typed, without its end; null when there is none any more. */
    abstract @Nullable String next() throws IOException;

    /** Shows a line, or several with line feeds between them. */
    abstract void print(String lines);

    /** Shows this below the line that is typed, until it is something else, or nothing. */
    abstract void status(String line);

    /** Has somebody told of each change of what is being typed, and with an empty text of its end. Before the first {@link #next}. */
    abstract void onKey(Consumer<String> listener);

    /** What stands before the line that is typed next. On the thread of {@link #next}. */
    abstract void prompt(String text);

    /** Whether somebody sits in front of it. */
    abstract boolean isTerminal();

    abstract boolean hasColours();

    @Override
    public abstract void close() throws IOException;

    /** Standard input and output. */
    private static final class Plain extends ChatConsole {
        private final PrintWriter out;
        private final InputStream in = new FileInputStream(FileDescriptor.in);
        private final LineReader lines = new LineReader(in, MAX_LINE_LENGTH);

        Plain(PrintWriter out) {
            this.out = out;
        }

        @Override
        @Nullable
        String next() throws IOException {
            byte[] line = lines.next();
            return line == null ? null : new String(line, StandardCharsets.UTF_8);
        }

        @Override
        void print(String lines) {
            out.println(lines);
        }

        @Override
        void status(String line) {}

        @Override
        void onKey(Consumer<String> listener) {}

        @Override
        void prompt(String text) {}

        @Override
        boolean isTerminal() {
            return false;
        }

        @Override
        boolean hasColours() {
            return false;
        }

        @Override
        public void close() throws IOException {
            in.close();
        }
    }

    /** A terminal. */
    private static final class Screen extends ChatConsole {
        private final Terminal terminal;
        private final ChatLineReader reader;
        private String prompt = "";
        private volatile Consumer<String> listener = line -> {};

        Screen(Terminal terminal, Nicknames names) throws IOException {
            this.terminal = terminal;
            reader = new ChatLineReader(terminal, line -> listener.accept(line));
            reader.option(org.jline.reader.LineReader.Option.DISABLE_EVENT_EXPANSION, true);
            reader.option(org.jline.reader.LineReader.Option.BRACKETED_PASTE, true);
            reader.setCompleter((at, line, candidates) -> complete(names, line, candidates));
        }

        private static void complete(Nicknames names, ParsedLine line, List<Candidate> candidates) {
            if (line.wordIndex() == 0) {
                ChatInput.COMMANDS.forEach(command -> candidates.add(new Candidate(command)));
            }
            candidates.add(new Candidate("@everyone"));
            names.all().forEach(name -> candidates.add(new Candidate("@" + name)));
        }

        @Override
        @Nullable
        String next() {
            try {
                return reader.readLine(prompt);
            } catch (EndOfFileException | UserInterruptException e) {
                return null; // Ctrl-D and Ctrl-C
            } finally {
                listener.accept("");
            }
        }

        @Override
        void status(String line) {
            reader.status(line);
        }

        @Override
        void onKey(Consumer<String> told) {
            listener = told;
        }

        @Override
        void prompt(String text) {
            prompt = text;
        }

        @Override
        boolean isTerminal() {
            return true;
        }

        @Override
        void print(String lines) {
            reader.printAbove(lines);
        }

        @Override
        boolean hasColours() {
            String refusal = System.getenv("NO_COLOR");
            return refusal == null || refusal.isEmpty();
        }

        @Override
        public void close() throws IOException {
            terminal.close();
        }
    }
}
