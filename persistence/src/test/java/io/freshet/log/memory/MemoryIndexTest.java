package io.freshet.log.memory;

import io.freshet.log.ChannelIndexContract;
import io.freshet.log.Storage;
import io.freshet.log.StorageConfig;

class MemoryIndexTest extends ChannelIndexContract {
    private final MemoryDisk disk = new MemoryDisk();

    @Override
    protected Storage open(StorageConfig config) {
        return MemoryStorage.open(disk, config);
    }

    @Override
    protected void dropIndex() {
        disk.dropIndex(0);
    }
}
