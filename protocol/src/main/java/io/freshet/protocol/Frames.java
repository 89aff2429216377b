package io.freshet.protocol;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.netty.buffer.ByteBuf;
import java.io.IOException;

/** Writes and reads the bodies of frames that are not on the hot path. */
public final class Frames {
    private Frames() {}

    /** Appends a frame with this body at the writer index. Borrows the buffer, which grows when it must. */
    public static void write(ByteBuf out, FrameType type, MessageLite body) {
        write(out, type, 0, body);
    }

    /** Appends a frame with this body and these flags at the writer index. Borrows the buffer. */
    public static void write(ByteBuf out, FrameType type, int flags, MessageLite body) {
        int bodyLength = body.getSerializedSize();
        out.ensureWritable(FrameHeader.LENGTH + bodyLength);
        int index = out.writerIndex();
        FrameHeader.put(out, index, type, flags, 0, bodyLength);
        CodedOutputStream stream = CodedOutputStream.newInstance(out.nioBuffer(index + FrameHeader.LENGTH, bodyLength));
        try {
            body.writeTo(stream);
            stream.flush();
        } catch (IOException e) {
            throw new IllegalStateException("a body did not fit its own length of " + bodyLength, e);
        }
        out.writerIndex(index + FrameHeader.LENGTH + bodyLength);
    }

    /**
     * Parses the body of the frame at {@code frameIndex}. Borrows the buffer; the message keeps no reference to it.
     *
     * @throws ProtocolException with MALFORMED when it is not a message of this type
     */
    public static <T extends MessageLite> T parse(Parser<T> parser, ByteBuf buffer, int frameIndex, int frameLength) {
        try {
            return parser.parseFrom(
                    buffer.nioBuffer(frameIndex + FrameHeader.LENGTH, frameLength - FrameHeader.LENGTH));
        } catch (InvalidProtocolBufferException e) {
            throw new ProtocolException(ErrorCode.MALFORMED, "not a valid body: " + e.getMessage());
        }
    }
}
