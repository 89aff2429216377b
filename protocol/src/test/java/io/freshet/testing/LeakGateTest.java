package io.freshet.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Plants leaks and sees that the gate finds them; what it finds here is taken out, so that the build passes. */
final class LeakGateTest {
    @Test
    void shouldReportABufferThatIsGarbageAndWasNotReleased() throws InterruptedException {
        plantLeak();

        List<String> leaks = LeakGate.RECORDER.drain();

        assertEquals(1, leaks.size(), leaks::toString);
        assertTrue(leaks.get(0).contains("plantLeak"), leaks::toString);
    }

    @Test
    void shouldReportNothingWhenEveryBufferIsReleasedOrStillHeld() throws InterruptedException {
        ByteBuf held = Unpooled.directBuffer(8);
        ByteBufAllocator.DEFAULT.directBuffer(8).release();

        assertEquals(List.of(), LeakGate.RECORDER.drain());
        assertTrue(held.release());
    }

    private static void plantLeak() {
        ByteBufAllocator.DEFAULT.directBuffer(8).writeInt(1);
    }
}
