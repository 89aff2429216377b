package io.freshet.engine.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.freshet.engine.transport.UpgradeRequest.Refusal;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RequestHeadTest {
    private static final String FIRST_LINE = "GET /freshet HTTP/1.1\r\n";

    /** What becomes of a request, the same however it is cut: its refusal, or how many bytes of it went on. */
    private static Object outcome(String request) {
        Object whole = outcome(request, request.length());
        for (int step : new int[] {1, 2, 3, 7, 100}) {
            assertEquals(whole, outcome(request, step), "in pieces of " + step);
        }
        return whole;
    }

    private static Object outcome(String request, int step) {
        List<Refusal> refusals = new ArrayList<>();
        EmbeddedChannel channel = new EmbeddedChannel(new RequestHead(refusals::add));
        byte[] bytes = request.getBytes(StandardCharsets.ISO_8859_1);
        int passedLength = 0;
        for (int at = 0; at < bytes.length; at += step) {
            ByteBuf read = Unpooled.copiedBuffer(bytes, at, Math.min(step, bytes.length - at));
            channel.writeInbound(read);
            for (ByteBuf passed = channel.readInbound(); passed != null; passed = channel.readInbound()) {
                passedLength += passed.readableBytes();
                passed.release();
            }
            assertEquals(0, read.refCnt(), "nothing is kept");
        }
        channel.finishAndReleaseAll();
        assertEquals(refusals.isEmpty() ? 0 : 1, refusals.size(), "told once");
        return refusals.isEmpty() ? passedLength : refusals.get(0);
    }

    private static void assertPasses(String request) {
        assertEquals(request.length(), outcome(request), request);
    }

    @Test
    void shouldPassOnUsualRequestsAndWhateverFollowsThem() {
        assertPasses(FIRST_LINE + "Host: a\r\nUpgrade: websocket\r\n\r\n");
        assertPasses("\r\n\r\n" + FIRST_LINE + "Host: a\r\n\r\n\r\n folded \r\n" + "x\n".repeat(20_000));
        assertPasses(FIRST_LINE + "a:\n".repeat(3) + "\n" + " x\n".repeat(20_000));
    }

    @Test
    void shouldRefuseMoreThan64Headers() {
        assertPasses(FIRST_LINE + "a:\r\n".repeat(64) + "\r\n");
        assertEquals(Refusal.TOO_LONG, outcome(FIRST_LINE + "a:\r\n".repeat(65)));
        assertEquals(Refusal.TOO_LONG, outcome("\r\n" + FIRST_LINE + "\ra:\n".repeat(65)));
        assertEquals(Refusal.TOO_LONG, outcome(FIRST_LINE + "\r\r\n".repeat(65)));
    }

    @Test
    void shouldRefuseALineThatGoesOnWithTheOneBefore() {
        assertEquals(Refusal.BAD_REQUEST, outcome(FIRST_LINE + "a: b\r\n c\r\n\r\n"));
        assertEquals(Refusal.BAD_REQUEST, outcome(FIRST_LINE + "a: b\r\n\tc\r\n\r\n"));
        assertEquals(Refusal.BAD_REQUEST, outcome(FIRST_LINE + " \r\n\r\n"));
        assertEquals(Refusal.BAD_REQUEST, outcome("x\n c"));
    }

    @Test
    void shouldRefuseMoreThan8KiBWhateverTheyAre() {
        assertEquals(Refusal.TOO_LONG, outcome("x".repeat(8 * 1024 + 1)));
        assertEquals(Refusal.TOO_LONG, outcome("\r\n".repeat(4 * 1024) + "G"));
        assertEquals(Refusal.TOO_LONG, outcome("\u0085 \u00A0\t".repeat(2 * 1024) + "G"));
        assertEquals(Refusal.TOO_LONG, outcome(FIRST_LINE + "a: " + "b".repeat(8 * 1024) + "\r\n\r\n"));
        assertPasses(FIRST_LINE + "a: " + "b".repeat(8 * 1024 - FIRST_LINE.length() - 7) + "\r\n\r\n");
    }
}
