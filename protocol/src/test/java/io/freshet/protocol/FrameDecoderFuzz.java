package io.freshet.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.testing.FuzzInput;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Any bytes, in any pieces: the decoder delivers the same frames and ends with the same code however they are cut; it keeps no more
 * memory than a small multiple of what it received, and none once it is closed.
 */
public final class FrameDecoderFuzz {
    private static final int[] LIMITS = {8, 64, 4096, 1 << 20};

    /** What a partial frame may take before anything else is known of it. */
    private static final int LEAST_KEPT_LENGTH = 256;

    private FrameDecoderFuzz() {}

    private record Outcome(List<String> frames, @Nullable ErrorCode code) {}

    public static void fuzzerTestOneInput(byte[] data) {
        FuzzInput input = new FuzzInput(data);
        int limit = LIMITS[input.below(LIMITS.length)];
        long cuts = input.nextInt();
        byte[] stream = input.rest();
        Outcome whole = decode(stream, limit, left -> left);
        assertEquals(whole, decode(stream, limit, left -> 1));
        SplittableRandom random = new SplittableRandom(cuts);
        assertEquals(whole, decode(stream, limit, left -> 1 + random.nextInt(left)));
    }

    /** @param cut how many of the bytes that are left come next */
    private static Outcome decode(byte[] stream, int limit, IntUnaryOperator cut) {
        UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true);
        List<String> frames = new ArrayList<>();
        ErrorCode code = null;
        FrameDecoder decoder = new FrameDecoder(
                allocator,
                limit,
                (type, flags, kind, buffer, index, length) ->
                        frames.add(type + " " + flags + " " + kind + " " + ByteBufUtil.hexDump(buffer, index, length)));
        try (decoder) {
            for (int at = 0; at < stream.length; ) {
                int length = cut.applyAsInt(stream.length - at);
                ByteBuf piece = Unpooled.wrappedBuffer(stream, at, length);
                decoder.onBytes(piece);
                at += length;
                long keptLength = allocator.metric().usedDirectMemory();
                assertTrue(keptLength <= Math.max(LEAST_KEPT_LENGTH, 2L * at), keptLength + " bytes are kept");
            }
        } catch (ProtocolException e) {
            code = e.code();
            assertEquals(0, allocator.metric().usedDirectMemory());
        }
        assertEquals(0, allocator.metric().usedDirectMemory());
        return new Outcome(frames, code);
    }
}
