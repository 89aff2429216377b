package io.freshet.examples.cli;

import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;
import org.jline.reader.impl.LineReaderImpl;
import org.jline.terminal.Terminal;
import org.jline.utils.AttributedString;
import org.jline.utils.AttributedStyle;
import org.jline.utils.Status;

/** A line that is edited, with a line below it that others write, and told of each key: what JLine keeps for those who extend it. */
final class ChatLineReader extends LineReaderImpl {
    private final Consumer<String> onKey;

    /** @param onKey takes what has been typed so far, on the thread that reads */
    ChatLineReader(Terminal terminal, Consumer<String> onKey) throws IOException {
        super(terminal, "freshet");
        this.onKey = onKey;
    }

    @Override
    protected boolean selfInsert() {
        boolean isTaken = super.selfInsert();
        onKey.accept(buf.toString());
        return isTaken;
    }

    /** Shows this below the line, faintly; an empty text shows nothing. Any thread. */
    void status(String text) {
        lock.lock();
        try {
            AttributedString shown = new AttributedString(text, AttributedStyle.DEFAULT.faint());
            Status.getStatus(terminal).update(text.isEmpty() ? List.of() : List.of(shown));
        } finally {
            lock.unlock();
        }
    }
}
