package io.freshet.engine.signal;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.freshet.engine.Principal;
import io.freshet.log.IndexReader;
import io.freshet.log.LogDocument;
import io.freshet.log.LogFollower;
import io.freshet.protocol.EventKind;
import io.freshet.protocol.FrameHeader;
import io.freshet.protocol.RecordFrame;
import io.freshet.protocol.v1.ChannelTotals;
import io.netty.buffer.Unpooled;
import java.util.HashMap;
import java.util.Map;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps, with the index, what each channel's counters stood at when that was published last. On the indexer's thread. */
public final class TotalsFollower implements LogFollower {
    private static final Logger LOG = LoggerFactory.getLogger(TotalsFollower.class);
    private static final int ID = 20;
    private static final int TOTALS_OFFSET = 8;

    /** What an event said: its sequence, and its payload. */
    private record Saved(long sequence, ByteString totals) {
        static Saved later(Saved one, Saved other) {
            return one.sequence >= other.sequence ? one : other;
        }
    }

    private final Map<Long, Saved> fresh = new HashMap<>();

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
                int kind = buffer.getShort(offset + FrameHeader.KIND_OFFSET, LITTLE_ENDIAN) & 0xFFFF;
                if (kind == EventKind.TOTALS.code()
                        && buffer.getLong(offset + RecordFrame.SENDER_OFFSET, LITTLE_ENDIAN) == Principal.SYSTEM.id()
                        && document.isIntact(run, i)) {
                    byte[] frame = new byte[document.recordLength(run, i)];
                    buffer.getBytes(offset, frame);
                    long sequence = document.firstSequence(run) + i;
                    fresh.merge(document.channel(run), new Saved(sequence, payload(frame)), Saved::later);
                }
            }
        }
    }

    private static ByteString payload(byte[] frame) {
        int offset = RecordFrame.payloadOffset(Unpooled.wrappedBuffer(frame), 0, frame.length);
        return ByteString.copyFrom(frame, offset, frame.length - offset);
    }

    @Override
    public void onSnapshot(long channel, long key1, long key2, DirectBuffer value, int offset, int length) {
        fresh.merge(channel, decode(value, offset, length), Saved::later);
    }

    private static Saved decode(DirectBuffer value, int offset, int length) {
        byte[] totals = new byte[length - TOTALS_OFFSET];
        value.getBytes(offset + TOTALS_OFFSET, totals);
        return new Saved(value.getLong(offset, LITTLE_ENDIAN), ByteString.copyFrom(totals));
    }

    @Override
    public void onRollback() {
        fresh.clear();
    }

    @Override
    public void onCheckpoint(StateWriter writer) {
        fresh.forEach((channel, saved) -> {
            Saved[] latest = {saved};
            writer.state(channel, 0, 0, (key1, key2, value, offset, length) -> {
                latest[0] = Saved.later(saved, decode(value, offset, length));
            });
            byte[] totals = latest[0].totals.toByteArray();
            UnsafeBuffer value = new UnsafeBuffer(new byte[TOTALS_OFFSET + totals.length]);
            value.putLong(0, latest[0].sequence, LITTLE_ENDIAN);
            value.putBytes(TOTALS_OFFSET, totals);
            writer.put(channel, 0, 0, value, 0, value.capacity());
        });
        fresh.clear();
    }

    /** What a channel's counters stood at, as far as the index knows. A reader's thread. */
    static ChannelTotals read(IndexReader index, long channel) {
        ChannelTotals[] totals = {ChannelTotals.getDefaultInstance()};
        index.state(ID, channel, 0, 0, (key1, key2, value, offset, length) -> {
            try {
                totals[0] = ChannelTotals.parser().parseFrom(decode(value, offset, length).totals);
            } catch (InvalidProtocolBufferException e) {
                LOG.warn("what the counters of channel {} stood at cannot be read", channel, e);
            }
        });
        return totals[0];
    }
}
