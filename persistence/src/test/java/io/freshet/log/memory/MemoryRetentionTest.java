package io.freshet.log.memory;

import io.freshet.log.RetentionContract;
import io.freshet.log.Storage;
import io.freshet.log.StorageConfig;

class MemoryRetentionTest extends RetentionContract {
    private final MemoryDisk disk = new MemoryDisk();

    @Override
    protected Storage open(StorageConfig config) {
        return MemoryStorage.open(disk, config);
    }

    @Override
    protected void dropIndex() {
        disk.dropIndex(0);
    }

    @Override
    protected void crash() {
        disk.crash(MemoryDisk.Kept.SYNCED, false);
    }
}
