package io.freshet.engine.erasure;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import com.google.protobuf.InvalidProtocolBufferException;
import io.freshet.engine.Principal;
import io.freshet.engine.chat.ChatEvents;
import io.freshet.log.Erasure;
import io.freshet.protocol.EventKind;
import io.freshet.protocol.FrameHeader;
import io.freshet.protocol.InboxEvents;
import io.freshet.protocol.RecordFrame;
import io.freshet.protocol.v1.Deletion;
import io.freshet.protocol.v1.ErasedSequences;
import io.freshet.protocol.v1.ExpiredSequences;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Map;
import java.util.TreeMap;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * Records of one channel that are to be erased, as ranges, and the mark that a frame gets. Asked by several threads, in turn;
 * never changed.
 */
final class ErasedRecords implements Erasure {
    static final long NONE = 0;

    private final long channel;
    private final boolean isExpired;
    private boolean isOfDeleted;

    /** First sequences to last ones. */
    private final TreeMap<Long, Long> ranges = new TreeMap<>();

    private ErasedRecords(long channel, boolean isExpired) {
        this.channel = channel;
        this.isExpired = isExpired;
    }

    /** The records with the content of a post. */
    @FunctionalInterface
    interface Contents {
        /** Its own sequence, and those of its edits. */
        long[] of(long channel, long post);
    }

    /**
     * What the event in this frame names: records before it, since none is to be erased before it is there. Borrows the buffer.
     *
     * @param contents asked for the records of a post that was deleted
     */
    static ErasedRecords of(ErasureKey key, DirectBuffer buffer, int offset, int length, Contents contents) {
        byte[] frame = new byte[length];
        buffer.getBytes(offset, frame);
        ByteBuf in = Unpooled.wrappedBuffer(frame);
        int payload = RecordFrame.payloadOffset(in, 0, length);
        int kind = FrameHeader.kind(in, 0);
        boolean isExpiry = kind == EventKind.EXPIRY.code();
        ErasedRecords records = new ErasedRecords(key.channel(), isExpiry);
        try {
            if (isExpiry) {
                ExpiredSequences named = ExpiredSequences.parser().parseFrom(frame, payload, length - payload);
                records.isOfDeleted = named.getDeleted();
                records.add(named.getFirst(), Math.min(named.getEnd(), key.sequence()) - 1);
            } else if (kind == EventKind.DELETE.code()) {
                long post = Deletion.parser()
                        .parseFrom(frame, payload, length - payload)
                        .getTarget();
                records.addAll(key, contents.of(key.channel(), post));
            } else {
                for (long sequence : ErasedSequences.parser()
                        .parseFrom(frame, payload, length - payload)
                        .getSequenceList()) {
                    records.add(sequence, Math.min(sequence, key.sequence() - 1));
                }
            }
        } catch (InvalidProtocolBufferException e) {
            // The engine's own events are legal; another's names nothing.
            records.ranges.clear();
        }
        return records;
    }

    /**
     * These, and those of other events of the channel, so that they are erased together.
     *
     * @param others none of which {@link #isExpired}
     */
    ErasedRecords with(Iterable<ErasedRecords> others) {
        ErasedRecords all = new ErasedRecords(channel, false);
        all.ranges.putAll(ranges);
        others.forEach(each -> all.ranges.putAll(each.ranges));
        return all;
    }

    private void addAll(ErasureKey key, long[] sequences) {
        for (long sequence : sequences) {
            add(sequence, Math.min(sequence, key.sequence() - 1));
        }
    }

    private void add(long first, long last) {
        if (first > 0 && first <= last) {
            ranges.put(first, last);
        }
    }

    /** Whether they are to be told as expired as well. */
    boolean isExpired() {
        return isExpired;
    }

    /** Ranges that are named. */
    int count() {
        return ranges.size();
    }

    boolean isEmpty() {
        return ranges.isEmpty();
    }

    /** The greatest sequence; {@link #NONE} when there is none. */
    long last() {
        return ranges.isEmpty() ? NONE : ranges.lastEntry().getValue();
    }

    /** The smallest sequence from this one on; {@link #NONE} when there is none. */
    long ceiling(long sequence) {
        if (isNamed(channel, sequence)) {
            return sequence;
        }
        Long first = ranges.ceilingKey(sequence);
        return first == null ? NONE : first;
    }

    /** Whether this record is named. */
    boolean isNamed(long ofChannel, long sequence) {
        Map.Entry<Long, Long> range = ranges.floorEntry(sequence);
        return ofChannel == channel && range != null && sequence <= range.getValue();
    }

    /**
     * The engine's own events say what an index that is built anew must know, and nothing that anybody wrote. What a channel is, which
     * threads it has, what its counters stand at and what an inbox has been told must be known for as long as the channel is.
     */
    @Override
    public boolean isTarget(long ofChannel, long sequence, DirectBuffer record, int offset) {
        return isNamed(ofChannel, sequence)
                && !isOfTheEngine(record, offset)
                && (isOfDeleted || !isOfTheChannel(record, offset))
                && (isExpired || !isWithoutContent(record, offset));
    }

    /** Of events that only say what becomes of a post nothing is to be erased, and views would be others when they are folded anew. */
    private static boolean isWithoutContent(DirectBuffer record, int offset) {
        int kind = kind(record, offset);
        return kind >= EventKind.DELETE.code() && kind <= EventKind.UNPIN.code() && isChecked(record, offset);
    }

    private static boolean isChecked(DirectBuffer record, int offset) {
        return (record.getByte(offset + FrameHeader.FLAGS_OFFSET) & FrameHeader.FLAG_CHECKED) != 0;
    }

    private static boolean isOfTheChannel(DirectBuffer record, int offset) {
        int kind = kind(record, offset);
        boolean isTotals = kind == EventKind.TOTALS.code() && isOfTheSystem(record, offset);
        return isTotals
                || InboxEvents.isOfInboxes(kind)
                || ((kind == EventKind.ATTRIBUTES.code() || kind == EventKind.THREAD.code())
                        && isChecked(record, offset));
    }

    private static boolean isOfTheEngine(DirectBuffer record, int offset) {
        int kind = kind(record, offset);
        return kind >= EventKind.ERASURE.code() && kind <= EventKind.EXPIRY.code() && isOfTheSystem(record, offset);
    }

    private static int kind(DirectBuffer record, int offset) {
        return record.getShort(offset + FrameHeader.KIND_OFFSET, LITTLE_ENDIAN) & 0xFFFF;
    }

    private static boolean isOfTheSystem(DirectBuffer record, int offset) {
        return record.getLong(offset + RecordFrame.SENDER_OFFSET, LITTLE_ENDIAN) == Principal.SYSTEM.id();
    }

    static boolean isErased(DirectBuffer record, int offset) {
        return (record.getByte(offset + FrameHeader.FLAGS_OFFSET) & FrameHeader.FLAG_ERASED) != 0;
    }

    /** Of an edit it stays known of which post it is: {@link ChatEvents} reads it so. */
    @Override
    public byte[] kept(DirectBuffer record, int offset, int headLength, int length) {
        boolean isEdit = kind(record, offset) == EventKind.EDIT.code() && isChecked(record, offset);
        return isEdit ? ChatEvents.target(record, offset + headLength, length - headLength) : NOTHING;
    }

    @Override
    public void mark(MutableDirectBuffer record, int offset, int headLength) {
        int flags = record.getByte(offset + FrameHeader.FLAGS_OFFSET) | FrameHeader.FLAG_ERASED;
        record.putByte(offset + FrameHeader.FLAGS_OFFSET, (byte) flags);
    }
}
