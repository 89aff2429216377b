package io.freshet.log.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.log.Durability;
import io.freshet.log.LogDocument;
import io.freshet.log.LogReader;
import io.freshet.log.MessageLog;
import io.freshet.log.StorageConfig;
import io.freshet.log.TestBatch;
import io.freshet.log.memory.MemoryDisk;
import io.freshet.log.memory.MemoryStorage;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CachedReaderTest {
    private static final int SEGMENT_LENGTH = 1024;
    private static final int CHANNEL_COUNT = 3;

    private final MemoryStorage storage =
            MemoryStorage.open(new MemoryDisk(), StorageConfig.builder().build());
    private final MessageLog log = storage.log(0);
    private final List<Long> positions = new ArrayList<>();
    private CountingReader counting = new CountingReader(log.openReader());
    private CachedReader reader = new CachedReader(counting, new DocumentCache(4, SEGMENT_LENGTH));
    private int nextDocument;

    @BeforeEach
    void append() {
        for (long channel = 0; channel < CHANNEL_COUNT; channel++) {
            log.attach(channel, MessageLog.NULL_POSITION);
        }
        appendDocuments(12);
    }

    /** Documents of one record of 160 bytes or so, of each channel in turn. */
    private void appendDocuments(int count) {
        for (int i = 0; i < count; i++, nextDocument++) {
            long channel = nextDocument % CHANNEL_COUNT;
            assertTrue(log.append(TestBatch.single(channel, 1 + nextDocument / CHANNEL_COUNT, Durability.WRITTEN)) > 0);
            positions.add(log.lastPosition());
        }
    }

    @AfterEach
    void close() {
        reader.close();
        storage.close();
    }

    private void readOn(int count) {
        for (int i = 0; i < count; i++) {
            assertTrue(reader.readNext());
        }
    }

    /** Sequences of the channel that are kept from where the reader stands. */
    private List<Long> kept(long channel, long fromSequence) {
        List<Long> sequences = new ArrayList<>();
        boolean isFound = reader.find(channel, fromSequence);
        while (isFound) {
            LogDocument document = reader.foundDocument();
            TestBatch.assertWhole(document);
            assertEquals(channel, document.channel(reader.foundRun()));
            sequences.add(document.firstSequence(reader.foundRun()));
            isFound = reader.findNext(channel, fromSequence);
        }
        return sequences;
    }

    @Test
    void shouldFindForOneChannelWhatWasReadForAnother() {
        reader.goTo(positions.get(0));
        readOn(12);
        int readCount = counting.readCount;
        for (long channel = 0; channel < CHANNEL_COUNT; channel++) {
            reader.goTo(positions.get(0));
            assertEquals(List.of(1L, 2L, 3L, 4L), kept(channel, 1));
            reader.goTo(positions.get(4));
            assertEquals(List.of(3L, 4L), kept(channel, 3));
        }
        assertEquals(readCount, counting.readCount);
    }

    @Test
    void shouldReadOnBehindWhatIsKeptOnceTheLogHasGrown() {
        reader.goTo(positions.get(9));
        readOn(3);
        assertFalse(reader.readNext());
        appendDocuments(3);
        reader.goTo(positions.get(11));
        assertEquals(List.of(), kept(0, 5));
        assertEquals(positions.get(11), reader.lastPosition());
        readOn(3);
        assertEquals(positions.get(14), reader.newest().position());
        assertFalse(reader.readNext());
    }

    @Test
    void shouldReturnToTheEndOfASegmentThatWasLeft() {
        reader.goTo(positions.get(0));
        readOn(2);
        reader.goTo(positions.get(8));
        readOn(1);
        reader.goTo(positions.get(1));
        assertEquals(List.of(1L), kept(1, 1));
        readOn(1);
        assertEquals(positions.get(2), reader.newest().position());
        reader.goTo(positions.get(8));
        assertEquals(List.of(3L), kept(2, 1));
        readOn(1);
        assertEquals(positions.get(9), reader.newest().position());
    }

    @Test
    void shouldForgetWhatWasNotUsedForLongest() {
        appendDocuments(60);
        reader.goTo(positions.get(0));
        readOn(60);
        int readCount = counting.readCount;
        reader.goTo(positions.get(0));
        assertFalse(reader.find(0, 1));
        assertEquals(positions.get(0) - 1, reader.lastPosition());
        reader.goTo(positions.get(59));
        assertEquals(List.of(20L), kept(2, 20));
        assertEquals(readCount, counting.readCount);
    }

    @Test
    void shouldKeepADocumentLongerThanASegment() {
        assertTrue(log.append(new TestBatch()
                        .reset(1, Durability.WRITTEN)
                        .run(0, 5, 2, 4 * SEGMENT_LENGTH)
                        .batch())
                > 0);
        reader.goTo(positions.get(10));
        readOn(3);
        reader.goTo(positions.get(10));
        assertEquals(List.of(5L), kept(0, 5));
    }

    @Test
    void shouldUseASegmentAgainThatHasLittleInIt() {
        reader.goTo(positions.get(0));
        reader.skipTo(positions.get(5));
        readOn(1);
        assertEquals(positions.get(5), reader.newest().position());
        reader.goTo(positions.get(5));
        assertEquals(List.of(2L), kept(2, 1));
    }

    @Test
    void shouldGoToTheStartOfTheLog() {
        reader.goTo(MessageLog.NULL_POSITION);
        assertTrue(reader.readNext());
        assertTrue(reader.newest().position() <= positions.get(0));
    }

    /** Counts the documents that are really read. */
    private static final class CountingReader implements LogReader {
        private final LogReader reader;
        int readCount;

        CountingReader(LogReader reader) {
            this.reader = reader;
        }

        @Override
        public void toStart() {
            reader.toStart();
        }

        @Override
        public boolean seek(long position) {
            return reader.seek(position);
        }

        @Override
        public boolean next() {
            readCount++;
            return reader.next();
        }

        @Override
        public LogDocument document() {
            return reader.document();
        }

        @Override
        public void close() {
            reader.close();
        }
    }
}
