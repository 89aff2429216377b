package io.freshet.log.chronicle;

import io.freshet.log.Erasure;
import io.freshet.log.document.DocumentEraser;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.agrona.BufferUtil;

/**
 * Erases records where they lie in a roll file, in this order: what is to be written is made durable in the journal; it is
 * written over the document, marks first, then zeroes, then checksums, while the gate keeps readers out and a lock who copies; the file is forced
 * to the device; the journal goes. Whatever ends the process in between, the next start finds a whole document, erased or not.
 * Belongs to the thread that erases.
 */
final class LogErasure implements AutoCloseable {
    private final Path directory;
    private final ShardState state;
    private final ErasureGate gate;
    private final ErasureJournal journal;
    private final ChronicleReader reader;
    private final DocumentEraser eraser = new DocumentEraser();

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
        try (ErasureLock lock = ErasureLock.toErase(directory.resolveSibling(""))) {
            assert lock.isHeld();
            return eraseAlone(position, erasure);
        }
    }

    private boolean eraseAlone(long position, Erasure erasure) throws IOException {
        if (isUnfinished) {
            gate.change(() -> journal.redo(directory));
            isUnfinished = false;
        }
        if (!reader.seek(position) || !reader.next()) {
            return false;
        }
        int cycle = RollFiles.CYCLE.toCycle(position);
        Path file = RollFiles.file(directory, cycle);
        ByteBuffer copy = reader.copy();
        journal.begin(cycle, position, reader.documentOffset());
        boolean isChanged = eraser.erase(
                BufferUtil.address(copy),
                copy.limit(),
                erasure,
                (offset, length) -> journal.add(offset, copy.slice(offset, length)));
        if (isChanged) {
            journal.save();
            boolean wasSealed = state.isUnchanged(file);
            isUnfinished = true;
            gate.change(() -> journal.apply(file));
            RollFileRepair.force(file);
            journal.clear();
            isUnfinished = false;
            if (wasSealed) {
                state.sealed(file);
            }
        }
        RollFileRepair.removeAside(directory, file.getFileName().toString());
        return isChanged;
    }

    @Override
    public void close() {
        reader.close();
    }
}
