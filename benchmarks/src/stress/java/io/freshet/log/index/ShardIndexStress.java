package io.freshet.log.index;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.freshet.log.ChannelTail;
import io.freshet.log.Durability;
import io.freshet.log.IndexReader;
import io.freshet.log.LogBatch;
import io.freshet.log.MessageLog;
import io.freshet.log.StorageConfig;
import io.freshet.log.memory.MemoryDisk;
import io.freshet.log.memory.MemoryStorage;
import java.nio.ByteBuffer;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.UnsafeBuffer;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZJ_Result;

/**
 * {@link ShardIndex}, to which a shard leaves a channel that it lets go of. Proved: once the position that the indexer tells has reached a document, a reader finds what
 * that document held. So a channel that is let go of by that position is loaded again as it was.
 */
@JCStressTest
@Outcome(id = "false, 0", expect = ACCEPTABLE, desc = "Not indexed yet.")
@Outcome(id = "false, 1", expect = ACCEPTABLE, desc = "Indexed between the two looks.")
@Outcome(id = "true, 1", expect = ACCEPTABLE, desc = "Indexed, and found.")
@Outcome(expect = FORBIDDEN, desc = "The position is ahead of what readers see.")
@State
public class ShardIndexStress {
    private static final long CHANNEL = 4;
    private static final int RECORD_LENGTH = 64;
    private static final int HEAD_LENGTH = 48;
    private static final UnsafeBuffer FRAME = new UnsafeBuffer(ByteBuffer.allocateDirect(RECORD_LENGTH));

    private final ShardIndex index;
    private final IndexReader reader;
    private final ChannelTail tail = new ChannelTail();
    private final long position;

    public ShardIndexStress() {
        MemoryStorage storage = MemoryStorage.open(
                new MemoryDisk(),
                // Hundreds of these live at once, each with buffers for a document.
                StorageConfig.builder()
                        .shardCount(1)
                        .checkpointRunCount(1)
                        .maxDocumentLength(4096)
                        .build());
        MessageLog log = storage.log(0);
        index = (ShardIndex) storage.index(0);
        reader = index.openReader();
        log.attach(CHANNEL, MessageLog.NULL_POSITION);
        LogBatch batch = new LogBatch();
        batch.reset(1, Durability.SYNCED);
        batch.startRun(CHANNEL, 1, FRAME, 0);
        batch.addRecord(RECORD_LENGTH, HEAD_LENGTH);
        position = log.append(batch);
        while (log.syncedPosition() < position) {
            sync(storage);
        }
        if (index.indexedPosition() >= position) {
            throw new IllegalStateException("indexed before the test begins");
        }
    }

    private static void sync(MemoryStorage storage) {
        try {
            for (Agent agent : storage.agents()) {
                if (!(agent instanceof Indexer)) {
                    agent.doWork();
                }
            }
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Actor
    public void indexer() {
        index.poll(8);
    }

    @Actor
    public void shard(ZJ_Result r) {
        r.r1 = index.indexedPosition() >= position;
        r.r2 = reader.tail(CHANNEL, tail) ? tail.lastSequence : 0;
    }
}
