package io.freshet.examples.cli;

import io.freshet.client.GapReason;
import io.freshet.client.ReceivedRecord;
import io.freshet.client.RecordHandler;
import io.freshet.protocol.FreshetException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.ExitCode;

/**
 * Carries lines from the client's thread, which makes them, to the command's thread, which writes them in {@link #run}.
 * The queue between them is bounded: when standard output is not read, the client is not either, and the server keeps
 * what is to come.
 */
final class TailOutput implements RecordHandler {
    private static final int QUEUE_CAPACITY = 1_024;
    private static final int BUFFER_LENGTH = 1 << 16;
    private static final long OFFER_TIMEOUT_MS = 100;
    private static final byte[] ERASED_LINE = "(erased)\n".getBytes(StandardCharsets.UTF_8);
    private static final byte[] ESCAPED_LINE_FEED = {'\\', 'n'};

    /** What is to be written: a line of output, a notice on standard error, or the end and its reason. */
    private sealed interface Item {
        @SuppressWarnings("ArrayRecordComponent") // never compared
        record Line(byte[] bytes) implements Item {}

        record Notice(String text) implements Item {}

        record End(String reason) implements Item {}
    }

    private final BlockingQueue<Item> queue = new ArrayBlockingQueue<>(QUEUE_CAPACITY);
    private final OutputStream out;
    private final PrintWriter err;
    private final boolean isJson;
    private final long count;
    private volatile boolean isDone;

    /** Writes {@code count} records at most. */
    TailOutput(OutputStream out, PrintWriter err, boolean isJson, long count) {
        this.out = new BufferedOutputStream(out, BUFFER_LENGTH);
        this.err = err;
        this.isJson = isJson;
        this.count = count;
    }

    @Override
    public void onRecord(ReceivedRecord record) {
        put(new Item.Line(
                isJson ? JsonLine.of(record) : record.isErased() ? ERASED_LINE : plainLine(record.payloadBytes())));
    }

    @Override
    public void onGap(long firstSequence, long gapCount, GapReason reason) {
        put(new Item.Notice("gap: " + gapCount + " messages from sequence " + firstSequence + " are missing ("
                + reason.name().toLowerCase(Locale.ROOT) + ")"));
    }

    @Override
    public void onRewind(int epoch, long validUpTo) {
        put(new Item.Notice("rewind: messages after sequence " + validUpTo + " were lost by the server and are void"));
    }

    @Override
    public void onEnd(FreshetException cause) {
        put(new Item.End(ErrorLine.sentence(cause)));
    }

    private void put(Item item) {
        try {
            boolean isQueued = false;
            while (!isQueued && !isDone) {
                isQueued = queue.offer(item, OFFER_TIMEOUT_MS, TimeUnit.MILLISECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Writes until the count is reached, the subscription has ended, or nobody reads the output any more; flushes
     * whenever nothing is waiting. Returns the exit code.
     */
    int run() throws InterruptedException {
        try {
            long rest = count;
            while (rest > 0) {
                Item item = queue.poll();
                if (item == null) {
                    out.flush();
                    item = queue.take();
                }
                if (item instanceof Item.Line line) {
                    out.write(line.bytes());
                    rest--;
                } else if (item instanceof Item.Notice notice) {
                    err.println("freshet: " + notice.text());
                } else if (item instanceof Item.End end) {
                    out.flush();
                    err.println("freshet: " + end.reason());
                    return ExitCode.SOFTWARE;
                }
            }
            out.flush();
            return ExitCode.OK;
        } catch (IOException e) {
            return ExitCode.OK; // a broken pipe: the reader has seen what it wanted
        } finally {
            isDone = true;
        }
    }

    /** The payload and a line feed; line feeds within it are escaped, so that a message is one line. */
    static byte[] plainLine(byte[] payload) {
        int lineFeeds = 0;
        for (byte b : payload) {
            lineFeeds += b == '\n' ? 1 : 0;
        }
        byte[] line = new byte[payload.length + lineFeeds + 1];
        int at = 0;
        for (byte b : payload) {
            if (b == '\n') {
                line[at++] = ESCAPED_LINE_FEED[0];
                line[at++] = ESCAPED_LINE_FEED[1];
            } else {
                line[at++] = b;
            }
        }
        line[at] = '\n';
        return line;
    }
}
