package io.freshet.log.chronicle;

import io.freshet.log.LogDocument;
import io.freshet.log.LogReader;
import io.freshet.log.MessageLog;
import io.freshet.log.StorageException;
import io.freshet.log.document.DocumentLayout;
import io.freshet.log.document.DocumentView;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.StreamCorruptedException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Objects;
import net.openhft.chronicle.bytes.Bytes;
import net.openhft.chronicle.queue.ExcerptTailer;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueue;
import net.openhft.chronicle.wire.DocumentContext;
import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads a queue, each document copied into a buffer of its own. Belongs to one thread. */
final class ChronicleReader implements LogReader {
    private static final Logger LOGGER = LoggerFactory.getLogger(ChronicleReader.class);
    private static final int INITIAL_CAPACITY = 64 * 1024;

    private final SingleChronicleQueue queue;
    private final ExcerptTailer tailer;
    private final ErasureGate gate;
    private final int maxDocumentLength;
    private final DocumentView view = new DocumentView();
    private final UnsafeBuffer source = new UnsafeBuffer(0, 0);
    private ByteBuffer buffer = ByteBuffer.allocateDirect(INITIAL_CAPACITY);
    private boolean isPending;
    private long copiedVersion;
    private long documentOffset;

    ChronicleReader(SingleChronicleQueue queue, ErasureGate gate, int maxDocumentLength) {
        this.queue = queue;
        this.gate = gate;
        this.maxDocumentLength = Math.max(maxDocumentLength, DocumentLayout.HEADER_LENGTH);
        tailer = queue.createTailer();
        tailer.singleThreadedCheckDisabled(true);
    }

    @Override
    public void toStart() {
        isPending = false;
        tailer.toStart();
    }

    /** Goes to the start and reads the first document; its position, or {@link MessageLog#NULL_POSITION}. */
    long firstPosition() {
        toStart();
        return next() ? view.position() : MessageLog.NULL_POSITION;
    }

    @Override
    public boolean seek(long position) {
        isPending = false;
        if (position < 0 || position < queue.firstIndex()) {
            tailer.toStart();
            return false;
        }
        if (!tailer.moveToIndex(position)) {
            moveBehind(position);
            return false;
        }
        isPending = read();
        return isPending && view.position() == position;
    }

    /** Goes to the first document of the first file after the one that would hold the position, or to the end. */
    private void moveBehind(long position) {
        int last = queue.lastCycle();
        for (int cycle = RollFiles.CYCLE.toCycle(position) + 1; cycle <= last; cycle++) {
            if (tailer.moveToIndex(RollFiles.CYCLE.toIndex(cycle, 0))) {
                return;
            }
        }
        tailer.toEnd();
    }

    @Override
    public boolean next() {
        if (isPending) {
            isPending = false;
            return gate.isUnchangedSince(copiedVersion) || readAgain(view.position());
        }
        return read();
    }

    /** Something was erased since the document was copied, and its file may have gone as well. */
    private boolean readAgain(long position) {
        if (!tailer.moveToIndex(position)) {
            moveBehind(position);
        }
        return read();
    }

    private boolean read() {
        while (true) {
            try (DocumentContext context = tailer.readingDocument()) {
                if (!context.isPresent()) {
                    return false;
                }
                if (copy(Objects.requireNonNull(context.wire(), "wire").bytes(), context.index())) {
                    return true;
                }
            } catch (Exception | InternalError e) { // Chronicle throws checked ones without saying so
                if (isPassing(e)) {
                    throw new StorageException(
                            StorageException.Reason.NOT_READABLE,
                            queue.file() + " cannot be read at the moment: " + e,
                            e);
                }
                LOGGER.warn("cannot read on in {} at {}", queue.file(), tailer.index(), e);
                if (!skipFile()) {
                    return false;
                }
            }
        }
    }

    /**
     * Whether the machine refused to open or to map a file, for want of memory or of file descriptors, so that who reads later finds all of
     * it; what else is thrown is about what the file holds, or that it is gone.
     */
    static boolean isPassing(Throwable thrown) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            boolean isAboutContent = cause instanceof StreamCorruptedException || cause instanceof EOFException;
            if (cause instanceof OutOfMemoryError
                    || (cause instanceof IOException && !isAboutContent && !isGone(cause))) {
                return true;
            }
        }
        return false;
    }

    /** The message of a {@link FileNotFoundException} has the path, and in brackets why it could not be opened. */
    private static boolean isGone(Throwable thrown) {
        String message = String.valueOf(thrown.getMessage());
        int end = message.lastIndexOf(" (");
        return thrown instanceof NoSuchFileException
                || (thrown instanceof FileNotFoundException
                        && end > 0
                        && !Files.exists(Path.of(message.substring(0, end))));
    }

    /** Copies the document out of the mapped file and checks its envelope; false when it is not to be shown. */
    private boolean copy(Bytes<?> bytes, long position) {
        int length = (int) bytes.readRemaining();
        if (length < DocumentLayout.HEADER_LENGTH || length > RollFiles.BLOCK_LENGTH / 4) {
            return false;
        }
        if (length > buffer.capacity()) {
            buffer = ByteBuffer.allocateDirect(Math.max(length, Math.min(2 * length, maxDocumentLength)));
        }
        documentOffset = bytes.readPosition();
        source.wrap(bytes.addressForRead(documentOffset), length);
        do {
            copiedVersion = gate.enter();
            source.getBytes(0, buffer, 0, length);
        } while (!gate.isUnchangedSince(copiedVersion));
        return view.wrap(BufferUtil.address(buffer), length)
                && view.position() == position
                && view.storedKind().shown() != null;
    }

    /** The bytes of the document that was read last, which are the reader's own; changed by the next read. */
    ByteBuffer copy() {
        return buffer.duplicate().limit(view.documentLength());
    }

    /** Where in its file the document that was read last starts. */
    long documentOffset() {
        return documentOffset;
    }

    private boolean skipFile() {
        int last = queue.lastCycle();
        int cycle = RollFiles.CYCLE.toCycle(tailer.index());
        if (cycle >= last) {
            return false;
        }
        moveBehind(RollFiles.CYCLE.toIndex(cycle, 0));
        return true;
    }

    @Override
    public LogDocument document() {
        return view;
    }

    @Override
    public void close() {
        tailer.close();
    }
}
