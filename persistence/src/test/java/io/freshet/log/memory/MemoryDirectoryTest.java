package io.freshet.log.memory;

import io.freshet.log.ChannelDirectoryContract;
import io.freshet.log.Storage;
import io.freshet.log.StorageConfig;

class MemoryDirectoryTest extends ChannelDirectoryContract {
    private final MemoryDisk disk = new MemoryDisk();

    @Override
    protected Storage open(StorageConfig config) {
        return MemoryStorage.open(disk, config);
    }
}
