package io.freshet.engine.erasure;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import com.google.protobuf.InvalidProtocolBufferException;
import io.freshet.engine.Principal;
import io.freshet.log.LogDocument;
import io.freshet.log.LogFollower;
import io.freshet.protocol.EventKind;
import io.freshet.protocol.FrameHeader;
import io.freshet.protocol.RecordFrame;
import io.freshet.protocol.v1.ChannelRetention;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.HashMap;
import java.util.Map;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps, with the index, how long the records of a shard's channels are kept, as the latest event of each says. On the indexer's thread. */
final class AgeFollower implements LogFollower {
    private static final Logger LOG = LoggerFactory.getLogger(AgeFollower.class);

    static final int ID = 3;

    /** States lie under this channel, which is none, so that they are found together. */
    static final long ALL_CHANNELS = 0;

    static final int AGE_MS_OFFSET = 8;
    private static final int LENGTH = 16;

    /** What an event said. */
    private record Age(long sequence, long ageMs) {
        static Age later(Age one, Age other) {
            return one.sequence >= other.sequence ? one : other;
        }
    }

    private final Map<Long, Age> ages = new HashMap<>();

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
                if (kind == EventKind.RETENTION.code()
                        && buffer.getLong(offset + RecordFrame.SENDER_OFFSET, LITTLE_ENDIAN) == Principal.SYSTEM.id()
                        && document.isIntact(run, i)) {
                    take(
                            document.channel(run),
                            document.firstSequence(run) + i,
                            buffer,
                            offset,
                            document.recordLength(run, i));
                }
            }
        }
    }

    private void take(long channel, long sequence, DirectBuffer buffer, int offset, int length) {
        byte[] frame = new byte[length];
        buffer.getBytes(offset, frame);
        ByteBuf in = Unpooled.wrappedBuffer(frame);
        int payload = RecordFrame.payloadOffset(in, 0, length);
        try {
            ChannelRetention said = ChannelRetention.parser().parseFrom(frame, payload, length - payload);
            ages.merge(channel, new Age(sequence, said.getAgeMs()), Age::later);
        } catch (InvalidProtocolBufferException e) {
            LOG.warn("an event of channel {} that says how long it is kept cannot be read", channel, e);
        }
    }

    @Override
    public void onSnapshot(long channel, long key1, long key2, DirectBuffer value, int offset, int length) {
        Age age = new Age(value.getLong(offset, LITTLE_ENDIAN), value.getLong(offset + AGE_MS_OFFSET, LITTLE_ENDIAN));
        ages.merge(key1, age, Age::later);
    }

    @Override
    public void onRollback() {
        ages.clear();
    }

    @Override
    public void onCheckpoint(StateWriter writer) {
        if (ages.isEmpty()) {
            return;
        }
        writer.states(ALL_CHANNELS, (channel, none, value, offset, length) -> {
            Age known =
                    new Age(value.getLong(offset, LITTLE_ENDIAN), value.getLong(offset + AGE_MS_OFFSET, LITTLE_ENDIAN));
            ages.computeIfPresent(channel, (key, age) -> Age.later(known, age));
        });
        UnsafeBuffer value = new UnsafeBuffer(new byte[LENGTH]);
        ages.forEach((channel, age) -> {
            value.putLong(0, age.sequence, LITTLE_ENDIAN);
            value.putLong(AGE_MS_OFFSET, age.ageMs, LITTLE_ENDIAN);
            writer.put(ALL_CHANNELS, channel, 0, value, 0, LENGTH);
        });
        ages.clear();
    }
}
