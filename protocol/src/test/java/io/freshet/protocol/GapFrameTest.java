package io.freshet.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.freshet.protocol.v1.Gap;
import io.freshet.protocol.v1.GapReason;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.Test;

class GapFrameTest {
    @Test
    void shouldWriteWhatProtobufWrites() {
        for (GapReason reason : new GapReason[] {
            GapReason.GAP_REASON_SKIPPED, GapReason.GAP_REASON_EXPIRED, GapReason.GAP_REASON_DAMAGED
        }) {
            Gap gap = Gap.newBuilder()
                    .setChannel(3)
                    .setFirstSequence(-2)
                    .setCount(1L << 40)
                    .setReason(reason)
                    .build();
            ByteBuf expected = Unpooled.buffer();
            Frames.write(expected, FrameType.GAP, gap);
            ByteBuf written = Unpooled.buffer(0);
            GapFrame.write(written, gap.getChannel(), gap.getFirstSequence(), gap.getCount(), reason);
            assertEquals(expected, written);
            assertEquals(GapFrame.FRAME_LENGTH, written.readableBytes());
        }
    }
}
