package io.freshet.benchmarks.baseline;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.DefaultFileRegion;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A file of message frames, all of one length, that is sent by the kernel. Immutable. */
@SuppressWarnings("FutureReturnValueIgnored") // failures of a channel come as events of its pipeline
final class StreamFile {
    private final Path file;
    private final int frameLength;
    private final long frameCount;

    private StreamFile(Path file, int frameLength, long frameCount) {
        this.file = file;
        this.frameLength = frameLength;
        this.frameCount = frameCount;
    }

    /**
     * Looks at the first frame; the others must be as long.
     *
     * @throws IOException when the file cannot be read or is not made of such frames
     */
    static StreamFile open(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            ByteBuffer header = ByteBuffer.allocate(RawFrame.HEADER_LENGTH).order(ByteOrder.LITTLE_ENDIAN);
            while (header.hasRemaining()) {
                if (channel.read(header, header.position()) < 0) {
                    throw new EOFException(file + ": holds no frame");
                }
            }
            int lengthValue = header.getInt(RawFrame.LENGTH_OFFSET);
            int type = header.get(RawFrame.TYPE_OFFSET);
            if (lengthValue < RawFrame.MIN_LENGTH_VALUE
                    || lengthValue > RawFrame.MAX_LENGTH_VALUE
                    || type != RawFrame.MESSAGE) {
                throw new IOException(file + ": does not begin with a message frame");
            }
            int frameLength = RawFrame.LENGTH_LENGTH + lengthValue;
            if (channel.size() % frameLength != 0) {
                throw new IOException(
                        file + ": " + channel.size() + " bytes are not whole frames of " + frameLength + " bytes");
            }
            return new StreamFile(file, frameLength, channel.size() / frameLength);
        }
    }

    /** Writes that many frames without a flush, from the file's beginning again whenever it ends. */
    void write(ChannelHandlerContext ctx, long messageCount) {
        for (long left = messageCount; left > 0; ) {
            long count = Math.min(left, frameCount);
            ctx.write(new DefaultFileRegion(file.toFile(), 0, count * frameLength), ctx.voidPromise());
            left -= count;
        }
    }
}
