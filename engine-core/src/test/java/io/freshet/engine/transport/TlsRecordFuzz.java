package io.freshet.engine.transport;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.testing.FuzzInput;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.IntUnaryOperator;

/**
 * Any bytes, in any pieces, where TLS is expected: what is handed on are the whole records that came, in their order, up to what is none; that ends the
 * connection. The one record that has only begun is kept, and none of the buffers that were read into.
 */
public final class TlsRecordFuzz {
    private static final int HEADER_LENGTH = 5;
    private static final int MAX_BODY_LENGTH = (1 << 14) + 2048;
    private static final int MAX_RECORD_LENGTH = HEADER_LENGTH + MAX_BODY_LENGTH;
    private static final int MAX_STREAM_LENGTH = 64 * 1024;

    private TlsRecordFuzz() {}

    public static void fuzzerTestOneInput(byte[] data) {
        FuzzInput input = new FuzzInput(data);
        long cuts = input.nextInt();
        byte[] stream = stream(input);
        byte[] whole = Arrays.copyOf(stream, recordsLength(stream));
        assertArrayEquals(whole, handedOn(stream, left -> left));
        assertArrayEquals(whole, handedOn(stream, left -> Math.min(left, 1 + (stream.length >> 10))));
        SplittableRandom random = new SplittableRandom(cuts);
        assertArrayEquals(whole, handedOn(stream, left -> 1 + random.nextInt(left)));
    }

    /** Records, some with a body that is shorter than they say, and anything. */
    private static byte[] stream(FuzzInput input) {
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        while (!input.isEmpty() && stream.size() < MAX_STREAM_LENGTH) {
            int choice = input.next();
            if (choice % 2 == 0) {
                stream.writeBytes(input.take(choice / 2));
                continue;
            }
            int length = input.nextU16();
            stream.write(20 + choice / 2 % 6);
            stream.writeBytes(new byte[] {3, 3, (byte) (length >> Byte.SIZE), (byte) length});
            stream.writeBytes(new byte[choice > 200 ? length / 2 : length]);
        }
        return stream.toByteArray();
    }

    /** Bytes of the whole records that a stream begins with. */
    private static int recordsLength(byte[] stream) {
        int at = 0;
        while (stream.length - at >= HEADER_LENGTH) {
            int bodyLength = bodyLength(stream, at);
            if (bodyLength == 0 || bodyLength > stream.length - at - HEADER_LENGTH) {
                return at;
            }
            at += HEADER_LENGTH + bodyLength;
        }
        return at;
    }

    /** Of the record whose header is here; 0 when this is none. */
    private static int bodyLength(byte[] stream, int at) {
        int length = (stream[at + 3] & 0xFF) << Byte.SIZE | (stream[at + 4] & 0xFF);
        boolean isRecord = stream[at] >= 20 && stream[at] <= 24 && stream[at + 1] == 3 && length <= MAX_BODY_LENGTH;
        return isRecord ? length : 0;
    }

    /** Whether a stream goes on, behind its whole records, with a header that is none. */
    private static boolean isEnded(byte[] stream) {
        int at = recordsLength(stream);
        return stream.length - at >= HEADER_LENGTH && bodyLength(stream, at) == 0;
    }

    private static byte[] handedOn(byte[] stream, IntUnaryOperator cut) {
        UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true);
        EmbeddedChannel channel = new EmbeddedChannel(new TlsRecordCutter());
        channel.config().setAllocator(allocator);
        ByteArrayOutputStream handedOn = new ByteArrayOutputStream();
        for (int at = 0; at < stream.length && channel.isOpen(); ) {
            int length = cut.applyAsInt(stream.length - at);
            ByteBuf read = allocator.directBuffer(length).writeBytes(stream, at, length);
            channel.writeInbound(read.retain());
            at += length;
            for (ByteBuf part = channel.readInbound(); part != null; part = channel.readInbound()) {
                byte[] bytes = new byte[part.readableBytes()];
                part.readBytes(bytes).release();
                handedOn.writeBytes(bytes);
            }
            assertEquals(1, read.refCnt(), "what was read into is kept");
            read.release();
            long kept = allocator.metric().usedDirectMemory();
            assertTrue(kept <= MAX_RECORD_LENGTH, kept + " bytes are kept");
        }
        assertEquals(isEnded(stream), !channel.isOpen(), "what is no record ends it, and nothing else");
        channel.finishAndReleaseAll();
        assertEquals(0, allocator.metric().usedDirectMemory(), "bytes are left");
        return handedOn.toByteArray();
    }
}
