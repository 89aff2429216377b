package io.freshet.engine.simulation;

import io.freshet.client.ClientStatistics;
import io.freshet.engine.metrics.ReactorCounter;
import io.freshet.protocol.EventKind;
import java.util.List;

/** How much a run, or many, did and met: a simulation that meets no edge proves nothing. */
final class Edges {
    long steps;
    long records;
    long deliveries;
    long acknowledged;
    long unknown;
    long repeats;
    long rawRepeats;
    long reconnects;
    long crashes;
    long drains;
    long midCrashes;
    long startCrashes;
    long silences;
    long revocations;
    long rewinds;
    long refusedMessages;
    long coalescedBatches;
    long starvations;
    long skipped;
    long expired;
    long erasures;
    long erased;
    long lostIndexes;
    long events;
    long changes;
    long endedChannels;
    long deletions;
    long requests;
    long pushes;
    long presenceUpdates;
    long refusedRequests;
    long signals;
    long exactTotals;
    long viewedPages;
    long viewedPosts;

    /** Counts what the checkers of a run have seen. */
    void end(
            Truth truth,
            Publications publications,
            RequestChecker asked,
            SimRevocations taken,
            SilenceChecker silence,
            WireChecker wire) {
        requests += asked.answeredCount();
        pushes += asked.pushedCount();
        records += truth.recordCount();
        signals += wire.signals().frameCount();
        exactTotals += wire.signals().exactCount();
        viewedPages += wire.views().pageCount();
        viewedPosts += wire.views().postCount();
        acknowledged += publications.acknowledgedCount();
        unknown += publications.unknownCount();
        revocations += taken.appliedCount();
        silences += silence.endedCount();
        skipped += wire.skippedCount();
        erased += wire.erasedCount();
        for (EventKind kind : List.of(EventKind.EDIT, EventKind.REACT, EventKind.UNREACT, EventKind.PIN)) {
            events += truth.eventChecker().keptCount(kind);
        }
        deletions += truth.eventChecker().keptCount(EventKind.DELETE);
        expired += truth.forgotten().expiredCount();
        erasures += truth.forgotten().erasedCount();
        changes += truth.attributes().changeCount();
        endedChannels += truth.attributes().deletedCount();
    }

    /** Counts what a server has met that ends now. */
    void end(SimServer server) {
        for (ReactorActor reactor : server.reactors()) {
            refusedMessages += reactor.mailbox().refusedCount();
        }
        starvations += server.allocator().failureCount();
        coalescedBatches += server.count(ReactorCounter.COALESCED);
        presenceUpdates += server.presenceUpdateCount();
        refusedRequests += server.count(ReactorCounter.REQUESTS_REFUSED);
    }

    /** Counts what a client has met that ends now. */
    void end(ClientStatistics statistics) {
        repeats += statistics.publishesRepeated();
        reconnects += Math.max(0, statistics.connections() - 1);
        deliveries += statistics.recordsReceived();
    }

    void add(Edges other) {
        steps += other.steps;
        records += other.records;
        deliveries += other.deliveries;
        acknowledged += other.acknowledged;
        unknown += other.unknown;
        repeats += other.repeats;
        rawRepeats += other.rawRepeats;
        reconnects += other.reconnects;
        crashes += other.crashes;
        drains += other.drains;
        midCrashes += other.midCrashes;
        startCrashes += other.startCrashes;
        silences += other.silences;
        revocations += other.revocations;
        rewinds += other.rewinds;
        refusedMessages += other.refusedMessages;
        coalescedBatches += other.coalescedBatches;
        starvations += other.starvations;
        skipped += other.skipped;
        expired += other.expired;
        erasures += other.erasures;
        erased += other.erased;
        lostIndexes += other.lostIndexes;
        events += other.events;
        changes += other.changes;
        endedChannels += other.endedChannels;
        deletions += other.deletions;
        requests += other.requests;
        pushes += other.pushes;
        presenceUpdates += other.presenceUpdates;
        refusedRequests += other.refusedRequests;
        signals += other.signals;
        exactTotals += other.exactTotals;
        viewedPages += other.viewedPages;
        viewedPosts += other.viewedPosts;
    }

    @Override
    public String toString() {
        return steps + " steps, " + records + " records, " + deliveries + " deliveries, " + acknowledged + " receipts, "
                + unknown + " outcomes unknown, " + repeats + " repeats, " + rawRepeats + " by hand, " + reconnects
                + " reconnects, " + crashes
                + " crashes (" + midCrashes + " in the middle of a cycle, " + startCrashes + " of a start), " + silences
                + " silent peers, " + drains + " drains, " + revocations + " revocations, " + rewinds + " rewinds, "
                + refusedMessages
                + " full mailboxes, "
                + coalescedBatches + " coalesced batches, " + starvations + " times no memory, "
                + skipped + " records skipped, " + expired + " told as expired, "
                + erasures + " erased, " + erased + " of them delivered so, " + lostIndexes + " indexes lost, "
                + events + " events of conversations, " + deletions + " deletions, "
                + requests + " requests answered, " + refusedRequests + " refused, " + pushes + " pushes, "
                + presenceUpdates + " updates of presence, "
                + changes + " changes of channels, "
                + endedChannels + " of them ended, "
                + signals + " frames of signals, " + exactTotals + " servers that ended with exact totals, "
                + viewedPages + " pages with views of " + viewedPosts + " posts";
    }
}
