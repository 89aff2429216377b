package io.freshet.engine.simulation;

/** How much a run, or many, did and met: a simulation that meets no edge proves nothing. */
final class Edges {
    long steps;
    long records;
    long deliveries;
    long acknowledged;
    long unknown;
    long repeats;
    long reconnects;
    long crashes;
    long drains;
    long rewinds;
    long refusedMessages;
    long coalescedBatches;

    void add(Edges other) {
        steps += other.steps;
        records += other.records;
        deliveries += other.deliveries;
        acknowledged += other.acknowledged;
        unknown += other.unknown;
        repeats += other.repeats;
        reconnects += other.reconnects;
        crashes += other.crashes;
        drains += other.drains;
        rewinds += other.rewinds;
        refusedMessages += other.refusedMessages;
        coalescedBatches += other.coalescedBatches;
    }

    @Override
    public String toString() {
        return steps + " steps, " + records + " records, " + deliveries + " deliveries, " + acknowledged + " receipts, "
                + unknown + " outcomes unknown, " + repeats + " repeats, " + reconnects + " reconnects, " + crashes
                + " crashes, " + drains + " drains, " + rewinds + " rewinds, " + refusedMessages + " full mailboxes, "
                + coalescedBatches + " coalesced batches";
    }
}
