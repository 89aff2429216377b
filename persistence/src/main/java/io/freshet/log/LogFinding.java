package io.freshet.log;

import java.nio.file.Path;

/**
 * Something in a stored log that is not as it was written.
 *
 * @param kind what it is
 * @param shard the shard whose log it is
 * @param file where it is
 * @param offset of the first byte concerned in the file, or -1 where {@code position} says more
 * @param position of the document concerned, or of the first one that cannot be read; {@link MessageLog#NULL_POSITION}
 *     when it is no document
 * @param channel the channel concerned, or 0
 * @param sequence the first sequence concerned, or 0
 * @param count how many records, documents or bytes are concerned, as the kind says
 */
public record LogFinding(
        Kind kind, int shard, Path file, long offset, long position, long channel, long sequence, long count) {
    /** What was found, and what it means. */
    public enum Kind {
        /** The bytes of so many records do not match their checksums; they are never delivered, readers get a gap. */
        DAMAGED_RECORDS(true),
        /** So many records of a channel are in no document that can be read. */
        MISSING_RECORDS(true),
        /** A record has a sequence that its channel had before; so many sequences back. */
        REPEATED_RECORDS(true),
        /** The chain of documents breaks off here; so many bytes follow. The next start of a server saves what it can. */
        BROKEN_FILE(true),
        /** So many documents that were lost have been replaced by fillers, by an earlier start. */
        FILLED_DOCUMENTS(true),
        /** The file's own index is false; the next start of a server writes the file anew. */
        FALSE_INDEX(true),
        /** A file that was there when the log was closed is not. */
        MISSING_FILE(true),
        /** The log does not end where it did when it was closed. */
        FALSE_END(true),
        /** What is remembered beside the log is missing or damaged; the next start reads the log whole instead. */
        LOST_STATE(true),
        /** The names of channels cannot be read. */
        LOST_NAMES(true),
        /** So many bytes at the end are no whole document: a process died writing it. The next start cuts or completes it. */
        UNFINISHED_END(false);

        private final boolean isDamage;

        Kind(boolean isDamage) {
            this.isDamage = isDamage;
        }

        /** Whether something is lost or false, and not only unfinished. */
        public boolean isDamage() {
            return isDamage;
        }
    }
}
