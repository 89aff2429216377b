package io.freshet.engine.erasure;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.freshet.engine.Principal;
import io.freshet.log.LogDocument;
import io.freshet.log.LogFollower;
import io.freshet.protocol.EventKind;
import io.freshet.protocol.FrameHeader;
import io.freshet.protocol.RecordFrame;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Keeps, with the index, which erasures of one shard are not known to be done: an event adds one, of the engine or a DELETE that was admitted, the eraser's word takes it out
 * again. On the indexer's thread, apart from {@link #done}. When the index is built anew all of the log's erasures come again;
 * that they find nothing to do is cheap.
 */
final class ErasureFollower implements LogFollower {
    static final int ID = 2;

    /** States lie under this channel, which is none, so that they are found together. */
    static final long ALL_CHANNELS = 0;

    private final Map<ErasureKey, UnsafeBuffer> added = new LinkedHashMap<>();

    /** As many as there are pending at most, which each took an event and a sync. */
    private final Queue<ErasureKey> done = new ConcurrentLinkedQueue<>();

    /** Taken out at the last checkpoint, which may turn out not to have been written. */
    private final List<ErasureKey> removed = new ArrayList<>();

    @Override
    public int id() {
        return ID;
    }

    /** This one is done, durably: it need not be kept. The eraser's thread. */
    void done(ErasureKey key) {
        done.add(key);
    }

    @Override
    public void onDocument(LogDocument document) {
        if (document.kind() != LogDocument.Kind.RUNS) {
            return;
        }
        DirectBuffer buffer = document.buffer();
        for (int run = 0; run < document.runCount(); run++) {
            for (int i = 0, n = document.recordCount(run); i < n; i++) {
                int offset = document.recordOffset(run, i);
                int kind = buffer.getShort(offset + FrameHeader.KIND_OFFSET, LITTLE_ENDIAN) & 0xFFFF;
                boolean isNaming = isNaming(kind) ? isOfTheEngine(buffer, offset) : isDeletion(kind, buffer, offset);
                if (isNaming && document.isIntact(run, i)) {
                    byte[] frame = new byte[document.recordLength(run, i)];
                    buffer.getBytes(offset, frame);
                    added.put(
                            new ErasureKey(document.channel(run), document.firstSequence(run) + i),
                            new UnsafeBuffer(frame));
                }
            }
        }
    }

    private static boolean isNaming(int kind) {
        return kind == EventKind.ERASURE.code() || kind == EventKind.EXPIRY.code();
    }

    /** One that was admitted: whatever the post has said is to go. */
    private static boolean isDeletion(int kind, DirectBuffer buffer, int offset) {
        return kind == EventKind.DELETE.code()
                && (buffer.getByte(offset + FrameHeader.FLAGS_OFFSET) & FrameHeader.FLAG_CHECKED) != 0;
    }

    /** The engine alone has this sender: no authenticator may answer with it. */
    private static boolean isOfTheEngine(DirectBuffer buffer, int offset) {
        return buffer.getLong(offset + RecordFrame.SENDER_OFFSET, LITTLE_ENDIAN) == Principal.SYSTEM.id();
    }

    @Override
    public void onSnapshot(long channel, long key1, long key2, DirectBuffer value, int offset, int length) {
        byte[] frame = new byte[length];
        value.getBytes(offset, frame);
        added.put(new ErasureKey(key1, key2), new UnsafeBuffer(frame));
    }

    @Override
    public void onRollback() {
        added.clear();
        done.addAll(removed);
        removed.clear();
    }

    @Override
    public void onCheckpoint(StateWriter writer) {
        removed.clear();
        added.forEach((key, frame) -> {
            writer.put(ALL_CHANNELS, key.channel(), key.sequence(), frame, 0, frame.capacity());
            ErasedRecords records =
                    ErasedRecords.of(key, frame, 0, frame.capacity(), (channel, post) -> new long[] {post});
            if (records.isExpired() && !records.isEmpty()) {
                writer.expireBefore(key.channel(), records.last() + 1);
            }
        });
        added.clear();
        for (ErasureKey key = done.poll(); key != null; key = done.poll()) {
            writer.remove(ALL_CHANNELS, key.channel(), key.sequence());
            removed.add(key);
        }
    }
}
