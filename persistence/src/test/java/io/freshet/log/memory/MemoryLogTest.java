package io.freshet.log.memory;

import io.freshet.log.MessageLogContract;
import io.freshet.log.Storage;
import io.freshet.log.StorageConfig;

class MemoryLogTest extends MessageLogContract {
    private final MemoryDisk disk = new MemoryDisk();

    @Override
    protected Storage open(StorageConfig config) {
        return MemoryStorage.open(disk, config);
    }
}
