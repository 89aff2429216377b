package io.freshet.engine.channel;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import com.google.protobuf.InvalidProtocolBufferException;
import io.freshet.engine.Principal;
import io.freshet.log.IndexReader;
import io.freshet.log.LogDocument;
import io.freshet.log.LogFollower;
import io.freshet.protocol.EventKind;
import io.freshet.protocol.FrameHeader;
import io.freshet.protocol.RecordFrame;
import io.freshet.protocol.v1.ChannelAttributes;
import io.freshet.protocol.v1.ExpiredSequences;
import io.freshet.protocol.v1.ThreadStarted;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps, with the index, what the channels of one shard are, which threads they have, and which were deleted and still have
 * content. On the indexer's thread.
 *
 * <pre>
 *  (channel, 0, 0)               →  sequence of the last ATTRIBUTES, and its payload
 *  (channel, post, 0)            →  id of the post's thread, as the channel says
 *  (channel, CHILD | thread, 0)  →  the post, as the thread says, which may be of another shard than its channel
 *  (0, channel, 0)               →  sequence of the ATTRIBUTES that deleted it, until an EXPIRY says that its content is gone
 * </pre>
 */
public final class AttributesFollower implements LogFollower {
    public static final int ID = 5;

    /** Of no channel: under it lie the deleted ones whose content is not gone. */
    static final long DELETED = 0;

    /** Set in the first key of what a thread says about its parent. */
    private static final long CHILD = 1L << 63;

    private static final Logger LOG = LoggerFactory.getLogger(AttributesFollower.class);

    private static final int CHECKED_KINDS_FROM = EventKind.ATTRIBUTES.code();
    private static final int CHECKED_KINDS_TO = EventKind.THREAD.code();

    private final Map<Long, KnownAttributes> attributes = new HashMap<>();
    private final Map<Long, Map<Long, Long>> links = new HashMap<>();
    private final Map<Long, Long> deleted = new HashMap<>();
    private final Set<Long> emptied = new HashSet<>();

    /** What the index knows of a channel; null when it has no attributes. */
    public static @Nullable KnownAttributes read(IndexReader index, long channel) {
        @Nullable KnownAttributes[] found = new @Nullable KnownAttributes[1];
        index.state(ID, channel, 0, 0, (key1, key2, value, offset, length) -> found[0] = decode(value, offset, length));
        return found[0];
    }

    /** The thread of this post, as far as the index knows; 0 when it has none. */
    static long thread(IndexReader index, long channel, long post) {
        long[] found = new long[1];
        index.state(
                ID,
                channel,
                post,
                0,
                (key1, key2, value, offset, length) -> found[0] = value.getLong(offset, LITTLE_ENDIAN));
        return found[0];
    }

    /** Receives a post and the channel of its thread. */
    @FunctionalInterface
    interface ThreadVisitor {
        void onThread(long post, long thread);
    }

    /** Hands on the threads of the posts between these, both included. */
    static void threads(IndexReader index, long channel, long first, long last, ThreadVisitor visitor) {
        index.states(
                ID,
                channel,
                Math.max(1, first),
                last,
                (post, none, value, offset, length) -> visitor.onThread(post, value.getLong(offset, LITTLE_ENDIAN)));
    }

    /** The threads of this channel that belong to the index's shard, each with its post. */
    static Map<Long, Long> threads(IndexReader index, long channel) {
        Map<Long, Long> found = new TreeMap<>();
        index.states(
                ID,
                channel,
                CHILD,
                -1,
                (thread, none, value, offset, length) ->
                        found.put(thread & ~CHILD, value.getLong(offset, LITTLE_ENDIAN)));
        return found;
    }

    /** The channels that were deleted and have content, each with the sequence at which it was. */
    static Map<Long, Long> deleted(IndexReader index) {
        Map<Long, Long> found = new TreeMap<>();
        index.states(
                ID,
                DELETED,
                (channel, none, value, offset, length) -> found.put(channel, value.getLong(offset, LITTLE_ENDIAN)));
        return found;
    }

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
                if (isOfInterest(buffer, offset) && document.isIntact(run, i)) {
                    take(document, run, i, offset);
                }
            }
        }
    }

    private static boolean isOfInterest(DirectBuffer buffer, int offset) {
        int kind = buffer.getShort(offset + FrameHeader.KIND_OFFSET, LITTLE_ENDIAN) & 0xFFFF;
        if (kind == EventKind.EXPIRY.code()) {
            return buffer.getLong(offset + RecordFrame.SENDER_OFFSET, LITTLE_ENDIAN) == Principal.SYSTEM.id();
        }
        int flags = buffer.getByte(offset + FrameHeader.FLAGS_OFFSET)
                & (FrameHeader.FLAG_CHECKED | FrameHeader.FLAG_ERASED);
        return kind >= CHECKED_KINDS_FROM && kind <= CHECKED_KINDS_TO && flags == FrameHeader.FLAG_CHECKED;
    }

    private void take(LogDocument document, int run, int i, int offset) {
        long channel = document.channel(run);
        long sequence = document.firstSequence(run) + i;
        int length = document.recordLength(run, i);
        byte[] frame = new byte[length];
        document.buffer().getBytes(offset, frame);
        ByteBuf in = Unpooled.wrappedBuffer(frame);
        int start = RecordFrame.payloadOffset(in, 0, length);
        ByteBuffer payload = ByteBuffer.wrap(frame, start, length - start);
        try {
            int kind = FrameHeader.kind(in, 0);
            if (kind == EventKind.ATTRIBUTES.code()) {
                take(channel, new KnownAttributes(sequence, ChannelAttributes.parseFrom(payload)));
            } else if (kind == EventKind.THREAD.code()) {
                ThreadStarted started = ThreadStarted.parseFrom(payload);
                link(channel, started.getPost(), started.getChannel());
            } else if (ExpiredSequences.parseFrom(payload).getDeleted()) {
                emptied.add(channel);
            }
        } catch (InvalidProtocolBufferException e) {
            LOG.warn("an event of channel {} that says what it is cannot be read", channel, e);
        }
    }

    private void take(long channel, KnownAttributes known) {
        attributes.merge(channel, known, AttributesFollower::later);
        if (known.isDeleted()) {
            deleted.put(channel, known.sequence());
        }
        if (known.isThread()) {
            long post = known.message().getParent().getPost();
            link(known.message().getParent().getChannel(), CHILD | channel, post);
        }
    }

    /** What one channel says about another, by the key under which that lies. */
    private void link(long channel, long key, long value) {
        if (key != 0) {
            links.computeIfAbsent(channel, each -> new HashMap<>()).put(key, value);
        }
    }

    private static KnownAttributes later(KnownAttributes one, KnownAttributes other) {
        return one.sequence() >= other.sequence() ? one : other;
    }

    @Override
    public void onSnapshot(long channel, long key1, long key2, DirectBuffer value, int offset, int length) {
        if (channel == DELETED) {
            deleted.put(key1, value.getLong(offset, LITTLE_ENDIAN));
        } else if (key1 == 0) {
            KnownAttributes known = decode(value, offset, length);
            if (known != null) {
                attributes.merge(channel, known, AttributesFollower::later);
            }
        } else {
            link(channel, key1, value.getLong(offset, LITTLE_ENDIAN));
        }
    }

    @Override
    public void onRollback() {
        attributes.clear();
        links.clear();
        deleted.clear();
        emptied.clear();
    }

    @Override
    public void onCheckpoint(StateWriter writer) {
        attributes.forEach((channel, known) -> put(writer, channel, known));
        attributes.clear();
        UnsafeBuffer number = new UnsafeBuffer(new byte[Long.BYTES]);
        links.forEach((channel, all) -> all.forEach((key, value) -> {
            number.putLong(0, value, LITTLE_ENDIAN);
            writer.put(channel, key, 0, number, 0, Long.BYTES);
        }));
        links.clear();
        deleted.forEach((channel, sequence) -> {
            number.putLong(0, sequence, LITTLE_ENDIAN);
            writer.put(DELETED, channel, 0, number, 0, Long.BYTES);
        });
        deleted.clear();
        emptied.forEach(channel -> writer.remove(DELETED, channel, 0));
        emptied.clear();
    }

    private static void put(StateWriter writer, long channel, KnownAttributes known) {
        KnownAttributes[] latest = {known};
        writer.state(channel, 0, 0, (key1, key2, value, offset, length) -> {
            KnownAttributes kept = decode(value, offset, length);
            latest[0] = kept == null ? known : later(kept, known);
        });
        byte[] payload = latest[0].message().toByteArray();
        UnsafeBuffer value = new UnsafeBuffer(new byte[Long.BYTES + payload.length]);
        value.putLong(0, latest[0].sequence(), LITTLE_ENDIAN);
        value.putBytes(Long.BYTES, payload);
        writer.put(channel, 0, 0, value, 0, value.capacity());
    }

    private static @Nullable KnownAttributes decode(DirectBuffer value, int offset, int length) {
        byte[] payload = new byte[length - Long.BYTES];
        value.getBytes(offset + Long.BYTES, payload);
        try {
            return new KnownAttributes(value.getLong(offset, LITTLE_ENDIAN), ChannelAttributes.parseFrom(payload));
        } catch (InvalidProtocolBufferException e) {
            LOG.warn("kept attributes cannot be read", e);
            return null;
        }
    }
}
