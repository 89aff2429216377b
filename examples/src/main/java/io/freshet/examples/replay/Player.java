package io.freshet.examples.replay;

import io.freshet.client.ClientConfig;
import io.freshet.client.Receipt;
import io.freshet.examples.input.IrcLine;
import io.freshet.examples.input.IrcLog;
import io.freshet.protocol.FreshetException;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Plays one log into one channel so that the channel holds its lines in the order of the file. Runs on one thread.
 *
 * <p>One connection keeps the order of what it publishes, two do not. So lines that one speaker says in a row go out
 * without waiting, and before another speaks, all of them must be acknowledged.
 */
public final class Player implements Callable<Void> {
    /** A value of {@code speed}: as fast as the order allows. */
    public static final double MAX_SPEED = Double.POSITIVE_INFINITY;

    /** Lines for whose speakers connections are made ahead. */
    private static final int LOOK_AHEAD_COUNT = 64;

    /** Lines of one speaker that may wait for their receipts. */
    private static final int WINDOW_COUNT = 256;

    private final IrcLog log;
    private final String channelName;
    private final double speed;
    private final Function<String, ClientConfig> configOf;
    private final ReplayCounters counters;
    private final Telling telling;

    /**
     * A player that has not begun.
     *
     * @param speed how many times faster than the log's time stamps, or {@link #MAX_SPEED}
     * @param configOf how the connection of a speaker is made
     * @param telling what a line becomes; for this player alone
     */
    public Player(
            IrcLog log,
            String channelName,
            double speed,
            Function<String, ClientConfig> configOf,
            ReplayCounters counters,
            Telling telling) {
        this.telling = telling;
        this.log = log;
        this.channelName = channelName;
        this.speed = speed;
        this.configOf = configOf;
        this.counters = counters;
    }

    /**
     * Publishes every line and returns when the last is acknowledged.
     *
     * @throws ExecutionException when a line was not acknowledged, and says which; what other speakers say behind it was not published
     */
    @Override
    public @Nullable Void call() throws InterruptedException, ExecutionException {
        List<IrcLine> lines = log.lines();
        long[] offsetsNs = log.offsetsNs();
        BitSet lastLines = lastLines(lines);
        long startNs = System.nanoTime();
        int prepared = 0;
        int unanswered = 0;
        String speaking = "";
        CompletableFuture<Void> answered = CompletableFuture.completedFuture(null);
        try (Speakers speakers = new Speakers(configOf, counters)) {
            for (int i = 0; i < lines.size(); i++) {
                for (; prepared < Math.min(lines.size(), i + LOOK_AHEAD_COUNT); prepared++) {
                    speakers.prepare(lines.get(prepared).speaker());
                }
                IrcLine line = lines.get(i);
                awaitTime(startNs + (long) (offsetsNs[i] / speed));
                if (!line.speaker().equals(speaking) || unanswered == WINDOW_COUNT) {
                    answered.get();
                    unanswered = 0;
                    speaking = line.speaker();
                }
                telling.attend(speakers, channelName, line);
                answered = CompletableFuture.allOf(answered, acknowledged(speakers, i, line));
                unanswered++;
                if (lastLines.get(i)) {
                    speakers.leave(line.speaker(), answered);
                }
            }
            answered.get();
        }
        return null;
    }

    private CompletableFuture<?> acknowledged(Speakers speakers, int index, IrcLine line) throws InterruptedException {
        CompletionStage<Receipt> told;
        try {
            told = telling.tell(speakers.connected(line.speaker()), channelName, index, line);
        } catch (ExecutionException e) {
            told = CompletableFuture.failedFuture(e);
        }
        return told.toCompletableFuture().handle((receipt, failure) -> {
            if (failure != null) {
                throw new CompletionException(named(index + 1, failure));
            }
            counters.onAcknowledged();
            return receipt;
        });
    }

    /** A failure that says which line it is about, when it is one that people are told of. */
    private static Throwable named(int lineNumber, Throwable failure) {
        Throwable cause = failure;
        while ((cause instanceof CompletionException || cause instanceof ExecutionException)
                && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause instanceof FreshetException refused
                ? new FreshetException(
                        refused.code(),
                        "line " + lineNumber + " was not acknowledged: " + refused.getMessage(),
                        refused)
                : cause;
    }

    /** Marks each line after which its speaker says no more. */
    private static BitSet lastLines(List<IrcLine> lines) {
        BitSet lastLines = new BitSet(lines.size());
        Set<String> laterSpeakers = new HashSet<>();
        for (int i = lines.size() - 1; i >= 0; i--) {
            lastLines.set(i, laterSpeakers.add(lines.get(i).speaker()));
        }
        return lastLines;
    }

    private static void awaitTime(long dueNs) throws InterruptedException {
        for (long restNs = dueNs - System.nanoTime(); restNs > 0; restNs = dueNs - System.nanoTime()) {
            LockSupport.parkNanos(restNs);
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
        }
    }
}
