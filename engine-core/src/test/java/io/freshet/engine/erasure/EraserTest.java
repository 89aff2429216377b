package io.freshet.engine.erasure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.engine.Principal;
import io.freshet.engine.chat.ChatFollower;
import io.freshet.log.ChannelTail;
import io.freshet.log.Durability;
import io.freshet.log.Erasure;
import io.freshet.log.IndexReader;
import io.freshet.log.LogBatch;
import io.freshet.log.MessageLog;
import io.freshet.log.StorageConfig;
import io.freshet.log.memory.MemoryDisk;
import io.freshet.log.memory.MemoryStorage;
import io.freshet.log.retention.RetainedLog;
import io.freshet.protocol.EventKind;
import io.freshet.protocol.FrameHeader;
import io.freshet.protocol.RecordFrame;
import io.freshet.protocol.v1.Content;
import io.freshet.protocol.v1.Deletion;
import io.freshet.protocol.v1.ErasedSequences;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** An eraser that is driven by hand, of which clients ask for more than it can do at a time. */
@Timeout(120)
class EraserTest {
    private static final int BUSY = 4;
    private static final int QUIET = 8;

    private long nowNs = 1;
    private final MemoryStorage storage = MemoryStorage.open(
            new MemoryDisk(),
            StorageConfig.builder()
                    .shardCount(1)
                    .checkpointInterval(Duration.ofMillis(10))
                    .nanoClock(() -> nowNs)
                    .build());
    private final LogBatch batch = new LogBatch();
    private final Set<Long> channels = new TreeSet<>();
    private int roundCount;
    private boolean isQuietDone;
    private int roundsUntilQuiet;
    private final Eraser eraser = new Eraser(storage, this::forget, () -> nowNs);

    @AfterEach
    void close() {
        eraser.onClose();
        storage.close();
    }

    void forget(long channel, long lastSequence, Erasure erasure, Runnable done, Runnable failed) {
        roundCount++;
        channels.add(channel);
        if (channel == QUIET && !isQuietDone) {
            isQuietDone = true;
            roundsUntilQuiet = roundCount;
        }
        done.run();
    }

    private void append(long channel, long sequence, EventKind kind, byte[] payload) {
        ByteBuf out = Unpooled.buffer();
        RecordFrame.writeHead(out, kind.code(), channel, sequence, 1, Principal.SYSTEM.id(), 0, payload.length);
        int headLength = out.writerIndex();
        out.writeBytes(payload);
        out.setByte(FrameHeader.FLAGS_OFFSET, FrameHeader.FLAG_CHECKED);
        byte[] frame = new byte[out.readableBytes()];
        out.readBytes(frame);
        batch.reset(1, Durability.WRITTEN);
        batch.startRun(channel, sequence, new UnsafeBuffer(frame), 0);
        batch.addRecord(frame.length, headLength);
        assertTrue(storage.log(0).append(batch) > 0);
    }

    /** Posts, and then as many deletions, of each one. */
    private void deleteAll(long channel, int count) {
        storage.log(0).attach(channel, MessageLog.NULL_POSITION);
        byte[] content = Content.newBuilder().setText("not for long").build().toByteArray();
        for (int i = 1; i <= count; i++) {
            append(channel, i, EventKind.POST, content);
        }
        for (int i = 1; i <= count; i++) {
            byte[] deletion = Deletion.newBuilder().setTarget(i).build().toByteArray();
            append(channel, count + i, EventKind.DELETE, deletion);
        }
    }

    private void follow() throws Exception {
        nowNs += Duration.ofSeconds(1).toNanos();
        for (Agent agent : storage.agents()) {
            while (agent.doWork() > 0) {
                nowNs++;
            }
        }
    }

    @Test
    void shouldDoManyDeletionsOfAChannelTogetherInBoundedMemory() throws Exception {
        int count = 10_000;
        storage.index(0).addFollower(new ChatFollower());
        storage.index(0).catchUp();
        eraser.onStart();
        deleteAll(BUSY, count);
        deleteAll(QUIET, 10);
        follow();
        int greatest = 0;
        for (int i = 0; i < 2 * count && eraser.erasedCount() < count + 10; i++) {
            eraser.doWork();
            greatest = Math.max(greatest, eraser.pendingCount());
            if (i % 7 == 0) {
                follow();
            }
        }
        assertEquals(count + 10, eraser.erasedCount());
        assertEquals(0, eraser.failureCount());
        assertTrue(greatest <= 1_025, "in memory: " + greatest);
        assertTrue(roundCount <= 80, "rounds: " + roundCount);
        assertEquals(Set.of((long) BUSY, (long) QUIET), channels);
        assertTrue(roundsUntilQuiet <= 10, "the other channel had its turn after " + roundsUntilQuiet);
        for (int i = 0; i < 4; i++) {
            follow();
            eraser.doWork();
        }
        assertEquals(0, eraser.pendingCount());
    }

    @Test
    void shouldWaitWithRecordsThatTheIndexHasForgottenUntilTheirFileIsGone() throws Exception {
        storage.index(0).catchUp();
        eraser.onStart();
        RetainedLog log = (RetainedLog) storage.log(0);
        storage.log(0).attach(BUSY, MessageLog.NULL_POSITION);
        byte[] content = Content.newBuilder().setText("not for long").build().toByteArray();
        append(BUSY, 1, EventKind.POST, content);
        append(BUSY, 2, EventKind.POST, content);
        long kept = storage.log(0).lastPosition();
        byte[] erasure = ErasedSequences.newBuilder().addSequence(1).build().toByteArray();
        append(BUSY, 3, EventKind.ERASURE, erasure);
        log.expireBefore(kept);
        follow();
        try (IndexReader reader = storage.index(0).openReader()) {
            ChannelTail tail = new ChannelTail();
            assertTrue(reader.tail(BUSY, tail));
            assertEquals(2, tail.firstSequence, "the index has forgotten the first");
        }
        for (int i = 0; i < 10; i++) {
            eraser.doWork();
        }
        assertEquals(1, eraser.pendingCount(), "the first is in the log, under a position that nobody knows");
        assertEquals(0, roundCount);

        storage.log(0).truncateBefore(kept);
        for (int i = 0; i < 10; i++) {
            eraser.doWork();
        }
        assertEquals(0, eraser.pendingCount());
        assertEquals(1, roundCount);
    }
}
