package io.freshet.log.chronicle;

import io.freshet.log.StorageConfig;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.LongSupplier;
import org.agrona.concurrent.Agent;

/** Looks ahead of the appenders: whether the device has room. Its duty cycle belongs to one thread; it may block. */
final class LogPreparer implements Agent, AutoCloseable {
    private static final long LOOK_INTERVAL_NS = 50_000_000;

    private final FileStore device;
    private final SpaceGuard space;
    private final long minFreeLength;
    private final LongSupplier nanoClock;
    private long nextLookNs;

    LogPreparer(Path root, List<ChronicleLog> logs, SpaceGuard space, StorageConfig config) throws IOException {
        device = Files.getFileStore(root);
        this.space = space;
        minFreeLength = config.minFreeLength();
        nanoClock = config.nanoClock();
        nextLookNs = nanoClock.getAsLong();
    }

    @Override
    public int doWork() throws IOException {
        long nowNs = nanoClock.getAsLong();
        if (nowNs - nextLookNs < 0) {
            return 0;
        }
        nextLookNs = nowNs + LOOK_INTERVAL_NS;
        space.low(device.getUsableSpace() < minFreeLength);
        return 0;
    }

    @Override
    public String roleName() {
        return "freshet-preparer";
    }

    @Override
    public void close() {}
}
