package io.freshet.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.ByteString;
import io.freshet.protocol.v1.Published;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PublishedFrameTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 127, 128, 256, 16383, 16384, 2097151, 2097152, 268435455, 268435456, Integer.MAX_VALUE})
    void shouldWriteWhatProtobufWrites(int count) {
        ByteBuf out = Unpooled.buffer(1).writeByte(0x55);
        Published expected = Published.newBuilder()
                .setChannel(3)
                .setFirstNonce(-1)
                .setCount(count)
                .setFirstSequence(Long.MIN_VALUE)
                .build();

        PublishedFrame.write(out, 3, -1, count, Long.MIN_VALUE);

        int length = out.readableBytes() - 1;
        assertEquals(length, FrameHeader.frameLength(out, 1));
        assertEquals(expected.toByteString(), ByteString.copyFrom(out.nioBuffer(9, length - 8)));
        assertEquals(FrameType.PUBLISHED.code(), FrameHeader.typeCode(out, 1));
    }
}
