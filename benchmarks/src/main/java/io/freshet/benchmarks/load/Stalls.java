package io.freshet.benchmarks.load;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Subscribers that stop to read, each at another moment of the measured part's second tenth to fourth, and wake in its
 * sixth to eighth. The rates of the others before, in between and after show whether they noticed. Owned by the leader's
 * thread.
 */
final class Stalls {
    // Parts of the measured part's duration.
    private static final double FIRST_STALL = 0.2;
    private static final double LAST_STALL = 0.4;
    private static final double FIRST_WAKE = 0.6;
    private static final double LAST_WAKE = 0.8;
    private static final double SECOND_NS = 1e9;
    private static final double PERCENT = 100;

    private final List<Connection> stalling;
    private final long durationNs;
    private final LoadTeam team;
    private final List<Subscription> others = new ArrayList<>();
    private final Map<Moment, Progress> progress = new EnumMap<>(Moment.class);
    private int stalled;
    private int woken;

    /** When the others' progress is noted. */
    private enum Moment {
        BEGIN,
        FIRST_STALL,
        ALL_STALLED,
        FIRST_WAKE,
        ALL_AWAKE,
        END
    }

    /** Messages that the others together had got, and when. */
    private record Progress(long count, long atNs) {}

    Stalls(List<Connection> stalling, long durationNs, LoadTeam team) {
        this.team = team;
        this.stalling = stalling;
        this.durationNs = durationNs;
    }

    /** A subscriber that goes on reading. */
    void addOther(Subscription subscription) {
        others.add(subscription);
    }

    /** In each turn of the measured part, {@code sinceNs} after its begin. */
    void doWork(long sinceNs) {
        double part = (double) sinceNs / durationNs;
        note(Moment.BEGIN, 0, part, sinceNs);
        note(Moment.FIRST_STALL, FIRST_STALL, part, sinceNs);
        int toStall = due(part, FIRST_STALL, LAST_STALL);
        while (stalled < toStall) {
            reads(stalling.get(stalled++), false);
        }
        note(Moment.ALL_STALLED, LAST_STALL, part, sinceNs);
        note(Moment.FIRST_WAKE, FIRST_WAKE, part, sinceNs);
        int toWake = Math.min(stalled, due(part, FIRST_WAKE, LAST_WAKE));
        while (woken < toWake) {
            reads(stalling.get(woken++), true);
        }
        note(Moment.ALL_AWAKE, LAST_WAKE, part, sinceNs);
    }

    /** The measured part is over: everybody reads. */
    void end(long sinceNs) {
        note(Moment.END, 0, 1, sinceNs);
        while (woken < stalled) {
            reads(stalling.get(woken++), true);
        }
    }

    private static void reads(Connection connection, boolean isReading) {
        connection.loop().execute(() -> connection.reads(isReading));
    }

    /** How many of them must have stalled, or woken, up to now. */
    private int due(double part, double first, double last) {
        double share = Math.max(0, Math.min(1, (part - first) / (last - first)));
        return (int) Math.ceil(share * stalling.size());
    }

    private void note(Moment moment, double when, double part, long sinceNs) {
        if (part >= when && !progress.containsKey(moment)) {
            team.standStill(() -> {
                long count =
                        others.stream().mapToLong(Subscription::passedCount).sum();
                progress.put(moment, new Progress(count, sinceNs));
            });
        }
    }

    /** What happened, as a sentence. After the end. */
    String finding() {
        return String.format(
                Locale.ROOT,
                "Before %d subscribers stood still the other %d got %,.0f messages a second; while those stopped %,.0f, stood still %,.0f, "
                        + "woke %,.0f, caught up %,.0f: at least %.0f %% of before.",
                stalling.size(),
                others.size(),
                beforePerS(),
                perS(Moment.FIRST_STALL, Moment.ALL_STALLED),
                perS(Moment.ALL_STALLED, Moment.FIRST_WAKE),
                perS(Moment.FIRST_WAKE, Moment.ALL_AWAKE),
                perS(Moment.ALL_AWAKE, Moment.END),
                leastPart() * PERCENT);
    }

    /** Whether the others' rate fell by more than this part of what it was before. After the end. */
    boolean hasFallenBy(int percent) {
        return leastPart() * PERCENT < PERCENT - percent;
    }

    private double beforePerS() {
        return perS(Moment.BEGIN, Moment.FIRST_STALL);
    }

    /** The least of the rates after the first has stopped, as a part of the rate before. */
    private double leastPart() {
        double leastPerS = Math.min(
                Math.min(perS(Moment.FIRST_STALL, Moment.ALL_STALLED), perS(Moment.ALL_STALLED, Moment.FIRST_WAKE)),
                Math.min(perS(Moment.FIRST_WAKE, Moment.ALL_AWAKE), perS(Moment.ALL_AWAKE, Moment.END)));
        return beforePerS() == 0 ? 0 : leastPerS / beforePerS();
    }

    private double perS(Moment from, Moment to) {
        Progress begin = progress.get(from);
        Progress end = progress.get(to);
        if (begin == null || end == null || end.atNs <= begin.atNs) {
            return 0;
        }
        return (end.count - begin.count) * SECOND_NS / (end.atNs - begin.atNs);
    }
}
