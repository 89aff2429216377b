package io.freshet.examples.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.client.GapReason;
import io.freshet.client.ReceivedRecord;
import io.freshet.client.StoredRecord;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FreshetException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.ExitCode;

final class TailOutputTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final StringWriter err = new StringWriter();

    @Test
    void shouldWriteMessagesByteForByteWithLineFeedsEscaped() throws InterruptedException {
        TailOutput output = output(false, 2);

        output.onRecord(new Message(1, "one\ntwo"));
        output.onRecord(new Message(2, "é\r"));

        assertEquals(0, output.run());
        assertEquals("one\\ntwo\né\r\n", out.toString(UTF_8));
    }

    @Test
    void shouldWriteJsonObjects() throws InterruptedException {
        TailOutput output = output(true, 1);

        output.onRecord(new Message(7, "say \"hi\""));

        assertEquals(0, output.run());
        assertEquals(
                "{\"channel\":\"lobby\",\"sequence\":7,\"timestamp_us\":1700,\"sender\":18446744073709551615,"
                        + "\"text\":\"say \\\"hi\\\"\"}\n",
                out.toString(UTF_8));
    }

    @Test
    void shouldEndAtTheCountAndTakeNoMore() throws InterruptedException {
        TailOutput output = output(false, 1);
        for (int i = 0; i < 3; i++) {
            output.onRecord(new Message(i, "m" + i));
        }

        assertEquals(0, output.run());
        for (int i = 0; i < 10_000; i++) {
            output.onRecord(new Message(i, "ignored")); // does not block although nobody writes any more
        }
        assertEquals("m0\n", out.toString(UTF_8));
    }

    @Test
    void shouldTellGapsAndTheEndOnStandardError() throws InterruptedException {
        TailOutput output = output(false, 5);

        output.onRecord(new Message(1, "before"));
        output.onGap(2, 3, GapReason.DAMAGED);
        output.onEnd(new FreshetException(ErrorCode.FORBIDDEN, "no longer\nallowed"));

        assertEquals(1, output.run());
        assertEquals("before\n", out.toString(UTF_8));
        assertEquals(
                "freshet: gap: 3 messages from sequence 2 are missing (damaged)\nfreshet: no longer allowed\n",
                err.toString());
    }

    @Test
    void shouldEndQuietlyWhenNobodyReadsTheOutput() throws InterruptedException {
        OutputStream broken = new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("Broken pipe");
            }
        };
        TailOutput output = new TailOutput(broken, new PrintWriter(err, true), false, 5);

        output.onRecord(new Message(1, "lost"));

        assertEquals(0, output.run());
        assertEquals("", err.toString());
    }

    @Test
    void shouldFlushWhenNothingIsWaiting() throws InterruptedException {
        CountDownLatch flushed = new CountDownLatch(1);
        OutputStream observed = new OutputStream() {
            private boolean isWritten;

            @Override
            public void write(int b) {
                isWritten = true;
            }

            @Override
            public void flush() {
                if (isWritten) {
                    flushed.countDown();
                }
            }
        };
        TailOutput output = new TailOutput(observed, new PrintWriter(err, true), false, 2);
        Thread writer = new Thread(() -> assertRuns(output), "writer");
        writer.start();

        output.onRecord(new Message(1, "first"));
        flushed.await(); // the second has not come yet
        output.onRecord(new Message(2, "second"));
        writer.join();

        assertTrue(err.toString().isEmpty());
    }

    private static void assertRuns(TailOutput output) {
        try {
            assertEquals(0, output.run());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void shouldShowWhatWasErasedAsErased() throws InterruptedException {
        TailOutput plain = output(false, 1);
        plain.onRecord(new Message(1, "\0\0\0", true));
        assertEquals(ExitCode.OK, plain.run());
        TailOutput json = output(true, 1);
        json.onRecord(new Message(2, "\0\0\0", true));
        assertEquals(ExitCode.OK, json.run());
        String[] lines = out.toString(UTF_8).split("\n", -1);
        assertEquals("(erased)", lines[0]);
        assertTrue(lines[1].contains("\"sequence\":2") && lines[1].endsWith("\"erased\":true}"), lines[1]);
    }

    private TailOutput output(boolean isJson, long count) {
        return new TailOutput(out, new PrintWriter(err, true), isJson, count);
    }

    /** A record of the channel lobby. */
    private record Message(long sequence, String text, boolean isErased) implements ReceivedRecord {
        Message(long sequence, String text) {
            this(sequence, text, false);
        }

        @Override
        public long channel() {
            return 1;
        }

        @Override
        public String channelName() {
            return "lobby";
        }

        @Override
        public long timestampUs() {
            return 1_700;
        }

        @Override
        public long sender() {
            return -1; // the greatest id: it is unsigned
        }

        @Override
        public int kind() {
            return 0;
        }

        @Override
        public boolean isChecked() {
            return false;
        }

        @Override
        public int payloadLength() {
            return payloadBytes().length;
        }

        @Override
        public ByteBuffer payload() {
            return ByteBuffer.wrap(payloadBytes()).asReadOnlyBuffer();
        }

        @Override
        public byte[] payloadBytes() {
            return text.getBytes(UTF_8);
        }

        @Override
        public StoredRecord copy() {
            return new StoredRecord(
                    channel(), sequence, timestampUs(), sender(), kind(), isErased(), isChecked(), payloadBytes());
        }
    }
}
