package io.freshet.log.chronicle;

import io.freshet.log.chronicle.LinuxFiles.Reservation;
import java.io.IOException;
import java.nio.file.Path;
import net.openhft.chronicle.bytes.MappedBytes;
import net.openhft.chronicle.bytes.MappedBytesStore;
import net.openhft.chronicle.bytes.MappedFile;
import net.openhft.chronicle.core.io.ReferenceOwner;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueue;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueueStore;
import org.agrona.UnsafeApi;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the coming stretch of one log's file allocated, mapped and faulted in, so that an append meets neither a full
 * device nor a page fault that reads. Blocks are reserved and pages faulted in without changing a byte: nothing here can
 * write over what the appender writes. Belongs to the preparer's thread.
 */
final class FilePreparer implements AutoCloseable {
    private static final Logger LOGGER = LoggerFactory.getLogger(FilePreparer.class);
    private static final int PAGE_LENGTH = 4096;

    private final SingleChronicleQueue queue;
    private final LogProgress progress;
    private final int prepareLength;
    private final ReferenceOwner owner = ReferenceOwner.temporary("freshet-preparer");
    private final @Nullable LinuxFiles linux = LinuxFiles.instance();
    private @Nullable Path file;
    private int descriptor = -1;
    private @Nullable SingleChronicleQueueStore store;
    private @Nullable MappedBytes bytes;
    private @Nullable MappedBytesStore block;
    private long preparedEnd;
    private boolean isReservationRefused;
    private boolean isTouchable = true;

    FilePreparer(SingleChronicleQueue queue, LogProgress progress, int prepareLength) {
        this.queue = queue;
        this.progress = progress;
        this.prepareLength = prepareLength;
    }

    /** Whether the device had no room for what lies ahead, the last time it was asked. */
    boolean isReservationRefused() {
        return isReservationRefused;
    }

    /** Prepares what lies ahead of the appender, when less than half of it is left; returns the work done. */
    int doWork() {
        Path current = progress.file;
        if (current == null || linux == null) {
            return 0;
        }
        if (!current.equals(file)) {
            close();
            descriptor = linux.open(current);
            file = current;
            preparedEnd = 0;
        }
        long used = progress.usedLength.get();
        long end = aligned(used) + prepareLength;
        if (used == 0 || preparedEnd - used > prepareLength / 2) {
            return 0;
        }
        long start = Math.max(preparedEnd, aligned(used));
        isReservationRefused = descriptor >= 0 && linux.reserve(descriptor, start, end - start) == Reservation.NO_SPACE;
        if (isReservationRefused) {
            return 0;
        }
        if (descriptor >= 0) {
            progress.reserved = new LogProgress.Reserved(current, end);
        }
        if (isTouchable) {
            touch(linux, start, end);
        }
        preparedEnd = end;
        return 1;
    }

    private static long aligned(long offset) {
        return offset & -PAGE_LENGTH;
    }

    private void touch(LinuxFiles calls, long start, long end) {
        try {
            for (long at = start; at < end; ) {
                MappedBytesStore mapped = map(at);
                long stop = Math.min(end, aligned(mapped.safeLimit()));
                long address = mapped.addressForRead(at);
                if (!calls.populate(address, stop - at)) {
                    readEachPage(address, stop - at);
                }
                at = stop;
            }
        } catch (IOException | RuntimeException | InternalError e) {
            LOGGER.debug("pages of {} are not touched ahead", file, e);
            isTouchable = false;
        }
    }

    /** The block of the file that holds the offset, the same mapping that the appender uses or will use. */
    private MappedBytesStore map(long offset) throws IOException {
        MappedBytesStore current = block;
        if (current != null && offset >= current.start() && offset < current.safeLimit()) {
            return current;
        }
        MappedBytesStore next = mappedFile().acquireByteStore(owner, offset);
        if (current != null) {
            current.release(owner);
        }
        block = next;
        return next;
    }

    private MappedFile mappedFile() {
        MappedBytes open = bytes;
        if (open == null) {
            int cycle = RollFiles.CYCLE.toCycle(progress.lastPosition.get());
            SingleChronicleQueueStore opened = queue.storeForCycle(cycle, 0, false, null);
            store = opened;
            open = opened.bytes();
            bytes = open;
        }
        return open.mappedFile();
    }

    private static void readEachPage(long address, long length) {
        for (long at = 0; at < length; at += PAGE_LENGTH) {
            UnsafeApi.getByte(address + at);
        }
    }

    @Override
    public void close() {
        if (block != null) {
            block.release(owner);
            block = null;
        }
        if (bytes != null) {
            bytes.releaseLast();
            bytes = null;
        }
        if (store != null) {
            queue.closeStore(store);
            store = null;
        }
        if (descriptor >= 0 && linux != null) {
            linux.close(descriptor);
            descriptor = -1;
        }
        file = null;
    }
}
