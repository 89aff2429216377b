package io.freshet.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.protobuf.ByteString;
import io.freshet.protocol.v1.Connect;
import io.freshet.protocol.v1.Ping;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.Test;

class FramesTest {
    private static final Connect CONNECT = Connect.newBuilder()
            .setVersion(1)
            .setToken(ByteString.copyFromUtf8("alice"))
            .setInstance(7)
            .build();

    @Test
    void shouldAppendOneFrameAfterTheOtherAndGrowTheBuffer() {
        ByteBuf out = Unpooled.buffer(1).writeByte(0x55);

        Frames.write(out, FrameType.CONNECT, CONNECT);
        Frames.write(out, FrameType.PING, FrameHeader.FLAG_IGNORABLE, Ping.getDefaultInstance());

        int length = 8 + CONNECT.getSerializedSize();
        assertEquals(1 + length + 8, out.readableBytes());
        assertEquals(length, FrameHeader.frameLength(out, 1));
        assertEquals(CONNECT, Frames.parse(Connect.parser(), out, 1, length));
        assertEquals(8, FrameHeader.frameLength(out, 1 + length));
        assertEquals(FrameHeader.FLAG_IGNORABLE, FrameHeader.flags(out, 1 + length));
    }

    @Test
    void shouldWriteToAndParseFromDirectAndCompositeBuffers() {
        ByteBuf direct = Unpooled.directBuffer(4);
        Frames.write(direct, FrameType.CONNECT, CONNECT);
        int length = direct.readableBytes();
        ByteBuf composite = Unpooled.wrappedBuffer(direct.retainedSlice(0, 11), direct.retainedSlice(11, length - 11));

        assertEquals(CONNECT, Frames.parse(Connect.parser(), direct, 0, length));
        assertEquals(CONNECT, Frames.parse(Connect.parser(), composite, 0, length));
        composite.release();
        direct.release();
    }

    @Test
    void shouldSayMalformedWhenTheBodyIsNoMessage() {
        ByteBuf frame = Unpooled.buffer().writeZero(8).writeBytes(new byte[] {0x09, 1, 2});

        ProtocolException e = assertThrows(ProtocolException.class, () -> Frames.parse(Ping.parser(), frame, 0, 11));

        assertEquals(ErrorCode.MALFORMED, e.code());
    }
}
