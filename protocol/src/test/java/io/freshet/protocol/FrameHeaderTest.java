package io.freshet.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.ByteString;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.Test;

class FrameHeaderTest {
    @Test
    void shouldKeepItsOffsets() {
        assertEquals(0, FrameHeader.LENGTH_OFFSET);
        assertEquals(4, FrameHeader.TYPE_OFFSET);
        assertEquals(5, FrameHeader.FLAGS_OFFSET);
        assertEquals(6, FrameHeader.KIND_OFFSET);
        assertEquals(8, FrameHeader.LENGTH);
        assertEquals(4, FrameHeader.MIN_LENGTH_FIELD);
    }

    @Test
    void shouldWriteLittleEndianAtTheGivenIndexAndMoveNothing() {
        ByteBuf buffer = Unpooled.buffer(32);

        FrameHeader.put(buffer, 3, FrameType.RECORD, FrameHeader.FLAG_ERASED, 0xFEDC, 0x01020304);

        ByteString expected = Hex.parse("08 03 02 01  08  02  dc fe");
        assertEquals(expected, ByteString.copyFrom(buffer.nioBuffer(3, 8)));
        assertEquals(0, buffer.writerIndex());
        assertEquals(0, buffer.readerIndex());
    }

    @Test
    void shouldReadEveryFieldAsUnsigned() {
        ByteBuf buffer = Unpooled.wrappedBuffer(
                Hex.parse("00  ff ff ff ff  fe  fd  fc fb").asReadOnlyByteBuffer());

        assertEquals(0xFFFFFFFFL + 4, FrameHeader.frameLength(buffer, 1));
        assertEquals(0xFE, FrameHeader.typeCode(buffer, 1));
        assertEquals(0xFD, FrameHeader.flags(buffer, 1));
        assertEquals(0xFBFC, FrameHeader.kind(buffer, 1));
    }
}
