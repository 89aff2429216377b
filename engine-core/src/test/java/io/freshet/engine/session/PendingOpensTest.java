package io.freshet.engine.session;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import io.freshet.protocol.FrameType;
import io.freshet.protocol.Frames;
import io.freshet.protocol.v1.Cursor;
import io.freshet.protocol.v1.Open;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.Test;

class PendingOpensTest {
    @Test
    void shouldKeepNothingOfAnOpenThatItDoesNotKnow() {
        Cursor cursor = Cursor.newBuilder()
                .setAfter(Cursor.After.newBuilder().setSequence(7).setEpoch(2))
                .build();
        Open open = Open.newBuilder()
                .setRequest(1)
                .setName("lobby")
                .setCreate(true)
                .setCursor(cursor)
                .build();
        UnknownFieldSet much = UnknownFieldSet.newBuilder()
                .addField(
                        1000,
                        UnknownFieldSet.Field.newBuilder()
                                .addLengthDelimited(ByteString.copyFrom(new byte[50_000]))
                                .build())
                .build();
        Open padded = open.toBuilder()
                .setCursor(cursor.toBuilder()
                        .setAfter(cursor.getAfter().toBuilder().setUnknownFields(much)))
                .setUnknownFields(much)
                .build();
        ByteBuf frame = Unpooled.buffer();
        Frames.write(frame, FrameType.OPEN, padded);

        Open kept = PendingOpens.parse(frame, 0, frame.readableBytes());

        assertEquals(open, kept);
        assertEquals(open.getSerializedSize(), kept.getSerializedSize());
    }
}
