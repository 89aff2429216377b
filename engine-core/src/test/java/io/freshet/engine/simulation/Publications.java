package io.freshet.engine.simulation;

import io.freshet.client.Receipt;
import io.freshet.protocol.FreshetException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Every acknowledged publish and its outcome: a receipt names the place where the log holds this publish, also after every
 * crash; what was rejected is not in the log; and every future completes. (Once and in order is for {@link Truth} to see.) What
 * a loss of power has taken back may be rejected when its publisher repeats it: what it named, or the right to it, may be gone too.
 */
final class Publications {
    private final Verdict verdict;
    private final Truth truth;
    private final List<Publication> all = new ArrayList<>();
    private int pendingCount;
    private int acknowledgedCount;
    private int unknownCount;

    Publications(Verdict verdict, Truth truth) {
        this.verdict = verdict;
        this.truth = truth;
    }

    Publication begin(long sender, int number) {
        Publication publication = new Publication(sender, number);
        all.add(publication);
        pendingCount++;
        return publication;
    }

    void complete(Publication publication, @Nullable Receipt receipt, @Nullable Throwable failure) {
        verdict.check(!publication.isComplete, () -> publication + " completed twice");
        publication.isComplete = true;
        publication.receipt = receipt;
        pendingCount--;
        if (receipt != null) {
            acknowledgedCount++;
            checkReceipt(publication, receipt);
        } else if (failure instanceof FreshetException e) {
            publication.rejection = e.isOutcomeUnknown() ? null : e;
            publication.wasLostBefore = truth.wasLost(publication.sender, publication.number);
            unknownCount += e.isOutcomeUnknown() ? 1 : 0;
        } else {
            verdict.fail(publication + " failed with " + failure);
        }
    }

    private void checkReceipt(Publication publication, Receipt receipt) {
        Truth.Entry entry = truth.at(receipt.channel(), receipt.sequence());
        boolean isThere = entry != null && entry.sender() == publication.sender && entry.number() == publication.number;
        verdict.check(
                isThere
                        || truth.lost(receipt.channel(), receipt.sequence(), publication.sender, publication.number)
                                != null,
                () -> publication + " has a receipt for " + receipt + ", where the log has " + entry);
    }

    /** After the end, and after any crash. */
    void checkAll() {
        for (Publication publication : all) {
            if (publication.receipt != null) {
                checkReceipt(publication, publication.receipt);
            } else if (publication.rejection != null) {
                verdict.check(
                        !truth.isStored(publication.sender, publication.number)
                                && (publication.wasLostBefore
                                        || !truth.wasLost(publication.sender, publication.number)),
                        () -> publication + " was rejected with " + publication.rejection + " and is in the log");
            }
        }
    }

    int pendingCount() {
        return pendingCount;
    }

    int acknowledgedCount() {
        return acknowledgedCount;
    }

    int unknownCount() {
        return unknownCount;
    }

    static final class Publication {
        private final long sender;
        private final int number;
        private boolean isComplete;
        private @Nullable FreshetException rejection;
        private boolean wasLostBefore;
        private @Nullable Receipt receipt;

        private Publication(long sender, int number) {
            this.sender = sender;
            this.number = number;
        }

        @Override
        public String toString() {
            return "publish " + number + " of " + sender;
        }
    }
}
