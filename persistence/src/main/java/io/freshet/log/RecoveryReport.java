package io.freshet.log;

/**
 * What opening a log found.
 *
 * @param documentCount documents whose envelopes were checked
 * @param cutLength bytes at the end of the log that were not a whole, intact document and were cut
 * @param detail for people: empty when nothing was wrong
 * @param isEpochRaised whether a new epoch began
 */
public record RecoveryReport(long documentCount, long cutLength, String detail, boolean isEpochRaised) {
    public boolean isClean() {
        return detail.isEmpty();
    }
}
