package io.freshet.engine.simulation;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Once a revocation is acknowledged with a sequence, its principal's connections have been handed nothing of the channel above it,
 * hold nothing of the channel, and are handed nothing more; and nothing that it publishes is kept, until it is allowed again.
 */
final class RevocationChecker {
    private final Verdict verdict;
    private final Map<List<Long>, Long> inForce = new HashMap<>();
    private final Map<List<Long>, Long> highestGiven = new HashMap<>();

    RevocationChecker(Verdict verdict) {
        this.verdict = verdict;
    }

    private static List<Long> key(long sender, long channel) {
        return List.of(sender, channel);
    }

    /** The server has acknowledged it; these are its ends of the connections that stand. */
    void applied(long sender, long channel, long lastSequence, List<SimConnection> serverEnds, WireChecker wire) {
        inForce.put(key(sender, channel), lastSequence);
        long given = highestGiven.getOrDefault(key(sender, channel), 0L);
        verdict.check(
                given <= lastSequence,
                () -> "taken back from " + sender + " at " + lastSequence + ", which had got " + given);
        for (SimConnection end : serverEnds) {
            verdict.check(
                    !end.remoteAddress().startsWith("client-" + sender + "/") || !wire.isUnsent(end, channel),
                    () -> end + " still holds records of channel " + channel + ", taken back at " + lastSequence);
        }
    }

    /** It is allowed again. */
    void lifted(long sender, long channel) {
        inForce.remove(key(sender, channel));
    }

    /** The server is gone, and with it what it gave. */
    void serverDied() {
        highestGiven.clear();
    }

    /** The server hands a record of a channel to a connection of this sender, or a page of it. */
    void given(long sender, long channel, long sequence) {
        opened(sender, channel);
        highestGiven.merge(key(sender, channel), sequence, Math::max);
    }

    /** The server opens a channel for this sender. */
    void opened(long sender, long channel) {
        Long lastSequence = inForce.get(key(sender, channel));
        verdict.check(
                lastSequence == null,
                () -> "client-" + sender + " was given something of channel " + channel + ", taken back at "
                        + lastSequence);
    }

    /** A record of this sender is in the log. */
    void stored(long sender, long channel, long sequence) {
        Long lastSequence = inForce.get(key(sender, channel));
        verdict.check(
                lastSequence == null || sequence <= lastSequence,
                () -> "client-" + sender + " has published " + sequence + " to channel " + channel + ", taken back at "
                        + lastSequence);
    }
}
