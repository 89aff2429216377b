package io.freshet.protocol;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.List;

/** A frame that a decoder delivered, copied. */
record ReceivedFrame(FrameType type, int flags, int kind, ByteString bytes) {
    /** A handler that adds what it gets to {@code frames}. */
    static FrameHandler into(List<ReceivedFrame> frames) {
        return (type, flags, kind, buffer, index, length) ->
                frames.add(new ReceivedFrame(type, flags, kind, ByteString.copyFrom(buffer.nioBuffer(index, length))));
    }

    /** The body, as the parser of {@code prototype} reads it. */
    Message body(Message prototype) {
        ByteBuf buffer = Unpooled.wrappedBuffer(bytes.asReadOnlyByteBuffer());
        return Frames.parse(prototype.getParserForType(), buffer, 0, bytes.size());
    }

    @Override
    public String toString() {
        return type + " flags=" + flags + " kind=" + kind + " " + ByteBufUtil.hexDump(bytes.toByteArray());
    }
}
