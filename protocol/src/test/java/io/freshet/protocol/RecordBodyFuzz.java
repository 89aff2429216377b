package io.freshet.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.InvalidProtocolBufferException;
import io.freshet.protocol.v1.Record;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

/**
 * Any body of a RECORD beside Protobuf's own parser: what that refuses is refused; what it accepts is encoded again to a canonical
 * frame with the same values, and is canonical exactly when that changes nothing; and what the engine stamps is what any
 * parser reads afterwards, whatever the publisher wrote there.
 */
public final class RecordBodyFuzz {
    private static final int KIND = 513;
    private static final int OFFSET = 3;
    private static final long STAMP = 0x0102_0304_0506_0708L;

    private RecordBodyFuzz() {}

    public static void fuzzerTestOneInput(byte[] body) {
        ByteBuf frame = Unpooled.buffer().writeZero(OFFSET + FrameHeader.LENGTH);
        FrameHeader.put(frame, OFFSET, FrameType.RECORD, 0, KIND, body.length);
        frame.writeBytes(body);
        int frameLength = FrameHeader.LENGTH + body.length;
        boolean isCanonical = RecordFrame.isCanonical(frame, OFFSET, frameLength);
        Record record = parse(body);
        ByteBuf out = Unpooled.buffer().writeZero(1);
        if (record == null) {
            assertFalse(isCanonical);
            ProtocolException e =
                    assertThrows(ProtocolException.class, () -> RecordFrame.reencode(frame, OFFSET, frameLength, out));
            assertEquals(ErrorCode.MALFORMED, e.code());
            assertEquals(1, out.readableBytes());
            return;
        }
        int length = RecordFrame.reencode(frame, OFFSET, frameLength, out);
        assertEquals(1 + length, out.readableBytes());
        assertTrue(RecordFrame.isCanonical(out, 1, length));
        assertEquals(isCanonical, out.slice(1, length).equals(frame.slice(OFFSET, frameLength)));
        assertSame(record, out, length);
        assertEquals(length, RecordFrame.reencode(out.duplicate(), 1, length, Unpooled.buffer()));
        RecordFrame.stamp(out, 1, STAMP, STAMP + 1, STAMP + 2);
        assertTrue(RecordFrame.isCanonical(out, 1, length));
        Record stamped = record.toBuilder()
                .setSequence(STAMP)
                .setTimestampUs(STAMP + 1)
                .setSender(STAMP + 2)
                .build();
        assertSame(stamped, out, length);
    }

    private static @Nullable Record parse(byte[] body) {
        try {
            return Record.parseFrom(body);
        } catch (InvalidProtocolBufferException e) {
            return null;
        }
    }

    /** Checks that the canonical frame says what the record does, by its offsets and for another parser. */
    private static void assertSame(Record record, ByteBuf frame, int length) {
        Record parsed = Frames.parse(Record.parser(), frame, 1, length);
        assertTrue(parsed.getUnknownFields().asMap().isEmpty());
        assertEquals(record.getChannel(), parsed.getChannel());
        assertEquals(record.getSequence(), parsed.getSequence());
        assertEquals(record.getTimestampUs(), parsed.getTimestampUs());
        assertEquals(record.getSender(), parsed.getSender());
        assertEquals(record.getNonce(), parsed.getNonce());
        assertEquals(record.getPayload(), parsed.getPayload());
        assertEquals(record.getChannel(), RecordFrame.channel(frame, 1));
        assertEquals(record.getSequence(), RecordFrame.sequence(frame, 1));
        assertEquals(record.getTimestampUs(), RecordFrame.timestampUs(frame, 1));
        assertEquals(record.getSender(), RecordFrame.sender(frame, 1));
        assertEquals(record.getNonce(), RecordFrame.nonce(frame, 1));
        assertEquals(1 + length - record.getPayload().size(), 1 + RecordFrame.payloadOffset(frame, 1, length));
        assertEquals(KIND, FrameHeader.kind(frame, 1));
        assertEquals(0, FrameHeader.flags(frame, 1));
    }
}
