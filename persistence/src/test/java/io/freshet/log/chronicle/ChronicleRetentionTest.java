package io.freshet.log.chronicle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.log.Durability;
import io.freshet.log.LogReader;
import io.freshet.log.MessageLog;
import io.freshet.log.Retention;
import io.freshet.log.RetentionContract;
import io.freshet.log.Storage;
import io.freshet.log.StorageConfig;
import io.freshet.log.TestBatch;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.agrona.concurrent.Agent;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChronicleRetentionTest extends RetentionContract {
    @TempDir
    private Path directory;

    private int copyCount;

    private Path data() {
        return directory.resolve("data-" + copyCount);
    }

    @Override
    protected Storage open(StorageConfig config) {
        return ChronicleStorage.open(data(), config);
    }

    @Override
    protected void dropIndex() {
        try {
            Files.delete(data().resolve("shard-0/index/data.mdb"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What a process leaves that dies here is what another sees in its files; the test goes on with a copy of them. */
    @Override
    protected void crash() {
        Path left = data();
        copyCount++;
        try {
            try (Stream<Path> tree = Files.walk(left)) {
                for (Path source : tree.toList()) {
                    Path target = data().resolve(left.relativize(source).toString());
                    if (Files.isDirectory(source)) {
                        Files.createDirectories(target);
                    } else if (left.relativize(source).startsWith("shard-0/log") && !isCurrent(source)) {
                        Files.createLink(target, source);
                    } else {
                        copyUsed(source, target);
                    }
                }
            }
            storage().close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A roll file that is not appended to is removed or stays, so that a second name of it is as good as a copy. */
    private static boolean isCurrent(Path file) throws IOException {
        return !file.toString().endsWith(".cq4")
                || RollFiles.list(Objects.requireNonNull(file.getParent())).values().stream()
                        .reduce(file, (earlier, later) -> later)
                        .equals(file);
    }

    private static void copyUsed(Path source, Path target) throws IOException {
        try (FileChannel in = FileChannel.open(source, StandardOpenOption.READ);
                FileChannel out = FileChannel.open(target, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
            ByteBuffer page = ByteBuffer.allocate(64 * 1024);
            ByteBuffer empty = ByteBuffer.allocate(64 * 1024);
            for (long at = 0; at < in.size(); at += page.capacity()) {
                in.read(page.clear(), at);
                page.flip();
                if (!page.equals(empty.clear().limit(page.limit()))) {
                    out.write(page, at);
                }
            }
        }
    }

    @Test
    void shouldNotKeepAsideLongerThanTheLogWhatWasDamaged() throws IOException {
        Storage opened = filled(Retention.of(AGE, Long.MAX_VALUE));
        Path damaged = Files.createDirectory(data().resolve("shard-0/damaged"));
        Path freed = Files.createFile(damaged.resolve("19991231-23L.cq4.damaged"));
        Path kept = Files.createFile(damaged.resolve("29991231-23L.cq4.damaged-2"));
        settle(opened);
        assertFalse(Files.exists(freed), "of a file that went out of the log when it was damaged");
        assertTrue(Files.exists(kept));
    }

    @Test
    void shouldKnowWhereChannelsEndedWhenItBrokeOffBetweenTwoFilesAndTheIndexIsLost() throws IOException {
        Storage opened = filled(Retention.of(AGE, Long.MAX_VALUE));
        Path log = data().resolve("shard-0/log");
        Path before = Files.createDirectory(directory.resolve("before"));
        for (Path file : RollFiles.list(log).values()) {
            Files.createLink(before.resolve(file.getFileName()), file);
        }
        settle(opened);
        closeStorage();
        List<Path> freed = RollFiles.list(before).values().stream()
                .filter(file -> !Files.exists(log.resolve(file.getFileName())))
                .toList();
        assertTrue(freed.size() > 2, "freed are " + freed);
        for (Path file : freed.subList(1, freed.size())) {
            Files.createLink(log.resolve(file.getFileName()), file);
        }
        dropIndex();
        checkRight(openStorage(Retention.NONE));
    }

    @Test
    void shouldFreeTheOldestFilesWhileAllAreTooBigButNeverTheCurrent() throws Exception {
        StorageConfig config = clock.config()
                .retention(Retention.of(Retention.FOREVER, 1 << 20))
                .build();
        try (Storage storage = open(config)) {
            storage.index(0).catchUp();
            MessageLog log = storage.log(0);
            log.attach(1, MessageLog.NULL_POSITION);
            TestBatch batch = new TestBatch();
            for (int i = 1; i <= 40; i++) {
                log.append(
                        batch.reset(1, Durability.SYNCED).run(1, i, 1, 200_000).batch());
                if (i <= 30) {
                    clock.advanceMs(30 * 60_000);
                }
            }
            for (int i = 0; i < 300; i++) {
                log.appendRequested();
                for (Agent agent : storage.agents()) {
                    agent.doWork();
                }
                clock.advanceMs(1000);
            }
            List<Path> files =
                    List.copyOf(RollFiles.list(data().resolve("shard-0/log")).values());
            assertEquals(1, files.size(), "all others are too much");
            assertTrue(log.statistics().freedLength() > 3_000_000);
            try (LogReader reader = log.openReader()) {
                reader.toStart();
                assertTrue(reader.next());
                assertEquals(31, reader.document().firstSequence(0));
            }
        }
    }

    @Test
    void shouldFreeFilesOnADeviceThatIsTooFullForAnythingElse() throws Exception {
        int count = 20;
        TestBatch batch = new TestBatch();
        try (Storage storage = open(clock.config().build())) {
            storage.index(0).catchUp();
            storage.log(0).attach(1, MessageLog.NULL_POSITION);
            for (int i = 1; i <= count; i++) {
                batch.reset(clock.epochMs() * 1000, Durability.SYNCED).run(1, i, 1, 1000);
                assertTrue(storage.log(0).append(batch.batch()) > 0);
                clock.advanceMs(60 * 60_000);
            }
        }
        StorageConfig config = clock.config()
                .minFreeLength(1L << 40)
                .retention(Retention.of(Duration.ofHours(5), Long.MAX_VALUE))
                .build();
        try (Storage storage = open(config)) {
            storage.index(0).catchUp();
            MessageLog log = storage.log(0);
            batch.reset(clock.epochMs() * 1000, Durability.SYNCED).run(1, count + 1, 1, 1000);
            for (int i = 0; i < 300; i++) {
                assertEquals(MessageLog.NO_SPACE, log.append(batch.batch()));
                log.appendRequested();
                for (Agent agent : storage.agents()) {
                    agent.doWork();
                }
                clock.advanceMs(1000);
            }
            assertTrue(log.statistics().freedLength() > 10_000);
            try (LogReader reader = log.openReader()) {
                reader.toStart();
                assertTrue(reader.next());
                assertTrue(reader.document().firstSequence(0) > count / 2);
            }
        }
    }

    @Test
    void shouldGoOnReadingWhileFilesGo() throws Exception {
        StorageConfig config = clock.config()
                .retention(Retention.of(Retention.FOREVER, 1 << 20))
                .build();
        try (Storage storage = open(config)) {
            storage.index(0).catchUp();
            MessageLog log = storage.log(0);
            log.attach(1, MessageLog.NULL_POSITION);
            TestBatch batch = new TestBatch();
            long last = 0;
            try (LogReader slow = log.openReader()) {
                slow.toStart();
                for (int i = 1; i <= 200; i++) {
                    log.append(batch.reset(1, Durability.SYNCED)
                            .run(1, i, 1, 100_000)
                            .batch());
                    clock.advanceMs(10 * 60_000);
                    for (Agent agent : storage.agents()) {
                        agent.doWork();
                    }
                    log.appendRequested();
                    if (i % 7 == 0
                            && slow.next()
                            && slow.document().runCount() == 1
                            && slow.document().channel(0) == 1) {
                        TestBatch.assertWhole(slow.document());
                        assertTrue(slow.document().firstSequence(0) > last);
                        last = slow.document().firstSequence(0);
                    }
                }
                while (slow.next()) {
                    if (slow.document().runCount() == 1 && slow.document().channel(0) == 1) {
                        TestBatch.assertWhole(slow.document());
                        last = slow.document().firstSequence(0);
                    }
                }
            }
            assertEquals(200, last);
        }
    }
}
