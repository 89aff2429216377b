package io.freshet.log.chronicle;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.freshet.log.ChannelIndexContract;
import io.freshet.log.Durability;
import io.freshet.log.MessageLog;
import io.freshet.log.Storage;
import io.freshet.log.StorageConfig;
import io.freshet.log.TestBatch;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChronicleIndexTest extends ChannelIndexContract {
    @TempDir
    private Path directory;

    @Override
    protected Storage open(StorageConfig config) {
        return ChronicleStorage.open(directory.resolve("data"), config);
    }

    @Override
    protected void dropIndex() {
        try {
            Files.delete(indexFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path indexFile() {
        return directory.resolve("data/shard-0/index/data.mdb");
    }

    @Test
    void shouldBeBuiltAgainWhenItIsGarbage() throws IOException {
        fill(directory.resolve("data"), 100);
        byte[] garbage = new byte[40_000];
        new Random(1).nextBytes(garbage);
        Files.write(indexFile(), garbage);
        checkBuiltAgain(100);
    }

    @Test
    void shouldBeBuiltAgainWhenItIsOfAnotherLog() throws IOException {
        fill(directory.resolve("data"), 100);
        fill(directory.resolve("other"), 50);
        Files.copy(directory.resolve("other/shard-0/index/data.mdb"), indexFile(), StandardCopyOption.REPLACE_EXISTING);
        checkBuiltAgain(100);
    }

    private void fill(Path root, int documentCount) {
        try (Storage storage = ChronicleStorage.open(root, clock.config().build())) {
            MessageLog log = storage.log(0);
            storage.index(0).catchUp();
            log.attach(1, MessageLog.NULL_POSITION);
            for (int i = 1; i <= documentCount; i++) {
                log.append(TestBatch.single(1, i, Durability.WRITTEN));
            }
        }
    }

    private void checkBuiltAgain(long lastSequence) {
        try (Storage storage = open(clock.config().build())) {
            storage.index(0).catchUp();
            try (var reader = storage.index(0).openReader()) {
                assertEquals(storage.log(0).lastPosition(), reader.find(1, lastSequence));
                assertEquals(lastSequence, reader.lastSequenceBefore(1, Long.MAX_VALUE));
            }
        }
    }

    @Test
    void shouldGrowTheMapWhenTheIndexDoesNotFit() {
        try (Storage storage = open(clock.config().indexMapLength(1 << 20).build())) {
            MessageLog log = storage.log(0);
            TestBatch batch = new TestBatch();
            int channelCount = 30_000;
            for (int first = 1; first <= channelCount; first += 100) {
                batch.reset(1, Durability.WRITTEN);
                for (int channel = first; channel < first + 100; channel++) {
                    log.attach(channel, MessageLog.NULL_POSITION);
                    batch.run(channel, 1, 1, 0);
                }
                log.append(batch.batch());
            }
            storage.index(0).catchUp();
            try (var reader = storage.index(0).openReader()) {
                for (int channel = 1; channel <= channelCount; channel++) {
                    assertEquals(1, reader.lastSequenceBefore(channel, Long.MAX_VALUE));
                }
            }
        }
    }
}
