package io.freshet.engine.erasure;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.MessageLite;
import io.freshet.engine.chat.ChatFollower;
import io.freshet.log.ChannelTail;
import io.freshet.log.Durability;
import io.freshet.log.IndexReader;
import io.freshet.log.LogBatch;
import io.freshet.log.LogReader;
import io.freshet.log.MessageLog;
import io.freshet.log.StorageConfig;
import io.freshet.log.memory.MemoryDisk;
import io.freshet.log.memory.MemoryStorage;
import io.freshet.protocol.EventKind;
import io.freshet.protocol.FrameHeader;
import io.freshet.protocol.RecordFrame;
import io.freshet.protocol.v1.Content;
import io.freshet.protocol.v1.Deletion;
import io.freshet.protocol.v1.Edit;
import io.freshet.protocol.v1.ErasedSequences;
import io.freshet.protocol.v1.Mention;
import io.freshet.protocol.v1.NotificationSetting;
import io.freshet.protocol.v1.Pin;
import io.freshet.protocol.v1.Reaction;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever the application erases: views that are folded anew from what is left are the ones that there were. */
@Timeout(120)
class ErasedEventsTest {
    private static final long CHANNEL = 4;
    private static final long ANN = 7;
    private static final long BOB = 8;
    private static final int TARGET_LENGTH = 9;

    private final MemoryDisk disk = new MemoryDisk();
    private final LogBatch batch = new LogBatch();
    private final List<byte[]> payloads = new ArrayList<>();
    private long nowNs = 1;
    private MemoryStorage storage = open();
    private Eraser eraser = follow(storage);

    private MemoryStorage open() {
        return MemoryStorage.open(
                disk,
                StorageConfig.builder()
                        .shardCount(1)
                        .checkpointInterval(Duration.ofMillis(10))
                        .nanoClock(() -> nowNs)
                        .build());
    }

    private Eraser follow(MemoryStorage opened) {
        Eraser follower = new Eraser(opened, (channel, lastSequence, erasure, done, failed) -> done.run(), () -> nowNs);
        opened.index(0).addFollower(new ChatFollower());
        opened.index(0).catchUp();
        try (IndexReader reader = opened.index(0).openReader()) {
            ChannelTail tail = new ChannelTail();
            opened.log(0).attach(CHANNEL, reader.tail(CHANNEL, tail) ? tail.lastPosition : MessageLog.NULL_POSITION);
        }
        follower.onStart();
        return follower;
    }

    @AfterEach
    void close() {
        eraser.onClose();
        storage.close();
    }

    private long add(EventKind kind, long sender, MessageLite payload) {
        return add(kind, sender, payload.toByteArray());
    }

    private long add(EventKind kind, long sender, byte[] payload) {
        payloads.add(payload);
        long sequence = payloads.size();
        ByteBuf out = Unpooled.buffer();
        RecordFrame.writeHead(out, kind.code(), CHANNEL, sequence, 1_000 + sequence, sender, 0, payload.length);
        int headLength = out.writerIndex();
        out.writeBytes(payload);
        out.setByte(FrameHeader.FLAGS_OFFSET, kind == EventKind.ERASURE ? 0 : FrameHeader.FLAG_CHECKED);
        byte[] frame = new byte[out.readableBytes()];
        out.readBytes(frame);
        batch.reset(1, Durability.WRITTEN);
        batch.startRun(CHANNEL, sequence, new UnsafeBuffer(frame), 0);
        batch.addRecord(frame.length, headLength);
        assertTrue(storage.log(0).append(batch) > 0);
        return sequence;
    }

    /** One event of each kind, with others around, and one with an unusual order of its fields. */
    private void addEachKind() {
        Mention everyone = Mention.newBuilder()
                .setEveryone(Mention.Everyone.getDefaultInstance())
                .build();
        Content content = Content.newBuilder()
                .setText("one")
                .addMentions(Mention.newBuilder().setUser(BOB))
                .build();
        add(EventKind.POST, ANN, content);
        add(EventKind.POST, ANN, content.toBuilder().addMentions(everyone).build());
        add(EventKind.EDIT, ANN, edit(1, "two"));
        add(EventKind.EDIT, ANN, contentFirst(edit(1, "three")));
        add(
                EventKind.REACT,
                BOB,
                Reaction.newBuilder().setTarget(1).setReaction("+1").build());
        add(
                EventKind.REACT,
                ANN,
                Reaction.newBuilder().setTarget(1).setReaction("+1").build());
        add(
                EventKind.UNREACT,
                ANN,
                Reaction.newBuilder().setTarget(1).setReaction("+1").build());
        add(EventKind.PIN, ANN, Pin.newBuilder().setTarget(1).build());
        add(EventKind.PIN, ANN, Pin.newBuilder().setTarget(2).build());
        add(EventKind.UNPIN, ANN, Pin.newBuilder().setTarget(2).build());
        // It mentions nobody: that a post did which was deleted is forgotten in an index that is built anew, and told
        // by none.
        add(EventKind.POST, ANN, Content.newBuilder().setText("four").build());
        add(EventKind.EDIT, ANN, edit(11, "not for long"));
        add(EventKind.DELETE, ANN, Deletion.newBuilder().setTarget(11).build());
        add(
                EventKind.SETTING,
                ANN,
                NotificationSetting.newBuilder().setSpace("a").build());
    }

    private static Edit edit(long target, String text) {
        return Edit.newBuilder()
                .setTarget(target)
                .setContent(Content.newBuilder().setText(text))
                .build();
    }

    private static byte[] contentFirst(Edit edit) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(edit.toBuilder().clearTarget().build().toByteArray());
        bytes.writeBytes(edit.toBuilder().clearContent().build().toByteArray());
        return bytes.toByteArray();
    }

    private void settle() throws Exception {
        for (int i = 0; i < 20; i++) {
            nowNs += Duration.ofSeconds(1).toNanos();
            for (Agent agent : storage.agents()) {
                while (agent.doWork() > 0) {
                    nowNs++;
                }
            }
            eraser.doWork();
        }
    }

    private Map<String, String> views() {
        Map<String, String> views = new TreeMap<>();
        try (IndexReader reader = storage.index(0).openReader()) {
            reader.states(new ChatFollower().id(), CHANNEL, (key1, key2, value, offset, length) -> {
                byte[] bytes = new byte[length];
                value.getBytes(offset, bytes);
                views.put(Long.toHexString(key1) + " " + Long.toHexString(key2), Arrays.toString(bytes));
            });
        }
        return views;
    }

    private byte[] stored(long sequence) {
        try (LogReader reader = storage.log(0).openReader()) {
            reader.toStart();
            while (reader.next()) {
                for (int run = 0; run < reader.document().runCount(); run++) {
                    if (reader.document().firstSequence(run) == sequence) {
                        assertTrue(reader.document().isIntact(run, 0));
                        byte[] frame = new byte[reader.document().recordLength(run, 0)];
                        reader.document().buffer().getBytes(reader.document().recordOffset(run, 0), frame);
                        int payload = RecordFrame.payloadOffset(Unpooled.wrappedBuffer(frame), 0, frame.length);
                        return Arrays.copyOfRange(frame, payload, frame.length);
                    }
                }
            }
        }
        throw new AssertionError("not there: " + sequence);
    }

    private void erase(long... sequences) throws Exception {
        ErasedSequences.Builder named = ErasedSequences.newBuilder();
        Arrays.stream(sequences).forEach(named::addSequence);
        add(EventKind.ERASURE, 0, named.build());
        settle();
    }

    private void buildAnew() throws Exception {
        close();
        disk.dropIndex(0);
        storage = open();
        eraser = follow(storage);
        settle();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14})
    void shouldTellTheSameAfterTheIndexWasBuiltAnew(long erased) throws Exception {
        addEachKind();
        settle();
        Map<String, String> before = views();
        erase(erased);
        Map<String, String> live = views();
        assertEquals(erased > 2, live.equals(before), "only who was mentioned by a post may be forgotten");
        buildAnew();

        assertEquals(live, views());
    }

    @Test
    void shouldEraseWhatAnybodyWroteAndKeepWhatOnlySaysWhatBecomesOfIt() throws Exception {
        addEachKind();
        settle();
        erase(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14);
        erase(3, 4);
        for (long post : new long[] {1, 2, 11}) {
            assertArrayEquals(new byte[payload(post).length], stored(post));
        }
        for (long edit : new long[] {3, 4, 12}) {
            byte[] expected = new byte[payload(edit).length];
            byte[] target =
                    Pin.newBuilder().setTarget(edit == 12 ? 11 : 1).build().toByteArray();
            System.arraycopy(target, 0, expected, 0, TARGET_LENGTH);
            assertArrayEquals(expected, stored(edit), "edit " + edit);
        }
        for (long kept : new long[] {5, 6, 7, 8, 9, 10, 13, 14}) {
            assertArrayEquals(payload(kept), stored(kept));
        }
        Map<String, String> live = views();
        assertFalse(live.isEmpty());
        buildAnew();
        assertEquals(live, views());
    }

    private byte[] payload(long sequence) {
        return payloads.get((int) sequence - 1);
    }
}
