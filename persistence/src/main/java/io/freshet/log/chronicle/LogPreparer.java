package io.freshet.log.chronicle;

import io.freshet.log.StorageConfig;
import java.io.IOException;
import java.util.List;
import java.util.function.LongSupplier;
import org.agrona.concurrent.Agent;

/**
 * Looks ahead of the appenders of all shards: prepares the coming stretch of their files and watches the device, so that
 * appends are refused by name before they would fault on a full one. Its duty cycle belongs to one thread; it may block.
 */
final class LogPreparer implements Agent, AutoCloseable {
    private static final long LOOK_INTERVAL_NS = 50_000_000;

    private final List<FilePreparer> files;
    private final SpaceGuard space;
    private final long minFreeLength;
    private final LongSupplier nanoClock;
    private long nextLookNs;

    LogPreparer(List<ChronicleLog> logs, SpaceGuard space, StorageConfig config) {
        this.space = space;
        files = logs.stream()
                .map(log -> log.preparePart(config.prepareLength()))
                .toList();
        minFreeLength = config.minFreeLength();
        nanoClock = config.nanoClock();
        nextLookNs = nanoClock.getAsLong();
    }

    @Override
    public int doWork() throws IOException {
        int workCount = 0;
        boolean isRefused = false;
        for (FilePreparer file : files) {
            workCount += file.doWork();
            isRefused |= file.isReservationRefused();
        }
        long nowNs = nanoClock.getAsLong();
        if (isRefused) {
            space.low(true);
        } else if (nowNs - nextLookNs >= 0) {
            nextLookNs = nowNs + LOOK_INTERVAL_NS;
            space.low(space.usableLength() < minFreeLength);
        }
        return workCount;
    }

    @Override
    public String roleName() {
        return "freshet-preparer";
    }

    @Override
    public void close() {
        files.forEach(FilePreparer::close);
    }
}
