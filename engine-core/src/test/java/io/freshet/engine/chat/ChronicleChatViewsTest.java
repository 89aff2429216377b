package io.freshet.engine.chat;

import io.freshet.log.Storage;
import io.freshet.log.StorageConfig;
import io.freshet.log.chronicle.ChronicleStorage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class ChronicleChatViewsTest extends ChatViewsContract {
    @TempDir
    private Path directory;

    @Override
    Storage open(StorageConfig config) {
        return ChronicleStorage.open(directory.resolve("data"), config);
    }

    @Override
    void dropIndex() {
        try {
            Files.delete(directory.resolve("data/shard-0/index/data.mdb"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
