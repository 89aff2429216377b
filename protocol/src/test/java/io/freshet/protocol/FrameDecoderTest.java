package io.freshet.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FrameDecoderTest {
    private static final int LIMIT = 100;

    private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true);
    private final List<ReceivedFrame> frames = new ArrayList<>();
    private final FrameHandler collect = ReceivedFrame.into(frames);
    private @Nullable Runnable onFrame;
    private final FrameDecoder decoder =
            new FrameDecoder(allocator, LIMIT, (type, flags, kind, buffer, index, length) -> {
                collect.onFrame(type, flags, kind, buffer, index, length);
                if (onFrame != null) {
                    onFrame.run();
                }
            });

    @AfterEach
    void shouldLeaveNoBufferBehind() {
        decoder.close();
        assertEquals(0, allocator.metric().usedDirectMemory());
        assertEquals(0, allocator.metric().usedHeapMemory());
    }

    @Test
    void shouldHandOnWholeFramesWhereTheyLie() {
        ByteBuf received = Unpooled.buffer().writeZero(3);
        received.writeBytes(ping(0)).writeBytes(ping(4));
        received.readerIndex(3);
        List<Integer> indices = new ArrayList<>();
        try (FrameDecoder inPlace = new FrameDecoder(allocator, LIMIT, (type, flags, kind, buffer, index, length) -> {
            assertSame(received, buffer);
            indices.add(index);
        })) {
            inPlace.onBytes(received);
        }

        assertEquals(List.of(3, 11), indices);
        assertEquals(3, received.readerIndex());
        assertEquals(1, received.refCnt());
    }

    @Test
    void shouldCopyNoMoreThanAnIncompleteFrame() {
        ByteBuf received = Unpooled.buffer();
        for (int i = 0; i < 50; i++) {
            received.writeBytes(ping(10));
        }
        received.writeBytes(ping(40), 0, 20);

        decoder.onBytes(received);

        assertEquals(50, frames.size());
        assertTrue(allocator.metric().usedDirectMemory() <= LIMIT);
        decoder.onBytes(ping(40).skipBytes(20));
        assertEquals(51, frames.size());
        assertEquals(0, allocator.metric().usedDirectMemory());
    }

    @Test
    void shouldAcceptAFrameAtTheLimitAndRefuseOneByteMoreFromItsHeaderAlone() {
        decoder.onBytes(ping(LIMIT - 8));
        assertEquals(1, frames.size());

        assertCode(ErrorCode.FRAME_TOO_LONG, ping(LIMIT - 8 + 1).slice(0, 8));

        assertEquals(0, allocator.metric().usedDirectMemory());
    }

    @Test
    void shouldRefuseATooLongFrameWhenItsHeaderCameInPieces() {
        ByteBuf tooLong = ping(LIMIT);
        decoder.onBytes(tooLong.slice(0, 5));

        assertCode(ErrorCode.FRAME_TOO_LONG, tooLong.slice(5, 3));

        assertEquals(0, allocator.metric().usedDirectMemory());
    }

    @Test
    void shouldUseANewLimitForTheNextHeaderInTheSameBytes() {
        onFrame = () -> decoder.maxFrameLength(1000);

        decoder.onBytes(Unpooled.wrappedBuffer(ping(1), ping(500)));

        assertEquals(2, frames.size());
    }

    @Test
    void shouldUseALowerLimitForTheNextHeaderToo() {
        onFrame = () -> decoder.maxFrameLength(20);

        assertCode(ErrorCode.FRAME_TOO_LONG, Unpooled.wrappedBuffer(ping(50), ping(50)));

        assertEquals(1, frames.size());
    }

    @Test
    void shouldDeliverAndKeepNothingAfterTheHandlerClosedIt() {
        onFrame = decoder::close;

        decoder.onBytes(Unpooled.wrappedBuffer(ping(1), ping(1), ping(30).slice(0, 12)));
        decoder.onBytes(ping(1));

        assertEquals(1, frames.size());
        assertEquals(0, allocator.metric().usedDirectMemory());
    }

    @Test
    void shouldDeliverNothingAfterTheHandlerThrew() {
        onFrame = () -> {
            throw new ProtocolException(ErrorCode.UNEXPECTED_FRAME, "not now");
        };
        ByteBuf frame = ping(1);
        decoder.onBytes(frame.slice(0, 3));

        assertCode(ErrorCode.UNEXPECTED_FRAME, Unpooled.wrappedBuffer(frame.slice(3, 6), ping(1)));
        decoder.onBytes(ping(1));

        assertEquals(1, frames.size());
    }

    @Test
    void shouldReleaseAnIncompleteFrameWhenClosed() {
        decoder.onBytes(ping(50).slice(0, 30));
        assertTrue(allocator.metric().usedDirectMemory() > 0);

        decoder.close();
        decoder.close();

        assertEquals(0, allocator.metric().usedDirectMemory());
    }

    @Test
    void shouldTakeHttpForHttpOnlyAtTheBeginning() {
        decoder.onBytes(ping(0));

        assertCode(ErrorCode.FRAME_TOO_LONG, Unpooled.copiedBuffer("GET / HTTP/1.1\r\n", StandardCharsets.US_ASCII));
    }

    @Test
    void shouldNameLengthAndLimitWhenAFrameIsTooLong() {
        ProtocolException e = assertCode(ErrorCode.FRAME_TOO_LONG, ping(LIMIT));

        assertEquals("a frame of 108 bytes; the limit is 100, the least is 8", e.getMessage());
        assertEquals(0, e.getStackTrace().length);
    }

    private ProtocolException assertCode(ErrorCode code, ByteBuf bytes) {
        ProtocolException e = assertThrows(ProtocolException.class, () -> decoder.onBytes(bytes));
        assertEquals(code, e.code());
        return e;
    }

    /** A frame with any bytes as its body; the decoder does not look at it. */
    private static ByteBuf ping(int bodyLength) {
        ByteBuf frame = Unpooled.buffer().writeZero(8 + bodyLength);
        FrameHeader.put(frame, 0, FrameType.PING, 0, 0, bodyLength);
        return frame;
    }
}
