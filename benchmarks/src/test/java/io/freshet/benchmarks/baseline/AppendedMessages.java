package io.freshet.benchmarks.baseline;

import java.nio.file.Path;
import java.util.Objects;
import net.openhft.chronicle.bytes.Bytes;
import net.openhft.chronicle.queue.ExcerptTailer;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueue;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueueBuilder;
import net.openhft.chronicle.queue.rollcycles.LargeRollCycles;
import net.openhft.chronicle.wire.DocumentContext;

/** Reads what the append floor has left. */
final class AppendedMessages {
    private AppendedMessages() {}

    /** Counts the frames of all documents. */
    static long count(Path directory) {
        long count = 0;
        try (SingleChronicleQueue queue = SingleChronicleQueueBuilder.binary(directory)
                        .rollCycle(LargeRollCycles.LARGE_HOURLY)
                        .build();
                ExcerptTailer tailer = queue.createTailer()) {
            while (true) {
                try (DocumentContext context = tailer.readingDocument()) {
                    if (!context.isPresent()) {
                        return count;
                    }
                    Bytes<?> bytes = Objects.requireNonNull(context.wire()).bytes();
                    while (bytes.readRemaining() > 0) {
                        bytes.readSkip(bytes.readInt());
                        count++;
                    }
                }
            }
        }
    }
}
