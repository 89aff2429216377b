package io.freshet.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.freshet.protocol.v1.Record;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RecordFrameTest {
    private static final int KIND = 513;

    @Test
    void shouldKeepItsOffsets() {
        assertEquals(9, RecordFrame.CHANNEL_OFFSET);
        assertEquals(18, RecordFrame.SEQUENCE_OFFSET);
        assertEquals(27, RecordFrame.TIMESTAMP_US_OFFSET);
        assertEquals(36, RecordFrame.SENDER_OFFSET);
        assertEquals(45, RecordFrame.NONCE_OFFSET);
        assertEquals(54, RecordFrame.PAYLOAD_LENGTH_OFFSET);
        assertEquals(55, RecordFrame.MIN_LENGTH);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 127, 128, 16383, 16384, 32768, 2097151, 2097152})
    void shouldWriteWhatProtobufWritesWhenEveryFieldIsSet(int payloadLength) {
        ByteBuf frame = canonicalFrame(payloadLength);

        ByteString body = ByteString.copyFrom(frame.nioBuffer(8, frame.readableBytes() - 8));
        assertEquals(record(payloadLength).toByteString(), body);
        assertEquals(RecordFrame.frameLength(payloadLength), frame.readableBytes());
        assertEquals(frame.readableBytes(), FrameHeader.frameLength(frame, 0));
        assertEquals(KIND, FrameHeader.kind(frame, 0));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 127, 128, 16383, 16384, 32768, 2097151, 2097152})
    void shouldReadInPlaceWhatItWrote(int payloadLength) {
        ByteBuf frame = canonicalFrame(payloadLength);
        Record record = record(payloadLength);

        assertTrue(RecordFrame.isCanonical(frame, 0, frame.readableBytes()));
        assertEquals(record.getChannel(), RecordFrame.channel(frame, 0));
        assertEquals(record.getSequence(), RecordFrame.sequence(frame, 0));
        assertEquals(record.getTimestampUs(), RecordFrame.timestampUs(frame, 0));
        assertEquals(record.getSender(), RecordFrame.sender(frame, 0));
        assertEquals(record.getNonce(), RecordFrame.nonce(frame, 0));
        int payloadOffset = RecordFrame.payloadOffset(frame, 0, frame.readableBytes());
        assertEquals(frame.readableBytes() - payloadLength, payloadOffset);
    }

    @Test
    void shouldStampOnlyWhatTheEngineOwns() {
        ByteBuf frame = Unpooled.buffer().writeZero(5);
        RecordFrame.writeHead(frame, KIND, 3, 90, 91, 92, 7, 5);
        frame.writeBytes("Hello".getBytes(StandardCharsets.UTF_8));
        frame.setByte(5 + FrameHeader.FLAGS_OFFSET, 0xFF);

        RecordFrame.stamp(frame, 5, 1001, 1002, 1003);

        Record expected = Record.newBuilder()
                .setChannel(3)
                .setSequence(1001)
                .setTimestampUs(1002)
                .setSender(1003)
                .setNonce(7)
                .setPayload(ByteString.copyFromUtf8("Hello"))
                .build();
        int length = frame.readableBytes() - 5;
        assertEquals(expected, Frames.parse(Record.parser(), frame, 5, length));
        assertEquals(0, FrameHeader.flags(frame, 5));
        assertEquals(KIND, FrameHeader.kind(frame, 5));
    }

    @Test
    void shouldAppendNothingWhenTheBodyIsNotARecord() {
        ByteBuf frame = frame(Hex.parse("09 01 02"));
        ByteBuf out = Unpooled.buffer();

        ProtocolException e =
                assertThrows(ProtocolException.class, () -> RecordFrame.reencode(frame, 0, frame.readableBytes(), out));

        assertEquals(ErrorCode.MALFORMED, e.code());
        assertEquals(0, out.readableBytes());
    }

    @Test
    void shouldReencodeBehindWhatIsThereAlready() {
        ByteBuf frame = frame(Record.newBuilder().setChannel(3).build().toByteString());
        ByteBuf out = Unpooled.buffer(1).writeByte(0x55);

        int length = RecordFrame.reencode(frame, 0, frame.readableBytes(), out);

        assertEquals(RecordFrame.MIN_LENGTH, length);
        assertEquals(1 + RecordFrame.MIN_LENGTH, out.readableBytes());
        assertTrue(RecordFrame.isCanonical(out, 1, length));
        assertEquals(3, RecordFrame.channel(out, 1));
    }

    @Test
    void shouldBeCanonicalExactlyWhenEqualToTheReencodedForm() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        int canonicalCount = 0;
        int otherCount = 0;
        int illegalCount = 0;
        for (int i = 0; i < 20_000; i++) {
            ByteBuf frame = frame(mutated(random, body(random)));
            boolean isCanonical = RecordFrame.isCanonical(frame, 0, frame.readableBytes());
            ByteString context = ByteString.copyFrom(frame.nioBuffer());
            if (isLegal(frame)) {
                ByteBuf out = Unpooled.buffer();
                RecordFrame.reencode(frame, 0, frame.readableBytes(), out);
                assertEquals(isCanonical, out.equals(frame), () -> "seed " + seed + ": " + context);
                assertTrue(RecordFrame.isCanonical(out, 0, out.readableBytes()), () -> "seed " + seed);
                canonicalCount += isCanonical ? 1 : 0;
                otherCount += isCanonical ? 0 : 1;
            } else {
                assertFalse(isCanonical, () -> "seed " + seed + ": " + context);
                illegalCount++;
            }
        }
        assertTrue(
                Math.min(canonicalCount, Math.min(otherCount, illegalCount)) > 500,
                "too few of a sort: " + canonicalCount + ", " + otherCount + ", " + illegalCount);
    }

    /** The fields of a record, often canonical, else shuffled, repeated, left out or with an unknown one. */
    private static ByteString body(Random random) {
        List<ByteString> fields = new ArrayList<>();
        for (int number = 1; number <= 5; number++) {
            fields.add(fixed64(number, random.nextLong()));
        }
        byte[] payload = new byte[random.nextInt(4) == 0 ? 120 + random.nextInt(16) : random.nextInt(4)];
        random.nextBytes(payload);
        Record withPayload =
                Record.newBuilder().setPayload(ByteString.copyFrom(payload)).build();
        fields.add(withPayload.toByteString());
        switch (random.nextInt(8)) {
            case 0 -> Collections.shuffle(fields, random);
            case 1 -> fields.add(random.nextInt(fields.size() + 1), fields.get(random.nextInt(fields.size())));
            case 2 -> fields.remove(random.nextInt(fields.size()));
            case 3 -> fields.add(random.nextInt(fields.size() + 1), fixed64(7 + random.nextInt(8), 1));
            default -> {
                return ByteString.copyFrom(fields);
            }
        }
        return ByteString.copyFrom(fields);
    }

    private static ByteString mutated(Random random, ByteString body) {
        if (body.isEmpty() || random.nextInt(3) != 0) {
            return body;
        }
        byte[] bytes = body.toByteArray();
        if (random.nextInt(4) == 0) {
            return body.substring(0, random.nextInt(bytes.length));
        }
        // The bytes around the tags and the payload's length are where a mistake would hide.
        int at = random.nextBoolean() ? 9 * random.nextInt(6) : random.nextInt(bytes.length);
        bytes[Math.min(at, bytes.length - 1)] ^= (byte) (1 << random.nextInt(8));
        return ByteString.copyFrom(bytes);
    }

    private static ByteString fixed64(int number, long value) {
        ByteString.Output out = ByteString.newOutput();
        out.write(number << 3 | 1);
        for (int shift = 0; shift < 64; shift += 8) {
            out.write((int) (value >>> shift));
        }
        return out.toByteString();
    }

    private static boolean isLegal(ByteBuf frame) {
        try {
            return Record.parseFrom(frame.nioBuffer(8, frame.readableBytes() - 8)) != null;
        } catch (InvalidProtocolBufferException e) {
            return false;
        }
    }

    private static ByteBuf frame(ByteString body) {
        ByteBuf frame = Unpooled.buffer().writeZero(FrameHeader.LENGTH);
        FrameHeader.put(frame, 0, FrameType.RECORD, 0, KIND, body.size());
        return frame.writeBytes(body.asReadOnlyByteBuffer());
    }

    private static ByteBuf canonicalFrame(int payloadLength) {
        ByteBuf frame = Unpooled.buffer(1);
        RecordFrame.writeHead(frame, KIND, 3, -1, Long.MIN_VALUE, 0, 0x5eed1234_00000001L, payloadLength);
        return frame.writeBytes(new byte[payloadLength]);
    }

    private static Record record(int payloadLength) {
        return Record.newBuilder()
                .setChannel(3)
                .setSequence(-1)
                .setTimestampUs(Long.MIN_VALUE)
                .setSender(0)
                .setNonce(0x5eed1234_00000001L)
                .setPayload(ByteString.copyFrom(new byte[payloadLength]))
                .build();
    }
}
