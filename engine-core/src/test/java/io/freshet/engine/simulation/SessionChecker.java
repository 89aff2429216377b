package io.freshet.engine.simulation;

import io.freshet.protocol.FrameType;
import io.freshet.protocol.Frames;
import io.freshet.protocol.RecordFrame;
import io.freshet.protocol.v1.Closed;
import io.freshet.protocol.v1.Error;
import io.freshet.protocol.v1.Gap;
import io.freshet.protocol.v1.GapReason;
import io.freshet.protocol.v1.Opened;
import io.freshet.protocol.v1.Page;
import io.freshet.protocol.v1.Published;
import io.freshet.protocol.v1.Response;
import io.freshet.protocol.v1.Signal;
import io.freshet.protocol.v1.Welcome;
import io.netty.buffer.ByteBuf;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One session as its socket sees it: nothing but a greeting before it is known who is there; of each open channel every
 * sequence once, in order, with no hole that was not told of, and holes only of what has expired or, where the subscriber may
 * skip, up to a record that is there; samples no more often than was asked for; nothing of a channel that is not open or not theirs
 * to read; nothing after the error that ends it.
 */
final class SessionChecker {
    private final String name;
    private final Verdict verdict;
    private final Truth truth;
    private final SimAccess access;
    private final RevocationChecker revocations;
    private final SimPaces paces;
    private final SimClock clock;
    private final SignalChecker signals;
    private final Map<String, Long> totals = new HashMap<>();
    private final Map<Long, Place> open = new HashMap<>();
    private final Map<Long, String> names = new HashMap<>();
    private final Map<Long, Long> recordEnds = new HashMap<>();
    private final Set<Long> answered = new HashSet<>();
    private @Nullable Welcome welcome;
    private boolean isGreeted;
    private boolean isOver;
    private long skippedCount;

    SessionChecker(
            String name,
            Verdict verdict,
            Truth truth,
            SimAccess access,
            RevocationChecker revocations,
            SimPaces paces,
            SimClock clock,
            SignalChecker signals) {
        this.name = name;
        this.verdict = verdict;
        this.truth = truth;
        this.access = access;
        this.revocations = revocations;
        this.paces = paces;
        this.clock = clock;
        this.signals = signals;
    }

    /** @param streamEnd bytes that the connection has been offered when this frame is */
    void onFrame(FrameType type, ByteBuf frames, int at, int length, long streamEnd) {
        if (welcome == null) {
            onGreeting(type, frames, at, length);
            return;
        }
        switch (type) {
            case RECORD -> {
                recordEnds.put(RecordFrame.channel(frames, at), streamEnd);
                onRecord(RecordFrame.channel(frames, at), RecordFrame.sequence(frames, at));
            }
            case OPENED -> onOpened(Frames.parse(Opened.parser(), frames, at, length));
            case GAP -> onGap(Frames.parse(Gap.parser(), frames, at, length));
            case CLOSED -> onClosed(Frames.parse(Closed.parser(), frames, at, length));
            case PUBLISHED -> onPublished(Frames.parse(Published.parser(), frames, at, length));
            case PAGE -> onPage(Frames.parse(Page.parser(), frames, at, length));
            case ERROR -> onError(Frames.parse(Error.parser(), frames, at, length));
            case SIGNAL -> onSignal(Frames.parse(Signal.parser(), frames, at, length));
            case RESPONSE -> onResponse(Frames.parse(Response.parser(), frames, at, length));
            case PING, PONG, GOAWAY, PUSH -> {}
            default -> verdict.fail(name + " got a " + type + " within its session");
        }
    }

    private void onGreeting(FrameType type, ByteBuf frames, int at, int length) {
        verdict.check(
                type == FrameType.ERROR || (type == FrameType.WELCOME) == isGreeted,
                () -> name + " got a " + type + " before its session");
        verdict.check(!isOver, () -> name + " got a " + type + " after the error that ended it");
        isGreeted = true;
        isOver |= type == FrameType.ERROR;
        if (type == FrameType.WELCOME) {
            Welcome greeting = Frames.parse(Welcome.parser(), frames, at, length);
            welcome = greeting;
            verdict.check(
                    name.startsWith("client-" + greeting.getPrincipal() + "/")
                            || name.startsWith("raw-" + greeting.getPrincipal() + "/"),
                    () -> name + " was taken for " + greeting.getPrincipal());
        }
    }

    /** Where in its stream the last record of a channel ends. */
    long lastRecordEnd(long channel) {
        return recordEnds.getOrDefault(channel, 0L);
    }

    private void onRecord(long channel, long sequence) {
        Place place = open.get(channel);
        verdict.check(!isOver, () -> name + " got a record after the error that ended it");
        verdict.check(
                place != null && place.next == sequence,
                () -> name + " got " + sequence + " of channel " + channel + ", where it is " + place);
        if (place != null) {
            place.next = sequence + 1;
            checkInterval(channel, sequence, place);
        }
        checkMayRead(channel, sequence);
    }

    /** Who takes samples gets its backlog as fast as it can, and after it a record at a time. */
    private void checkInterval(long channel, long sequence, Place place) {
        long intervalNs = paces.intervalNs(principal(), names.getOrDefault(channel, ""));
        if (intervalNs == 0 || sequence <= place.headAtFirst) {
            return;
        }
        long sinceNs = clock.nanoTime() - place.sampledNs;
        verdict.check(
                !place.isSampled || sinceNs >= intervalNs,
                () -> name + " got " + sequence + " of channel " + channel + " " + sinceNs
                        + " ns after the one before, not " + intervalNs);
        place.isSampled = true;
        place.sampledNs = clock.nanoTime();
    }

    private long principal() {
        return welcome == null ? 0 : welcome.getPrincipal();
    }

    private void checkMayRead(long channel, long sequence) {
        Welcome known = welcome;
        if (known != null) {
            revocations.given(known.getPrincipal(), channel, sequence);
        }
        String channelName = names.get(channel);
        verdict.check(
                known != null
                        && channelName != null
                        && access.allowed(known.getPrincipal(), channelName).maySubscribe(),
                () -> name + " was given something of " + channelName + ", which it may not read");
    }

    private void onOpened(Opened opened) {
        verdict.check(!open.containsKey(opened.getChannel()), () -> name + " has opened a channel twice: " + opened);
        names.put(opened.getChannel(), opened.getName());
        open.put(opened.getChannel(), new Place(opened.getNext(), opened.getHead()));
        if (opened.getNext() > 0) {
            checkMayRead(opened.getChannel(), 0);
        } else if (welcome != null) {
            revocations.opened(welcome.getPrincipal(), opened.getChannel());
        }
    }

    private void onGap(Gap gap) {
        Place place = open.get(gap.getChannel());
        verdict.check(
                place != null && place.next == gap.getFirstSequence() && gap.getCount() > 0,
                () -> name + " was told of " + gap + ", where it is " + place);
        long behind = gap.getFirstSequence() + gap.getCount();
        if (gap.getReason() == GapReason.GAP_REASON_SKIPPED) {
            verdict.check(
                    paces.maySkip(principal(), names.getOrDefault(gap.getChannel(), "")),
                    () -> name + " gets everything, and was told of " + gap);
            truth.visible(gap.getChannel(), behind, name);
            skippedCount += gap.getCount();
        } else if (gap.getReason() == GapReason.GAP_REASON_EXPIRED) {
            truth.expired(name, gap.getChannel(), gap.getFirstSequence(), gap.getCount());
        } else {
            verdict.fail(name + " was told of a hole that nobody has made: " + gap);
        }
        if (place != null) {
            place.next = behind;
        }
    }

    /** Records that it was told it does not get, since it may skip. */
    long skippedCount() {
        return skippedCount;
    }

    private void onClosed(Closed closed) {
        verdict.check(
                open.remove(closed.getChannel()) != null, () -> name + " was told of the end of no channel: " + closed);
    }

    private void onPublished(Published receipt) {
        verdict.check(
                names.containsKey(receipt.getChannel()),
                () -> name + " got a receipt for a channel that it has never opened: " + receipt);
    }

    private void onPage(Page page) {
        if (!page.getRecords().isEmpty()) {
            checkMayRead(page.getChannel(), 0);
        }
    }

    private void onResponse(Response response) {
        verdict.check(answered.add(response.getRequest()), () -> name + " is answered twice: " + response);
    }

    /** Only of what is open, and of what it may read. */
    private void onSignal(Signal signal) {
        verdict.check(
                open.containsKey(signal.getChannel()) && !isOver,
                () -> name + " was told signals of channel " + signal.getChannel() + ", which is not open");
        checkMayRead(signal.getChannel(), 0);
        signals.told(name, names.getOrDefault(signal.getChannel(), ""), signal, totals);
    }

    private void onError(Error error) {
        verdict.check(
                !answered.contains(error.getRequest()), () -> name + " is refused what was answered before: " + error);
        isOver |= error.getRequest() == 0 && error.getChannel() == 0;
    }

    /** Where it is in one channel. */
    private static final class Place {
        /** The sequence that must come next; 0 when it does not subscribe. */
        private long next;

        private final long headAtFirst;
        private boolean isSampled;
        private long sampledNs;

        private Place(long next, long headAtFirst) {
            this.next = next;
            this.headAtFirst = headAtFirst;
        }

        @Override
        public String toString() {
            return "at " + next;
        }
    }
}
