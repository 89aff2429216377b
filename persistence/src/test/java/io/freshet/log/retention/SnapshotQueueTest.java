package io.freshet.log.retention;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.log.MessageLog;
import io.freshet.log.StorageConfig;
import io.freshet.log.memory.MemoryDisk;
import io.freshet.log.memory.MemoryStorage;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SnapshotQueueTest {
    private final MemoryStorage storage = MemoryStorage.open(
            new MemoryDisk(), StorageConfig.builder().shardCount(1).build());
    private final MessageLog log = storage.log(0);
    private final SnapshotQueue queue = new SnapshotQueue();

    @AfterEach
    void close() {
        storage.close();
    }

    private boolean offer() {
        return queue.offer(new UnsafeBuffer(new byte[64]));
    }

    @Test
    void shouldWaitForItsOwnPiecesAlsoBehindThoseOfARoundThatBrokeOff() {
        assertTrue(offer());
        assertTrue(offer());
        queue.begin();
        assertTrue(offer());
        assertEquals(2, queue.appendTo(log));
        assertFalse(queue.isHandled(), "the last piece is not in the log");
        assertEquals(1, queue.appendTo(log));
        assertTrue(queue.isHandled());
        assertEquals(log.lastPosition(), queue.lastPosition());
    }

    @Test
    void shouldDropWhatWaitsBehindARefusal() {
        assertTrue(offer());
        assertTrue(offer());
        storage.faults(0).refuse(MessageLog.NO_SPACE);
        long before = log.lastPosition();
        queue.appendTo(log);
        assertTrue(queue.isHandled());
        assertNotEquals(0, queue.refusal());
        assertEquals(before, log.lastPosition());
        queue.begin();
        assertEquals(0, queue.refusal());
    }
}
