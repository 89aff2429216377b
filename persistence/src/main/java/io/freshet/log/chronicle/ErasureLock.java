package io.freshet.log.chronicle;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * Keeps an erasure in a roll file and a copy of one, which another process makes, apart: the copy would have half of it. A lock on
 * a file of the shard that is there from the first start on. Whoever erases waits for the copy of one file, and the other way round.
 */
final class ErasureLock implements AutoCloseable {
    private static final String NAME = "erasure.lock";

    private final FileChannel channel;
    private final FileLock lock;

    private ErasureLock(FileChannel channel, boolean isShared) throws IOException {
        this.channel = channel;
        lock = channel.lock(0, Long.MAX_VALUE, isShared);
    }

    /** Makes the file, before anything may be erased. */
    static void prepare(Path shard) throws IOException {
        Path file = shard.resolve(NAME);
        if (!Files.exists(file)) {
            FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.CREATE)
                    .close();
        }
    }

    /** Waits until nobody copies, and keeps copies waiting. */
    static ErasureLock toErase(Path shard) throws IOException {
        return lock(FileChannel.open(shard.resolve(NAME), StandardOpenOption.WRITE), false);
    }

    /** Waits until nothing is being erased, and keeps erasures waiting; changes nothing. Null where nothing is ever erased. */
    static @Nullable ErasureLock toCopy(Path shard) throws IOException {
        Path file = shard.resolve(NAME);
        return Files.exists(file) ? lock(FileChannel.open(file, StandardOpenOption.READ), true) : null;
    }

    private static ErasureLock lock(FileChannel channel, boolean isShared) throws IOException {
        try {
            return new ErasureLock(channel, isShared);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    boolean isHeld() {
        return lock.isValid();
    }

    @Override
    public void close() throws IOException {
        try (channel) {
            lock.release();
        }
    }
}
