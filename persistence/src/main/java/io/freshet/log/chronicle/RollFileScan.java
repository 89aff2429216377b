package io.freshet.log.chronicle;

import io.freshet.log.document.DocumentLayout;
import io.freshet.log.document.DocumentView;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.agrona.collections.LongArrayList;

/**
 * Reads one roll file without Chronicle, which trusts its files and can hang, throw or go astray on a damaged one. It
 * follows the chain of document headers for as long as that is whole, and then searches what is left for documents that
 * say they belong here. Used once, by the thread that recovers.
 */
final class RollFileScan {
    /** Sees each document that can be read, in order of position. The view is borrowed during the call. */
    @FunctionalInterface
    interface Visitor {
        void onDocument(DocumentView document) throws IOException;
    }

    private static final int MAX_DOCUMENT_LENGTH = (int) (RollFiles.BLOCK_LENGTH / 4);

    private final int cycle;
    private final FileWindow window;
    private final Visitor visitor;
    private final DocumentView view = new DocumentView();
    private final LongArrayList marks = new LongArrayList();
    private final LongArrayList metadata = new LongArrayList();
    private final long[] lastOffsets = {-1, -1};
    private long nextSequence;
    private long documentCount;
    private long chainCount;
    private long chainEnd;
    private long usedEnd;
    private int salvagedCount;
    private boolean isSound;
    private boolean isEnded;
    private boolean isLastUnfinished;
    private boolean isRestVisible;
    private int restDocumentLength;

    private RollFileScan(int cycle, FileWindow window, Visitor visitor) {
        this.cycle = cycle;
        this.window = window;
        this.visitor = visitor;
    }

    static RollFileScan of(Path file, int cycle, Visitor visitor) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            RollFileScan scan = new RollFileScan(cycle, new FileWindow(channel), visitor);
            scan.followChain();
            scan.isSound = RollFileFormat.isSound(
                    scan.window, scan.documentCount, scan.marks, scan.metadata, scan::sequenceAt);
            scan.usedEnd = scan.window.usedEnd(scan.chainEnd);
            if (scan.usedEnd > scan.chainEnd) {
                scan.searchRest();
            }
            return scan;
        }
    }

    /**
     * Follows the chain of a file that is appended to meanwhile, up to what was there when the scan came to it. What lies
     * behind the end of the chain is measured and not searched: most of it is being written.
     */
    static RollFileScan ofGrowing(Path file, int cycle, Visitor visitor) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            RollFileScan scan = new RollFileScan(cycle, new FileWindow(channel), visitor);
            scan.followChain();
            scan.isSound = true;
            scan.usedEnd = scan.window.usedEnd(scan.chainEnd);
            return scan;
        }
    }

    /**
     * Whether a file that is appended to is broken where a scan of it ended, and not only unfinished: the chain does not
     * go on there although documents lie behind. A second look tells the two apart, since a document is there, whole,
     * before the next one begins.
     */
    static boolean isBroken(Path file, int cycle, RollFileScan growing) throws IOException {
        if (growing.isEnded || growing.restLength() == 0) {
            return false;
        }
        RollFileScan again = of(file, cycle, document -> {});
        if (again.chainEnd != growing.chainEnd || again.salvagedCount == 0) {
            return false;
        }
        return of(file, cycle, document -> {}).chainEnd == growing.chainEnd;
    }

    /** Documents that could be read. */
    long documentCount() {
        return documentCount;
    }

    /** Sequence in the file that the next document would have. */
    long nextSequence() {
        return nextSequence;
    }

    /** Documents in the chain. */
    long chainCount() {
        return chainCount;
    }

    /** Where the chain of whole documents ends. */
    long chainEnd() {
        return chainEnd;
    }

    /** Bytes after the chain that are not zero. */
    long restLength() {
        return usedEnd - chainEnd;
    }

    /** Documents that were found behind the place where the chain is broken. */
    int salvagedCount() {
        return salvagedCount;
    }

    /** Whether Chronicle's own bytes fit the documents. */
    boolean isSound() {
        return isSound;
    }

    /**
     * Whether all that follows the chain is one whole document whose header was not yet written: the process died in
     * between, and to complete it is to write its length.
     */
    boolean isLastUnfinished() {
        return isLastUnfinished;
    }

    /** Bytes of the document that {@link #isLastUnfinished}. */
    int restDocumentLength() {
        return restDocumentLength;
    }

    /** Whether what follows the chain may have been read by somebody: its header was written. */
    boolean isRestVisible() {
        return isRestVisible;
    }

    /** Whether the file was ended since another follows. */
    boolean isEnded() {
        return isEnded;
    }

    private void followChain() throws IOException {
        long at = 0;
        while (window.reach(at, Integer.BYTES)) {
            int header = window.intAt(at);
            int length = header & RollFileFormat.LENGTH_MASK;
            chainEnd = at;
            if (header == RollFileFormat.END_OF_FILE) {
                isEnded = true;
                chainEnd = Math.min(at + RollFileFormat.END_OF_FILE_LENGTH, window.fileLength());
                return;
            }
            if (header == 0 || (header & RollFileFormat.INCOMPLETE_BIT) != 0) {
                return;
            }
            isRestVisible = true;
            if ((header & RollFileFormat.METADATA_BIT) != 0) {
                if (!takeMetadata(at, length)) {
                    return;
                }
            } else if (!takeDocument(at, length)) {
                return;
            }
            at = RollFileFormat.aligned(at + Integer.BYTES + length);
            chainEnd = Math.min(at, window.fileLength());
            isRestVisible = false;
        }
    }

    private boolean takeMetadata(long at, int length) throws IOException {
        if (at + Integer.BYTES + length > window.fileLength() || length > MAX_DOCUMENT_LENGTH) {
            return false;
        }
        if (at > 0) {
            metadata.addLong(at);
        }
        return true;
    }

    private boolean takeDocument(long at, int length) throws IOException {
        if (length > MAX_DOCUMENT_LENGTH
                || !window.reach(at, Integer.BYTES + length)
                || !view.wrap(window.address(at + Integer.BYTES), length)
                || view.documentLength() != length
                || view.position() != RollFiles.CYCLE.toIndex(cycle, nextSequence)) {
            return false;
        }
        if (nextSequence % RollFiles.CYCLE.defaultIndexSpacing() == 0) {
            marks.addLong(at);
        }
        lastOffsets[0] = lastOffsets[1];
        lastOffsets[1] = at;
        chainCount++;
        visit();
        return true;
    }

    private void visit() throws IOException {
        visitor.onDocument(view);
        nextSequence++;
        documentCount++;
    }

    /** Sequence of one of the last two documents of the chain, or -1. */
    private long sequenceAt(long offset) {
        for (int i = 0; i < lastOffsets.length; i++) {
            if (offset >= 0 && lastOffsets[i] == offset) {
                return nextSequence - lastOffsets.length + i;
            }
        }
        return -1;
    }

    /** Looks at every fourth byte after the chain for a document that says it belongs into this file, further on. */
    private void searchRest() throws IOException {
        long at = RollFileFormat.aligned(chainEnd);
        while (at + DocumentLayout.HEADER_LENGTH <= usedEnd && window.reach(at, DocumentLayout.HEADER_LENGTH)) {
            int length = window.intAt(at) == DocumentLayout.MAGIC ? documentLengthAt(at) : -1;
            if (length < 0 || !isLater(at, length)) {
                at += Integer.BYTES;
                continue;
            }
            isLastUnfinished = isUnfinished(at, length);
            if (isLastUnfinished && isSound) {
                restDocumentLength = length;
                visit();
                return;
            }
            nextSequence = RollFiles.CYCLE.toSequenceNumber(view.position());
            visit();
            salvagedCount++;
            at = RollFileFormat.aligned(at + length);
        }
    }

    private int documentLengthAt(long at) {
        long length = (window.intAt(at + DocumentLayout.ENVELOPE_LENGTH_OFFSET) & 0xFFFF_FFFFL)
                + (window.intAt(at + DocumentLayout.FRAMES_LENGTH_OFFSET) & 0xFFFF_FFFFL);
        return length <= MAX_DOCUMENT_LENGTH ? (int) length : -1;
    }

    private boolean isLater(long at, int length) throws IOException {
        return window.reach(at, length)
                && view.wrap(window.address(at), length)
                && RollFiles.CYCLE.toCycle(view.position()) == cycle
                && RollFiles.CYCLE.toSequenceNumber(view.position()) >= nextSequence;
    }

    private boolean isUnfinished(long at, int length) throws IOException {
        return at == chainEnd + Integer.BYTES
                && usedEnd <= at + length
                && RollFiles.CYCLE.toSequenceNumber(view.position()) == nextSequence
                && window.reach(chainEnd, Integer.BYTES)
                && window.intAt(chainEnd) == 0
                && window.reach(at, length)
                && view.wrap(window.address(at), length);
    }
}
