package io.freshet.client;

import com.google.protobuf.MessageLite;
import io.freshet.protocol.Connection;
import io.freshet.protocol.FrameHeader;
import io.freshet.protocol.FrameType;
import io.freshet.protocol.Frames;
import io.freshet.protocol.RecordFrame;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;

/** Gathers the frames of one connection in shared buffers until they are flushed together. Client's thread. */
final class Outbox {
    private static final int FIRST_BUFFER_LENGTH = 4 << 10;
    private static final int MAX_BUFFER_LENGTH = 64 << 10;

    private final Connection connection;
    private final ByteBufAllocator allocator;
    private @Nullable ByteBuf buffer;

    Outbox(Connection connection, ByteBufAllocator allocator) {
        this.connection = connection;
        this.allocator = allocator;
    }

    void append(FrameType type, MessageLite body) {
        Frames.write(room(FrameHeader.LENGTH + body.getSerializedSize()), type, body);
    }

    void appendPublish(int kind, long channelId, long nonce, byte[] payload) {
        ByteBuf out = room(RecordFrame.frameLength(payload.length));
        RecordFrame.writeHead(out, kind, channelId, 0, 0, 0, nonce, payload.length);
        out.writeBytes(payload);
    }

    private ByteBuf room(int frameLength) {
        ByteBuf out = buffer;
        if (out != null && out.readableBytes() + frameLength > MAX_BUFFER_LENGTH) {
            connection.offer(out);
            out = null;
        }
        if (out == null) {
            out = allocator.buffer(Math.max(FIRST_BUFFER_LENGTH, frameLength));
            buffer = out;
        }
        return out;
    }

    /** Hands what was appended to the network. Returns whether there was anything. */
    boolean flush() {
        ByteBuf out = buffer;
        if (out == null) {
            return false;
        }
        buffer = null;
        connection.offer(out);
        connection.flush();
        return true;
    }

    /** Drops what was not flushed. */
    void clear() {
        if (buffer != null) {
            buffer.release();
            buffer = null;
        }
    }
}
