package io.freshet.engine.chat;

import io.freshet.log.Storage;
import io.freshet.log.StorageConfig;
import io.freshet.log.memory.MemoryDisk;
import io.freshet.log.memory.MemoryStorage;

class MemoryChatViewsTest extends ChatViewsContract {
    private final MemoryDisk disk = new MemoryDisk();

    @Override
    Storage open(StorageConfig config) {
        return MemoryStorage.open(disk, config);
    }

    @Override
    void dropIndex() {
        disk.dropIndex(0);
    }
}
