package io.freshet.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import com.google.protobuf.UnknownFieldSet;
import io.freshet.protocol.v1.Open;
import io.freshet.protocol.v1.Page;
import io.freshet.protocol.v1.Published;
import io.freshet.protocol.v1.Record;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Our codec against the annotated bytes of {@code protocol/vectors}, which other languages read too. */
class VectorsTest {
    /** Longer vectors are cut at their first and last places and at every 997th only, for time. */
    private static final int DENSE_LENGTH = 300;

    private static final ByteString PING = Hex.parse("04 00 00 00 0e 00 00 00");

    private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true);

    static List<Vector> vectors() {
        return Vector.all();
    }

    static Stream<Vector> decodable() {
        return vectors().stream().filter(Vector::hasValue);
    }

    @ParameterizedTest
    @MethodSource("decodable")
    void shouldDecodeToTheStatedValue(Vector vector) {
        List<ReceivedFrame> frames = decode(vector, vector.bytes().size());

        assertEquals(1, frames.size());
        ReceivedFrame frame = frames.get(0);
        assertEquals(FrameType.valueOf(vector.type()), frame.type());
        assertEquals(vector.flags(), frame.flags());
        assertEquals(vector.kind(), frame.kind());
        assertEquals(vector.value(), withoutUnknownFields(frame.body(vector.prototype())));
    }

    @ParameterizedTest
    @MethodSource("decodable")
    void shouldEncodeTheValueToTheStatedBytes(Vector vector) {
        ByteBuf out = Unpooled.buffer();
        FrameType type = FrameType.valueOf(vector.type());
        Message value = vector.value();
        if (value instanceof Record record) {
            RecordFrame.writeHead(
                    out,
                    vector.kind(),
                    record.getChannel(),
                    record.getSequence(),
                    record.getTimestampUs(),
                    record.getSender(),
                    record.getNonce(),
                    record.getPayload().size());
            out.writeBytes(record.getPayload().asReadOnlyByteBuffer());
            out.setByte(FrameHeader.FLAGS_OFFSET, vector.flags());
        } else {
            Frames.write(out, type, vector.flags(), value);
        }

        boolean isPreferred =
                !vector.outcome().equals("decode") && !vector.outcome().equals("reencode");
        assertEquals(isPreferred, vector.bytes().equals(written(out)));
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void shouldComeToTheSameOutcomeWhereverTheBytesAreCut(Vector vector) {
        int length = vector.bytes().size();
        for (int cut = 0; cut <= length; cut++) {
            if (length <= DENSE_LENGTH || cut < 100 || cut > length - 20 || cut % 997 == 0) {
                check(vector, decode(vector, cut));
            }
        }
        assertEquals(0, allocator.metric().usedDirectMemory(), "a leaked buffer");
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void shouldComeToTheSameOutcomeInManyPieces(Vector vector) {
        int length = vector.bytes().size() > DENSE_LENGTH ? 97 : 1;
        check(vector, decodeInPieces(vector, length));
        assertEquals(0, allocator.metric().usedDirectMemory(), "a leaked buffer");
    }

    @Test
    void shouldDecodeAllAcceptedFramesFromOneStreamInPiecesOfAnySize() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        ByteBuf stream = Unpooled.buffer();
        List<ByteString> sent = new ArrayList<>();
        decodable().forEach(vector -> {
            stream.writeBytes(vector.bytes().asReadOnlyByteBuffer());
            sent.add(vector.bytes());
        });
        List<ReceivedFrame> received = new ArrayList<>();
        try (FrameDecoder decoder = new FrameDecoder(allocator, 131072, ReceivedFrame.into(received))) {
            while (stream.isReadable()) {
                int length = Math.min(stream.readableBytes(), 1 + random.nextInt(1 + random.nextInt(5000)));
                decoder.onBytes(stream.readSlice(length));
            }
        }
        assertEquals(sent.size(), received.size(), "seed " + seed);
        for (int i = 0; i < sent.size(); i++) {
            assertEquals(sent.get(i), received.get(i).bytes(), "seed " + seed);
        }
        assertEquals(0, allocator.metric().usedDirectMemory(), "a leaked buffer, seed " + seed);
    }

    @ParameterizedTest
    @MethodSource("decodable")
    void shouldKnowCanonicalRecordsAndReencodeTheOthers(Vector vector) {
        if (!vector.type().equals("RECORD")) {
            return;
        }
        ByteBuf frame = Unpooled.copiedBuffer(buffer(vector.bytes()));
        ByteString canonical = vector.canonical();

        assertEquals(
                canonical == null,
                RecordFrame.isCanonical(frame, 0, vector.bytes().size()));
        ByteBuf out = Unpooled.buffer();
        int length = RecordFrame.reencode(frame, 0, vector.bytes().size(), out);
        assertEquals(out.readableBytes(), length);
        frame.setByte(FrameHeader.FLAGS_OFFSET, 0);
        assertEquals(canonical == null ? written(frame) : canonical, written(out));
        assertTrue(RecordFrame.isCanonical(out, 0, length));
    }

    @Test
    void shouldHoldOnlyCanonicalRecordsInAscendingOrderInAPage() {
        List<Message> pages = decodable()
                .filter(vector -> vector.type().equals("PAGE"))
                .map(Vector::value)
                .toList();
        assertFalse(pages.isEmpty());
        for (Message page : pages) {
            List<ReceivedFrame> frames = new ArrayList<>();
            try (FrameDecoder decoder = new FrameDecoder(allocator, 65536, ReceivedFrame.into(frames))) {
                decoder.onBytes(buffer(((Page) page).getRecords()));
            }
            long last = 0;
            for (ReceivedFrame frame : frames) {
                ByteBuf buffer = buffer(frame.bytes());
                assertTrue(RecordFrame.isCanonical(buffer, 0, frame.bytes().size()));
                assertTrue(RecordFrame.sequence(buffer, 0) > last);
                last = RecordFrame.sequence(buffer, 0);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("decodable")
    void shouldWritePublishedFramesAsProtobufDoes(Vector vector) {
        if (vector.value() instanceof Published published) {
            ByteBuf out = Unpooled.buffer();
            PublishedFrame.write(
                    out,
                    published.getChannel(),
                    published.getFirstNonce(),
                    published.getCount(),
                    published.getFirstSequence());
            if (vector.outcome().equals("accept")) {
                assertEquals(vector.bytes(), written(out));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("decodable")
    void shouldJudgeChannelNamesAsStated(Vector vector) {
        if (vector.value() instanceof Open open && open.hasName()) {
            boolean isInvalid = vector.outcome().equals("refuse") && vector.code() == ErrorCode.INVALID_NAME;
            assertEquals(isInvalid, ChannelName.violation(open.getName()) != null);
        }
    }

    @Test
    void shouldHaveVectorsForEveryTypeEachWithANameOfItsOwn() {
        Set<String> names = new HashSet<>();
        Set<String> accepted = new HashSet<>();
        for (Vector vector : vectors()) {
            assertTrue(names.add(vector.name()), "two vectors are called " + vector.name());
            if (vector.outcome().equals("accept")) {
                accepted.add(vector.type());
            }
        }
        for (FrameType type : FrameType.values()) {
            assertTrue(accepted.contains(type.name()), "no accepted vector of " + type);
        }
    }

    private void check(Vector vector, List<ReceivedFrame> frames) {
        switch (vector.outcome()) {
            case "accept", "decode", "reencode", "refuse" -> {
                assertEquals(1, frames.size());
                assertEquals(vector.bytes(), frames.get(0).bytes());
            }
            case "skip" -> assertEquals(List.of(FrameType.PING), types(frames));
            case "incomplete", "reject" -> assertEquals(List.of(), types(frames));
            default -> throw new AssertionError("unknown expectation of " + vector);
        }
    }

    private static List<FrameType> types(List<ReceivedFrame> frames) {
        return frames.stream().map(ReceivedFrame::type).toList();
    }

    /** Feeds the vector in two pieces, and with "skip" a PING behind it. */
    private List<ReceivedFrame> decode(Vector vector, int cut) {
        return feed(
                vector, List.of(vector.bytes().substring(0, cut), vector.bytes().substring(cut)));
    }

    private List<ReceivedFrame> decodeInPieces(Vector vector, int pieceLength) {
        List<ByteString> pieces = new ArrayList<>();
        for (int at = 0; at < vector.bytes().size(); at += pieceLength) {
            pieces.add(vector.bytes().substring(at, Math.min(vector.bytes().size(), at + pieceLength)));
        }
        return feed(vector, pieces);
    }

    private List<ReceivedFrame> feed(Vector vector, List<ByteString> pieces) {
        List<ReceivedFrame> frames = new ArrayList<>();
        FrameHandler collect = ReceivedFrame.into(frames);
        FrameHandler handler = (type, flags, kind, buffer, index, length) -> {
            if (vector.outcome().equals("reject")) {
                Frames.parse(vector.prototype().getParserForType(), buffer, index, length);
            }
            collect.onFrame(type, flags, kind, buffer, index, length);
        };
        try (FrameDecoder decoder = new FrameDecoder(allocator, vector.limit(), handler)) {
            if (vector.outcome().equals("reject")) {
                ProtocolException e = assertThrows(ProtocolException.class, () -> feed(decoder, pieces, null));
                assertEquals(vector.code(), e.code(), e.getMessage());
                assertNotNull(e.getMessage());
            } else {
                feed(decoder, pieces, vector.outcome().equals("skip") ? PING : null);
            }
        }
        return frames;
    }

    private static void feed(FrameDecoder decoder, List<ByteString> pieces, @Nullable ByteString more) {
        for (ByteString piece : pieces) {
            decoder.onBytes(buffer(piece));
        }
        if (more != null) {
            decoder.onBytes(buffer(more));
        }
    }

    private static ByteBuf buffer(ByteString bytes) {
        return Unpooled.wrappedBuffer(bytes.asReadOnlyByteBuffer());
    }

    private static ByteString written(ByteBuf out) {
        return ByteString.copyFrom(out.nioBuffer());
    }

    private static Message withoutUnknownFields(Message message) {
        return message.toBuilder()
                .setUnknownFields(UnknownFieldSet.getDefaultInstance())
                .build();
    }
}
