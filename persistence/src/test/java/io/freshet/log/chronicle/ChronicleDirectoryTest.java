package io.freshet.log.chronicle;

import io.freshet.log.ChannelDirectoryContract;
import io.freshet.log.Storage;
import io.freshet.log.StorageConfig;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class ChronicleDirectoryTest extends ChannelDirectoryContract {
    @TempDir
    private Path directory;

    @Override
    protected Storage open(StorageConfig config) {
        return ChronicleStorage.open(directory.resolve("data"), config);
    }
}
