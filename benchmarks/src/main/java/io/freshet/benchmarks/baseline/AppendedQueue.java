package io.freshet.benchmarks.baseline;

import io.netty.buffer.ByteBuf;
import java.io.File;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import net.openhft.chronicle.bytes.BytesStore;
import net.openhft.chronicle.bytes.PointerBytesStore;
import net.openhft.chronicle.bytes.SyncMode;
import net.openhft.chronicle.queue.ExcerptAppender;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueue;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueueBuilder;
import net.openhft.chronicle.queue.rollcycles.LargeRollCycles;
import org.jspecify.annotations.Nullable;

/**
 * A queue with one appender, cut into files and mapped as the engine's log is. Appends and syncs belong to the event
 * loop's thread; closed when that has ended.
 */
final class AppendedQueue implements AutoCloseable {
    private static final long BLOCK_LENGTH = 64L << 20;

    static {
        // Chronicle reads these once, at its first use.
        System.setProperty("chronicle.announcer.disable", "true");
        System.setProperty("chronicle.analytics.disable", "true");
        System.setProperty("chronicle.disk.monitor.disable", "true");
    }

    private final SingleChronicleQueue queue;
    private final ExcerptAppender appender;
    private final PointerBytesStore document = BytesStore.nativePointer();
    private @Nullable File openFile;
    private @Nullable FileChannel channel;

    AppendedQueue(Path directory) {
        queue = SingleChronicleQueueBuilder.binary(directory)
                .rollCycle(LargeRollCycles.LARGE_HOURLY)
                .blockSize(BLOCK_LENGTH)
                .syncMode(SyncMode.NONE)
                .build();
        appender = queue.createAppender();
        appender.singleThreadedCheckDisabled(true);
    }

    /** Appends bytes of a direct buffer as one document; borrows the buffer. */
    void append(ByteBuf buffer, int offset, int length) {
        document.set(buffer.memoryAddress() + offset, length);
        appender.writeBytes((BytesStore<?, ?>) document);
    }

    /** Makes what was appended durable: one fdatasync, which covers what was written through the mapping. */
    void sync() throws IOException {
        File file = Objects.requireNonNull(appender.currentFile(), "nothing was appended");
        FileChannel current = channel;
        if (current == null || !file.equals(openFile)) {
            closeChannel();
            current = FileChannel.open(file.toPath(), StandardOpenOption.WRITE);
            channel = current;
            openFile = file;
        }
        current.force(false);
    }

    private void closeChannel() throws IOException {
        if (channel != null) {
            channel.close();
            channel = null;
        }
    }

    @Override
    public void close() throws IOException {
        appender.close();
        queue.close();
        closeChannel();
    }
}
