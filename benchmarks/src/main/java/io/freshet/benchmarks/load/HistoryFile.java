package io.freshet.benchmarks.load;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.agrona.BufferUtil;

/** What a replay would fill a server with, as a file of message frames for the baseline that streams one. */
public final class HistoryFile {
    private static final int BUFFER_LENGTH = 1 << 20;

    private HistoryFile() {}

    /**
     * Writes the frames of a replay, message after message over its channels in turn. Replaces the file; its directory
     * must be there. Run the same scenario with {@code filled = true} against the server that has it.
     *
     * @throws IllegalArgumentException when the scenario is no replay
     */
    public static void write(Path file, Scenario scenario) throws IOException {
        if (scenario.kind() != ScenarioKind.REPLAY) {
            throw new IllegalArgumentException("the scenario " + scenario.name() + " is no replay");
        }
        int payloadLength = scenario.payloadLength();
        RawWire wire = new RawWire(payloadLength);
        FrameTemplate[] templates = new FrameTemplate[scenario.channels()];
        for (int channel = 0; channel < templates.length; channel++) {
            templates[channel] = wire.template(channel, payloadLength);
        }
        ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_LENGTH);
        long address = BufferUtil.address(buffer);
        try (FileChannel out = FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            int at = 0;
            for (long message = 0; message < scenario.messages(); message++) {
                FrameTemplate template = templates[(int) (message % templates.length)];
                if (at + template.writtenLength() > BUFFER_LENGTH) {
                    flush(buffer, at, out);
                    at = 0;
                }
                long payload = template.putHead(address + at, 0);
                Payload.write(payload, payloadLength, ReplayFlow.RUN, 0, 0, message / templates.length, 0);
                at += template.frameLength();
            }
            flush(buffer, at, out);
        }
    }

    private static void flush(ByteBuffer buffer, int length, FileChannel out) throws IOException {
        buffer.clear().limit(length);
        while (buffer.hasRemaining()) {
            out.write(buffer);
        }
    }
}
