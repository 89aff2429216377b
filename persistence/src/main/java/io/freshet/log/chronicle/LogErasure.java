package io.freshet.log.chronicle;

import io.freshet.log.Erasure;
import io.freshet.log.MessageLog;
import io.freshet.log.document.DocumentEraser;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.agrona.BufferUtil;
import org.jspecify.annotations.Nullable;

/**
 * Erases records where they lie in a roll file, in this order: what is to be written is made durable in the journal, of many documents
 * of one file at once; it is written over each document, marks first, then zeroes, then checksums, while the gate keeps readers
 * out and a lock who copies; the file is forced to the device; the journal goes. Whatever ends the process in between, the next
 * start finds whole documents, erased or not. Belongs to the thread that erases.
 */
final class LogErasure implements AutoCloseable {
    /** Bytes of a journal after which it is written; one longer document makes it longer. */
    private static final int JOURNAL_LENGTH = 1 << 20;

    private final Path directory;
    private final ShardState state;
    private final ErasureGate gate;
    private final ErasureJournal journal;
    private final ChronicleReader reader;
    private final DocumentEraser eraser = new DocumentEraser();

    /** Held from the first document that waits on. */
    private @Nullable ErasureLock lock;

    private int waitingCycle;
    private long lastWaiting = MessageLog.NULL_POSITION;

    /** Something failed after the journal was saved: what the file has on the device is unknown until it is written once more. */
    private boolean isUnfinished;

    /** For the roll files in this directory, which is {@code log} in the shard's own. */
    LogErasure(Path directory, ShardState state, ErasureGate gate, ChronicleReader reader) {
        this.directory = directory;
        this.state = state;
        this.gate = gate;
        this.reader = reader;
        journal = new ErasureJournal(directory.resolveSibling(""));
    }

    /** See {@link io.freshet.log.MessageLog#erase}. */
    boolean erase(long position, Erasure erasure) throws IOException {
        int cycle = RollFiles.CYCLE.toCycle(position);
        boolean isFull = journal.length() >= JOURNAL_LENGTH;
        if (lock != null && (isFull || cycle != waitingCycle || position <= lastWaiting)) {
            commit();
        }
        try {
            if (lock == null) {
                begin(cycle);
            }
            return reader.seek(position) && reader.next() && add(position, erasure);
        } catch (IOException | RuntimeException e) {
            end();
            throw e;
        }
    }

    private void begin(int cycle) throws IOException {
        lock = ErasureLock.toErase(directory.resolveSibling(""));
        if (isUnfinished) {
            journal.redo(directory, gate);
            isUnfinished = false;
        }
        journal.begin(cycle);
        waitingCycle = cycle;
    }

    private boolean add(long position, Erasure erasure) {
        ByteBuffer copy = reader.copy();
        journal.beginDocument(position, reader.documentOffset());
        boolean isChanged = eraser.erase(
                BufferUtil.address(copy),
                copy.limit(),
                erasure,
                (offset, length) -> journal.add(offset, copy.slice(offset, length)));
        if (isChanged) {
            lastWaiting = position;
        } else {
            journal.dropDocument();
        }
        return isChanged;
    }

    /** See {@link io.freshet.log.MessageLog#commitErased}. */
    void commit() throws IOException {
        if (lock == null) {
            return;
        }
        try {
            Path file = RollFiles.file(directory, waitingCycle);
            if (!journal.isEmpty()) {
                journal.save();
                boolean wasSealed = state.isUnchanged(file);
                isUnfinished = true;
                journal.apply(file, gate);
                RollFileRepair.force(file);
                journal.clear();
                isUnfinished = false;
                if (wasSealed) {
                    state.sealed(file);
                }
            }
            String name = file.getFileName().toString();
            RollFileRepair.removeAside(directory, aside -> aside.startsWith(name));
        } finally {
            end();
        }
    }

    private void end() throws IOException {
        ErasureLock held = lock;
        lock = null;
        lastWaiting = MessageLog.NULL_POSITION;
        if (held != null) {
            held.close();
        }
    }

    @Override
    public void close() {
        reader.close();
    }
}
