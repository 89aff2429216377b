package io.freshet.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What every {@link ChannelDirectory} must do. */
@Timeout(60)
public abstract class ChannelDirectoryContract {
    private @Nullable Storage storage;

    /** Opens the storage of this test, a second time after it was closed. */
    protected abstract Storage open(StorageConfig config);

    private ChannelDirectory openDirectory() {
        closeStorage();
        storage = open(new TestClock().config().build());
        return storage.channels();
    }

    @AfterEach
    void closeStorage() {
        if (storage != null) {
            storage.close();
            storage = null;
        }
    }

    @Test
    void shouldGiveEachNameOneIdForEver() {
        ChannelDirectory channels = openDirectory();
        assertEquals(0, channels.count());
        assertEquals(ChannelDirectory.NO_CHANNEL, channels.find("lobby"));
        assertNull(channels.name(1));
        assertEquals(1, channels.findOrCreate("lobby"));
        assertEquals(2, channels.findOrCreate("größe"));
        assertEquals(1, channels.findOrCreate("lobby"));
        channels = openDirectory();
        assertEquals(1, channels.find("lobby"));
        assertEquals("größe", channels.name(2));
        assertEquals(2, channels.count());
        assertEquals(3, channels.findOrCreate("lobby2"));
    }

    @Test
    void shouldRefuseNamesThatDoNotFit() {
        ChannelDirectory channels = openDirectory();
        assertThrows(IllegalArgumentException.class, () -> channels.findOrCreate(""));
        assertThrows(IllegalArgumentException.class, () -> channels.findOrCreate("x".repeat(512)));
        assertEquals(ChannelDirectory.NO_CHANNEL, channels.find("x".repeat(100_000)));
        assertEquals(1, channels.findOrCreate("x".repeat(511)));
        assertEquals("x".repeat(511), channels.name(1));
    }

    @Test
    void shouldAgreeWhenManyAskAtOnce() throws Exception {
        ChannelDirectory channels = openDirectory();
        ExecutorService executor = Executors.newFixedThreadPool(4);
        try {
            Set<Long> ids = new HashSet<>();
            for (Future<Long> id : executor.invokeAll(IntStream.range(0, 200)
                    .<Callable<Long>>mapToObj(i -> () -> channels.findOrCreate("channel " + i % 20))
                    .toList())) {
                ids.add(id.get());
            }
            assertEquals(20, ids.size());
            assertEquals(20, channels.count());
        } finally {
            executor.shutdown();
        }
    }
}
