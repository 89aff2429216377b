package io.freshet.engine.chat;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.freshet.engine.Principal;
import io.freshet.log.LogDocument;
import io.freshet.log.LogFollower;
import io.freshet.protocol.EventKind;
import io.freshet.protocol.FrameHeader;
import io.freshet.protocol.RecordFrame;
import io.freshet.protocol.v1.Content;
import io.freshet.protocol.v1.ErasedSequences;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.LinkedHashMap;
import java.util.Map;
import org.agrona.DirectBuffer;
import org.agrona.ExpandableArrayBuffer;

/**
 * Folds the checked events of one shard into what its channels' posts have become, see {@link ChatKeys}. Of a record that is not
 * checked it reads one number; a post that nobody named takes one bit. On the indexer's thread: between two checkpoints it collects
 * what came, at a checkpoint it merges that into what was kept.
 */
public final class ChatFollower implements LogFollower {
    static final int ID = 4;

    /** Of the four bytes that begin with the frame's type. */
    private static final int CHECKED = FrameHeader.FLAG_CHECKED << 8;

    private static final int KIND_SHIFT = 16;

    private final Map<Long, ChannelChanges> fresh = new LinkedHashMap<>();
    private final ExpandableArrayBuffer encoded = new ExpandableArrayBuffer();

    @Override
    public int id() {
        return ID;
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
                int head = buffer.getInt(offset + FrameHeader.TYPE_OFFSET, LITTLE_ENDIAN);
                if ((head & CHECKED) != 0 && document.isIntact(run, i)) {
                    take(document, run, i, head >>> KIND_SHIFT);
                } else if (head >>> KIND_SHIFT == EventKind.ERASURE.code() && document.isIntact(run, i)) {
                    takeErasure(document, run, i);
                }
            }
        }
    }

    private void take(LogDocument document, int run, int record, int kind) {
        DirectBuffer buffer = document.buffer();
        int offset = document.recordOffset(run, record);
        int length = document.recordLength(run, record);
        if (kind == EventKind.POST.code()) {
            ChannelChanges changes = changes(document.channel(run));
            long sequence = document.firstSequence(run) + record;
            long timeUs = buffer.getLong(offset + RecordFrame.TIMESTAMP_US_OFFSET, LITTLE_ENDIAN);
            long sender = buffer.getLong(offset + RecordFrame.SENDER_OFFSET, LITTLE_ENDIAN);
            changes.posted(sequence, timeUs, sender);
            if (ContentScan.mayMention(buffer, offset, length)) {
                takeMentions(changes, sequence, buffer, offset, length);
            }
        } else if (ChatEvents.namesPost(kind)) {
            ChatEvent event = ChatEvents.ofStored(buffer, offset, length);
            if (event != null && event.target() > 0 && event.target() < event.sequence()) {
                changes(document.channel(run)).named(event);
            }
        }
    }

    /** Whom an erased post mentioned is not known any more. */
    private void takeErasure(LogDocument document, int run, int record) {
        int offset = document.recordOffset(run, record);
        byte[] copy = new byte[document.recordLength(run, record)];
        document.buffer().getBytes(offset, copy);
        ByteBuf frame = Unpooled.wrappedBuffer(copy);
        int payload = RecordFrame.payloadOffset(frame, 0, copy.length);
        if (RecordFrame.sender(frame, 0) != Principal.SYSTEM.id()) {
            return;
        }
        try {
            ByteString bytes = ByteString.copyFrom(copy, payload, copy.length - payload);
            for (long sequence : ErasedSequences.parseFrom(bytes).getSequenceList()) {
                if (sequence < document.firstSequence(run) + record) {
                    changes(document.channel(run)).erased(sequence);
                }
            }
        } catch (InvalidProtocolBufferException e) {
            // It names nothing.
            return;
        }
    }

    /** What mentions of a silent post say is not told. */
    private static void takeMentions(
            ChannelChanges changes, long sequence, DirectBuffer buffer, int offset, int length) {
        byte[] copy = new byte[length];
        buffer.getBytes(offset, copy);
        ByteBuf frame = Unpooled.wrappedBuffer(copy);
        int payload = RecordFrame.payloadOffset(frame, 0, length);
        try {
            Content content = Content.parseFrom(ByteString.copyFrom(copy, payload, length - payload));
            if (!content.getSilent()) {
                changes.mentioned(sequence, content);
            }
        } catch (InvalidProtocolBufferException e) {
            // Erased, or no content: it mentions nobody.
            return;
        }
    }

    private ChannelChanges changes(long channel) {
        return fresh.computeIfAbsent(channel, ChannelChanges::new);
    }

    @Override
    public void onSnapshot(long channel, long key1, long key2, DirectBuffer value, int offset, int length) {
        changes(channel).restore(key1, key2, value, offset);
    }

    @Override
    public void onCheckpoint(StateWriter writer) {
        fresh.values().forEach(changes -> changes.write(writer, encoded));
        fresh.clear();
    }

    @Override
    public void onExpired(long channel, long firstSequence, StateWriter writer) {
        new ChannelExpiry(writer, encoded, channel, firstSequence).run();
    }

    @Override
    public void onRollback() {
        fresh.clear();
    }
}
