package io.freshet.engine.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.sun.management.ThreadMXBean;
import io.freshet.protocol.ContentLimits;
import io.freshet.protocol.v1.Attachment;
import io.freshet.protocol.v1.Content;
import io.freshet.protocol.v1.Extension;
import io.freshet.protocol.v1.Mention;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.lang.management.ManagementFactory;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ContentWalkTest {
    private static final int WALKS = 10_000;
    private static final int SEEDS = 40_000;

    /** Nobody follows its buffers, which would allocate at each access. */
    private static final ByteBufAllocator ALLOCATOR = new UnpooledByteBufAllocator(true, true);

    private static boolean isPlain(byte[] payload) {
        ByteBuf in = ALLOCATOR.directBuffer().writeZero(3).writeBytes(payload).writeByte(0x0A);
        try {
            return ContentWalk.isPlain(in, 3, 3 + payload.length);
        } finally {
            in.release();
        }
    }

    private static boolean isPlain(Content content) {
        return isPlain(content.toByteArray());
    }

    private static Content text(String text) {
        return Content.newBuilder().setText(text).build();
    }

    private static Attachment attachment() {
        return Attachment.newBuilder()
                .setName("a.png")
                .setMediaType("image/png")
                .setLength(Long.MAX_VALUE)
                .setAddress("https://files.example/a.png")
                .build();
    }

    @Test
    void shouldTakeWhatEveryEncoderWritesForPlain() {
        assertTrue(isPlain(text("hello")));
        assertTrue(isPlain(text("🌊".repeat(2_000))));
        assertTrue(isPlain(Content.newBuilder().addAttachments(attachment()).build()));
        assertTrue(isPlain(text("both").toBuilder()
                .addAttachments(attachment())
                .addAttachments(attachment())
                .setExtension(Extension.newBuilder().setType("poll").setData(ByteString.copyFrom(new byte[8_192])))
                .setSilent(true)
                .build()));
        assertTrue(isPlain(Content.newBuilder()
                .setExtension(Extension.newBuilder().setType("poll"))
                .build()));
    }

    @Test
    void shouldLeaveEverythingElseToTheParser() {
        assertFalse(isPlain(new byte[0]));
        assertFalse(isPlain(text("x".repeat(8_001))));
        assertFalse(isPlain(text("a reply").toBuilder().setReplyTo(3).build()));
        assertFalse(isPlain(text("@").toBuilder()
                .addMentions(Mention.newBuilder().setUser(3))
                .build()));
        assertFalse(isPlain(new byte[] {10, 1, 'a', 10, 1, 'b'}), "a text twice");
        assertFalse(isPlain(new byte[] {10, (byte) 0x81, 0, 'a'}), "a length that is not the shortest");
        assertFalse(isPlain(new byte[] {10, 2, (byte) 0xC3, 0x28}), "not UTF-8");
        assertFalse(isPlain(new byte[] {10, 2, 'a'}), "beyond its end");
        assertFalse(isPlain(new byte[] {10, 1, 'a', 0x38, 1}), "a field that nobody knows");
        assertFalse(isPlain(new byte[] {10, 1, 'a', 0x30}), "no value");
    }

    @Test
    void shouldAllocateNothing() {
        ByteBuf in = ALLOCATOR
                .directBuffer()
                .writeBytes(text("ä".repeat(200)).toBuilder()
                        .addAttachments(attachment())
                        .setExtension(Extension.newBuilder().setType("poll"))
                        .build()
                        .toByteArray());
        try {
            ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
            int plainCount = walks(in);
            long before = threads.getCurrentThreadAllocatedBytes();
            plainCount += walks(in);
            long allocated = threads.getCurrentThreadAllocatedBytes() - before;
            assertEquals(2 * WALKS, plainCount);
            assertTrue(allocated < WALKS, WALKS + " posts took " + allocated + " bytes");
        } finally {
            in.release();
        }
    }

    private static int walks(ByteBuf in) {
        int plainCount = 0;
        for (int i = 0; i < WALKS; i++) {
            plainCount += ContentWalk.isPlain(in, in.readerIndex(), in.writerIndex()) ? 1 : 0;
        }
        return plainCount;
    }

    private static Content some(Random random) {
        Content.Builder content = Content.newBuilder();
        if (random.nextInt(4) > 0) {
            content.setText("ä".repeat(random.nextInt(20)));
        }
        if (random.nextInt(4) == 0) {
            content.setReplyTo(random.nextInt(3));
        }
        for (int i = random.nextInt(3) * random.nextInt(2); i > 0; i--) {
            content.addMentions(Mention.newBuilder().setUser(random.nextInt(9)));
        }
        for (int i = random.nextInt(12) * random.nextInt(2); i > 0; i--) {
            Attachment.Builder attachment = attachment().toBuilder();
            if (random.nextInt(6) == 0) {
                attachment.clearAddress();
            }
            attachment.setLength(random.nextLong()).setName("n".repeat(random.nextInt(260)));
            content.addAttachments(attachment);
        }
        if (random.nextInt(3) == 0) {
            content.setExtension(Extension.newBuilder()
                    .setType("t".repeat(random.nextInt(130)))
                    .setData(ByteString.copyFrom(new byte[random.nextInt(20)])));
        }
        return content.setSilent(random.nextBoolean()).build();
    }

    private static byte[] mutated(byte[] bytes, Random random) {
        byte[] copy = bytes.clone();
        for (int i = random.nextInt(3); i > 0 && copy.length > 0; i--) {
            copy[random.nextInt(copy.length)] = (byte) random.nextInt(256);
        }
        return copy;
    }

    /** Whatever it takes for plain, the parser and the limits take for legal, with neither mention nor reply in it. */
    @Test
    void shouldNeverTakeForPlainWhatIsNot() throws InvalidProtocolBufferException {
        int plainCount = 0;
        int legalCount = 0;
        for (long seed = 1; seed <= SEEDS; seed++) {
            Random random = new Random(seed);
            Content content = some(random);
            byte[] payload = seed % 2 == 0 ? content.toByteArray() : mutated(content.toByteArray(), random);
            boolean isPlain = isPlain(payload);
            if (isPlain) {
                plainCount++;
                Content parsed = Content.parseFrom(payload);
                assertNull(ContentLimits.violation(parsed), "seed " + seed);
                assertEquals(0, parsed.getMentionsCount(), "seed " + seed);
                assertEquals(0, parsed.getReplyTo(), "seed " + seed);
            } else if (seed % 2 == 0) {
                boolean isLegal = ContentLimits.violation(content) == null;
                legalCount += isLegal ? 1 : 0;
                boolean isOther = content.getMentionsCount() > 0 || content.getReplyTo() != 0;
                assertTrue(!isLegal || isOther, "seed " + seed + ": plain and not known as such");
            }
        }
        assertTrue(plainCount > 2_000 && legalCount > 200, plainCount + " plain, " + legalCount + " others");
    }
}
